"""The model's file: weights stay the same from run to run, and are learned again on a schedule.

Belongs here: when to learn again. Does not belong here: learning (`model`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from kindred.identity.weights.levels import Field
from kindred.identity.weights.model import UNREADABLE, Model, load, save, unreadable

DAYS = 30
GROWTH = 1.25


@dataclass(frozen=True)
class ModelFile:
    """Where the model is kept, and the day of today.

    It is learned again when there is none for exactly the fields at hand, after `DAYS` days, and
    when there are `GROWTH` times as many records (or so many fewer): so the same records get the
    same weights tomorrow, and ids move with evidence, not with estimates. Delete the file to learn
    at the next run.
    """

    path: Path
    today: dt.date

    def kept(self, fields: list[Field], records: int) -> Model | None:
        """The kept model, where it is still good."""
        found = load(self.path, fields)
        try:
            return found[0] if found and self._is_good(found[1], records) else None
        except UNREADABLE as error:
            raise unreadable(self.path) from error

    def keep(self, model: Model, records: int) -> None:
        """Keep a new one from now on."""
        save(model, self.path, learned_on=self.today.isoformat(), records=records)

    def _is_good(self, facts: dict[str, object], records: int) -> bool:
        learned_on = dt.date.fromisoformat(str(facts["learned_on"]))
        then = max(int(str(facts["records"])), 1)
        is_recent = abs((self.today - learned_on).days) < DAYS
        return is_recent and 1 / GROWTH < max(records, 1) / then < GROWTH
