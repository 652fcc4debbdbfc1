"""Names in the wrong column, and whole names beside names in two columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from kindred.identity import load_rules
from kindred.identity.codes.columns import People
from kindred.identity.reading.reader import TableColumns, read_people

GIVEN = ["Anna", "Bram", "Carla", "Dirk", "Esther"]
FAMILY = ["Bakker", "Visser", "Smit", "Meijer", "Kowalski", "Vermeulen", "Postma"]
KNOWN = [("crm", GIVEN[n % 5], FAMILY[n % 7]) for n in range(140)]
Row = tuple[str | None, ...]


def read(rows: list[Row], usage: People | None = None) -> People:
    names = ("source_system", "given_name", "family_name", "full_name")
    rows = [(*row, *[None] * (len(names) - len(row))) for row in rows]
    table = pa.table(
        {
            name: pa.array(values, pa.string())
            for name, values in zip(names, zip(*rows, strict=True), strict=True)
        }
    )
    ids = pa.array([f"r{n:04d}" for n in range(len(rows))])
    records = TableColumns(table.append_column("record_id", ids))
    return read_people(records, load_rules(), usage=usage.usage if usage else None)


def names(people: People) -> list[tuple[str | None, str | None]]:
    values = [*people.words.values.to_pylist(), None]

    def texts(codes: np.ndarray) -> list[str | None]:
        return [values[code] for code in codes]

    return list(zip(texts(people.given.full), texts(people.family.full), strict=True))


def test_a_record_with_its_names_in_the_wrong_columns_is_turned() -> None:
    found = names(read([*KNOWN, ("shop", "Smit", "Carla")]))
    assert found[-1] == ("carla", "smit")
    assert found[: len(KNOWN)] == [(one.lower(), other.lower()) for _, one, other in KNOWN]


def test_a_name_that_is_seldom_seen_stays_where_it_is() -> None:
    found = names(read([*KNOWN, ("shop", "Smit", "Zora"), ("shop", "Zorro", "Carla")]))
    assert found[-2:] == [("smit", "zora"), ("zorro", "carla")]


def test_a_source_with_its_columns_the_wrong_way_round_is_turned() -> None:
    """Even a name that nobody else has, for its source writes all of them so."""
    shop = [("shop", FAMILY[n % 7], GIVEN[n % 5]) for n in range(40)]
    found = names(read([*KNOWN, *shop, ("shop", "Zorro", "Xandra"), ("crm", "Zorro", "Xandra")]))
    assert found[-2:] == [("xandra", "zorro"), ("zorro", "xandra")]


@pytest.mark.parametrize("column", ["given", "family"])
def test_whole_names_of_one_source_are_parted(column: str) -> None:
    whole = [f"{GIVEN[n % 5]} {FAMILY[n % 7]}" for n in range(20)]
    whole += ["Xandra Zorro", "Smit Carla"]
    shop: list[Row] = [
        ("shop", name, None) if column == "given" else ("shop", None, name) for name in whole
    ]
    found = names(read([*KNOWN, *shop]))
    assert found[140] == ("anna", "bakker")
    assert found[-2:] == [("xandra", "zorro"), ("carla", "smit")]


def test_two_family_names_without_a_given_name_are_no_whole_name() -> None:
    rows: list[Row] = [("shop", None, f"{FAMILY[n % 7]} {FAMILY[n % 6]}") for n in range(20)]
    rows += [("shop", f"{GIVEN[n % 5]} {GIVEN[n % 4]}", None) for n in range(20)]
    rows += [("shop", None, "Carla Smit")]
    found = names(read([*KNOWN, *rows]))[140:]
    assert [name for name, _ in found[:20]] == [None] * 20
    assert [name for _, name in found[20:40]] == [None] * 20
    assert found[40] == (None, "carlasmit")


def test_one_more_record_is_read_as_the_others_were() -> None:
    whole: list[Row] = [("shop", f"{GIVEN[n % 5]} {FAMILY[n % 7]}", None) for n in range(20)]
    turned = [("web", FAMILY[n % 7], GIVEN[n % 5]) for n in range(40)]
    known = read([*KNOWN, *whole, *turned])
    assert names(read([("shop", "Xandra Zorro", None)], known)) == [("xandra", "zorro")]
    assert names(read([("web", "Zorro", "Xandra")], known)) == [("xandra", "zorro")]


def full(*texts: str, source: str = "crm") -> list[Row]:
    return [(source, None, None, text) for text in texts]


def test_a_full_name_counts_where_a_record_has_no_other() -> None:
    rows = full("Anna Zorro", "Zorro, Anna", "Dr. Anna van der Zorro")
    found = names(read([*KNOWN, *rows, ("crm", "Bram", "Smit", "Anna Zorro")]))
    assert found[-4:] == [("anna", "zorro")] * 3 + [("bram", "smit")]
    nobody = names(read([*KNOWN, *full("Test User", "n/a", "?")]))
    assert nobody[-3:] == [(None, None)] * 3
    alone = names(read(full("Anna Zorro", "Zorro, Anna", source="web")))
    assert alone == [("anna", "zorro")] * 2


def test_full_names_stand_in_the_order_that_their_words_or_their_source_tell() -> None:
    """Whose family name is first, for one of these names nobody else has."""
    web = [f"{FAMILY[n % 7]} {GIVEN[n % 5]}" for n in range(20)]
    found = names(read([*KNOWN, *full(*web, "Zorro Xandra", source="web"), *full("Carla Smit")]))
    assert found[-2:] == [("xandra", "zorro"), ("carla", "smit")]
    assert found[len(KNOWN)] == ("anna", "bakker")


def test_one_more_full_name_is_read_as_the_others_were() -> None:
    web = [f"{FAMILY[n % 7]} {GIVEN[n % 5]}" for n in range(20)]
    known = read([*KNOWN, *full(*web, source="web")])
    assert names(read(full("Zorro Xandra", source="web"), known)) == [("xandra", "zorro")]
    assert names(read(full("Xandra Zorro", source="new"), known)) == [("xandra", "zorro")]


def test_a_source_with_whole_names_in_one_column_is_seen_beside_full_names_too() -> None:
    """Where hardly a record has its names in two columns, full names teach which is which."""
    rows = full(*(f"{one} {other}" for one in GIVEN for other in FAMILY), source="web")
    shop: list[Row] = [("shop", f"{FAMILY[n % 7]} {GIVEN[n % 5]}", None) for n in range(20)]
    assert names(read([*rows, *shop]))[len(rows) :] == [
        (GIVEN[n % 5].lower(), FAMILY[n % 7].lower()) for n in range(20)
    ]
