"""The measures, against numbers worked out by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from kindred.identity import evaluate


def person_map(**ids: str) -> pa.Table:
    return pa.table({"record_id": list(ids), "customer_id": list(ids.values())})


def truth(**people: str | None) -> pa.Table:
    return pa.table(
        {"record_id": list(people), "person_id": pa.array(people.values(), pa.string())}
    )


def test_perfect() -> None:
    quality = evaluate(person_map(a="1", b="1", c="2"), truth(a="x", b="x", c="y"))
    assert (quality.pair_f1, quality.bcubed_f1) == (1.0, 1.0)
    assert (quality.records, quality.people, quality.customers) == (3, 2, 2)


def test_by_hand() -> None:
    # found {a b c} {d}; true {a b} {c d}: 3 pairs found, 2 true, 1 right
    quality = evaluate(person_map(a="1", b="1", c="1", d="2"), truth(a="x", b="x", c="y", d="y"))
    assert quality.pair_precision == pytest.approx(1 / 3)
    assert quality.pair_recall == pytest.approx(1 / 2)
    assert quality.pair_f1 == pytest.approx(0.4)
    assert quality.bcubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert quality.bcubed_recall == pytest.approx((1 + 1 + 1 / 2 + 1 / 2) / 4)


def test_records_of_nobody_and_strangers_do_not_count() -> None:
    quality = evaluate(person_map(a="1", b="1", role="1", new="1"), truth(a="x", b="x", role=None))
    assert quality.pair_f1 == 1.0
    assert quality.records == 2


def test_nothing_to_measure() -> None:
    assert evaluate(person_map(), truth()).as_dict()["pair_f1"] == 1.0
