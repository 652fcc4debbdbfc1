"""Explanation: why two records are or are not one person, as a sum that anybody can check.

The steps of a pair add up to its weight: what is known before looking (prior), what each field
adds, what a household would explain as well, what rules, exceptions and stewards say over it.

Belongs here: values, weights and steps as tables. Does not belong here: words for levels
(`wording`), deciding (`engine`), and pictures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity import wording
from kindred.identity.clusters.clustering import ALWAYS
from kindred.identity.clusters.judgement import CLEAN_SOURCE, EXCEPTED, EXCEPTIONS, STEWARD, TRUST
from kindred.identity.codes.pairs import pack, unpack
from kindred.identity.engine import Prepared
from kindred.identity.evidence import IDENTICAL, NAMED, agreeing, probability
from kindred.identity.rules.rules_file import Rules
from kindred.identity.weights.agreement import Agreement
from kindred.identity.weights.model import Model, Patterns

STEPS = pa.schema(
    [
        ("kind", pa.string()),
        ("step", pa.string()),
        ("value_1", pa.string()),
        ("value_2", pa.string()),
        ("finding", pa.string()),
        ("of_matches", pa.float64()),
        ("by_chance", pa.float64()),
        ("weight", pa.float64()),
        ("total", pa.float64()),
    ]
)
"""`kind`: `prior`, `field`, `household`, `judgement`. `of_matches`, `by_chance`: share of pairs of
one person, and of strangers, that agree like this; null where the field says nothing, and for both
names together. `weight`:
bits that the step adds, `total`: their sum so far; null where a decision stands over any sum."""
PRIOR, FIELD, HOUSEHOLD, JUDGEMENT = "prior", "field", "household", "judgement"
THRESHOLD = "threshold"
FULL_NAME, KINDS = "full name", "kinds of records"
SMALL = 0.05
"""Steps of fewer bits are left out of sentences."""

NOTHING = 0.005
"""Changes of fewer bits are rounding."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Verdict:
    """What matching makes of two records taken by themselves.

    weight: bits above the threshold, infinite where it is decided. probability: that of the bits
    before the threshold is taken off, which only decides. rule: what joined or parted them: a rule,
    a steward, identical records, the customer that one names, or the fields that agree. steps: of
    `STEPS`.
    """

    record_id_1: str
    record_id_2: str
    weight: float
    probability: float
    rule: str
    steps: pa.Table

    @property
    def is_link(self) -> bool:
        """Taken by themselves, these are one person."""
        return self.weight > 0

    @property
    def because(self) -> str:
        """The steps in words, fields first: "same birth date +14.1, household -2.0"."""
        rows = [row for row in self.steps.to_pylist() if row["kind"] != PRIOR]
        rows = [row for row in rows if row["weight"] is None or abs(row["weight"]) >= SMALL]
        rows.sort(key=lambda row: -abs(row["weight"]) if row["kind"] == FIELD else 0)
        return ", ".join(
            words(row) if row["weight"] is None else f"{words(row)} {row['weight']:+.1f}"
            for row in rows
        )


def words(step: dict[str, Any]) -> str:
    """A step in a few words: "same birth date", "household"."""
    return step["finding"] if step["kind"] == FIELD else step["step"].replace("_", " ")


