"""Registers: which customer an entry is about, with evidence, and when a person has to look.

Three outcomes: `matched` (acted on), `review` (a steward looks; not acted on), `not_found`. A
register never merges people: its entries are matched to them.

Belongs here: what follows from weights, limits with their reasons, stewards' decisions, evidence in
words. Does not belong here: the weights (`entry_scores`) and what an entry suppresses
(dbt_project/models/contactability).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity import wording
from kindred.identity.entry_scores import EntryScores, score
from kindred.identity.evidence import AGREES
from kindred.identity.permanent_ids import digests
from kindred.identity.rules.rules_file import Rules
from kindred.identity.weights.levels import Address, Birth, Given, Value

MATCHED, REVIEW, NOT_FOUND = "matched", "review", "not_found"
ACCEPTED, REJECTED = "accepted", "rejected"
ID_DIGITS = 16
IDENTIFYING = (
    "given_names",
    "family_name",
    "birth_date",
    "street",
    "house_number",
    "postal_code",
    "city",
    "country_code",
    "phone",
    "email",
)
"""What an entry says of its person; when it changes, a decision about the entry rests."""
MATCHES = pa.schema(
    [
        ("review_id", pa.string()),
        ("entry_id", pa.string()),
        ("entry_digest", pa.string()),
        ("customer_id", pa.string()),
        ("record_id", pa.string()),
        ("outcome", pa.string()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
        ("ahead", pa.float64()),
        ("evidence", pa.string()),
        ("reason", pa.string()),
    ]
)
"""One row per entry and customer in question, or per entry that is about none (`not_found`).

