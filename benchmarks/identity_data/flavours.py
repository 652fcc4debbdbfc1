"""How often each system has a value, and how often it gets it wrong: two data sets' worth.

A: four systems of a company in seven countries. B: three registers of one country, with other
columns and heavier mistakes, so that nobody tunes to A.

Belongs here: rates. Does not belong here: what a mistake looks like (`errors`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One system. Rates are shares of its records; `copies` are the chances of 0, 1, 2, ... records
    of a person; `present` is the share of records that have the field at all."""

    name: str
    party_class: str
    copies: tuple[float, ...]
    present: dict[str, float]
    typo: float = 0.02
    second_typo: float = 0.0
    misread: float = 0.0
    truncated: float = 0.0
    date_wrong: float = 0.01
    date_default: float = 0.0
    digit_wrong: float = 0.01
    old_address: float = 0.1
    old_name: float = 0.1
    other_email: float = 0.12
    members_contact: float = 0.01
    landline: float = 0.2
    called: float = 0.3
    initial: float = 0.01
    swapped: float = 0.005
    middle_in_given: float = 0.03
    number_in_street: float = 0.0
    street_short: float = 0.1
    city_alias: float = 0.1
    particles: float = 0.1
    half_name: float = 0.15
    plain: float = 0.05
    upper: bool = False
    lower: float = 0.03
    gender_wrong: float = 0.005
    junk_email: float = 0.0
    junk_phone: float = 0.0
    junk_name: float = 0.0
    staff_contact: float = 0.0


@dataclass(frozen=True)
class Flavour:
    """A data set: its countries, its systems, its columns."""

    countries: tuple[str, ...]
    sources: tuple[Source, ...]
    columns: tuple[str, ...]
    street_holds_number: bool = False


A = Flavour(
    countries=("NL", "BE", "DE", "FR", "GB", "ES", "IT"),
    columns=(
        "record_id", "source_system", "party_class", "given_name", "middle_name", "family_name",
        "birth_date", "gender", "email", "phone", "street", "house_number", "postal_code", "city",
        "country_code", "language", "updated_at",
    ),
    sources=(
        Source(
            "shop", "customer", (0.46, 0.46, 0.07, 0.01),
            {
                "given_name": 0.97, "middle_name": 0.08, "family_name": 0.99, "birth_date": 0.3,
                "gender": 0.35, "email": 0.98, "phone": 0.6, "address": 0.9, "language": 0.8,
            },
            typo=0.025, old_address=0.2, other_email=0.08, landline=0.1, called=0.8,
            initial=0.02, swapped=0.012, number_in_street=0.03, lower=0.08, plain=0.1,
            date_default=0.02, junk_email=0.0015, junk_phone=0.012, junk_name=0.0015,
        ),
        Source(
            "crm", "customer", (0.55, 0.4, 0.045, 0.005),
            {
                "given_name": 0.95, "middle_name": 0.6, "family_name": 0.995, "birth_date": 0.6,
                "gender": 0.85, "email": 0.85, "phone": 0.75, "address": 0.85, "language": 0.7,
            },
            typo=0.035, second_typo=0.1, date_wrong=0.03, digit_wrong=0.02, old_address=0.45,
            old_name=0.4, other_email=0.08, landline=0.3, called=0.5, initial=0.06, swapped=0.02,
            middle_in_given=0.06, street_short=0.25, particles=0.25, plain=0.12,
            date_default=0.015, junk_email=0.004, junk_phone=0.008, junk_name=0.003,
            staff_contact=0.004, members_contact=0.03,
        ),
        Source(
            "dealer", "customer", (0.65, 0.31, 0.035, 0.005),
            {
                "given_name": 0.9, "middle_name": 0.1, "family_name": 1.0, "birth_date": 0.65,
                "gender": 0.5, "email": 0.62, "phone": 0.85, "address": 0.96, "language": 0.2,
            },
            typo=0.045, second_typo=0.15, date_wrong=0.05, digit_wrong=0.025, old_address=0.8,
            old_name=0.7, other_email=0.06, landline=0.5, called=0.15, initial=0.16, swapped=0.015,
            middle_in_given=0.05, number_in_street=0.06, street_short=0.45, particles=0.5,
            half_name=0.3, plain=0.9, upper=True, lower=0.01, date_default=0.035, junk_email=0.008,
            junk_phone=0.015, junk_name=0.002, staff_contact=0.012, members_contact=0.04,
        ),
        Source(
            "newsletter", "lead", (0.69, 0.28, 0.03),
            {
                "given_name": 0.62, "middle_name": 0.0, "family_name": 0.38, "birth_date": 0.02,
                "gender": 0.1, "email": 1.0, "phone": 0.0, "address": 0.0, "language": 0.95,
            },
            typo=0.015, other_email=0.03, called=0.9, initial=0.02, lower=0.2, plain=0.15,
            members_contact=0.0,
        ),
    ),
)  # fmt: skip

B = Flavour(
    countries=("FR",),
    columns=(
        "record_id", "source_system", "given_name", "middle_name", "family_name", "birth_date",
        "gender", "email", "street", "postal_code", "city", "country_code",
        "attribute_birth_place", "attribute_occupation", "identifier_national_id", "updated_at",
    ),
    street_holds_number=True,
    sources=(
        Source(
            "archive", "customer", (0.42, 0.36, 0.16, 0.06),
            {
                "given_name": 0.97, "middle_name": 0.5, "family_name": 0.99, "birth_date": 0.8,
                "gender": 0.7, "email": 0.12, "address": 0.92, "birth_place": 0.75,
                "occupation": 0.5, "national_id": 0.35,
            },
            typo=0.03, misread=0.1, second_typo=0.25, date_wrong=0.06, digit_wrong=0.04,
            old_address=0.6, old_name=0.8, called=0.02, initial=0.03, swapped=0.01,
            middle_in_given=0.15, street_short=0.3, particles=0.3, plain=0.6, upper=True,
            lower=0.01, truncated=0.03, half_name=0.2,
        ),
        Source(
            "counter", "customer", (0.4, 0.36, 0.19, 0.05),
            {
                "given_name": 0.92, "middle_name": 0.15, "family_name": 0.99, "birth_date": 0.65,
                "gender": 0.6, "email": 0.45, "address": 0.87, "birth_place": 0.35,
                "occupation": 0.45, "national_id": 0.4,
            },
            typo=0.07, second_typo=0.3, date_wrong=0.06, digit_wrong=0.05, old_address=0.4,
            old_name=0.5, called=0.25, initial=0.1, swapped=0.04, street_short=0.6,
            truncated=0.06, plain=0.3, lower=0.1, date_default=0.04, members_contact=0.04,
            junk_email=0.003, junk_name=0.002, half_name=0.3,
        ),
        Source(
            "portal", "customer", (0.48, 0.4, 0.12),
            {
                "given_name": 0.98, "middle_name": 0.05, "family_name": 0.97, "birth_date": 0.62,
                "gender": 0.3, "email": 0.88, "address": 0.75, "birth_place": 0.2,
                "occupation": 0.3, "national_id": 0.45,
            },
            typo=0.04, second_typo=0.1, date_wrong=0.02, old_address=0.2, old_name=0.2,
            other_email=0.15, called=0.6, swapped=0.03, street_short=0.2, lower=0.25, plain=0.3,
            date_default=0.03, junk_email=0.002,
        ),
    ),
)  # fmt: skip

FLAVOURS = {"A": A, "B": B}
