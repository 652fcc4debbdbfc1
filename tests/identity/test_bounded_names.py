"""Whole names that say where they part."""

from __future__ import annotations

import pyarrow as pa
import pytest
from people import read

from kindred.identity.codes.columns import Name, People
from kindred.identity.reading.bounded_names import parted


def texts(people: People, name: Name) -> list[str | None]:
    values = [*people.words.values.to_pylist(), None]
    return [values[code] for code in name.full]


@pytest.mark.parametrize(
    ("whole", "family", "given"),
    [
        ("SMITH/JOHNMR", "SMITH", "JOHN"),
        ("SMITH JONES/ANNA MARIA MRS", "SMITH JONES", "ANNA MARIA"),
        ("P<ESPAVILES<ARRIBAS<<JAVIER", "AVILES ARRIBAS", "JAVIER"),
        ("IKEDA<<SATOSHI<<<", "IKEDA", "SATOSHI"),
        ("Carrasco Alvarado, Andrea", "Carrasco Alvarado", "Andrea"),
        ("Smith, John, Mr.", "Smith", "John"),
        ("SMITH, JO", "SMITH", "JO"),
        ("SMITH/ALEXANDR", "SMITH", "ALEXANDR"),
        ("SMITH/JOHN DR PROF", "SMITH", "JOHN"),
        ("P<D<<MUSTERMANN<<ERIKA<<<", "MUSTERMANN", "ERIKA"),
        ("PATELSON<<RAJ", "PATELSON", "RAJ"),
    ],
)
def test_a_sign_tells_the_family_name(whole: str, family: str, given: str) -> None:
    found = parted(pa.array([whole]))
    assert found["family_name"].to_pylist() == [family]
    assert found["given_name"].to_pylist() == [given]
    assert found["full_name"].to_pylist() == [None]


@pytest.mark.parametrize(
    "whole",
    ["John Smith", "John Smith, Jr.", "Johnny Smith, DDS", "Ana Neto, filho", "Smith, J.", "Smith,",
     "John & Mary Smith/Jones", "Smith/", "A/B", None, "Müller, Frau", "Berg, van den", "Vries, de",
     "John Smith, RN", "John Smith, MD MPH", "Acme, Inc", "Mary Smith, nee Jones", "Jansen, M.D.",
     "Kumar s/o Raju", "Ahmad a/l Rahman"],
)  # fmt: skip
def test_other_signs_tell_none(whole: str | None) -> None:
    assert parted(pa.array([whole], pa.string()))["given_name"].to_pylist() == [None]


def test_only_records_without_names_of_their_own_are_parted() -> None:
    people = read(
        full_name=["ROJAS SANCHEZ/DAVID MR", "ROJAS SANCHEZ/DAVID MR", "Rojas Sánchez, David"],
        given_name=[None, "Davide", ""],
        family_name=[None, "Rojas", " "],
    )
    assert texts(people, people.given) == ["david", "davide", "david"]
    assert texts(people, people.family) == ["rojassanchez", "rojas", "rojassanchez"]
