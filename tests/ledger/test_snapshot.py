"""What matching reads of the ledger is of one moment, whatever stewards do meanwhile."""

from __future__ import annotations

import datetime as dt
import pkgutil

import pyarrow as pa
import pytest
import sqlalchemy as sa
from identity_rows import NOW, events, person_map

from kindred.ledger import Ledger
from kindred.ledger.undo import UNDO

SIGNED = {"by": "a steward", "reason": "they told us"}


@pytest.mark.parametrize(
    "query",
    ["identity.known", "decisions.standing", "identity.retired", "identity.former", "undo.undone"],
)
def test_a_decision_that_ends_while_it_is_read_stands_or_is_undone(
    ledger: Ledger, url: str, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.save_identity(person_map(a="kc_1", b="kc_2"), events(), NOW)
    decision = ledger.decide("a", "b", "same", at=NOW, **SIGNED).decision.decision_id
    moved = pa.table([[decision], ["b"], ["kc_2"], [NOW]], schema=UNDO)
    merged = events(("merged", "kc_1", "kc_2"))
    ledger.save_identity(person_map(b="kc_1"), merged, NOW + dt.timedelta(days=1), moved)
    read = pkgutil.resolve_name(f"kindred.ledger.{query}")

    def interrupted(connection: sa.Connection) -> object:
        with Ledger.open(url) as other:
            other.revoke("a", "b", at=NOW, **SIGNED)
        return read(connection)

    monkeypatch.setattr(f"kindred.ledger.{query}", interrupted)
    seen = ledger.snapshot()
    assert len(seen.decisions) + len(seen.undone) == 1
    assert seen.known.num_rows == 2
    assert (seen.retired, seen.former.num_rows) == (["kc_2"], 1)
    monkeypatch.undo()
    later = ledger.snapshot()
    assert (len(later.decisions), len(later.undone)) == (0, 1)
