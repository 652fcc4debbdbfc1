"""What a run says of its matching: how steady it is, how values are counted, and the picture."""

from __future__ import annotations

import pyarrow as pa

from dagster_project import match_quality, pictures


def test_steadiness_compares_records_of_both_runs_only():
    def mapped(customers: list[int]) -> pa.Table:
        ids = [f"r{n:03}" for n in range(len(customers))]
        return pa.table({"record_id": ids, "customer_id": [str(c) for c in customers]})

    before = mapped([n // 2 for n in range(200)])
    same_and_more = mapped([n // 2 for n in range(200)] + [1000 + n for n in range(300)])
    assert match_quality.steadiness(same_and_more, before).is_steady
    alone = mapped(list(range(200)))
    assert match_quality.steadiness(alone, before).share_before == 0.5
    assert not match_quality.steadiness(alone, before).is_steady
    assert match_quality.steadiness(alone, None).is_steady
    assert match_quality.steadiness(alone.slice(0, 50), before).is_steady


def test_buckets_hold_every_value():
    sizes = match_quality.buckets(pa.array([1, 1, 2, 7, 60]).to_numpy(), (1, 2, 3, 10, 50))
    assert sizes == {"1": 2, "2": 1, "3 to 9": 1, "10 to 49": 0, "50 up": 1}
    shares = match_quality.buckets(pa.array([0.5, 0.95, 1.0]).to_numpy(), (0.5, 0.9, 0.99))
    assert shares == {"0.5": 1, "0.9": 1, "0.99": 1}


def test_the_same_numbers_give_the_same_picture(tmp_path):
    files = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for file in files:
        steps = [("prior", -10.0), ("same name", 12.5), ("steward", None)]
        pictures.save(pictures.waterfall([("one and other", steps)]), file)
    assert files[0].read_bytes() == files[1].read_bytes()
