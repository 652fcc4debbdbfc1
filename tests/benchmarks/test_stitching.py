"""Stitched codes, as the documentation of other platforms tells it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import identity
from benchmarks.identity_data.others import recipes
from benchmarks.identity_data.sets import LabelledSet
from benchmarks.peers.stitching import codes_of, limited

CODES = ["identifier_account", "email", "phone", "identifier_cookie"]


def stitched(*rows: dict[str, str]) -> list[int]:
    """The profile of each row."""
    columns = {code: pa.array([row.get(code) for row in rows], pa.string()) for code in CODES}
    numbers = pa.array([f"r{number}" for number in range(len(rows))])
    return limited(pa.table({"record_id": numbers, **columns}), CODES)["cluster_id"].to_pylist()


def test_an_equal_code_leads_to_the_profile_and_a_record_with_two_merges_two():
    first, second, both, stranger = stitched(
        {"identifier_cookie": "c1", "email": "a@example.com"},
        {"phone": "0612345678"},
        {"email": "a@example.com", "phone": "0612345678"},
        {"identifier_cookie": "c2"},
    )
    assert first == second == both != stranger


def test_a_second_account_is_a_second_profile_whatever_else_is_equal():
    """The example of the page: the email is dropped, as it is trusted less than the account."""
    jane, other, by_email, by_account = stitched(
        {"identifier_account": "abc123", "email": "jane@example.com"},
        {"identifier_account": "abc456", "email": "jane@example.com"},
        {"email": "jane@example.com"},
        {"identifier_account": "abc456"},
    )
    assert jane == by_email
    assert other == by_account != jane


def test_a_profile_holds_five_cookies_and_the_sixth_is_not_its_own():
    rows = [{"email": "a@example.com", "identifier_cookie": f"c{number}"} for number in range(7)]
    *known, cookie_alone = stitched(*rows, {"identifier_cookie": "c6"})
    assert len(set(known)) == 1
    assert cookie_alone != known[0]


def test_a_record_without_codes_is_nobody_else():
    assert len(set(stitched({}, {}, {"email": "a@example.com"}))) == 3


def test_codes_stand_in_the_order_in_which_they_are_trusted():
    columns = ["phone", "identifier_cookie", "email", "given_name", "identifier_account"]
    assert codes_of(columns) == ["identifier_account", "email", "identifier_cookie", "phone"]
    assert codes_of(["given_name", "city"]) == []


@pytest.fixture(scope="module")
def visitors(tmp_path_factory) -> LabelledSet:
    folder = tmp_path_factory.mktemp("visitors")
    found = LabelledSet("visitors", folder / "people.parquet", folder / "truth.parquet")
    for table, file in zip(
        recipes.labelled("visitors", 1, 3_000), (found.records, found.truth), strict=True
    ):
        pq.write_table(table, file)
    return found


def test_limits_keep_apart_what_screens_in_shops_join(visitors, tmp_path):
    rows = {
        row["engine"]: row for row in identity.Bench(tmp_path, 1).rows(visitors, with_splink=False)
    }
    free, limits = rows["any equal code"], rows["equal codes within limits"]
    assert free["pair_recall"] > limits["pair_recall"] > 0.5
    assert limits["pair_precision"] > 0.85 > free["pair_precision"]
    assert rows["kindred"]["pair_f1"] > limits["pair_f1"] > rows["deterministic rules"]["pair_f1"]


def test_a_set_without_codes_is_spared(labelled, tmp_path):
    records = pq.read_table(labelled.records)
    names = records.select(["record_id", "given_name", "family_name"])
    pq.write_table(names, tmp_path / "names")
    found = LabelledSet("names", tmp_path / "names", labelled.truth)
    bench = identity.Bench(tmp_path, 1, kindred=identity.PEER.format("deterministic"))
    assert [row["engine"] for row in bench.rows(found, with_splink=False)] == [
        "kindred",
        "deterministic rules",
    ]