class Explainer:
    """Explains prepared records with the weights of a model; `KeyError` for an unknown record."""

    def __init__(self, prepared: Prepared, model: Model, rules: Rules) -> None:
        self.model = model
        self.rules = rules
        self._prepared = prepared
        self._engine = prepared.engine
        self._engine.know(model)
        self._people = prepared.people
        self._ids = prepared.everybody.record_id

    def known(self, record_ids: Collection[str]) -> list[str]:
        """Those of the records that are read now, sorted."""
        wanted = pa.array(sorted(set(record_ids)), pa.string())
        return wanted.filter(pc.is_in(wanted, value_set=self._ids)).to_pylist()

    def records(self, record_ids: Collection[str]) -> pa.Table:
        """The records as matching reads them: `record_id, source` and a column per field.

        A column is named in words (`birth date`); values are in their normal form.
        """
        everybody = self._prepared.everybody
        names = [field.name for field in self.model.fields]
        wanted = sorted(record_ids)
        rows = [
            {
                "record_id": record_id,
                "source": wording.text(everybody.source.values, everybody.source.codes[row]),
                **{wording.label(name): wording.value(everybody, name, row) for name in names},
            }
            for record_id, row in zip(wanted, self._rows(wanted), strict=True)
        ]
        columns = ["record_id", "source", *map(wording.label, names)]
        return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in columns]))

    def pair(self, record_id_1: str, record_id_2: str) -> Verdict:
        """Why two records are or are not one person."""
        return self.pairs([(record_id_1, record_id_2)])[0]

    def pairs(self, pairs: Pairs) -> list[Verdict]:
        """Why the records of each pair are or are not one person."""
        if not pairs:
            return []
        place, named = self._prepared.place, self._prepared.named
        rows = [self._rows([pair[end] for pair in pairs]) for end in (0, 1)]
        ends = [place[own] for own in rows]
        apart = np.flatnonzero(ends[0] != ends[1])
        is_named = (named[rows[0]] | named[rows[1]]).tolist()
        found = {n: _at_once(*pair, is_named[n]) for n, pair in enumerate(pairs)}
        packed = pack(ends[0][apart], ends[1][apart])
        agreement, patterns, weight = self._weighed(packed)
        merge = self.rules.thresholds.merge
        rules = self._prepared.judgement.names(packed, agreeing(patterns), patterns).to_pylist()
        sums = self._sums(packed, agreement, patterns)
        excepted = self._prepared.judgement.exceptions(packed, patterns).tolist()
        for i, number in enumerate(apart.tolist()):
            rows = (int(ends[0][number]), int(ends[1][number]))
            fields = list(self._fields(i, rows, agreement))
            judged = list(self._judged(i, sums, rules[i], excepted[i]))
            is_decided = abs(weight[i]) >= ALWAYS
            total = float(np.copysign(np.inf, weight[i]) if is_decided else weight[i] - merge)
            if merge and not is_decided:
                judged.append(
                    _step(
                        THRESHOLD, "more is asked for" if merge > 0 else "less is asked for", -merge
                    )
                )
            found[number] = Verdict(
                *pairs[number],
                total,
                float(total > 0) if is_decided else float(probability(weight[i])),
                _named(rules[i], judged),
                _added_up([*self._priors(i, agreement), *fields, *judged]),
            )
        return [found[number] for number in range(len(pairs))]

    def mean_weight(self, some: Collection[str], others: Collection[str]) -> float:
        """How near two groups of records are, as average linkage sees it: it merges above 0."""
        place = self._prepared.place
        left, right = place[self._rows(some)], place[self._rows(others)]
        pairs = pack(np.repeat(left, len(right)), np.tile(right, len(left)))
        pairs = pairs[np.repeat(left, len(right)) != np.tile(right, len(left))]
        _, patterns, weight = self._weighed(pairs)
        merge = np.float32(self.rules.thresholds.merge)
        return float(self._prepared.engine.votes(self.model, patterns, weight - merge).mean())

    def _rows(self, record_ids: Collection[str]) -> np.ndarray:
        found = pc.index_in(pa.array(list(record_ids), pa.string()), value_set=self._ids)
        if found.null_count:
            raise KeyError("a record that matching doesn't read")
        return found.to_numpy().astype(np.int64)

    def _weighed(self, pairs: np.ndarray) -> tuple[Agreement, Patterns, np.ndarray]:
        agreement = self._engine.comparer.compare(*unpack(pairs))
        patterns = Patterns.of(self._engine.comparer.fields, agreement, len(pairs))
        judge = self._prepared.judgement
        return agreement, patterns, judge.weigh(pairs, patterns, self.model.weigh(patterns))

    def _sums(
        self, pairs: np.ndarray, agreement: Agreement, patterns: Patterns
    ) -> list[tuple[str, np.ndarray]]:
        """The weights of all pairs after the fields, the household, and each step of judgement."""
        fields = np.full(len(pairs), self.model.priors[0])
        for weight in self.model.field_weights(agreement).values():
            fields = fields + weight
        fields = fields - agreement.namesakes + agreement.kinds
        weighed = self.model.weigh(patterns)
        judged = self._prepared.judgement.steps(pairs, patterns, weighed)
        return [("fields", fields), (HOUSEHOLD, weighed), *judged]

    def _priors(self, i: int, agreement: Agreement) -> Iterator[dict[str, Any]]:
        bits = self.model.priors[0]
        yield _step(PRIOR, f"one pair in {_count(2**-bits)} is one person", bits)
        more = float(np.broadcast_to(agreement.kinds, agreement.namesakes.shape)[i])
        if more:
            often = "more" if more > 0 else "less"
            finding = f"records of these two kinds are one person {often} often"
            yield {"kind": PRIOR, "step": KINDS, "finding": finding, "weight": more}

    def _fields(
        self, i: int, rows: tuple[int, int], agreement: Agreement
    ) -> Iterator[dict[str, Any]]:
        for field in self.model.fields:
            name, level = field.name, int(agreement.levels[field.name][i])
            values = [wording.value(self._people, name, row) for row in rows]
            if values == [None, None]:
                continue
            chance = np.broadcast_to(agreement.chance[name], agreement.levels[name].shape)[i]
            match, stranger = self.model.match[name][level], self.model.chance[name][level] + chance
            yield {
                "kind": FIELD,
                "step": wording.label(name),
                "value_1": values[0],
                "value_2": values[1],
                "finding": wording.finding(field, level, both=None not in values),
                "of_matches": float(np.exp2(match)) if level else None,
                "by_chance": float(np.exp2(stranger)) if level else None,
                "weight": float(match - stranger),
            }
        if agreement.namesakes[i]:
            yield {
                "kind": FIELD,
                "step": FULL_NAME,
                "finding": "both names go together",
                "weight": -float(agreement.namesakes[i]),
            }

    def _judged(
        self, i: int, sums: list[tuple[str, np.ndarray]], rule: str, excepted: int
    ) -> Iterator[dict[str, Any]]:
        """What came after the fields and changed anything, or is what joined the two."""
        for (_, before), (name, after) in pairwise(sums):
            change = float(after[i]) - float(before[i])
            if abs(after[i]) >= ALWAYS:
                if change or name == rule:
                    yield _step(name, self._reason(name, after[i], excepted), None)
            elif abs(change) >= NOTHING or name == rule:
                yield _step(name, self._reason(name, after[i], excepted), change)

    def _reason(self, name: str, weight: float, excepted: int) -> str:
        if name == EXCEPTIONS:
            reason = getattr(self.rules.exceptions, EXCEPTED[excepted]).reason
            return f"twins perhaps: {reason}" if EXCEPTED[excepted] == "twins" else reason
        others = "members of one household"
        if self.model.successors:
            others += ", or who had one code in turn,"
        said = {
            HOUSEHOLD: f"{others} would agree so, too",
            TRUST: "the source is trusted less",
            CLEAN_SOURCE: "their source holds nobody twice",
            STEWARD: "decided: always one person" if weight > 0 else "decided: never one person",
        }
        return said[name] if name in said else self.rules.deterministic[name].reason


