"""Entry scores: how surely a register's entry is about one of our customers, in the engine's bits.

An entry is compared with every record of each customer that shares a key with it; per field the
record that agrees best speaks for the customer, so that a name in one system and an address in
another count together. The model of matching weighs what comes out. Nobody is merged: pairs are of
an entry and a record, never of two records.

Belongs here: candidates across, and weights per entry and customer. Does not belong here: what
follows from a weight (`registers`), and levels and weights themselves (`agreement`, `model`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.candidates.blocking_rules import RULES
from kindred.identity.candidates.keys import Keys
from kindred.identity.clusters.judgement import Judgement
from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import MISSING, InputError, People
from kindred.identity.codes.pairs import pack, unpack
from kindred.identity.codes.sorting import distinct, ranges
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.rules.rules_file import Rules
from kindred.identity.weighing import Engine
from kindred.identity.weights import levels
from kindred.identity.weights.agreement import Agreement
from kindred.identity.weights.levels import Address, Field
from kindred.identity.weights.model import Model, Patterns, fields_of, load

BLOCK = 200
"""Records that one key may bring an entry; a key that more share is too common to look under."""
NAMES = ("given", "family")
"""Compared as one: names that changed places agree only together."""
UNREACHED = -20.0
"""Logarithm of a level that an entry can't reach."""


@dataclass(frozen=True)
class EntryScores:
    """Entries against customers, one row per pair that shares a key.

    entry, customer: places in the tables that were given and in `customer_ids`. record: row of
    `people` that agrees best. weight: bits, log2 of the odds that the entry is about the customer
    and not about a stranger or somebody of his household. patterns: the levels behind it.
    """

    people: People
    fields: list[Field]
    customer_ids: pa.Array
    entry: np.ndarray
    customer: np.ndarray
    record: np.ndarray
    weight: np.ndarray
    patterns: Patterns

    def level(self, name: str) -> np.ndarray:
        """The level of one field per pair; 0 where nothing is said, or in no record at all."""
        known = any(field.name == name for field in self.fields)
        return self.patterns.level(name) if known else np.zeros(len(self.weight), np.uint8)


def score(
    records: pa.Table,
    person_map: pa.Table,
    entries: pa.Table,
    *,
    weights: Path,
    rules: Rules,
    threads: int = 2,
) -> EntryScores:
    """Weigh `entries` against the customers of `person_map`, with the kept model `weights`.

    records, entries: columns of `person_records`; the ids are unique across both. person_map:
    `record_id, customer_id`. Raises `InputError` when no model is kept.
    """
    both = pa.concat_tables([records, entries], promote_options="permissive")
    people = read_people(TableColumns(both), rules, None, threads)
    engine = Engine(people, threads)
    model = _kept(weights, engine.comparer.fields)
    engine.comparer.fields = list(model.fields)
    engine.know(model)
    customer, names = _customers(people.record_id, person_map)
    entry = pc.index_in(people.record_id, value_set=_texts(entries["record_id"]))
    entry = pc.fill_null(entry, MISSING).to_numpy(zero_copy_only=False)
    pairs = _candidates(people, entry >= 0, customer)
    ends = unpack(pairs)
    rows, group, record = _all_records(customer, *ends)
    agreement = engine.comparer.compare(rows.astype(np.int32), record.astype(np.int32))
    found, best = _best_of_each(model, agreement, group)
    patterns = Patterns.of(engine.comparer.fields, found, len(pairs))
    weight = _weigh(model, patterns, people, ends[0])
    # no rule joins an entry to anybody; the exceptions for twins and namesakes hold
    judge = Judgement(people, rules.model_copy(update={"deterministic": {}}))
    by_birth = pack(rows[best["birth"]], record[best["birth"]])
    weight = judge.weigh(by_birth, patterns, weight)
    return EntryScores(
        people=people,
        fields=engine.comparer.fields,
        customer_ids=names,
        entry=entry[ends[0]],
        customer=ends[1],
        record=record[best["all"]],
        weight=weight,
        patterns=patterns,
    )


def _kept(path: Path, fields: list[Field]) -> Model:
    """The kept model, of those fields that entries can have: they carry no identifiers.

    That a register is another source than all others says nothing of whom it means.
    """
    if not path.is_file():
        raise InputError(f"{path} keeps no weights; matching learns them")
    by_name = {field.name: field for field in levels.PERSON}
    known = [
        levels.up_to(by_name.get(name) or _further(name), best)
        for name, best in fields_of(path).items()
    ]
    found = load(path, known)
    if found is None:
        raise InputError(f"{path} is no model of this version; delete it and match again")
    shared = (field for field in fields if field.name != levels.SOURCE.name)
    shared = tuple(field for field in shared if field.name in found[0].match)
    return replace(found[0], fields=shared)


def _further(name: str) -> Field:
    kind, _, rest = name.partition("_")
    return levels.identifier(rest) if kind == "identifier" else levels.attribute(rest)


