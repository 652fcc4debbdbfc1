"""Register entries beside the people of this home: what is read, and how good the outcome was.

Belongs here: gathering, for the run and for whoever looks on, and measuring against the sandbox's
truth. Does not belong here: matching (kindred/identity/registers.py), wiring (defs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dagster_project import match_quality, matching
from kindred import identity
from kindred.identity.registers import MATCHED, MATCHES, REVIEW, match_entries
from kindred.ledger import Ledger
from kindred.settings import Settings

LEAST_PRECISION, LEAST_RECALL = 0.99, 0.95
"""Of deaths: what the check asks for."""
FEWEST = 20
"""With fewer deaths that can be found, a share says too little to stop anything."""
SLACK = 1
"""Entries more than the shares allow: of thirty deaths one is more than the allowed hundredth."""
WEIGHTS = (-4, -2, 0, 2, 4, 6, 8, 10, 12, 14)
FOLDER = "register_matches"


def matches(settings: Settings, ledger: Ledger) -> pa.Table:
    """Whom the standing entries of all registers mean: a table of `MATCHES`."""
    person_map = matching.published_map(settings)
    if person_map is None:
        return MATCHES.empty_table()
    entries = matching.table(settings, "semantic.register_entries")
    return match_entries(
        matching.table(settings, "identity.int_identity__records"),
        person_map,
        entries.filter(pc.equal(entries["action"], "add")),
        weights=settings.models / "identity.json",
        rules=identity.load_rules(settings.identity_rules),
        last_seen=matching.table(settings, "contactability.int_contactability__last_seen"),
        decisions=ledger.entry_decisions(),
    )


@dataclass(frozen=True)
class Quality:
    """How well one register's entries were matched, against the truth.

    held: entries whose person Kindred holds at all; identifiable: of those, the ones whose person
    it knows by name and birth date or address, which is all that a register says of anybody. right,
    wrong: matched pairs; found, reviewed: identifiable entries that got a right match, or only a
    right review; found_of_held, reviewed_of_held: the same of all that are held.
    """

    register: str
    held: int
    identifiable: int
    right: int
    wrong: int
    found: int
    found_of_held: int
    reviewed: int
    reviewed_of_held: int

    @property
    def precision(self) -> float:
        """Share of the matches that are right; 1 without any."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the identifiable entries that were matched rightly; 1 without any."""
        return self.found / self.identifiable if self.identifiable else 1.0

    @property
    def recall_of_held(self) -> float:
        """Share of the entries of people held that were matched rightly; 1 without any.

        No goal: whom we know by a name and an email address only, nobody can tell from a namesake.
        """
        return self.found_of_held / self.held if self.held else 1.0

    @property
    def is_good(self) -> bool:
        """Precise and complete enough, or too few to say."""
        matched, missed = self.right + self.wrong, self.identifiable - self.found
        return self.identifiable < FEWEST or (
            self.wrong <= (1 - LEAST_PRECISION) * matched + SLACK
            and missed <= (1 - LEAST_RECALL) * self.identifiable + SLACK
        )


def quality(settings: Settings, found: pa.Table) -> dict[str, Quality]:
    """Precision and recall by register; empty where nobody knows the truth (a real company)."""
    folder = settings.sandbox / "truth"
    meant = folder / "register_entries.parquet"
    person_map = matching.published_map(settings)
    if not meant.exists() or person_map is None:
        return {}
    entries = matching.table(settings, "semantic.register_entries")
    with duckdb.connect() as con:
        con.register("found", found)
        con.register("person_map", person_map)
        con.register("entries", entries.filter(pc.equal(entries["action"], "add")))
        con.register("records", matching.table(settings, "identity.int_identity__records"))
        con.register("meant", pq.read_table(meant))
        con.register("persons", pq.read_table(folder / "records.parquet"))
        rows = con.sql(_QUALITY).fetchall()
    return {row[0]: Quality(*row) for row in rows}


_QUALITY = """
with known as (
    select
        persons.person_id,
        bool_or(
            given_name is not null and family_name is not null
            and (birth_date is not null or postal_code is not null or street is not null)
        ) as is_identifiable
    from persons join records using (record_id)
    where person_id is not null
    group by all
), truth as (
    select entries.entry_id, entries.register, meant.person_id, known.is_identifiable
    from entries
    join meant using (entry_id)
    left join known using (person_id)
), people_of as (
    select distinct customer_id, person_id
    from person_map join persons using (record_id)
    where person_id is not null
), judged as (
    select
        found.entry_id, found.customer_id, found.outcome, truth.register,
        people_of.person_id is not null as is_right
    from found
    join truth using (entry_id)
    left join people_of
        on people_of.customer_id = found.customer_id and people_of.person_id = truth.person_id
    where found.customer_id is not null
), acted_on as (
    from judged where outcome = 'matched'
), per_entry as (
    select
        truth.register, truth.is_identifiable,
        coalesce(bool_or(is_right and outcome = 'matched'), false) as is_found,
        coalesce(bool_or(is_right), false) as is_seen
    from truth left join judged using (entry_id)
    where truth.is_identifiable is not null
    group by truth.entry_id, truth.register, truth.is_identifiable
)
select
    register,
    count(*),
    count(*) filter (is_identifiable),
    (select count(*) from acted_on a where a.register = e.register and is_right),
    (select count(*) from acted_on a where a.register = e.register and not is_right),
    count(*) filter (is_identifiable and is_found),
    count(*) filter (is_found),
    count(*) filter (is_identifiable and is_seen and not is_found),
    count(*) filter (is_seen and not is_found)
from per_entry e
group by register
order by register
"""


def facts(found: pa.Table, measured: dict[str, Quality]) -> dict[str, Any]:
    """What a person wants to see of the matches: counts by outcome, and how good they are."""
    outcomes = match_quality.counts(found, "outcome")
    facts: dict[str, Any] = {f"pairs {name}": count for name, count in outcomes.items()}
    facts |= {f"because: {name}": n for name, n in match_quality.counts(found, "reason").items()}
    for name, one in measured.items():
        facts |= {
            f"{name}: precision (truth)": round(one.precision, 4),
            f"{name}: recall of the identifiable (truth)": round(one.recall, 4),
            f"{name}: recall of all held (truth)": round(one.recall_of_held, 4),
        }
    return facts


def chart(found: pa.Table) -> str:
    """Pairs by weight, as markdown."""
    from dagster_project import pictures  # noqa: PLC0415 (drawing takes a second to load)

    in_question = pc.is_in(found["outcome"], value_set=pa.array([MATCHED, REVIEW]))
    weights = found.filter(in_question)["weight"].drop_null().to_numpy().astype(np.float64)
    bars = match_quality.buckets(weights, WEIGHTS)
    return pictures.markdown(pictures.bars(bars, "Entries and customers by weight", "bits, from"))
