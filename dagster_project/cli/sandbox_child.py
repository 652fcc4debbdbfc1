"""The sandbox's servers as a child process, run as a script: it loads the servers and no Dagster.

Belongs here: ending with the parent. Does not belong here: the servers (ingestion/sandbox).
"""

import os
import signal
import sys
import threading

from ingestion import sandbox


def stop_when_input_ends() -> None:
    """The parent holds our standard input: when it ends, however it ends, we stop too."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=stop_when_input_ends, daemon=True).start()
    sandbox.serve(sys.argv[1])
