"""Names of two people in one: `Hans und Anna Müller` has an account, and is one record.

What else it says, as the birth date, is mostly of the one named first. The other given name would
be a second one, and part the record from its person.

Belongs here: who counts in given and in whole names of two people. Does not belong here: other
steps of normal forms (`normal_forms`), and where whole names part (`whole_names`).
"""

from __future__ import annotations

from kindred.identity.reading.steps import Step, matched, where

_AND = " *[+] *| *& +| +& *| +(?:und|and|og|och) +"
"""Not the Spanish y, Portuguese e and Catalan i, which stand between two names of one. Without a
space on either side & may begin a sign, as in J&uuml;rgen."""
IN_SMALL = where("contains(v, ' en ') or contains(v, ' et ')", matched(" (?:en|et) ", " & "))
"""En and Et are names, too, of Amine En Nasiri and of Hui En: these aren't written small."""
_SHORT = " +u[.] +"
"""Und in German lists, and an initial."""
_SHARED = "regexp_matches(v, '[&+]| (?:und|and|og|och|u[.]) ')"
"""Cheaper to ask than the patterns."""
_JOINTLY = " e/o .*$"
"""And, or: who shares a Dutch contract or account."""


def in_given_names(titles: str) -> tuple[Step, ...]:
    """Leave Hans of Hans und Anna; titles: their words."""
    others = matched(f"^([^ &+]+.*?)(?:{_AND}|{_SHORT}).+$", "\\1")
    return tuple(where(_SHARED, step) for step in (_of_two_titles(titles), others))


def in_whole_names(titles: str) -> tuple[Step, ...]:
    """Leave Hans Müller of Hans und Anna Müller, and of Müller Hans und Anna.

    Of Hans Müller und Anna Meier they leave Hans Müller Meier, and of Müller Hans und Meier Anna
    Müller Hans Anna: so both names nearly agree with those of Hans, and one of them with Anna's,
    whose birth date it may be. Behind an initial U. there is one word, behind und in short two.
    """
    titled = f"(?:{_title(titles)} +)*"
    first = f"^{titled}([^ ,&+]+,? +[^ &+]+.*?)(?:{_AND}|{_SHORT}[^ ]+ )"
    changes = {
        f"^{titled}([^ ,&+]+)(?:{_AND}|{_SHORT}){titled}[^ ,]+ +(.+)$": "\\1 \\2",
        f"^{titled}([^ ,&+]+,? +[^ &+]+)(?:{_AND}){titled}[^ ]+$": "\\1",
        f"{first}(?:[^,]* )?([^ ,]+)$": "\\1 \\2",
    }
    steps = _of_two_titles(titles), *(matched(old, new) for old, new in changes.items())
    return (
        where("contains(v, '/')", matched(_JOINTLY, every=False)),
        *(where(_SHARED, step) for step in steps),
    )


def _of_two_titles(titles: str) -> Step:
    """Mr & Mrs J. Smith are J. Smith."""
    return matched(f"(^| ){_title(titles)}(?:{_AND}|{_SHORT}){_title(titles)} +", "\\1")


def _title(titles: str) -> str:
    return f"(?:{'|'.join(titles.split())})[.]?"
