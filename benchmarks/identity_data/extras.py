"""Columns that a company may have and `person_records` does not name: identifiers, attributes.

Belongs here: birth place, occupation, national id. Does not belong here: the semantic columns.
"""

from __future__ import annotations

import numpy as np

from benchmarks.identity_data import errors
from benchmarks.identity_data.flavours import Source
from benchmarks.identity_data.population import People
from ingestion.sandbox.company.vocabulary import words

OCCUPATION_CHANGES = 0.2
ID_WRONG, ID_OF_ANOTHER = 0.007, 0.003
FALLBACK_OCCUPATIONS = "clerk teacher driver nurse engineer retired student"


def add_extras(
    rng: np.random.Generator,
    people: People,
    person: np.ndarray,
    columns: dict[str, np.ndarray],
    sources: tuple[Source, ...],
) -> None:
    """Add birth place, occupation (attributes) and national id (an identifier), in place."""
    jobs = np.array(
        words(people.country.lists.get("occupations", FALLBACK_OCCUPATIONS)), dtype=object
    )
    size, count = len(person), len(people)
    born_in = people.country.city.draw(rng, count)
    at_home = rng.random(count) < 0.35
    born_in = np.where(at_home, people.address_before.city, born_in)[person]
    job = jobs[(len(jobs) * rng.random(count) ** 1.6).astype(np.int64)][person]
    other_job = jobs[rng.integers(len(jobs), size=size)]
    job = np.where(rng.random(size) < OCCUPATION_CHANGES, other_job, job)
    identity = rng.integers(10**12, 10**13, size=count).astype(str).astype(object)
    holder = np.where(rng.random(size) < ID_OF_ANOTHER, people.other_member[person], person)
    number = identity[holder]
    errors.changed(rng, number, ID_WRONG, errors.digit)
    errors.changed(
        rng, number, 0.2, lambda text, _: f"{text[0]} {text[1:3]} {text[3:5]} {text[5:]}"
    )
    errors.changed(rng, born_in, 0.04, errors.typo)
    errors.changed(rng, job, 0.04, errors.typo)
    columns["attribute_birth_place"] = born_in
    columns["attribute_occupation"] = job
    columns["identifier_national_id"] = number
    for source in sources:
        mine = columns["source_system"] == source.name
        for name in ("birth_place", "occupation", "national_id"):
            prefix = "identifier_" if name == "national_id" else "attribute_"
            gone = mine & (rng.random(size) >= source.present[name])
            columns[prefix + name][gone] = None
