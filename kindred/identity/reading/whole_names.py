"""Whole names: given and family name in one column, as lists and web forms have them.

Belongs here: seeing that it is so, and parting them. Does not belong here: names inside emails
(`names_in_emails`), titles and particles (`normal_forms`).
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import Codes, look_up
from kindred.identity.reading.generations import NAMES_TOO

PARTS = f"^(?:(?P<given>.+?) )?(?P<family>[^ ]+(?: (?:{NAMES_TOO}))?)$"
"""The last word is the family name, with that before it where it also is a generation; `Smith,
John` was turned round before."""


def are_whole(given: Codes, family: Codes) -> bool:
    """True where one of the columns is empty, and most names in the other have several words."""
    if bool(len(given.values)) == bool(len(family.values)):
        return False
    names = given if len(given.values) else family
    several = pc.match_substring(names.values, " ").to_numpy(zero_copy_only=False)
    return bool(names.counts[several].sum() * 2 > names.counts.sum())


def parted(given: Codes, family: Codes) -> tuple[Codes, Codes]:
    """Given and family names out of whichever column holds both; as they are where both do."""
    if len(given.values) and len(family.values):
        return given, family
    whole = given if len(given.values) else family
    words = pc.extract_regex(whole.values, PARTS)
    names = []
    for part in ("given", "family"):
        texts = pc.struct_field(words, part)
        found = encode(pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts))
        names.append(Codes(look_up(found.codes, whole.codes), found.values))
    return names[0], names[1]
