"""People for the tests of identity: short to write, in the columns of `person_records`.

Weights are learned from data, so a case of two or three records says little by itself. `Town` puts
it among 1,600 records of invented people and keeps what was learned of them.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from kindred.identity import Resolution, Rules, load_rules, resolve
from kindred.identity.codes.columns import People
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weights.model_file import ModelFile

SIZE = 150
"""Records of the fixture `some`: so few that each is compared with each."""
TODAY = dt.date(2026, 11, 1)
MOMENT = dt.datetime(2026, 11, 1, 6, 0)
RULES = load_rules()
SHORT = {
    "given": "given_name",
    "family": "family_name",
    "born": "birth_date",
    "postal": "postal_code",
    "house": "house_number",
    "country": "country_code",
    "source": "source_system",
}
SCHEMA = pa.schema(
    [
        ("record_id", pa.string()),
        ("source_system", pa.string()),
        ("given_name", pa.string()),
        ("middle_name", pa.string()),
        ("family_name", pa.string()),
        ("birth_date", pa.date32()),
        ("gender", pa.string()),
        ("email", pa.string()),
        ("phone", pa.string()),
        ("street", pa.string()),
        ("house_number", pa.string()),
        ("postal_code", pa.string()),
        ("city", pa.string()),
        ("country_code", pa.string()),
    ]
)
Shared = tuple[tuple[str, str, str], ...]


def record(record_id: str, **values: str | None) -> dict:
    """One record; names of values are short, `born` is an ISO date, the source is the id's."""
    row = {SHORT.get(name, name): value for name, value in values.items()}
    if row.get("birth_date"):
        row["birth_date"] = dt.date.fromisoformat(row["birth_date"])
    return {"source_system": record_id.partition(":")[0]} | row | {"record_id": record_id}


def records(*rows: dict) -> pa.Table:
    """A table of records."""
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


def read(**columns: Iterable[str | None] | pa.Array) -> People:
    """Records r0, r1, ... with these columns, as the engine reads them."""
    texts = {
        name: values if isinstance(values, pa.Array) else pa.array(values, pa.string())
        for name, values in columns.items()
    }
    ids = pa.array([f"r{n}" for n in range(len(next(iter(texts.values()))))])
    return read_people(TableColumns(pa.table({"record_id": ids, **texts})), RULES)


def identifiers(*rows: tuple[str, str, str]) -> pa.Table:
    """(record_id, type, value) as a table."""
    return _texts(("record_id", "identifier_type", "identifier_value"), rows)


def decisions(*rows: tuple[str, str, str]) -> pa.Table:
    """(record_id, record_id, `same` or `different`) as a table."""
    return _texts(("record_id_1", "record_id_2", "verdict"), rows)


def known(mapping: dict[str, str] | None = None) -> pa.Table:
    """record_id to customer_id as a table."""
    return _texts(("record_id", "customer_id"), (mapping or {}).items())


def customers(person_map: pa.Table) -> dict[str, str]:
    """record_id to customer_id of a person map."""
    return dict(
        zip(person_map["record_id"].to_pylist(), person_map["customer_id"].to_pylist(), strict=True)
    )


def groups(person_map: pa.Table) -> set[frozenset[str]]:
    """The clusters of a person map."""
    members: dict[str, set[str]] = {}
    for record_id, customer_id in customers(person_map).items():
        members.setdefault(customer_id, set()).add(record_id)
    return {frozenset(group) for group in members.values()}


def told(events: Iterable[dict]) -> Counter[tuple[str, str]]:
    """How many known records went from which customer to which, as events tell it."""
    found: Counter[tuple[str, str]] = Counter()
    for event in events:
        ends = (event["customer_id"], event["other_customer_id"])
        if event["event_type"] not in ("minted", "revived"):
            found[ends[::-1] if event["event_type"] == "merged" else ends] += event["record_count"]
    return found


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    """The same rows in another order."""
    order = list(range(len(table)))
    random.Random(seed).shuffle(order)
    return table.take(pa.array(order, pa.int64()))


def same(one: Resolution, other: Resolution) -> bool:
    """All tables are equal, to the byte."""
    names = ("person_map", "links", "events", "reviews")
    return all(getattr(one, name).equals(getattr(other, name)) for name in names)


class Town:
    """Records of invented people, and what was learned from them."""

    def __init__(self, people: pa.Table, folder: Path) -> None:
        self.people = people.select(SCHEMA.names).cast(SCHEMA)
        self.ids = set(self.people["record_id"].to_pylist())
        self.folder = folder

    def resolve(
        self,
        *rows: dict,
        shared: Shared = (),
        ids: dict[str, str] | pa.Table | None = None,
        rules: Rules = RULES,
        **more: object,
    ) -> Resolution:
        """Resolve the town with these records in it, with the weights learned for such columns."""
        kinds = sorted({kind for _, kind, _ in shared})
        kept = ModelFile(self.folder / "-".join(["model.json", *kinds]), TODAY)
        how = {"model_file": kept, "occurred_at": MOMENT} | more
        found = resolve(
            pa.concat_tables([self.people, records(*rows)]),
            identifiers(*shared),
            ids if isinstance(ids, pa.Table) else known(ids),
            rules=rules,
            **how,
        )
        if how["model_file"]:
            found.matched.keep_model(how["model_file"])
        return found

    def clusters(self, *rows: dict, **more: object) -> set[frozenset[str]]:
        """The clusters of these records; one with somebody of the town would show him."""
        return self.of(self.resolve(*rows, **more), *rows)

    def of(self, found: Resolution, *rows: dict) -> set[frozenset[str]]:
        """The clusters that hold one of these records."""
        mine = {row["record_id"] for row in rows}
        return {group for group in groups(found.person_map) if group & mine}


def _texts(names: Iterable[str], rows: Iterable[tuple]) -> pa.Table:
    schema = pa.schema([(name, pa.string()) for name in names])
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=schema)