record_id: the customer's record that agrees best. weight: bits; ahead: bits before the next best
customer (null without one). reason: why the outcome is this."""


LIMITS = {
    # odds of eight to one and better are acted on
    "match": 3.0,
    # so much the best customer must be before the next one, or neither is taken: father and son of
    # one name
    "ahead": 3.0,
    # with the birth date, whoever else comes into question: two customers who both have it are one
    # person who isn't merged yet
    "sure": 8.0,
    # from here on a steward is asked; of a death sooner
    "review": 0.0,
    "review_death": -3.0,
    # who did something himself so many days after his death is perhaps another one
    "days": 7,
    # customers of one entry that a steward is shown: the best ones
    "most": 3,
}
"""From which weight on what happens, in bits (each one doubles the odds), and how many."""


def match_entries(
    records: pa.Table,
    person_map: pa.Table,
    entries: pa.Table,
    *,
    weights: Path,
    rules: Rules,
    last_seen: pa.Table | None = None,
    decisions: pa.Table | None = None,
    threads: int = 2,
) -> pa.Table:
    """Find whom the entries mean: a table of `MATCHES`, sorted by entry and falling weight.

    records: columns of `person_records`. person_map: `record_id, customer_id`. entries: columns of
    `register_entries`, those that stand. weights: file of the kept model. last_seen: `record_id,
    last_seen_on`, when a person last did something himself. decisions: `entry_id, entry_digest,
    record_id, verdict` of stewards (`accepted`, `rejected`). Raises `InputError`.
    """
    if not entries.num_rows:
        return MATCHES.empty_table()
    digest = _digests(entries)
    entries = entries.append_column("entry_digest", digest)
    scores = score(
        records, person_map, _as_records(entries), weights=weights, rules=rules, threads=threads
    )
    pairs = _pairs(scores, entries)
    seen = last_seen if last_seen is not None else _LAST_SEEN.empty_table()
    decided = decisions if decisions is not None else DECISIONS.empty_table()
    with duckdb.connect() as con:
        con.register("pairs", pairs)
        con.register("entries", entries)
        con.register("person_map", person_map.select(["record_id", "customer_id"]))
        con.register("last_seen", seen)
        con.register("decisions", decided)
        found = con.sql(_OUTCOMES, params=LIMITS).to_arrow_table()
    evidence = found.schema.get_field_index("evidence")
    found = found.set_column(evidence, "evidence", _evidence(scores, found["place"]))
    keys = _review_keys(found["entry_id"], found["customer_id"])
    found = found.append_column("review_id", digests(keys.combine_chunks(), ID_DIGITS))
    found = found.select(MATCHES.names).cast(MATCHES)
    return found.sort_by([("entry_id", "ascending"), ("weight", "descending")])


def review_id(entry_id: str, customer_id: str) -> str:
    """The id of a pair, as `MATCHES` has it."""
    keys = _review_keys(pa.array([entry_id]), pa.array([customer_id]))
    return digests(keys, ID_DIGITS)[0].as_py()


def _review_keys(
    entries: pa.Array | pa.ChunkedArray, customers: pa.Array | pa.ChunkedArray
) -> pa.Array | pa.ChunkedArray:
    return pc.binary_join_element_wise(entries, pc.fill_null(customers, ""), "|")


DECISIONS = pa.schema(
    [
        ("entry_id", pa.string()),
        ("entry_digest", pa.string()),
        ("record_id", pa.string()),
        ("verdict", pa.string()),
    ]
)
_LAST_SEEN = pa.schema([("record_id", pa.string()), ("last_seen_on", pa.date32())])


def _digests(entries: pa.Table) -> pa.Array:
    """A hash of what each entry says of its person."""
    texts = [pc.fill_null(entries[name].cast(pa.string()), "") for name in IDENTIFYING]
    return digests(pc.binary_join_element_wise(*texts, "|").combine_chunks(), ID_DIGITS)


def _as_records(entries: pa.Table) -> pa.Table:
    """Entries in the columns of `person_records`: the first given name, and the others behind."""
    with duckdb.connect() as con:
        con.register("entries", entries)
        return con.sql(
            """
            select
                entry_id as record_id,
                'registers' as source_system,
                split_part(trim(given_names), ' ', 1) as given_name,
                nullif(regexp_replace(trim(given_names), '^[^ ]+ *', ''), '') as middle_name,
                family_name, birth_date, phone, email,
                street, house_number, postal_code, city, country_code
            from entries
            """
        ).to_arrow_table()


def _pairs(scores: EntryScores, entries: pa.Table) -> pa.Table:
    """What the outcomes are decided on, one row per pair."""
    born = scores.level("birth") >= Birth.CLOSE
    place = scores.level("address") >= Address.AREA
    reach = (scores.level("phone") == Value.EXACT) | (scores.level("email") == Value.EXACT)
    return pa.table(
        {
            "place": np.arange(len(scores.weight)),
            "entry_id": entries["entry_id"].cast(pa.string()).take(pa.array(scores.entry)),
            "customer_id": scores.customer_ids.take(pa.array(scores.customer)),
            "record_id": scores.people.record_id.take(pa.array(scores.record)),
            "weight": scores.weight.astype(np.float64),
            "is_another": scores.level("given") == Given.DIFFERENT,
            "has_birth_date": born,
            "more_than_names": born | place | reach,
        }
    )


_OUTCOMES = """
with seen as (
    select person_map.customer_id, max(last_seen.last_seen_on) as last_seen_on
    from last_seen join person_map using (record_id)
    group by all
), decided as (
    -- a decision is about the person behind a record, whoever's customer that is now
    select
        decisions.entry_id, person_map.customer_id, max(decisions.verdict) as verdict,
        min(decisions.record_id) as record_id
    from decisions
    join person_map using (record_id)
    join entries using (entry_id, entry_digest)
    group by decisions.entry_id, person_map.customer_id
), asked as (
    from pairs
    union all
    select null, entry_id, customer_id, record_id, null, false, true, true
    from decided anti join pairs using (entry_id, customer_id)
    where verdict = 'accepted'
), ranked as (
    select
        pairs.*, entries.register, entries.entry_digest,
        coalesce(
            entries.register = 'deceased'
            and seen.last_seen_on > entries.effective_on + cast($days as integer), false
        ) as is_alive,
        decided.verdict,
        weight >= $sure and has_birth_date as is_sure,
        max(weight) over (partition by pairs.entry_id) as best,
        weight - max(weight) over (
            partition by pairs.entry_id order by weight desc, pairs.customer_id
            rows between 1 following and unbounded following
        ) as ahead,
        row_number() over (partition by pairs.entry_id order by weight desc, pairs.customer_id)
            as rank
    from asked as pairs
    join entries using (entry_id)
    left join seen using (customer_id)
    left join decided using (entry_id, customer_id)
    where decided.verdict is distinct from 'rejected'
), judged as (
    select
        *,
        case
            when verdict = 'accepted' then 'accepted by a steward'
            when weight < if(register = 'deceased', $review_death, $review) then null
            when weight < best - $ahead and not is_sure then 'another customer agrees better'
            when weight < $match then 'too little agrees'
            when not more_than_names then 'nothing agrees but names'
            -- whoever uses the account of one who is dead by name and birth date: it isn't he
            when is_sure and not is_another then 'sure'
            when is_another then 'another given name: a sibling perhaps'
            when is_alive then 'the customer was active after the death'
            when rank > 1 or ahead < $ahead then 'another customer agrees as well'
            else 'best'
        end as reason
    from ranked
), kept as (
    select
        *,
        if(reason in ('sure', 'best', 'accepted by a steward'), 'matched', 'review') as outcome
    from judged
    where
        reason is not null
        -- whom a better customer stands before by far is nobody's question
        and reason <> 'another customer agrees better'
), settled as (
    select *, bool_or(outcome = 'matched') over (partition by entry_id) as is_settled from kept
)
select
    place, entry_id, entry_digest, customer_id, record_id, outcome, weight,
    1 / (1 + pow(2, -greatest(least(weight, 60), -60))) as probability,
    ahead, null::varchar as evidence, reason
from settled
where outcome = 'matched' or (rank <= $most and (not is_settled or weight >= $match))
union all
select
    null, entry_id, entry_digest, null, null, 'not_found', null, null, null, null,
    'nobody agrees enough'
from entries
where entry_id not in (select entry_id from settled)
"""


def _evidence(scores: EntryScores, places: pa.ChunkedArray) -> pa.Array:
    """Per found row, what agrees and what contradicts, in words; null without a pair."""
    fields = [f for f in scores.fields if f.name != "country"]
    table = [scores.level(f.name) for f in fields]
    texts = []
    for place in places.to_pylist():
        if place is None:
            texts.append(None)
            continue
        found = [(f, int(levels[place])) for f, levels in zip(fields, table, strict=True)]
        said = [
            (level >= AGREES[f.levels], wording.finding(f, level, both=True))
            for f, level in found
            if level
        ]
        agree = ", ".join(words for agrees, words in said if agrees)
        but = ", ".join(words for agrees, words in said if not agrees)
        texts.append("; but ".join(filter(None, (agree, but))))
    return pa.array(texts, pa.string())
