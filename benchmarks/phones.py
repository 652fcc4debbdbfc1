"""Does the SQL that cleans phone numbers agree with the `phonenumbers` library?

    python -m benchmarks.phones 200000
    python -m benchmarks.phones --plans      # the lines of macros/cleaning/numbering_plans.sql

Numbers are generated from the library's own metadata and written as people write them; the SQL is
the macro `clean_phone` as dbt compiles it. Belongs here: numbers, the comparison, the plans' lines.
Does not belong here: how a number is cleaned (dbt_project/macros/cleaning).
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import json
import os
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import phonenumbers
import pyarrow as pa
from dbt.cli.main import dbtRunner
from phonenumbers import PhoneMetadata

from dagster_project import transform
from kindred.settings import PROJECT_ROOT, load

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
SHARES = {"NL": 4, "DE": 3, "BE": 2, "FR": 2, "GB": 2} | dict.fromkeys(
    ("LU", "AT", "CH", "IE", "ES", "PT", "IT", "DK", "SE", "NO", "FI", "PL", "CZ", "GR"), 1
)
"""Where the people of the benchmark live, and how many of them."""
COUNTRIES = [country for country, share in SHARES.items() for _ in range(share)]
ABROAD = sorted(set(phonenumbers.SUPPORTED_REGIONS) - set(COUNTRIES))
KINDS = ("fixed_line", "mobile")
SHORTEST = 4
DIGITS = "0123456789"
TRIES = 100
"""Random numbers of one length until one is valid: rare ranges are missed now and then."""

Written = tuple[str, str | None]
"""A number as somebody typed it, and the country of the record."""


def main() -> None:
    """Print the agreement, or the plans."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("numbers", type=int, nargs="?", default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.plans:
        print("\n".join(plans()))
        return
    rows = agreement(options.numbers, options.seed)
    print(f"phonenumbers {phonenumbers.__version__}")
    print(f"{'numbers':32} {'count':>9} {'agree':>9} {'share':>8}")
    for row in rows:
        print(f"{row['numbers']:32} {row['count']:9,} {row['agree']:9,} {row['share']:8.3%}")
        for text, country, ours, theirs in row["examples"]:
            print(f"    {text!r} in {country}: {ours} here, {theirs} there")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


