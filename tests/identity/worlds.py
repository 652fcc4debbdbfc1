"""Worlds of a few people, in which days pass and rules change while stewards decide.

Belongs here: what may happen in such a world, by a seed, and running it with a ledger as the graph
does. Does not belong here: what must hold of stewards' decisions (`test_taken_back`).
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from people import MOMENT, RULES, TODAY, customers, identifiers, record, records, told

from kindred.identity import Resolution, Rules, resolve
from kindred.identity.weights.model_file import ModelFile
from kindred.ledger import DecisionError, Ledger

VALUES = {
    "given": [None, "Anna", "Ann", "Jan", "Johannes", "P."],
    "family": [None, "Jansen", "Janssen", "de Vries", "Quaedvlieg"],
    "born": [None, None, "1950-01-02", "1950-02-01", "1981-06-30"],
    "email": [None, None, "a@x.nl", "jan.jansen@x.nl", "info@y.nl"],
    "phone": [None, None, "0618273645", "0621112223"],
    "postal": [None, "1012 AB", "2000 AA"],
    "card": [None, None, None, "4711", "4712"],
}
"""Few values, so that many records resemble each other and chains are long."""
CAPS = (2, 3, 4, 6, 8, 50)
THRESHOLDS = (-6.0, -2.0, 0.0, 3.0, 8.0)


class World:
    """Records, rules and a ledger; `chance` says what happens."""

    def __init__(self, ledger: Ledger, folder: Path, seed: int, size: int = 24) -> None:
        self.chance = random.Random(seed)
        self.ledger = ledger
        self.weights = ModelFile(folder / "model.json", TODAY)
        self.rules: Rules = RULES
        self.moment = MOMENT
        self.rows: dict[str, dict] = {}
        for _ in range(size):
            self._come()

    def live(self) -> None:
        """A day: records come, change and go; perhaps a rule changes, perhaps a steward decides."""
        for _ in range(self.chance.randint(0, 4)):
            self.chance.choice([self._come, self._change, self._go])()
        if self.chance.random() < 0.4:
            self._change_a_rule()
        standing = self.standing()
        if self.chance.random() < 0.3:
            self.decide()
        elif standing and self.chance.random() < 0.3:
            self.take_back(self.chance.choice(standing))

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> Resolution:
        """Resolve and keep it, as the graph does; events account for every change.

        meanwhile: what a steward does while matching is under way.
        """
        self.moment += dt.timedelta(hours=1)
        rows = [self.rows[name] for name in sorted(self.rows)]
        cards = [(r["record_id"], "loyalty_card", r["card"]) for r in rows if r["card"]]
        read = self.ledger.snapshot()
        meanwhile()
        found = resolve(
            records(*rows),
            identifiers(*cards),
            read.known,
            rules=self.rules,
            decisions=read.decisions,
            model_file=self.weights,
            occurred_at=self.moment,
            former=read.former,
            retired=read.retired,
            undone=read.undone,
            threads=1,
        )
        was, now = customers(read.known), customers(found.person_map)
        changes = Counter((was[r], now[r]) for r in now if r in was and was[r] != now[r])
        assert told(found.events.to_pylist()) == changes
        found.matched.keep_model(self.weights)
        self.ledger.save_identity(found.person_map, found.events, self.moment, found.moved)
        return found

    def decide(self) -> tuple[str, str] | None:
        """A steward decides something new about two records; None where others forbid it."""
        pair = self.chance.sample(sorted(self.rows), 2)
        if tuple(sorted(pair)) in self.standing():
            return None
        verdict = self.chance.choice(["same", "different"])
        try:
            self.ledger.decide(*pair, verdict, by="steward", reason="told us", at=self.moment)
        except DecisionError:
            return None
        return pair[0], pair[1]

    def take_back(self, pair: tuple[str, str]) -> None:
        """The steward was wrong."""
        self.ledger.revoke(*pair, by="steward", reason="a mistake", at=self.moment)

    def standing(self) -> list[tuple[str, str]]:
        """The pairs that are decided."""
        rows = self.ledger.decisions().to_pylist()
        return [(row["record_id_1"], row["record_id_2"]) for row in rows]

    def _come(self) -> None:
        name = f"{self.chance.choice(['crm', 'shop', 'web'])}:{self.chance.randrange(1000):03}"
        values = {key: self.chance.choice(some) for key, some in VALUES.items()}
        self.rows[name] = record(name, **values)

    def _change(self) -> None:
        name = self.chance.choice(sorted(self.rows))
        key = self.chance.choice(sorted(VALUES))
        fresh = record(name, **{key: self.chance.choice(VALUES[key])})
        self.rows[name] = self.rows[name] | fresh

    def _go(self) -> None:
        if len(self.rows) > 5:
            del self.rows[self.chance.choice(sorted(self.rows))]

    def _change_a_rule(self) -> None:
        if self.chance.random() < 0.6:
            self.rules = self.rules.model_copy(update={"cluster_cap": self.chance.choice(CAPS)})
            return
        merge = self.chance.choice(THRESHOLDS)
        thresholds = RULES.thresholds.model_copy(update={"merge": merge, "review": merge - 6})
        self.rules = self.rules.model_copy(update={"thresholds": thresholds})
