"""What matching reads in this home, and what it published: records, ids, decisions, weights.

Belongs here: gathering, for the run and for whoever looks on. Does not belong here: matching
(kindred/identity), showing (cli), wiring (defs).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import publishing
from kindred import identity
from kindred.identity.explanation import Explainer
from kindred.identity.resolution import prepare_records
from kindred.identity.weights import model
from kindred.identity.weights.model_file import ModelFile
from kindred.ledger import Ledger, Snapshot
from kindred.settings import Settings


class NotReadyError(LookupError):
    """There is nothing to read yet, or not now; the message says what to do."""


@dataclass(frozen=True)
class Inputs:
    """What `identity.resolve` takes."""

    records: pa.Table
    identifiers: pa.Table
    ledger: Snapshot


def read(settings: Settings, ledger: Ledger) -> Inputs:
    """Read warehouse and ledger. Raises `NotReadyError` before the first run and during one."""
    return Inputs(
        table(settings, "identity.int_identity__records"),
        table(settings, "identity.int_identity__identifiers"),
        ledger.snapshot(),
    )


def table(settings: Settings, relation: str) -> pa.Table:
    """One relation of the warehouse; raises as `read` does."""
    if not settings.warehouse.exists():
        raise NotReadyError(
            f"nothing has run in {settings.home} yet; start with `kindred demo` or `run`"
        )
    try:
        return publishing.read_warehouse(settings.warehouse, relation)
    except duckdb.IOException as error:
        raise NotReadyError(
            "a run is writing the warehouse; try again when it has ended"
        ) from error
    except duckdb.CatalogException as error:
        raise NotReadyError(
            f"the warehouse has no {relation} yet; `kindred run` makes it"
        ) from error


def published_map(settings: Settings) -> pa.Table | None:
    """The person map of the last run (`record_id, customer_id, cluster_size`); None before it."""
    return _parquet(settings.derived / "person_map" / "part-0.parquet")


def truth(settings: Settings) -> pa.Table | None:
    """The sandbox's truth (`record_id, person_id`); None in a real company, where nobody knows."""
    return _parquet(settings.sandbox / "truth" / "records.parquet")


def _parquet(path: Path) -> pa.Table | None:
    return pq.read_table(path) if path.exists() else None


def model_file(settings: Settings) -> ModelFile:
    """The weights' file."""
    return ModelFile(settings.models / "identity.json", settings.today)


def resolve(
    inputs: Inputs, rules: identity.Rules, weights: ModelFile, threads: int = 2
) -> identity.Resolution:
    """Decide who is who; nothing is written."""
    return identity.resolve(
        inputs.records,
        inputs.identifiers,
        inputs.ledger.known,
        rules=rules,
        decisions=inputs.ledger.decisions,
        model_file=weights,
        retired=inputs.ledger.retired,
        former=inputs.ledger.former,
        undone=inputs.ledger.undone,
        threads=threads,
    )


def explainer(settings: Settings, ledger: Ledger) -> Explainer:
    """Explains the records that are there now, by the rules, decisions and weights of now.

    Raises `NotReadyError` when no weights are kept for the fields at hand.
    """
    inputs = read(settings, ledger)
    rules = identity.load_rules(settings.identity_rules)
    prepared = prepare_records(
        inputs.records,
        inputs.identifiers,
        inputs.ledger.known,
        rules=rules,
        decisions=inputs.ledger.decisions,
    )
    path = settings.models / "identity.json"
    kept = model.load(path, prepared.engine.comparer.fields)
    if kept is None:
        raise NotReadyError(
            f"{path} keeps no weights for the fields at hand; `kindred run` learns them"
        )
    return Explainer(prepared, kept[0], rules)
