"""Pins: kept whole with who, when and why, replaced, ended, and handed on when customers merge."""

from __future__ import annotations

import datetime as dt

import pytest
from identity_rows import events, person_map

from kindred.ledger import Ledger, PinError
from kindred.ledger.pins import GROUPS, PINS, group_of

NOW = dt.datetime(2026, 11, 1, 6)
LATER = NOW + dt.timedelta(days=1)
SIGNED = {"by": " a steward ", "reason": " they told us ", "at": NOW}
ADDRESS = {
    "street": "Damrak",
    "house_number": "1",
    "postal_code": "1012AB",
    "city": "Amsterdam",
    "country_code": "NL",
}


def merge(ledger: Ledger, kept: str, retired: str) -> None:
    merged = events(("merged", kept, retired))
    ledger.save_identity(person_map(**{f"crm:{kept}": kept}), merged, NOW)


def pinned(ledger: Ledger, attribute: str) -> dict[str, str | None]:
    group = group_of(attribute)
    rows = ledger.pins().to_pylist()
    return {r["customer_id"]: r[attribute] for r in rows if r["attribute_group"] == group}


def test_a_pin_is_kept_with_who_why_and_when(ledger):
    ledger.pin("kc_1", "address", ADDRESS, **SIGNED)
    table = ledger.pins()
    assert table.schema == PINS
    [row] = table.to_pylist()
    assert {name: row[name] for name in ADDRESS} == ADDRESS
    assert (row["pinned_by"], row["reason"], row["pinned_at"]) == (
        "a steward",
        "they told us",
        NOW,
    )
    assert row["phone"] is None


def test_a_pin_anew_replaces_and_both_are_history(ledger):
    ledger.pin("kc_1", "phone", {"phone": "+31612345678"}, **SIGNED)
    ledger.pin("kc_1", "phone", {"phone": "+31687654321"}, **SIGNED)
    assert pinned(ledger, "phone") == {"kc_1": "+31687654321"}
    first, second = ledger.pin_history()
    assert first["unpinned_at"] == NOW
    assert "they told us" in first["unpin_reason"]
    assert second["unpinned_at"] is None


def test_nothing_can_be_pinned_too(ledger):
    ledger.pin("kc_1", "email", {"email": ""}, **SIGNED)
    assert pinned(ledger, "email") == {"kc_1": None}


def test_unpinned_it_stands_no_longer(ledger):
    ledger.pin("kc_1", "email", {"email": "jan@x.nl"}, **SIGNED)
    [ended] = ledger.unpin("kc_1", "email", by="another", reason="it bounced", at=LATER)
    assert ended.values == {"email": "jan@x.nl"}
    assert pinned(ledger, "email") == {}
    [row] = ledger.pin_history()
    assert (row["unpinned_at"], row["unpinned_by"], row["unpin_reason"]) == (
        LATER,
        "another",
        "it bounced",
    )
    with pytest.raises(PinError, match="nothing is pinned"):
        ledger.unpin("kc_1", "email", by="another", reason="again", at=LATER)


def test_the_successor_of_a_retired_customer_has_its_pin(ledger):
    ledger.pin("kc_old", "phone", {"phone": "+31612345678"}, **SIGNED)
    merge(ledger, "kc_new", "kc_old")
    merge(ledger, "kc_newest", "kc_new")
    assert pinned(ledger, "phone") == {"kc_newest": "+31612345678"}
    ledger.unpin("kc_newest", "phone", by="another", reason="gone", at=LATER)
    assert pinned(ledger, "phone") == {}


def test_of_two_pins_that_a_merge_brings_together_the_last_stands(ledger):
    ledger.pin("kc_a", "phone", {"phone": "+31611111119"}, **(SIGNED | {"at": LATER}))
    ledger.pin("kc_b", "phone", {"phone": "+31622222228"}, **SIGNED)
    merge(ledger, "kc_b", "kc_a")
    assert pinned(ledger, "phone") == {"kc_b": "+31611111119"}
    assert len(ledger.unpin("kc_b", "phone", by="me", reason="no", at=LATER)) == 2


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("phone", "0612345678"),
        ("phone", "+311"),
        ("email", "Jan@X.nl"),
        ("email", "jan@x"),
        ("birth_date", "12-03-1980"),
        ("birth_date", "1980-02-30"),
        ("country_code", "Nederland"),
        ("language", "Dutch"),
        ("gender", "M"),
    ],
)
def test_a_value_is_pinned_as_the_golden_record_writes_it(ledger, attribute, value):
    group = group_of(attribute)
    values = dict.fromkeys(GROUPS[group]) | {attribute: value}
    with pytest.raises(PinError, match=attribute) as told:
        ledger.pin("kc_1", group, values, **SIGNED)
    assert value not in str(told.value)
    assert ledger.pin_history() == []


def test_a_group_is_pinned_whole_and_signed(ledger):
    with pytest.raises(PinError, match="street"):
        ledger.pin("kc_1", "address", {"city": "Amsterdam"}, **SIGNED)
    with pytest.raises(PinError, match="reason"):
        ledger.pin("kc_1", "gender", {"gender": "male"}, by="me", reason=" ", at=NOW)


def test_who_names_a_group_or_another_word_is_told_the_attributes():
    with pytest.raises(PinError, match="house_number"):
        group_of("address")
    with pytest.raises(PinError, match="postal_code"):
        group_of("shoe_size")
