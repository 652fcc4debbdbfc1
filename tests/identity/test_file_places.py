"""Where the file door writes: to what is named, whole or not at all, over nothing that it reads."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import pytest
from people import RULES

from kindred.identity import InputError, match_file


def test_what_is_read_is_not_written_over_nor_one_answer_over_the_other(tmp_path: Path) -> None:
    path, out = tmp_path / "people.csv", tmp_path / "out.csv"
    path.write_text("record_id,email\n1,a@x.nl\n2,b@x.nl\n")
    before = path.read_bytes()
    for places, message in (
        ((tmp_path / "new" / ".." / "people.csv", None), "holds the people"),
        ((out, path), "holds the people"),
        ((out, out), "named for the clusters and for the links"),
        ((tmp_path, None), "is a folder"),
        ((path / "out.csv", None), "can't be written: "),
        ((tmp_path / f"{'n' * 300}.csv", None), "can't be written: File name too long"),
    ):
        with pytest.raises(InputError, match=message):
            match_file(path, places[0], RULES, links_path=places[1])
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*out*")) + list(tmp_path.glob(".*"))


def test_an_answer_is_written_to_what_is_named_and_to_no_device(tmp_path: Path) -> None:
    path, real, link = (tmp_path / name for name in ("people.csv", "real.csv", "link.csv"))
    path.write_text("record_id,email\n1,a@x.nl\n2,b@x.nl\n")
    real.write_text("before")
    real.chmod(0o600)
    link.symlink_to(real)
    match_file(path, link, RULES)
    assert link.is_symlink()
    assert real.read_text().startswith('"record_id"')
    assert real.stat().st_mode & 0o777 == 0o600
    pipe, circle, hard = (tmp_path / name for name in ("pipe.csv", "circle.csv", "hard.csv"))
    os.mkfifo(pipe)
    circle.symlink_to(circle)
    hard.hardlink_to(path)
    for place, message in (
        (pipe, "is no ordinary file"),
        (Path("/dev/null"), "is no ordinary file"),
        (circle, "leads back to itself"),
        (hard, "holds the people"),
        *((tmp_path / f"out{name}", "name a file .parquet or .csv")
          for name in (".xlsx", ".tsv", ".csv.gz", "")),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            match_file(path, place, RULES)
    assert not list(tmp_path.glob("out*")) + list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path: Path, name: str) -> None:
    path, out = tmp_path / "people.csv", tmp_path / name
    path.write_text("record_id\n" + "".join(f"{n}\n" for n in range(2_000)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(InputError, match=rf"{name} can't be written: File too large"):
            match_file(path, out, RULES)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert [each.name for each in tmp_path.iterdir()] == ["people.csv"]
