"""Whole addresses: street, postal code and city in one column."""

from __future__ import annotations

import pyarrow as pa
import pytest
from people import read

from kindred.identity.codes.columns import Codes


def texts(column: Codes) -> list[str | None]:
    values = [*column.values.to_pylist(), None]
    return [values[code] for code in column.codes]


@pytest.mark.parametrize(
    ("line", "house", "postal", "city"),
    [
        ("12 High Street, Leeds, LS1 4AB", "12", "ls14ab", "leeds"),
        ("Dorpslaan 94, 8347 AN Zeist", "94", "8347an", "zeist"),
        ("32 Oak Road, Springfield, IL 10049", "32", "10049", "springfield"),
        ("41, Hamra Lane, Kuwait, 464998", "41", "464998", "kuwait"),
        ("Hauptweg 5, 8000 Bern, Switzerland", "5", "8000", "bern"),
        ("Hauptweg, 8000 Bern", None, "8000", "bern"),
        ("12 Main St, Springfield, IL 62701, United States", "12", "62701", "springfield"),
        ("Dorpsstraat 94, Zeist, 8347 AN, Nederland", "94", "8347an", "zeist"),
        ("Calle Mayor, 12, 3B, 28013 Madrid", "12", "28013", "madrid"),
        (
            "Rua Augusta, nº 1578 apto 4, Centro, 01305-100 Sao Paulo",
            "1578",
            "1305100",
            "saopaulo",
        ),
        ("Rua da Prata 52, 1100-420 Lisboa", "52", "1100420", "lisboa"),
        ("UL LIPOWA 12/34 20-001 LUBLIN", "12", "20001", "lublin"),
        ("Dorpslaan 94 8347 AN Zeist", "94", "8347an", "zeist"),
        ("12 High Street LS1 4AB Leeds", "12", "ls14ab", "leeds"),
    ],
)
def test_a_whole_address_is_parted(line: str, house: str, postal: str, city: str) -> None:
    found = read(street=[line])
    assert texts(found.house) == [house]
    assert texts(found.postal) == [postal]
    assert texts(found.city) == [city]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())]
)
def test_it_is_the_same_address_as_one_in_columns(kind: pa.DataType) -> None:
    found = read(
        street=pa.array(["Dorpslaan 94, 8347 AN Zeist", "Dorpslaan"], pa.string()).cast(kind),
        house_number=pa.array([None, "94"], pa.string()),
        postal_code=pa.array(["", "8347an"], pa.string()),
        city=pa.array([None, "Zeist"], pa.string()).cast(kind),
    )
    for column in (found.street, found.house, found.postal, found.city):
        assert column.codes[0] == column.codes[1] >= 0


@pytest.mark.parametrize(
    ("line", "postal"),
    [
        ("12 High Street, Leeds", None),  # no postal code: where does it end?
        ("12 High Street, 4th floor, LS1 4AB", "LS2 9XX"),  # has one of its own
        ("12 High Street", None),
        ("Apt 12 1234 Main Street", None),
        ("1500 Highway 2000 South", None),
        ("Straße des 17 Juni 135", None),
        ("Calle 1234 Norte", None),
        ("14 Rue 8 Mai 1945 Bis", None),
        (None, None),
    ],
)
def test_other_lines_stay_as_they_are(line: str | None, postal: str | None) -> None:
    found = read(
        street=pa.array([line], pa.string()),
        postal_code=pa.array([postal], pa.string()),
    )
    plain = read(
        street=pa.array([line and line.replace(",", " ")], pa.string()),
        postal_code=pa.array([postal], pa.string()),
    )
    for name in ("street", "house", "postal", "city"):
        assert texts(getattr(found, name)) == texts(getattr(plain, name))


def test_bytes_that_are_no_text_are_no_reason_to_stop() -> None:
    line = pa.array([b"Caf\xe9weg 3, 1234 AB Ede", b"Dorpslaan 94, 8347 AN Zeist"]).view(
        pa.string()
    )
    assert texts(read(street=line).city)[1] == "zeist"


@pytest.mark.parametrize("column", ["postal_code", "city"])
def test_nor_are_those_in_the_columns_beside_it(column: str) -> None:
    lines = pa.array(["Dorpslaan 94, 8347 AN Zeist", "b, c"])
    beside = pa.array([b"", b"\xff"]).view(pa.string())
    assert texts(read(street=lines, **{column: beside}).city)[0] == "zeist"