def agreement(numbers: int, seed: int = 1, home: str = "NL") -> list[dict[str, Any]]:
    """Compare on `numbers` generated numbers: per way of making them, and in all.

    home: the country of those that name none. A number agrees when both give the same E.164 text,
    or both refuse it: the library refuses what is not a valid number.
    """
    rng = random.Random(seed)
    pool = valid_numbers(rng, each=max(2, min(40, numbers // 2_000)))
    rows = []
    for name, (share, make) in WAYS.items():
        written = [make(rng, pool, home) for _ in range(round(numbers * share))]
        found = cleaned(written, home)
        wanted = [oracle(text, country or home) for text, country in written]
        differing = [
            (text, country or home, ours, theirs)
            for (text, country), ours, theirs in zip(written, found, wanted, strict=True)
            if ours != theirs
        ]
        rows.append(_row(name, len(written), len(differing), differing[:5]))
    count, differ = (sum(row[key] for row in rows) for key in ("count", "differ"))
    return [*rows, _row("all", count, differ, [])]


def _row(name: str, count: int, differ: int, examples: list[Any]) -> dict[str, Any]:
    agree = count - differ
    return {
        "numbers": name,
        "count": count,
        "agree": agree,
        "differ": differ,
        "share": agree / count if count else 1.0,
        "examples": examples,
    }


def cleaned(written: list[Written], home: str = "NL") -> list[str | None]:
    """What the macro makes of each number; `home` is the default country."""
    table = pa.table(
        {
            "place": range(len(written)),
            "written": pa.array([text for text, _ in written], pa.string()),
            "country": pa.array([country for _, country in written], pa.string()),
        }
    )
    query = compiled(
        "select place, {{ clean_phone('written', 'country') }} as phone from numbers", home
    )
    with duckdb.connect() as connection:
        connection.register("numbers", table)
        found = connection.sql(f"select phone from ({query}) order by place").fetchall()
    return [phone for (phone,) in found]


@functools.cache
def compiled(query: str, home: str = "NL") -> str:
    """A query as dbt compiles it in this project."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.dict(os.environ, KINDRED_HOME=folder, KINDRED_DEFAULT_COUNTRY=home),
    ):
        places = ["--target-path", folder, "--log-path", folder]
        project = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
        with contextlib.redirect_stdout(io.StringIO()):  # it also prints what it returns
            done = dbtRunner(transform.parsed(load())).invoke(
                ["--quiet", "compile", "--no-introspect", "--inline", query, *project, *places]
            )
    if not done.success:
        raise RuntimeError(f"dbt can't compile the query: {done.exception}")
    return done.result.results[0].node.compiled_code


def oracle(text: str, country: str) -> str | None:
    """The library's answer: E.164, or None when it is no valid number."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def valid_numbers(rng: random.Random, each: int = 40) -> dict[str, list[phonenumbers.PhoneNumber]]:
    """Random valid numbers per country: `each` of each kind and length there is; abroad a few."""
    at_home = {
        country: [
            number
            for kind in KINDS
            for length in _lengths(PhoneMetadata.metadata_for_region(country), kind)
            for _ in range(each)
            if (number := _random_number(rng, country, kind, length)) is not None
        ]
        for country in SHARES
    }
    return at_home | {country: list(_like_the_example(rng, country)) for country in ABROAD}


def _like_the_example(rng: random.Random, country: str) -> Iterator[phonenumbers.PhoneNumber]:
    """The library's example, and valid numbers that differ in their last digits."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    example = example or phonenumbers.example_number(country)
    yield example
    text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    for _ in range(20):
        other = phonenumbers.parse(text[:-3] + "".join(rng.choices(DIGITS, k=3)))
        if phonenumbers.is_valid_number(other):
            yield other


def _lengths(metadata: PhoneMetadata, kind: str) -> list[int]:
    described = getattr(metadata, kind)
    lengths = described.possible_length if described else ()
    return [length for length in lengths if length >= SHORTEST]


def _random_number(
    rng: random.Random, country: str, kind: str, length: int
) -> phonenumbers.PhoneNumber | None:
    metadata = PhoneMetadata.metadata_for_region(country)
    pattern = re.compile(getattr(metadata, kind).national_number_pattern or "$.")
    for _ in range(TRIES):
        digits = "".join(rng.choices(DIGITS, k=length))
        if pattern.fullmatch(digits):
            text = f"+{metadata.country_code}{digits}"
            number = phonenumbers.parse(text)
            return number if phonenumbers.is_valid_number(number) else None
    return None


def _at_home(rng: random.Random, pool: Any, home: str) -> Written:
    country = rng.choice(COUNTRIES)
    number = rng.choice(pool[country])
    styles = [*NATIONAL, *INTERNATIONAL]
    unnamed = country == home and rng.random() < 0.3
    return rng.choice(styles)(rng, number), None if unnamed else country


def _abroad(rng: random.Random, pool: Any, _home: str) -> Written:
    number = rng.choice(pool[rng.choice(ABROAD)])
    return rng.choice(INTERNATIONAL)(rng, number), rng.choice([*COUNTRIES, None])


def _damaged(rng: random.Random, pool: Any, home: str) -> Written:
    """One to four digits missing, or one to three too many."""
    text, country = _at_home(rng, pool, home)
    missing = rng.choice([-3, -2, -1, 1, 2, 3, 4])
    if missing < 0:
        return text + "".join(rng.choices(DIGITS, k=-missing)), country
    return re.sub(rf"(?:[^0-9]*[0-9]){{{missing}}}$", "", text), country


def _junk(rng: random.Random, _pool: Any, _home: str) -> Written:
    repeated = rng.choice(DIGITS) * rng.randint(4, 10)
    some = "".join(rng.choices(DIGITS, k=rng.randint(1, 5)))
    texts = ["n/a", "-", "?", "", "onbekend", "keine Angabe", "+", "0", "000", repeated, some]
    return rng.choice(texts), rng.choice([*COUNTRIES, None])


def _national(_rng: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _digits(rng: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return re.sub(r"[^0-9]", "", _national(rng, number))


def _with_separators(rng: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return rng.choice(".-/ ").join(re.findall(r"[0-9]+", _national(rng, number)))


def _without_trunk(rng: random.Random, number: phonenumbers.PhoneNumber) -> str:
    """What a spreadsheet makes of a number: the zero is gone."""
    return phonenumbers.national_significant_number(number)


def _international(_rng: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _compact(_rng: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _with_zeros(rng: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return "00" + _compact(rng, number)[1:]


def _in_brackets(rng: random.Random, number: phonenumbers.PhoneNumber) -> str:
    """`+31 (0)6 ...` where there is a zero to write."""
    code, national = number.country_code, phonenumbers.national_significant_number(number)
    trunk = PhoneMetadata.metadata_for_region(
        phonenumbers.region_code_for_number(number) or "NL"
    ).national_prefix
    return f"+{code} ({trunk}){national}" if trunk == "0" else f"(+{code}) {national}"


def _with_extension(rng: random.Random, number: phonenumbers.PhoneNumber) -> str:
    return f"{_international(rng, number)} ext. {rng.randint(1, 999)}"


NATIONAL = (_national, _digits, _with_separators, _without_trunk)
INTERNATIONAL = (_international, _compact, _with_zeros, _in_brackets, _with_extension)
Make = Callable[[random.Random, Any, str], Written]
WAYS: dict[str, tuple[float, Make]] = {
    "of the country, written anyhow": (0.55, _at_home),
    "from abroad, with their code": (0.15, _abroad),
    "digits missing or too many": (0.2, _damaged),
    "no number at all": (0.1, _junk),
}


def plans() -> list[str]:
    """The world's numbering plans as lines: calling code, countries, what a number looks like.

    First digits and lengths of fixed and mobile numbers, as far as sampling the library's patterns
    finds them.
    """
    rng = random.Random(1)
    lines = []
    for code, regions in sorted(
        phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items(), key=lambda item: str(item[0])
    ):
        pattern = _plan(rng, [region for region in regions if region != "001"])
        if pattern:
            lines.append(f"{code} {','.join(regions)} {pattern}")
    return lines


def _plan(rng: random.Random, regions: list[str]) -> str:
    """First digits and lengths in use behind one calling code, as a regular expression."""
    firsts: dict[int, set[str]] = {}
    for region in regions:
        metadata = PhoneMetadata.metadata_for_region(region)
        for kind in (*KINDS, "voip", "personal_number"):
            described = getattr(metadata, kind)
            if described and described.national_number_pattern:
                pattern = re.compile(described.national_number_pattern)
                for length in _lengths(metadata, kind):
                    firsts.setdefault(length, set()).update(_first_digits(rng, pattern, length))
    lengths: dict[str, list[int]] = {}
    for length, digits in sorted(firsts.items()):
        if digits:
            lengths.setdefault("".join(sorted(digits)), []).append(length)
    return "|".join(
        f"{_class(digits)}\\d{{{_span(first - 1, last - 1)}}}"
        for digits, found in lengths.items()
        for first, last in _runs(found)
    )


def _first_digits(rng: random.Random, pattern: re.Pattern[str], length: int) -> set[str]:
    """The digits with which a number of that length may begin."""
    return {
        first
        for first in DIGITS
        for second in DIGITS
        for _ in range(TRIES)
        if pattern.fullmatch(first + second + "".join(rng.choices(DIGITS, k=length - 2)))
    }


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Sorted numbers as runs of neighbours: 4, 5, 6, 9 -> (4, 6), (9, 9)."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first},{last}"


def _class(digits: str) -> str:
    """Digits as a character class: 1234567 -> [1-7]."""
    if len(digits) == 1:
        return digits
    runs = _runs([int(digit) for digit in digits])
    return (
        "["
        + "".join(str(a) if a == b else f"{a}-{b}" if b > a + 1 else f"{a}{b}" for a, b in runs)
        + "]"
    )


if __name__ == "__main__":
    main()
