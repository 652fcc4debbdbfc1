"""What the systems of a flavour hold of a population: one row per record, as typed.

Belongs here: the way from a person to a record. Does not belong here: the truth (`population`),
single mistakes (`errors`), their rates (`flavours`).
"""

from __future__ import annotations

import numpy as np

from benchmarks.identity_data import errors, spelling
from benchmarks.identity_data.flavours import Flavour, Source
from benchmarks.identity_data.junk import add_junk
from benchmarks.identity_data.population import TODAY, People

TEXTS = ("given_name", "middle_name", "family_name", "street", "city")
ADDRESS = ("street", "house_number", "postal_code", "city")
Columns = dict[str, np.ndarray]


def records_of(
    rng: np.random.Generator, people: People, flavour: Flavour
) -> tuple[Columns, np.ndarray]:
    """The records of all systems, and for each the position of its person in `people`."""
    parts, persons = [], []
    counts = [rng.choice(len(s.copies), len(people), p=s.copies) for s in flavour.sources]
    nowhere = np.sum(counts, axis=0) == 0
    lucky = rng.integers(len(counts), size=len(people))
    for number, (source, count) in enumerate(zip(flavour.sources, counts, strict=True)):
        once = np.where(nowhere & (lucky == number), 1, count)
        person = np.repeat(np.arange(len(people)), once)
        parts.append(written(rng, people, person, source, flavour))
        persons.append(person)
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return columns, np.concatenate(persons)


def written(
    rng: np.random.Generator, people: People, person: np.ndarray, source: Source, flavour: Flavour
) -> Columns:
    """One system's records of these persons."""
    size = len(person)
    # Some hands are careless: one record in seven has three times the mistakes of the others.
    care = np.where(rng.random(size) < 0.15, 2.7, 0.7)
    row = true_values(rng, people, person, source)
    names(rng, people, row, source, care)
    address(rng, people, row, source, care)
    mistakes(rng, row, source, care)
    row["phone"] = spelling.phones(rng, people.country, row["phone"])
    swap = rng.random(size) < source.swapped * care
    given, family = row["given_name"], row["family_name"]
    row["given_name"] = np.where(swap, family, given)
    row["family_name"] = np.where(swap, given, family)
    if source.upper:
        for name in TEXTS:
            row[name] = spelling.each(row[name], str.upper)
    for name in TEXTS:
        errors.changed(rng, row[name], source.lower, lambda text, _: text.lower())
    if flavour.street_holds_number:
        row["street"] = row["house_number"] + " " + row["street"]
    missing(rng, row, source)
    add_junk(rng, people.country, row, source)
    return row


