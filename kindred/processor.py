"""The processor: what numpy had better leave alone on this one.

numpy chooses by what a processor can do, not by what it does well, and looks once, as it is
imported. So this is said before anything imports numpy (`kindred`, `dagster_project` and
`benchmarks` begin with it), and holds for the processes that are started from here, too.

Belongs here: what is known of processors. Does not belong here: how many threads work.
"""

from __future__ import annotations

import os
import re
from collections.abc import MutableMapping
from pathlib import Path

LEFT_ALONE, CHOSEN = "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES"
"""numpy's own variables, of which it takes one:
https://numpy.org/doc/stable/reference/simd/build-options.html"""
AVX_512 = "X86_V4"
ZEN_3_AND_4 = ("AuthenticAMD", "25")
CPUINFO = Path("/proc/cpuinfo")


def spare_zen_4(
    environment: MutableMapping[str, str] = os.environ, cpuinfo: Path = CPUINFO
) -> None:
    """Have numpy sort with AVX2 on a Zen 4, unless the environment already says what to use.

    That processor stores what a mask chooses by microcode (AMD's Software Optimization Guide for
    Zen 4, 2.11.2), which numpy's sort does all the time: a million numbers take 51 ms with AVX-512
    and 14 with AVX2, so resolving a million people takes a fifth less. OpenJDK does the same
    (JDK-8317976). Zen 3 has no AVX-512, Zen 5 is said to do it well, off Linux nothing is known.
    """
    try:
        told = cpuinfo.read_text()
    except OSError:  # another system
        return
    if (_said(told, "vendor_id"), _said(told, "cpu family")) != ZEN_3_AND_4:
        return
    if "avx512f" in _said(told, "flags").split() and CHOSEN not in environment:
        environment.setdefault(LEFT_ALONE, AVX_512)


def _said(told: str, what: str) -> str:
    """What a line says of the first processor."""
    found = re.search(rf"^{what}\s*:(.*)$", told, re.MULTILINE)
    return found[1].strip() if found else ""
