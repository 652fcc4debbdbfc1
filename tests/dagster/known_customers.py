"""Customers that a ledger knows, without a run that would have matched them."""

from __future__ import annotations

from identity_rows import NOW, events, person_map

from kindred.ledger import Ledger


def remember(url: str, members: dict[str, str], *merged: tuple[str, str]) -> None:
    """Keep records with their customers, and merges as pairs of the kept and the retired id."""
    rows = [("merged", kept, retired) for kept, retired in merged]
    with Ledger.open(url) as ledger:
        ledger.save_identity(person_map(**members), events(*rows), NOW)
