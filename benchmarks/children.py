"""Run a command as a user would, and say how long it took and how much memory it held.

    python -m benchmarks.children COMMAND ...

Belongs here: the measurement of a process of its own. Does not belong here: what is measured;
memory per phase inside one process (`memory`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

KEPT = 2_000


@dataclass(frozen=True)
class Measured:
    """Wall and processor seconds, start-up included; the largest resident size, in MiB, of one of
    its processes. On a busy machine the processor's seconds are the ones to compare."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


class FailedError(Exception):
    """The command failed; the message is the end of what it said."""


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Measured:
    """Run the command to its end. FailedError if it fails.

    A small process in between starts it: the system counts what the starting process held as the
    child's own peak.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.children", *command],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise FailedError(done.stderr[-KEPT:].strip())
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run the arguments as a command; the last line of the output is the measurement."""
    started = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(os.waitstatus_to_exitcode(status) or 1)
    cpu_seconds = usage.ru_utime + usage.ru_stime
    measured = Measured(seconds, cpu_seconds, peak_mib=usage.ru_maxrss / 1024)
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
