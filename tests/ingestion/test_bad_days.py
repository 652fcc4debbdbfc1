"""Killed runs, a full disk, two runs at once: nothing half-landed, nothing lost, nothing twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import small_company

from ingestion.landing import LandingError, before_run, guarded, land, pipeline, report
from ingestion.registers import SPEC

HERE = Path(__file__).parent


@pytest.fixture
def registers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "registers"
    for table in small_company.tables("registers"):
        small_company.write_file(folder, table, small_company.records(table))
    monkeypatch.setenv("SOURCES__REGISTERS__FOLDER", str(folder))
    return folder


@pytest.mark.parametrize("later", [False, True], ids=["the first run", "a later run"])
def test_a_run_killed_anywhere_is_finished_by_the_next(later, registers, tmp_path):
    folders = [registers]
    rows = 3 * small_company.ROWS
    if later:
        changed = tmp_path / "changed"
        for table in SPEC.tables[:2]:
            small_company.write_file(changed, table, small_company.records(table, 7))
        folders, rows = [changed, registers], rows + 14
    program = [sys.executable, HERE / "killed_runs.py", tmp_path / "runs", "9", *folders]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    whole, *killed = json.loads(done.stdout)

    assert whole["landed"].startswith(f"{rows} ")
    assert all(run["died"] and run["again"] for run in killed), done.stderr
    assert {run["landed"] for run in killed} == {whole["landed"]}
    assert len({run["seen"] for run in killed}) > 1, "no run was killed while files appeared"


@pytest.mark.parametrize("left", ["extracted", "half extracted"])
def test_a_package_killed_while_its_extracted_form_was_deleted_is_finished(
    left, registers, settings
):
    land(settings, "registers")
    deceased = SPEC.tables[0]
    small_company.write_file(registers, deceased, small_company.records(deceased, 3))
    pipe = pipeline(settings, "registers")
    pipe.extract(SPEC.build(settings), loader_file_format="parquet")
    (load_id,) = pipe.list_extracted_load_packages()
    extracted = Path(pipe.working_dir) / "normalize" / "extracted" / load_id
    shutil.copytree(extracted, tmp := settings.home / "copy")
    pipe.normalize()
    shutil.copytree(tmp, extracted)
    if left == "half extracted":
        (extracted / "schema.json").unlink()

    assert land(settings, "registers").rows == {"deceased": 3}
    assert land(settings, "registers").rows == {}


def test_a_package_killed_before_its_position_was_written_down_lands_once(registers, settings):
    land(settings, "registers")
    deceased = SPEC.tables[0]
    small_company.write_file(registers, deceased, small_company.records(deceased, 3))
    pipe = pipeline(settings, "registers")
    state = Path(pipe.working_dir) / "state.json"
    before = state.read_bytes()
    pipe.extract(SPEC.build(settings), loader_file_format="parquet")
    state.write_bytes(before)

    assert land(settings, "registers").rows == {"deceased": 3}
    assert land(settings, "registers").rows == {}


def test_a_run_killed_between_making_the_folder_and_saying_so_is_finished(registers, settings):
    (settings.raw / "registers").mkdir(parents=True)

    assert set(land(settings, "registers").rows.values()) == {small_company.ROWS}


def test_a_package_killed_between_its_mark_and_its_move_is_finished(registers, settings):
    land(settings, "registers")
    deceased = SPEC.tables[0]
    small_company.write_file(registers, deceased, small_company.records(deceased, 3))
    pipe = pipeline(settings, "registers")
    pipe.extract(SPEC.build(settings), loader_file_format="parquet")
    pipe.normalize()
    (load_id,) = pipe.list_normalized_load_packages()
    marker = Path(pipe.working_dir) / "load" / "normalized" / load_id / "package_completed.json"
    marker.write_text("loaded")

    assert land(settings, "registers").rows == {"deceased": 3}
    assert land(settings, "registers").rows == {}


@pytest.mark.parametrize("made", ["", ".version", "new", "normalized"])
def test_a_run_killed_while_dlt_made_its_folders_is_finished(made, registers, settings):
    pipe = pipeline(settings, "registers")
    pipe.extract(SPEC.build(settings), loader_file_format="parquet")
    load = Path(pipe.working_dir) / "load"
    load.mkdir(exist_ok=True)
    if made:
        (load / ".version").write_text("1.0.2")
    if made in ("new", "normalized"):
        (load / made).mkdir(exist_ok=True)

    assert set(land(settings, "registers").rows.values()) == {small_company.ROWS}


FULL_DISK = """
import resource, signal, sys
from ingestion.landing import LandingError, land
from kindred.settings import Settings
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    land(Settings(home=sys.argv[1]), "registers")
except LandingError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [0, 3_000])
def test_a_full_disk_is_named_and_the_next_run_lands_everything(limit, registers, settings):
    program = [sys.executable, "-c", FULL_DISK, settings.home, str(limit)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert done.stdout.startswith("registers: the disk is full"), done.stderr[-2000:]
    assert not list(settings.raw.glob("registers/*/*.parquet"))
    rows = dict.fromkeys(["deceased", "moved", "do_not_contact"], small_company.ROWS)
    assert land(settings, "registers").rows == rows


def test_a_pending_package_is_finished_first_and_the_new_rows_follow(registers, settings):
    land(settings, "registers")
    deceased, moved, _ = SPEC.tables
    small_company.write_file(registers, deceased, small_company.records(deceased, 3))
    pipe = pipeline(settings, "registers")
    pipe.extract(SPEC.build(settings), loader_file_format="parquet")
    small_company.write_file(registers, moved, small_company.records(moved, 4))

    finished = before_run(pipeline(settings, "registers"))

    assert finished is not None
    assert finished.rows == {"deceased": 3}
    assert land(settings, "registers").rows == {"moved": 4}
    assert before_run(pipeline(settings, "registers")) is None


def test_state_survives_what_dagsters_resource_does_before_a_run(registers, settings):
    land(settings, "registers")
    pipe = pipeline(settings, "registers")
    pipe.drop()

    done = report(pipe, pipe.run(SPEC.build(settings), loader_file_format="parquet"))

    assert done.rows == {}


def test_state_survives_the_loss_of_dlts_folder(registers, settings):
    land(settings, "registers")
    (settings.home / "dlt").rename(settings.home / "lost")

    assert land(settings, "registers").rows == {}


def test_two_runs_of_one_source_exclude_each_other(registers, settings):
    with (
        guarded(settings, "registers"),
        pytest.raises(LandingError, match="registers: another run is landing this source"),
    ):
        land(settings, "registers")


def test_a_foreign_failure_is_told_without_its_words(settings):
    with (
        pytest.raises(
            LandingError,
            match=r"registers: landing failed with RuntimeError at test_bad_days.py:\d+",
        ) as caught,
        guarded(settings, "registers"),
    ):
        raise RuntimeError("jan@example.com has no birthday")

    assert "jan@" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
