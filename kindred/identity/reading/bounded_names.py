"""Bounded names: whole ones that say where they part: `SMITH/JOHNMR`, `SMITH<<JOHN`, `Smith, John`.

Belongs here: names of which a sign tells the family name. Does not belong here: whole names whose
words must tell (`whole_names`), titles and particles (`normal_forms`).
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import Columns
from kindred.identity.reading.normal_forms import PARTICLES, TITLES
from kindred.identity.reading.parted_columns import PartedColumns
from kindred.identity.reading.titles import MEN, WOMEN

PARTS = ("full_name", "given_name", "family_name")
_TITLE = "(?:mrs|mr|ms|miss|mstr|dr|prof|chd|inf)"
PASSPORT = r"(?i)^(?:[pvi]<(?:[a-z]{3}|d<<))?(?P<family>[\pL<]*?\pL)<<(?P<given>\pL[\pL<]*?)<*$"
"""A line that machines read: what it is, which country it is of, and the names."""
TICKET = (
    r"(?i)^(?P<family>[^/,<&+]{2,})/(?P<given>[^/,<&+]{2,}?)"
    rf"(?: *(?:mrs|mr|miss|mstr))?(?: +{_TITLE}[.]?)*$"
)
COMMA = rf"(?i)^(?P<family>[^,/<&+]{{2,}}), *(?P<given>[^,/<&+]+?)(?:, *{_TITLE}[.]?)?$"
_NO_NAMES = "|".join((*TITLES.split(), *PARTICLES.split()))
NO_GIVEN = (
    rf"(?i)^(?:(?:{_NO_NAMES}|mba|edd|msc|bsc|ma|ba|jr|sr|jnr|snr|junior|senior|ii|iii|iv|filho|neto"
    r"|hijo|padre|fils|inc|ltd|llc|bv|nv|gmbh|\pL)(?:[. ]+|$))+$"
    r"|^(?:\pL|ph|ed)[.]|^n[eé]e |^[^\pL]*$"
)
"""What stands behind a comma and is no given name: titles, particles, degrees, initials."""
LETTERS = r"^[A-Z]{1,5}(?: [A-Z]{1,5})*$"
"""Nor are capitals behind a name that isn't in capitals: they say what he may call himself."""
_ADDRESSED = "|".join(word for word in f"{WOMEN}|{MEN}".split("|") if word in TITLES.split())
_ONE = rf"(?:(?:{'|'.join(w for w in PARTICLES.split() if len(w) > 1)})[. ]+)*[\pL'’]{{3,}}"
TITLED = rf"(?i)^(?P<family>(?:{_ADDRESSED})[. ]+{_ONE} ?- ?{_ONE})$"
"""Mw. van den Berg - de Vries: a title, which tells the gender, and two family names."""
NO_SIGN = r"(?i) [a-z]/[a-z]( |$)"
"""s/o, a/l, e/v: whose son or wife somebody is."""


def with_bounded_names(columns: Columns) -> Columns:
    """The same columns, with such names in two."""
    columns = PartedColumns(columns, "full_name", PARTS, ["-"], titled)
    return PartedColumns(columns, "full_name", PARTS, ["<<", "/", ","], parted)


def titled(names: pa.Array) -> dict[str, pa.Array]:
    """The family name of each whole name that is a title and a double one; null for others."""
    found = pc.extract_regex(pc.utf8_trim_whitespace(names), TITLED)
    nothing = pa.nulls(len(names), pa.string())
    return dict(zip(PARTS, (nothing, nothing, pc.struct_field(found, "family")), strict=True))


def parted(names: pa.Array) -> dict[str, pa.Array]:
    """Family and given name of each whole name; null where it doesn't say."""
    names = pc.utf8_trim_whitespace(names)
    nothing = pa.nulls(len(names), pa.string())
    names = pc.if_else(pc.match_substring_regex(names, NO_SIGN), nothing, names)
    family = given = nothing
    for pattern in (PASSPORT, TICKET, COMMA):
        found = pc.extract_regex(names, pattern)
        own = [pc.struct_field(found, part) for part in ("family", "given")]
        own = [pc.replace_substring(text, "<", " ") for text in own]
        letters = pc.and_(
            pc.match_substring_regex(own[1], LETTERS), pc.match_substring_regex(own[0], r"\p{Ll}")
        )
        no = pc.or_(pc.match_substring_regex(own[1], NO_GIVEN), letters)
        no = pc.fill_null(no, True)
        own = [pc.if_else(no, nothing, text) for text in own]
        family, given = (pc.coalesce(*both) for both in zip((family, given), own, strict=True))
    return dict(zip(PARTS, (nothing, given, family), strict=True))
