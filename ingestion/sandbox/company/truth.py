"""The truth, kept aside: which record is which person, who died, who moved. Never ingested.

Belongs here: the answers against which matching and suppression are measured.
Does not belong here: anything a source system could know.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingestion.sandbox.company import names, registers, text, writing
from ingestion.sandbox.company.people import People

RecordKeys = Mapping[str, list[tuple[pa.Array, np.ndarray]]]
"""Source -> pairs of record keys (n,) and the persons (n,) they belong to, -1 for nobody."""


def _records(people: People, keys: RecordKeys) -> dict[str, object]:
    ids, persons = [], []
    for source, pairs in keys.items():
        for key, who in pairs:
            ids.append(text.join(f"{source}:", key))
            persons.append(text.take(people.person_id, who))
    return {"record_id": pa.chunked_array(ids), "person_id": pa.chunked_array(persons)}


def _entries(people: People, meant: registers.Meant) -> dict[str, object]:
    ids = [text.join(f"registers:{name}:", entry) for name, (entry, _) in meant.items()]
    persons = [text.take(people.person_id, who) for _, who in meant.values()]
    return {"entry_id": pa.chunked_array(ids), "person_id": pa.chunked_array(persons)}


def write(folder: Path, people: People, keys: RecordKeys, meant: registers.Meant) -> dict[str, int]:
    """Write `records`, `people`, `deaths`, `moves` and `register_entries`; returns row counts."""
    dead = np.flatnonzero(~np.isnat(people.died_on))
    moved = np.flatnonzero(~np.isnat(people.moved_on))
    tables = {
        "records": _records(people, keys),
        "register_entries": _entries(people, meant),
        "people": {
            "person_id": people.person_id,
            "given_name": names.given_names().written(people.given),
            "family_name": names.family_names().written(people.family),
            "birth_date": text.days(people.birth_date),
            "household_id": text.numbered("H", people.household + 1, 8),
        },
        "deaths": {
            "person_id": text.take(people.person_id, dead),
            "died_on": text.days(people.died_on[dead]),
        },
        "moves": {
            "person_id": text.take(people.person_id, moved),
            "moved_on": text.days(people.moved_on[moved]),
            "has_forwarding": people.has_forwarding[moved],
        },
    }
    return {
        name: writing.parquet(folder / f"{name}.parquet", columns)
        for name, columns in tables.items()
    }
