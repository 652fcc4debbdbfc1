"""What stands in a field when nobody knew the value, or when somebody else's was good enough.

Belongs here: values that many records share though they belong to different people. Does not
belong here: mistakes in true values (`errors`).
"""

from __future__ import annotations

import numpy as np

from benchmarks.identity_data.flavours import Source
from ingestion.sandbox.company.vocabulary import Country, words

EMAILS = words("""noemail@example.com test@test.com n/a noreply@example.com none@none.com
info@example.com unknown geen@geen.nl x@x.com a@a.nl no@email.com keine@email.de
pasdemail@example.fr sin@correo.es test@example.com 123@123.com""")
PHONES = words("""0000000000 0123456789 0600000000 n/a 9999999999 1234567890 1111111111 unknown
0612345678 - 000""")
NAMES = [
    "unknown",
    "n/a",
    "test",
    "onbekend",
    "Unbekannt",
    "inconnu",
    "-",
    "x",
    "klant",
    "Kunde",
    ".",
]
STAFF = 400


def falling(rng: np.random.Generator, values: list[str], size: int) -> np.ndarray:
    """Values of which the first is by far the most frequent."""
    weights = 1 / np.arange(1, len(values) + 1) ** 1.3
    return np.array(values, dtype=object)[rng.choice(len(values), size, p=weights / weights.sum())]


def add_junk(
    rng: np.random.Generator, country: Country, row: dict[str, np.ndarray], source: Source
) -> None:
    """Put junk into some records, in place."""
    size = len(row["email"])
    for name, share, values in (
        ("email", source.junk_email, EMAILS),
        ("phone", source.junk_phone, PHONES),
        ("given_name", source.junk_name, NAMES),
        ("family_name", source.junk_name, NAMES),
    ):
        chosen = rng.random(size) < share
        row[name] = np.where(chosen, falling(rng, values, size), row[name])
    clerk = (STAFF * rng.random(size) ** 2).astype(np.int64)
    number = (200_000_000 + clerk * 1_237).astype(str).astype(object)
    mailbox = "sales" + clerk.astype(str).astype(object) + f"@dealers.{country.code.lower()}"
    phone = country.lists["trunk"] + number
    row["phone"] = np.where(rng.random(size) < source.staff_contact, phone, row["phone"])
    row["email"] = np.where(rng.random(size) < source.staff_contact, mailbox, row["email"])
