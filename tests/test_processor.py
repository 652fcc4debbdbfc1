"""What numpy is to leave alone, by what a processor says of itself."""

from __future__ import annotations

import platform
import subprocess
import sys

import numpy as np
import pytest

from kindred.processor import AVX_512, CHOSEN, LEFT_ALONE, spare_zen_4

PROCESSOR = """processor\t: 0
vendor_id\t: {vendor}
cpu family\t: {family}
model name\t: one of them
flags\t\t: fpu avx2 {flags}

processor\t: 1
vendor_id\t: {vendor}
"""
ZEN_4 = {"vendor": "AuthenticAMD", "family": "25", "flags": "avx512f avx512dq"}


def left_alone(tmp_path, environment=(), **processor) -> str | None:
    file = tmp_path / "cpuinfo"
    file.write_text(PROCESSOR.format(**ZEN_4 | processor))
    environment = dict(environment)
    spare_zen_4(environment, file)
    return environment.get(LEFT_ALONE)


def test_a_zen_4_sorts_without_avx_512(tmp_path):
    assert left_alone(tmp_path) == AVX_512


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"flags": ""}, id="Zen 3"),
        pytest.param({"family": "26"}, id="Zen 5"),
        pytest.param({"vendor": "GenuineIntel"}, id="Intel"),
    ],
)
def test_others_use_all_they_have(tmp_path, other):
    assert left_alone(tmp_path, **other) is None


@pytest.mark.parametrize("said", ["", "AVX512_SPR"])
def test_what_the_environment_says_stays(tmp_path, said):
    assert left_alone(tmp_path, {LEFT_ALONE: said}) == said
    assert left_alone(tmp_path, {CHOSEN: said}) is None


def test_nothing_is_said_of_an_unknown_machine(tmp_path):
    environment: dict[str, str] = {}
    spare_zen_4(environment, tmp_path / "no such file")
    (tmp_path / "cpuinfo").write_text("Processor: ARMv8\n")
    spare_zen_4(environment, tmp_path / "cpuinfo")
    assert not environment


@pytest.mark.parametrize("package", ["kindred", "dagster_project", "benchmarks"])
def test_it_is_said_before_numpy_is_imported(package):
    code = (
        f"import sys, {package}; print(*(m in sys.modules for m in ('kindred.processor', 'numpy')))"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.split() == ["True", "False"]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numpy's names for x86-64")
def test_numpy_knows_the_name():
    known = np.show_config(mode="dicts")["SIMD Extensions"]
    assert AVX_512 in {name for names in known.values() for name in names}
