"""Guards: clusters that look like more than one person are held, not merged.

Belongs here: the limits of `rules.yml` on whole clusters, and holding the last good state. Does not
belong here: weights of pairs (`model`, `judgement`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kindred.identity.codes.columns import NO_ROWS, People
from kindred.identity.codes.components import smallest_rows
from kindred.identity.codes.sorting import distinct
from kindred.identity.rules.rules_file import Rules
from kindred.identity.weights.date_agreement import one_slip

NO_PAIRS = np.empty((0, 2), np.int64)


@dataclass(frozen=True)
class Held:
    """Clusters that broke a limit: the row that names each, why, and how many records it has."""

    row: np.ndarray
    reason: list[str]
    count: np.ndarray


def hold(
    people: People,
    label: np.ndarray,
    known: np.ndarray,
    rules: Rules,
    *,
    original: np.ndarray | None = None,
    looked_at: np.ndarray = NO_ROWS,
    apart: np.ndarray = NO_PAIRS,
) -> tuple[np.ndarray, Held]:
    """Take clusters that break a limit back to their last good state.

    label: per record a row that stands for its cluster. known: per record a number for the customer
    it was known as, or -1. The records of a held cluster stay with those they were known with; new
    ones stand alone. original: per record the row that it stands with whatever happens. looked_at:
    rows that a steward linked: in their clusters only the number of records counts, for what they
    hold was his to judge. apart: pairs of rows that he parted: they were known as one, and aren't
    any longer. Returns the labels and what was held, by cluster and reason.
    """
    sizes = np.bincount(label, minlength=len(label))
    large, *others = broken(people, label, rules)
    others = [(rows[~np.isin(rows, label[looked_at])], reason) for rows, reason in others]
    held_for = [large, *others]
    rows = np.concatenate([found for found, _ in held_for])
    reasons = [reason for found, reason in held_for for _ in range(len(found))]
    held = np.isin(label, rows)
    original = np.arange(len(label)) if original is None else original
    known = np.where(known >= 0, known, known[original])
    good = np.where(known >= 0, known + len(label), original)
    relabelled = np.where(held, good, label)
    one, other = relabelled[apart].T
    parted = np.isin(relabelled, one[one == other])
    if parted.any():
        relabelled = np.where(parted, label + relabelled.max() + 1, relabelled)
    return smallest_rows(relabelled), Held(rows, reasons, sizes[rows])


def broken(
    people: People, label: np.ndarray, rules: Rules, counts: np.ndarray | None = None
) -> list[tuple[np.ndarray, str]]:
    """The labels of clusters that break a limit, by the reason; too many records come first.

    counts: how many records each is, with those that say the same.
    """
    large = np.flatnonzero(np.bincount(label, counts, minlength=len(label)) > rules.cluster_cap)
    far = _far_births(people, label, rules.guards.birth_years_apart)
    found = [(large, f"more than {rules.cluster_cap} records"), (far, "birth dates far apart")]
    for kind, identifier in people.identifiers.items():
        most = rules.identifier(kind).values_per_person
        many = _many_values(label, identifier.slots, most)
        found.append((many, f"more than {most} values of {kind}"))
    return found


def breaking(
    people: People, rules: Rules, counts: np.ndarray | None, label: np.ndarray, some: np.ndarray
) -> np.ndarray:
    """Those of some labels whose clusters break a limit; counts: as in `broken`."""
    rows = np.flatnonzero(np.isin(label, some))
    names, own = np.unique(label[rows], return_inverse=True)
    counts = None if counts is None else counts[rows]
    found = broken(people.take(rows), own, rules, counts)
    return names[np.concatenate([bad for bad, _ in found])]


def _many_values(label: np.ndarray, slots: list[np.ndarray], most: int) -> np.ndarray:
    """Clusters with more distinct values than allowed."""
    pairs = [(label[slot >= 0].astype(np.int64) << 32) | slot[slot >= 0] for slot in slots]
    values = np.bincount(distinct(np.concatenate(pairs)) >> 32, minlength=len(label))
    return np.flatnonzero(values > most)


def _far_births(people: People, label: np.ndarray, years: int) -> np.ndarray:
    """Clusters with birth dates so many years apart that are no slip of the hand.

    Such a slip may lie between the first and the last one, and all others are near one of these, or
    a slip from it. Were every two dates asked, five persons of two mistyped dates would be held
    among 100,000 records.
    """
    known = people.birth >= 0
    first = np.full(len(label), np.iinfo(np.int32).max)
    last = np.full(len(label), -1)
    np.minimum.at(first, label[known], people.birth[known])
    np.maximum.at(last, label[known], people.birth[known])
    wide = (last >= 0) & (last // 10_000 - first // 10_000 >= years)
    rows = np.flatnonzero(known & wide[label])
    born, ends = people.birth[rows], (first[label[rows]], last[label[rows]])
    near = [abs(born // 10_000 - end // 10_000) < years for end in ends]
    fits = np.logical_or.reduce([*near, *(one_slip(born, end) for end in ends)])
    fits &= one_slip(*ends)
    return distinct(label[rows[~fits]])
