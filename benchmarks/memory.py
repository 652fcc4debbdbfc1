"""How much memory a process and its children hold, sampled while they work.

Belongs here: the sampler that benchmarks share. Does not belong here: what is measured.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

INTERVAL = 0.1
MIB = 1024 * 1024


class PeakMemory:
    """Peak resident memory, in MiB, of this process and its descendants, per named phase.

    Reads /proc, so Linux only. Pages shared by two processes count twice: an upper bound. `cpu`:
    seconds that the sampling itself took.
    """

    def __init__(self) -> None:
        self.phase = ""
        self.peaks: dict[str, float] = {}
        self.cpu = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(INTERVAL):
            held = tree_memory(os.getpid()) / MIB
            self.peaks[self.phase] = max(held, self.peaks.get(self.phase, 0.0))
            self.cpu = time.thread_time()


def tree_memory(root: int) -> int:
    """Resident bytes of the process `root` and all its descendants."""
    total, waiting = 0, [root]
    while waiting:
        process = Path("/proc") / str(waiting.pop())
        try:
            pages = int((process / "statm").read_text().split()[1])
            threads = list((process / "task").iterdir())
            children = [(thread / "children").read_text().split() for thread in threads]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        total += pages * os.sysconf("SC_PAGE_SIZE")
        waiting += [int(child) for ids in children for child in ids]
    return total