def chain(links: Pairs, start: str, end: str) -> list[str]:
    """The shortest way from one record to another over links; empty when there is none."""
    beside: dict[str, list[str]] = {}
    for one, other in links:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    before = {start: start}
    ways = [start]
    for here in ways:
        for there in sorted(beside.get(here, ())):
            if there not in before:
                before[there] = here
                ways.append(there)
    if end not in before:
        return []
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _at_once(one: str, other: str, is_named: bool) -> Verdict:
    """Of two that were one before any pair was compared."""
    rule = NAMED if is_named else IDENTICAL
    return Verdict(one, other, np.inf, 1.0, rule, STEPS.empty_table())


def _step(name: str, finding: str, weight: float | None) -> dict[str, Any]:
    kind = name if name in (PRIOR, HOUSEHOLD) else JUDGEMENT
    return {"kind": kind, "step": name, "finding": finding, "weight": weight}


def _added_up(steps: list[dict[str, Any]]) -> pa.Table:
    total: float | None = 0.0
    for step in steps:
        total = None if total is None or step["weight"] is None else total + step["weight"]
        step["total"] = total
    return pa.Table.from_pylist(steps, STEPS)


def _named(rule: str, judged: list[dict[str, Any]]) -> str:
    """What decided, where something stands over the sum."""
    over = [step["step"] for step in judged if step["weight"] is None]
    return over[-1] if over else rule


def _count(number: float) -> str:
    return f"{float(f'{number:.2g}'):,.0f}"