def _weigh(model: Model, patterns: Patterns, people: People, entry: np.ndarray) -> np.ndarray:
    """Weights by what an entry says of its address: one without a house can't agree on the house.

    What would be the same house, had the entry named it, then counts as the same street or area.
    """
    weight = model.weigh(patterns)
    if "address" not in model.match:
        return weight
    house, street = people.house.codes[entry] >= 0, people.street.codes[entry] >= 0
    for best, rows in ((Address.NEAR, ~house & street), (Address.AREA, ~house & ~street)):
        weight[rows] = _up_to(best, model).weigh(patterns.take(rows))
    return weight


def _up_to(best: Address, model: Model) -> Model:
    """The model where addresses agree no better than that."""

    def folded(table: np.ndarray) -> np.ndarray:
        table = table.copy()
        table[best] = np.logaddexp2.reduce(table[best:])
        table[best + 1 :] = UNREACHED
        return table

    classes = {name: getattr(model, name) for name in ("match", "household", "successors")}
    return replace(
        model,
        **{
            name: {**tables, "address": folded(tables["address"])} if tables else {}
            for name, tables in classes.items()
        },
    )


def _customers(record_id: pa.Array, person_map: pa.Table) -> tuple[np.ndarray, pa.Array]:
    """Per row its customer as a number, `MISSING` for entries; and the customers' ids."""
    coded = encode(_texts(person_map["customer_id"]))
    place = pc.index_in(record_id, value_set=_texts(person_map["record_id"]))
    place = pc.fill_null(place, MISSING).to_numpy(zero_copy_only=False)
    found = np.full(len(record_id), MISSING, np.int64)
    found[place >= 0] = coded.codes[place[place >= 0]]
    return found, coded.values


def _candidates(people: People, is_entry: np.ndarray, customer: np.ndarray) -> np.ndarray:
    """Packed pairs of an entry's row and the customer of a record under the same key.

    Entries' rows and customers are numbers of different things: they are packed as they stand.
    """
    keys = Keys(people)
    found = [np.empty(0, np.int64)]
    for rule in RULES:
        rows, key = keys.joined(rule.keys)
        mine = is_entry[rows]
        theirs = ~mine & (customer[rows] >= 0)
        order = np.argsort(key[theirs], kind="stable")
        among, sorted_key = rows[theirs][order], key[theirs][order]
        starts = np.searchsorted(sorted_key, key[mine], "left")
        counts = np.searchsorted(sorted_key, key[mine], "right") - starts
        counts[counts > BLOCK] = 0
        near = customer[among[ranges(starts, counts)]]
        found.append((np.repeat(rows[mine], counts).astype(np.int64) << 32) | near)
    return distinct(np.concatenate(found))


def _all_records(
    customer: np.ndarray, entry: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each pair's entry beside every record of its customer: entry rows, pair numbers, records."""
    order = np.argsort(customer, kind="stable")
    starts = np.searchsorted(customer[order], wanted, "left")
    counts = np.searchsorted(customer[order], wanted, "right") - starts
    records = order[ranges(starts, counts)]
    return np.repeat(entry, counts), np.repeat(np.arange(len(entry)), counts), records


def _best_of_each(
    model: Model, agreement: Agreement, group: np.ndarray
) -> tuple[Agreement, dict[str, np.ndarray]]:
    """Per pair and field the record that agrees best of those that say anything.

    Returns the agreement per pair, and by field the places of the records it was taken from; `all`
    are the records that agree best as a whole, `birth` is there even when no date is.
    """
    weights = model.field_weights(agreement)
    total = np.zeros(len(group)) - agreement.namesakes
    for weight in weights.values():
        total += weight
    best = {"all": _places(total, group)}
    names = [field.name for field in model.fields]
    together = [[name for name in names if name in NAMES]]
    together += [[name] for name in names if name not in NAMES]
    for fields in filter(None, together):
        says = np.logical_or.reduce([agreement.levels[name] > levels.NONE for name in fields])
        weight = np.where(says, sum(weights[name] for name in fields), -np.inf)
        if "given" in fields:
            weight = weight - agreement.namesakes
        best |= dict.fromkeys(fields, _places(weight, group))
    chance = {n: np.broadcast_to(agreement.chance[n], group.shape)[best[n]] for n in names}
    namesakes = agreement.namesakes[best["given"]] if "given" in names else 0.0
    found = Agreement({n: agreement.levels[n][best[n]] for n in names}, chance, namesakes)
    if "year" in names:  # one record's birth date says what another one's email may name
        found.levels["year"][found.levels["birth"] > levels.NONE] = levels.NONE
    return found, {"birth": best["all"], **best}


def _places(weight: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Per group, which ascend, the place of its largest weight; the first of equal ones."""
    order = np.lexsort((-weight, group))
    new = np.ones(len(order), bool)
    new[1:] = group[order[1:]] != group[order[:-1]]
    return order[new]


def _texts(column: pa.ChunkedArray) -> pa.Array:
    return column.cast(pa.string()).combine_chunks()
