"""A tiny company, run through the whole graph by the command that a newcomer uses.

Here and not in `e2e/`, so that the browser looks at the company that the end-to-end tests have run.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from colleague import Edits, edit
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from dagster_project.cli import fewer_collections

settings.register_profile("kindred", deadline=None)  # a busy machine is no fault of what is tested
settings.load_profile("kindred")

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = 150
DESTINATIONS = {
    "dynamics365": ("contacts", "kin_customerid"),
    "salesforce": ("Contact", "Kindred_Id__c"),
    "email_platform": ("contacts", "external_id"),
}
ASSIGNED = re.compile(
    r"^(_version|.*id|Id|createdon|modifiedon|CreatedDate|SystemModstamp|.*_at|.*etag.*)$"
)
"""Columns that a destination fills itself, differently each time."""

COMMAND_SECONDS = 900
"""No command on a tiny company takes that long: it hangs. Below pytest's own limit for a test."""

YIELDING = 5
"""How nice the processes are that the slowest group goes before."""

SLOWEST_FIRST = ("e2e", "dbt", "online_retail", "dagster", "ingestion", "activation", "sandbox")


class FolderScheduling(LoadScopeScheduling):
    """Each folder of tests goes to one process whole, so that its fixtures are made once."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """The folder, or the module of a test outside one. The browser looks at what `e2e` has run."""
    group = nodeid.partition("::")[0].removeprefix("tests/").split("/")[0]
    return "e2e" if group == "browser" else group


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: a sixth of the time, tests wait for what they started."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FolderScheduling:
    return FolderScheduling(config, log)


def pytest_configure(config: pytest.Config) -> None:
    fewer_collections()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Whatever else runs beside the slowest group lets it go first: it decides when all end."""
    if _first_groups:
        return
    _first_groups.append(group_of(item.nodeid))
    if hasattr(item.config, "workerinput") and _first_groups != [SLOWEST_FIRST[0]]:
        os.nice(YIELDING)


_first_groups: list[str] = []
"""The group that this process was given first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(group_of(item.nodeid)))


def _place(group: str) -> int:
    return SLOWEST_FIRST.index(group) if group in SLOWEST_FIRST else len(SLOWEST_FIRST)


@dataclass
class Home:
    """One KINDRED_HOME and the ways to use it."""

    path: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("KINDRED_", "SOURCES__", "DAGSTER_"))
        }
        return kept | {"KINDRED_HOME": str(self.path)}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "dagster_project.cli.main", *arguments]

    def kindred(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )

    def demo(self) -> subprocess.CompletedProcess[str]:
        done = self.kindred("demo", "--people", str(PEOPLE))
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:] + self.log()
        return done

    def demo_killed_at(self, seconds: float) -> bool:
        """Start the demo and kill it, without a warning, after so many seconds; false: it ended."""
        command = self.command("demo", "--people", str(PEOPLE))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, cwd=ROOT, env=self.environment, **quiet) as child:
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                child.kill()
                return True
        return False

    def demo_killed_after(self, line: str) -> None:
        """Start the demo and kill it, without a warning, as soon as it says `line`."""
        with subprocess.Popen(
            self.command("demo", "--people", str(PEOPLE)),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as child:
            limit = threading.Timer(COMMAND_SECONDS, child.kill)
            limit.daemon = True
            limit.start()
            said = []
            for heard in child.stdout:
                said.append(heard)
                if line in heard:
                    limit.cancel()
                    child.kill()
                    return
            limit.cancel()
        pytest.fail(f"the demo never said {line!r}:\n{''.join(said)[-3000:]}")

    def log(self) -> str:
        logs = sorted((self.path / "logs").glob("run-*.log"))
        return logs[-1].read_text()[-4000:] if logs else ""

    @property
    def last_run(self) -> dict:
        return json.loads((self.path / "last_run.json").read_text())

    def gold(self, table: str) -> list[dict]:
        from deltalake import DeltaTable

        return DeltaTable(str(self.path / "lake" / "gold" / table)).to_pyarrow_table().to_pylist()

    def warehouse(self, sql: str, *parameters: object) -> list[tuple]:
        """Rows of one query on the warehouse."""
        import duckdb

        with duckdb.connect(str(self.path / "warehouse.duckdb"), read_only=True) as found:
            return found.execute(sql, parameters).fetchall()

    @contextlib.contextmanager
    def instance(self):
        import dagster as dg

        folder = self.path / "dagster"
        with dg.DagsterInstance.from_config(str(folder)) as found:
            yield found

    def destination(self, system: str) -> dict[str, dict]:
        """What a destination holds of Kindred: customer id to the values Kindred may set."""
        return {
            customer: {name: value for name, value in row.items() if not ASSIGNED.match(name)}
            for customer, row in self.rows(system).items()
        }

    def rows(self, system: str) -> dict[str, dict]:
        """The rows of a destination that carry a customer id, by that id."""
        entity, key = DESTINATIONS[system]
        path = self.path / "sandbox" / "state" / f"{system}.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute(f'select * from "{entity}" where "{key}" <> \'\'').fetchall()
        return {row[key]: dict(row) for row in rows}

    def result(self) -> dict:
        """What the run came to, without times and without what a destination assigns."""
        people = {
            row["customer_id"]: [row[name] for name in ("given_name", "family_name", "birth_date")]
            + [row[name] for name in ("email", "phone", "postal_code", "city", "deceased")]
            for row in self.gold("customers/dim_customers")
        }
        reachable = {
            (row["customer_id"], row["channel"], row["purpose"]): (row["allowed"], row["reasons"])
            for row in self.gold("contactability/fct_contactability")
        }
        segments = {
            (row["customer_id"], row["segment"])
            for row in self.gold("segments/fct_segment_members")
        }
        return {
            "people": people,
            "contactability": reachable,
            "segments": segments,
            **{system: self.destination(system) for system in DESTINATIONS},
        }


@dataclass
class Told:
    """One run: what it printed, its record, and what it came to."""

    output: str
    run: dict
    result: dict


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Home:
    return Home(tmp_path_factory.mktemp("company"))


@pytest.fixture
def another_home(tmp_path) -> Home:
    return Home(tmp_path)


def told(home: Home) -> Told:
    done = home.demo()
    return Told(done.stdout, home.last_run, home.result())


@pytest.fixture(scope="session")
def first(home) -> Told:
    return told(home)


@pytest.fixture(scope="session")
def edits(home, first) -> Edits:
    """What a colleague changes in both CRMs after the first run, and a steward pins."""
    return edit(home)


@pytest.fixture(scope="session")
def killed(home, edits) -> str:
    """The second run, killed while dbt builds: what Dagster said of it then."""
    home.demo_killed_after("ledger: sync outcomes")
    with home.instance() as instance:
        return instance.get_runs(limit=1)[0].status.value


@pytest.fixture(scope="session")
def second(home, killed) -> Told:
    """The run after the killed one."""
    return told(home)


@pytest.fixture(scope="session")
def third(home, second) -> Told:
    return told(home)
