"""Email addresses as people choose them.

Belongs here: the truth about mailboxes. Does not belong here: mistyped or invented ones (`errors`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingestion.sandbox.company.vocabulary import Country, mailbox, words

SHARED, PARTNER_USES_IT, SECOND = 0.12, 0.6, 0.33
EMPLOYERS = 4_000
HOBBIES = words("""sunny racer golf tiger happy music biker garden blue star moon angel rock cat dog
fish sky panda magic lucky ninja wolf eagle surf skate bella coco max boss king lady miss captain
pixel zen turbo""")


@dataclass(frozen=True)
class Owners:
    """Who the mailboxes are for; people of a household are neighbours."""

    household: np.ndarray
    given: np.ndarray
    family: np.ndarray
    born: np.ndarray


class Taken:
    """The addresses that somebody has, as numbers: a provider refuses a name that is taken."""

    def __init__(self) -> None:
        self._seen = np.empty(0, np.uint64)

    def one_owner(self, home: Country, addresses: np.ndarray) -> np.ndarray:
        """Addresses that nobody else has, whenever and wherever he came.

        The next free number goes behind the name, and the country before it, as the same name may
        be wanted in another one.
        """
        number = pd.util.hash_array(addresses)
        before = np.searchsorted(self._seen, number, side="right")
        before -= np.searchsorted(self._seen, number)
        rank = before + pd.Series(number).groupby(number).cumcount().to_numpy()
        self._seen = np.sort(np.concatenate([self._seen, number]))
        for index in np.flatnonzero(rank > 0).tolist():
            local, provider = addresses[index].split("@")
            addresses[index] = f"{local}{home.code.lower()}{rank[index]}@{provider}"
        return addresses


def mailboxes(
    rng: np.random.Generator, home: Country, owners: Owners, taken: Taken
) -> tuple[np.ndarray, np.ndarray]:
    """First and second address of each person; the second is None for two of three people."""
    household, size = owners.household, len(owners.household)
    at_work = rng.random(size) < 0.4
    first = personal(rng, home, owners)
    second = np.where(at_work, work(rng, home, owners), personal(rng, home, owners))
    first, second = np.split(taken.one_owner(home, np.concatenate([first, second])), 2)
    start = np.r_[True, household[1:] != household[:-1]][:size]
    opener = np.maximum.accumulate(np.where(start, np.arange(size), 0))
    shares = (rng.random(int(household.max(initial=0)) + 1) < SHARED)[household]
    shares &= start | (rng.random(size) < PARTNER_USES_IT)
    first = np.where(shares, first[opener], first)
    return first, np.where(rng.random(size) < SECOND, second, None)


def personal(rng: np.random.Generator, home: Country, owners: Owners) -> np.ndarray:
    """Name, initial, year, number, hobby: in the mixtures that people use."""
    given, family, size = owners.given, owners.family, len(owners.given)
    provider = home.provider.draw(rng, size)
    year = (owners.born.astype("datetime64[Y]").astype(np.int64) + 1970).tolist()
    kind = rng.choice(9, size, p=[0.24, 0.12, 0.12, 0.1, 0.1, 0.1, 0.08, 0.08, 0.06]).tolist()
    number = rng.integers(1, 10_000, size).tolist()
    found = np.empty(size, dtype=object)
    for index in range(size):
        name, last, chance = mailbox(given[index]), mailbox(family[index]), number[index]
        if not name or not last:
            name, last = HOBBIES[chance % len(HOBBIES)], str(chance)
        some = "" if chance % 3 else str(chance % 100)
        match kind[index]:
            case 0:
                local = f"{name}.{last}{some}"
            case 1:
                local = f"{name[0]}.{last}{some}"
            case 2:
                local = f"{name}{last}{some}"
            case 3:
                local = f"{name}{year[index]}"
            case 4:
                local = f"{name}.{last}{year[index] % 100:02d}"
            case 5:
                local = f"{name[0]}{last}{chance % 1000}"
            case 6:
                local = f"{last}.{name}{some}"
            case 7:
                local = f"{HOBBIES[chance % len(HOBBIES)]}{name[:4]}{chance}"
            case _:
                local = f"{name}_{last[:3]}{chance % 100}"
        found[index] = f"{local}@{provider[index]}"
    return found


def work(rng: np.random.Generator, home: Country, owners: Owners) -> np.ndarray:
    """An address at an employer; large ones have many people."""
    employer = (EMPLOYERS * rng.random(len(owners.given)) ** 2).astype(np.int64).tolist()
    domain = home.code.lower().replace("gb", "co.uk")
    found = [
        f"{mailbox(name)[:1] or 'x'}.{mailbox(last) or 'user'}@firm{number}.{domain}"
        for name, last, number in zip(owners.given, owners.family, employer, strict=True)
    ]
    return np.array(found, dtype=object)
