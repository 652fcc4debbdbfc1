"""The index: known records, ready for the new and changed ones of a day.

A full run decides again about everybody. The index keeps what a full run works with (codes,
weights, frequencies, blocks, components), takes in what changed, and decides again only about the
components that a change can have touched. Everything that a full run learns from the data (weights,
frequencies, namesakes, kinds, caps, crowded dates, how emails spell names) stays as it was learned:
a full run with the same of it gives the same clusters, which the tests compare.

Belongs here: what a day's changes touch, and finding one record. Does not belong here: blocks
(`rule_blocks`), codes (`lexicon`), and everything that decides (`engine`, `clustering`, `guards`,
`permanent_ids`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.candidates.duplicates import Copies, Standing, rows_apart, say_the_same
from kindred.identity.clusters.guards import hold
from kindred.identity.clusters.linkage import dendrograms
from kindred.identity.codes.columns import MISSING, InputError, People, look_up
from kindred.identity.codes.components import components, smallest_rows
from kindred.identity.codes.pairs import moved, pack, unpack
from kindred.identity.codes.queries import FEW
from kindred.identity.codes.side_by_side import each_done
from kindred.identity.codes.sorting import distinct, merged, sought
from kindred.identity.deciding import Decider
from kindred.identity.engine import match_prepared, prepare, with_caps
from kindred.identity.evidence import agreeing, probability
from kindred.identity.index.customers import Customers
from kindred.identity.index.lexicon import Lexicon, Lexicons, joined
from kindred.identity.index.links import Links
from kindred.identity.index.rule_blocks import Found, RuleBlocks
from kindred.identity.index.subset import decider
from kindred.identity.index.verdicts import concerned, verdicts
from kindred.identity.permanent_ids import check_known
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.rules.rules_file import Rules, load_rules
from kindred.identity.weights.frequencies import Frequencies
from kindred.identity.weights.model_file import ModelFile


@dataclass(frozen=True)
class Changes:
    """What a day's records changed.

    person_map: `record_id, customer_id, cluster_size` of the records that were decided about again.
    events: of `permanent_ids.EVENT_SCHEMA`.
    """

    person_map: pa.Table
    events: pa.Table


class Index:
    """Known records by row. One that changes gets a new row; its old one stands no more."""

    def __init__(
        self,
        records: pa.Table,
        rules: Rules | None = None,
        *,
        identifiers: pa.Table | None = None,
        decisions: pa.Table | None = None,
        known: pa.Table | None = None,
        model_file: ModelFile | None = None,
        occurred_at: dt.datetime | None = None,
        retired: Collection[str] = (),
        former: pa.Table | None = None,
        threads: int = 2,
    ) -> None:
        """Decide about all records once, and keep what the next days need.

        Arguments are those of `resolution.resolve`. Records in `known` and `former` that aren't
        there have their ids when they come; what later days retire is kept, and given back when a
        merge is undone, as by the ledger. Raises `InputError`.
        """
        if known is not None:
            check_known(known)
        self.rules, self.threads = rules or load_rules(), threads
        dendrograms()  # now, so that no day waits for it
        self.people = read_people(TableColumns(records), self.rules, identifiers, threads)
        size = len(self.people)
        self._ids = Lexicon(self.people.record_id)
        self._row, self._number = np.arange(size), np.arange(size)  # of each id, and of each row
        self._verdicts = verdicts(decisions)
        decided = self._decided()
        prepared = prepare(self.people, self.rules, decisions=decided, threads=threads)
        found = match_prepared(prepared, self.rules, model_file)
        self.model = with_caps(prepared.engine, found.model)
        self.lexicons = Lexicons(self.people)
        self.chance = Frequencies(self.people, prepared.engine.comparer.chance.to_keep())
        self.chance.count(threads)
        self._stands = np.ones(size, bool)
        self._copies = Copies(self.people, prepared.original, self._rows_apart())
        self.standing = Standing(self.people, self._stands, prepared.original)
        linked = found.over > -self.model.reach
        pairs = found.pairs[linked]
        component = components(len(prepared.rows), *unpack(pairs))
        self._component = prepared.rows[component][prepared.place] if size else np.arange(0)
        self.links = Links(moved(pairs, prepared.rows), found.over[linked])
        self._label = found.label
        compared, caps = (prepared.people, prepared.rows), self.model.caps
        self._blocks = RuleBlocks(*compared, self.rules, caps, threads)
        self._customers = Customers(size)
        self._customers.retire(retired)
        if known is not None:
            self._customers.remember(self._numbers(known["record_id"]), known)
        if former is not None:
            self._customers.remember_former(self._numbers(former["record_id"]), former)
        self._assign(np.arange(size), occurred_at)

    def update(
        self,
        records: pa.Table,
        *,
        identifiers: pa.Table | None = None,
        gone: Collection[str] = (),
        decisions: pa.Table | None = None,
        occurred_at: dt.datetime | None = None,
    ) -> Changes:
        """Take in new and changed records, and decide again about what that touches.

        records: whole rows of `person_records`, identifiers: all of theirs; a record that says what
        it said changes nothing. gone: ids of records that are no more, none of them in `records`.
        decisions: all that stand now; None: those of before. Raises `InputError`, and then nothing
        has changed.
        """
        given, usage = TableColumns(records), self.people.usage
        more = read_people(given, self.rules, identifiers, self.threads, usage=usage)
        if pc.any(pc.is_in(more.record_id, pa.array(list(gone), pa.string()))).as_py():
            raise InputError("a record can't be among the records and gone: leave it out of one")
        judged = self._judge(decisions, more.record_id, set(gone))
        fell, born = self._take_in(self.lexicons.people(more, self.threads), judged, list(gone))
        apart = self._rows_apart()
        before = self._copies.original
        removed = fell[before[fell] == fell]
        fresh = self._copies.settle(self.people, self._stands, fell, apart)
        originals = self._copies.original
        self.standing = standing = Standing(self.people, self._stands, originals)
        named = distinct(np.concatenate([before[fell], originals[born]]))
        named = named[standing.compared[named] & ~np.isin(named, fresh)]
        shifted = self._blocks.move(standing, removed, fresh, named)
        again = self._blocks.with_others(standing, shifted.anew)
        anew = np.zeros(len(self.people), bool)
        anew[removed] = anew[fresh] = anew[shifted.anew] = True
        linked, unmet = each_done(
            (
                lambda: self._linked(shifted.met.and_also(again), shifted.gained),
                lambda: self._unmet(shifted.lost),
            ),
            self.threads,
        )
        changed = self.links.exchange(anew, unmet, linked)
        touched = np.concatenate([fell, originals[born], changed])
        marked = np.zeros(len(self.people), bool)
        marked[self._component[touched]] = True
        marked = marked[self._component]
        marked[fresh] = True
        self._recluster(np.flatnonzero(marked & standing.compared))
        copies = standing.copies
        self._component[copies] = self._component[originals[copies]]
        self._label[copies] = self._label[originals[copies]]
        return self._assign(np.flatnonzero(marked[originals] & self._stands), occurred_at)

    def person_map(self) -> pa.Table:
        """`record_id, customer_id` of all records, sorted by record_id."""
        rows = np.flatnonzero(self._stands)
        ids = self.people.record_id.take(pa.array(rows))
        customer = self._customers.id(self._number[rows])
        return pa.table({"record_id": ids, "customer_id": customer}).sort_by("record_id")

    def find(self, records: pa.Table, identifiers: pa.Table | None = None) -> pa.Table:
        """Who among the known people somebody is, and how sure that is; nothing is remembered.

        records: rows of `person_records`, as many as are asked for at once. Gives `record_id` (of
        those that were asked for), `known_record_id`, `customer_id`, `probability` and `rule` (what
        agrees), the likeliest first, for all that are likelier one person than not. Raises
        `InputError`.
        """
        threads = 1 if len(records) <= FEW else self.threads
        asked = read_people(
            TableColumns(records), self.rules, identifiers, threads, usage=self.people.usage
        )
        strangers = self.lexicons.copy().people(asked)
        rows, found = self._blocks.with_strangers(self.standing, strangers)
        held = self.people.take(rows)
        people = joined(held, strangers)
        chance = Frequencies(strangers, self.chance.kept)
        chance.count(1)
        chance = self.chance.take(held, rows).joined(people, chance)
        own = decider(people, chance, self.model, self.rules, judged=found.judged, threads=threads)
        pairs = found.all()
        patterns = own.engine.patterns(pairs)
        weight = own.weigh(pairs, patterns)
        likely = np.flatnonzero(weight > self.rules.thresholds.merge)
        likely = likely[np.argsort(-weight[likely], kind="stable")]
        known, asked_for = unpack(pairs[likely])
        patterns = patterns.take(likely)
        number = self._number[rows[known]]
        return pa.table(
            {
                "record_id": people.record_id.take(pa.array(asked_for)),
                "known_record_id": people.record_id.take(pa.array(known)),
                "customer_id": self._customers.id(number),
                "probability": probability(weight[likely]),
                "rule": own.judgement.names(pairs[likely], agreeing(patterns), patterns),
            }
        )

    def clusters(self) -> tuple[pa.Array, np.ndarray]:
        """Ids of all records, and a number that those of one cluster share, before any guard."""
        rows = np.flatnonzero(self._stands)
        return self.people.record_id.take(pa.array(rows)), self._label[rows]

    def _rows(self, ids: list[str]) -> np.ndarray:
        """Rows of those that are known."""
        number = self._ids.find(pa.array(ids, pa.string()))
        rows = self._row[number[number >= 0]]
        return rows[rows >= 0]

    def _decided(self) -> list[tuple[int, int, bool]]:
        """Stewards' decisions by row; one about a record that is no longer there rests."""
        found = []
        for pair, same in self._verdicts.items():
            rows = self._rows(list(pair))
            if len(rows) == 2:
                found.append((int(rows[0]), int(rows[1]), same))
        return found

    def _judge(self, decisions: pa.Table | None, given: pa.Array, gone: set[str]) -> list[str]:
        """Take over decisions; gives the records of which they now say something else."""
        before = self._verdicts
        if decisions is not None:
            self._verdicts = verdicts(decisions)
        new = look_up(self._row, self._ids.find(given)) < 0
        moving = gone.union(given.filter(pa.array(new)).to_pylist())
        return sorted(concerned(before, self._verdicts, moving) - gone)

    def _take_in(
        self, more: People, judged: list[str], gone: list[str]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Append what is new. Gives the rows that fell and those that were born."""
        held = self._rows(judged)
        unseen = pc.invert(pc.is_in(self.people.record_id.take(pa.array(held)), more.record_id))
        again = self.people.take(held[unseen.to_numpy(zero_copy_only=False)])
        more = joined(again, more) if len(again) else more
        number = self._numbers(more.record_id)
        before = self._row[number]
        here = np.flatnonzero(before >= 0)
        held = joined(self.people.take(before[here]), more)
        same = say_the_same(held, here + len(here), np.arange(len(here)))
        decided = pc.is_in(more.record_id.take(pa.array(here)), pa.array(judged, pa.string()))
        same &= ~decided.to_numpy(zero_copy_only=False)
        if same.any():
            kept = np.delete(np.arange(len(more)), here[same])
            more, before = more.take(kept), before[kept]
        both = joined(self.people, more, self.threads)
        born = np.arange(len(self.people), len(both))
        dropped = self._rows(gone)
        fell = distinct(np.concatenate([before[before >= 0], dropped]))
        self._append(both, more, born)
        self._stands[fell] = False
        self._row[self._number[dropped]] = MISSING
        return fell, born

    def _numbers(self, record_id: pa.Array | pa.ChunkedArray) -> np.ndarray:
        """The number of each record id, for good; new ones get theirs."""
        number = self._ids.add_repeated(record_id)
        new = len(self._ids.values) - len(self._row)
        self._row = np.append(self._row, np.full(new, MISSING))
        self._customers.grow(len(self._row))
        return number

    def _append(self, both: People, more: People, born: np.ndarray) -> None:
        chance = Frequencies(more, self.chance.kept)
        chance.count(self.threads)
        self.chance = self.chance.joined(both, chance, self.threads)
        self.people = both
        number = self._ids.find(more.record_id)
        self._row[number], self._number = born, np.append(self._number, number)
        self._stands = np.append(self._stands, np.ones(len(born), bool))
        self._component = np.append(self._component, born)
        self._label = np.append(self._label, born)

    def _linked(self, found: Found, gained: np.ndarray) -> Links:
        """Those of the pairs, and of the decided ones, that are links."""
        # what is a link already may be one by a rule, of which blocks of others know nothing
        gained = gained[~sought(gained, self.links.pairs)[1]]
        pairs = merged([found.all(), gained, self._decided_pairs()])
        rows = distinct(np.concatenate(unpack(pairs)).astype(np.int64))
        place = self._places(rows)
        judged = {name: moved(own, place) for name, own in found.judged.items()}
        weight = self._decider(rows, judged).over(moved(pairs, place))
        linked = weight > -self.model.reach
        return Links(pairs[linked], weight[linked])

    def _unmet(self, lost: np.ndarray) -> np.ndarray:
        """Those of some packed pairs that are linked, and that no rule brings together any more."""
        pairs = lost[sought(lost, self.links.pairs)[1]]
        rows = distinct(np.concatenate(unpack(pairs)).astype(np.int64))
        met = moved(self._blocks.among(self.standing, rows).all(), rows)
        still = np.concatenate([met, self._decided_pairs()])
        return pairs[~sought(pairs, distinct(still))[1]]

    def _decided_pairs(self) -> np.ndarray:
        decided = np.array(self._decided(), np.int64).reshape(-1, 3)
        return pack(decided[:, 0], decided[:, 1])

    def _recluster(self, rows: np.ndarray) -> None:
        """Decide again about rows that are linked with no others."""
        rows = self.standing.in_order(rows)
        place = self._places(rows)
        links = self.links.among(place >= 0).moved(place)
        left, right = unpack(links.pairs)
        component = components(len(rows), left, right)
        self._component[rows] = rows[component]
        own = replace(self._decider(rows, {}), counts=self.standing.counts(rows))
        label = own.cluster(links.pairs, links.weight)
        self._label[rows] = rows[own.take_in(label, links.pairs, links.weight).label]

    def _places(self, rows: np.ndarray) -> np.ndarray:
        """Where each row is among some, `MISSING` for others."""
        place = np.full(len(self.people), MISSING)
        place[rows] = np.arange(len(rows))
        return place

    def _decider(self, rows: np.ndarray, judged: dict[str, np.ndarray]) -> Decider:
        """Who decides about these rows; judged: the pairs of each rule, as places in `rows`."""
        people = self.people.take(rows, self.threads)
        place = self._places(rows)
        ends = ((place[a], place[b], same) for a, b, same in self._decided())
        decided = [(a, b, same) for a, b, same in ends if a >= 0 and b >= 0]
        chance = self.chance.take(people, rows)
        own = {"judged": judged, "decisions": decided, "threads": self.threads}
        return decider(people, chance, self.model, self.rules, **own)

    def _with_claimants(self, rows: np.ndarray) -> np.ndarray:
        """These rows and all that have one of their ids, in whole components.

        A record that was gone and comes back claims the id that it had; so may those it left.
        """
        numbers = np.flatnonzero(self._row >= 0)
        owner = np.full(len(self.people), MISSING)
        owner[self._row[numbers]] = self._customers.code(numbers)
        chosen = np.zeros(len(self.people), bool)
        chosen[rows] = True
        count = -1
        while count != (count := int(chosen.sum())):
            claimed = np.zeros(len(self._customers) + 1, bool)
            claimed[owner[chosen]] = True
            claimed[MISSING] = False
            chosen |= claimed[owner]
            whole = np.zeros(len(self.people), bool)
            whole[self._component[chosen]] = True
            chosen = whole[self._component] & self._stands
        return np.flatnonzero(chosen)

    def _rows_apart(self) -> np.ndarray:
        return rows_apart(self.people, self.rules, self._decided())

    def _assign(self, rows: np.ndarray, occurred_at: dt.datetime | None) -> Changes:
        """Give the clusters of these rows, which hold no others, their ids."""
        rows = self._with_claimants(rows)
        order = pc.sort_indices(self.people.record_id.take(pa.array(rows))).to_numpy()
        rows = rows[order.astype(np.int64)]
        place = self._places(rows)
        people = self.people.take(rows)
        number = self._number[rows]
        customer = self._customers.code(number)
        label = smallest_rows(place[self._label[rows]]) if len(rows) else rows
        decided = np.array(self._decided(), np.int64).reshape(-1, 3)
        same = decided[:, 2] > 0
        looked_at, apart = place[decided[same, :2]].ravel(), place[decided[~same, :2]]
        label, _ = hold(
            people,
            label,
            customer,
            self.rules,
            original=place[self._copies.original[rows]],
            looked_at=looked_at[looked_at >= 0],
            apart=apart[(apart >= 0).all(axis=1)],
        )
        ids = self._customers.assign(people.record_id, number, label, occurred_at)
        return Changes(ids.person_map, ids.events)