def true_values(
    rng: np.random.Generator, people: People, person: np.ndarray, source: Source
) -> Columns:
    """Which of a person's true values the system was told."""
    size = len(person)

    def chosen(share: float, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        some = rng.random(size) < share
        picked = np.where(some, one, other)
        return np.where(some & (picked == None), other, picked)  # noqa: E711 - elementwise

    old = rng.random(size) < source.old_address
    told = people.address.take(person).where(~old, people.address_before.take(person))
    contact = np.where(
        rng.random(size) < source.members_contact, people.other_member[person], person
    )
    language = people.country.lists["language"]
    french = (people.country.code == "BE") & (people.household[person] % 5 < 2)
    return {
        "source_system": np.full(size, source.name, dtype=object),
        "party_class": np.full(size, source.party_class, dtype=object),
        "given_name": chosen(source.called, people.called[person], people.given[person]),
        "middle_name": people.middle[person].copy(),
        "family_name": chosen(source.old_name, people.family_before[person], people.family[person]),
        "birth_date": people.born[person],
        "gender": people.gender[person].copy(),
        "email": chosen(source.other_email, people.email_2[contact], people.email[contact]),
        "phone": chosen(
            source.landline,
            people.landline[contact],
            chosen(0.1, people.mobile_2[contact], people.mobile[contact]),
        ),
        **{name: getattr(told, name).copy() for name in ADDRESS},
        "country_code": np.full(size, people.country.code, dtype=object),
        "language": np.where(french, "fr", language).astype(object),
        "updated_at": TODAY.astype("datetime64[s]")
        - (rng.exponential(9e7, size).astype(np.int64) % 600_000_000).astype("timedelta64[s]"),
    }


def names(
    rng: np.random.Generator, people: People, row: Columns, source: Source, care: np.ndarray
) -> None:
    """Other ways to write a right name."""
    joined = (rng.random(len(care)) < source.middle_in_given) & (row["middle_name"] != None)  # noqa: E711
    row["given_name"][joined] += " " + row["middle_name"][joined]
    row["middle_name"][joined] = None
    errors.changed(rng, row["given_name"], 0.25, spelling.transliterated)
    errors.changed(rng, row["given_name"], source.half_name, spelling.half_given)
    errors.changed(rng, row["family_name"], source.half_name, spelling.half_family)
    errors.changed(rng, row["family_name"], source.particles, spelling.particles)
    errors.changed(rng, row["given_name"], source.initial * care, errors.initial)
    errors.changed(rng, row["middle_name"], 0.3, errors.initial)
    ascii_only = rng.random(len(care)) < source.plain
    german = people.country.code == "DE" and source.name != "shop"
    for name in TEXTS:
        row[name] = spelling.without_accents(row[name], ascii_only, german)


def address(
    rng: np.random.Generator, people: People, row: Columns, source: Source, care: np.ndarray
) -> None:
    """Other ways to write a right address."""
    country = people.country
    shorten = spelling.shortener(country.street_short)
    errors.changed(rng, row["street"], source.street_short, shorten)
    errors.changed(rng, row["city"], source.city_alias, spelling.aliases(country.city_alias))
    errors.changed(rng, row["house_number"], 0.3, spelling.house_number)
    errors.changed(rng, row["postal_code"], 0.3, spelling.postal_code)
    joined = rng.random(len(care)) < source.number_in_street
    row["street"] = np.where(joined, row["street"] + " " + row["house_number"], row["street"])
    row["house_number"][joined] = None


def mistakes(rng: np.random.Generator, row: Columns, source: Source, care: np.ndarray) -> None:
    """Wrong values: typing, reading, digits, dates."""
    chance = source.typo * care
    second = source.second_typo * care
    for name in TEXTS:
        before = row[name].copy()
        errors.changed(rng, row[name], chance, errors.typo)
        errors.changed(rng, row[name], source.misread * care, errors.misread)
        again = np.where(before != row[name], second, 0.0)
        errors.changed(rng, row[name], again, errors.typo)
    for name in ("given_name", "family_name"):
        errors.changed(rng, row[name], source.truncated * care, errors.truncated)
    errors.changed(rng, row["email"], chance * 0.6, errors.slip)
    for name in ("phone", "postal_code", "house_number"):
        errors.changed(rng, row[name], source.digit_wrong * care, errors.digit)
    dates = errors.wrong_dates(rng, row["birth_date"], source.date_wrong * care)
    default = rng.random(len(dates)) < source.date_default
    first = rng.choice(np.array(["1900-01-01", "1970-01-01"], dtype="datetime64[D]"), len(dates))
    year_only = rng.random(len(dates)) < 0.007
    dates = np.where(year_only, dates.astype("datetime64[Y]").astype("datetime64[D]"), dates)
    row["birth_date"] = np.where(default, first, dates)
    wrong = rng.random(len(dates)) < source.gender_wrong
    other = np.where(row["gender"] == "male", "female", "male").astype(object)
    row["gender"] = np.where(wrong, other, row["gender"])


def missing(rng: np.random.Generator, row: Columns, source: Source) -> None:
    """Take away what the system was never told."""
    size = len(row["email"])
    has = {name: rng.random(size) < share for name, share in source.present.items()}
    whole = has["address"]
    for name in ADDRESS:
        row[name][~whole | (rng.random(size) < 0.02)] = None
    row["birth_date"][~has["birth_date"]] = np.datetime64("NaT")
    for name in ("given_name", "middle_name", "family_name", "gender", "email"):
        row[name][~has[name]] = None
    for name in ("phone", "language"):
        row[name][~has.get(name, whole)] = None
    row["country_code"][~whole & (rng.random(size) < 0.6)] = None
