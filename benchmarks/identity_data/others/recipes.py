"""The sets by name: whose records, in which columns of `person_records`.

A variant is the same people in other columns: the whole name in `given_name`, the year alone as
`birth_date`.

Belongs here: the list of sets, the way from rows to tables. Does not belong here: people and what
was written of them (`history`, `voters`,
`business`, `owners`, `visitors`); files (`identity_data.sets`).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from benchmarks.identity_data.others import business, history, owners, visitors, voters
from benchmarks.identity_data.others.drawing import Row
from benchmarks.identity_data.public import Labelled, truth

RECORDS = 20_000


@dataclass(frozen=True)
class Recipe:
    """Where the people come from; the columns shown, each with its name in the rows."""

    people: Callable[[random.Random], Iterator[list[Row]]]
    columns: dict[str, str]


def same(*names: str) -> dict[str, str]:
    """Columns that have their own name in the rows, too."""
    return {name: name for name in names}


FACTS = {
    **same("birth_date", "postal_code", "gender"),
    "attribute_birth_place": "birth_place",
    "attribute_occupation": "occupation",
}
REGISTERED = {
    **same("given_name", "middle_name", "family_name", "gender"),
    **same("street", "postal_code", "city", "phone"),
    "attribute_suffix": "suffix",
}
CONTACT = {
    **same("source_system", "given_name", "family_name", "email", "phone"),
    **same("street", "house_number", "postal_code", "city"),
    "attribute_job": "job",
}
VISITED = {
    **same("source_system", "given_name", "family_name", "email", "phone", "city", "seen_on"),
    **{f"identifier_{name}": name for name in ("account", "device", "cookie")},
}
OWNED = {
    **same("source_system", "given_name", "family_name", "birth_date", "email", "phone"),
    **same("street", "house_number", "postal_code", "city"),
    "identifier_vin": "vin",
    "identifier_licence_plate": "plate",
    "attribute_model": "model",
}
OTHERS = {
    "history": Recipe(history.people, same("given_name", "family_name") | FACTS),
    "history, whole names": Recipe(history.people, {"given_name": "whole_name"} | FACTS),
    "voters": Recipe(voters.people, REGISTERED | {"attribute_birth_year": "birth_year"}),
    "voters, year as birth date": Recipe(voters.people, REGISTERED | {"birth_date": "birth_year"}),
    "business": Recipe(business.people, CONTACT),
    "owners": Recipe(owners.people, OWNED),
    "visitors": Recipe(visitors.people, VISITED),
}


def labelled(name: str, seed: int, records: int = RECORDS) -> Labelled:
    """Records and truth of one of `OTHERS`, the same for each seed, in no telling order."""
    recipe, dice = OTHERS[name], random.Random(seed)
    people = enumerate(recipe.people(dice))
    rows = ((f"p{number}", row) for number, written in people for row in written)
    pairs = list(itertools.islice(rows, records))
    dice.shuffle(pairs)
    columns = {"record_id": [f"r{number}" for number in range(len(pairs))]}
    for column, key in recipe.columns.items():
        columns[column] = [row[key] for _, row in pairs]
    table = pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})
    return table, truth(table, [person for person, _ in pairs])
