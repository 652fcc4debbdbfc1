"""Nicknames: the file as a table in which every nickname stands for exactly one full name.

Belongs here: reading the file and following chains (Wim, Willem, William). Does not belong here:
which names agree (`weights.agreement`) and where the file lies (`rules_file`).
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import MISSING, NICK_BITS
from kindred.identity.codes.queries import FEW
from kindred.identity.reading.normal_forms import normal
from kindred.identity.rules.rules_file import RulesError

COLUMNS = ("language", "nickname", "name")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Rows = list[tuple[str, str]]
"""Nicknames and names, as a file has them."""


def read_nicknames(path: Path, languages: Collection[str]) -> pa.Table:
    """The nicknames of some languages: `nickname`, `name`; one row per nickname.

    A nickname of several names stands for the one that the file names first. Where a full name is
    itself a nickname in another language, the row gives the end of the chain; a row that would
    close a circle is left out. Names that differ in case or accents only are one. Raises
    `RulesError` when the file can't be used.
    """
    return _first_names(_rows(path, languages))


def _first_names(rows: Rows) -> pa.Table:
    """`read_nicknames` of the rows of a file."""
    stands_for: dict[str, str] = {}
    written: dict[str, str] = {}
    for nickname, name in rows:
        short, full = _folded(nickname), _folded(name)
        written.setdefault(short, nickname)
        written.setdefault(full, name)
        if short not in stands_for and _end(stands_for, full) != short:
            stands_for[short] = full
    ends = [written[_end(stands_for, short)] for short in stands_for]
    nicknames = [written[short] for short in stands_for]
    columns = {"nickname": nicknames, "name": ends}
    return pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()})


def _other_names(rows: Rows, first: pa.Table) -> tuple[list[str], list[str]]:
    """Nicknames, and what each stands for besides: Dick is Diederik first, and Richard, too."""
    stands_for = {_folded(row["nickname"]): _folded(row["name"]) for row in first.to_pylist()}
    short, full = [], []
    for nickname, name in rows:
        end = _end(stands_for, _folded(name))
        if end not in (_folded(nickname), stands_for.get(_folded(nickname))):
            short.append(nickname)
            full.append(end)
    return short, full


@dataclass(frozen=True)
class Spoken:
    """Nicknames as matching reads them: normal forms, and how their words sound.

    nickname, name: one row per nickname; of two that have one normal form the last counts. words:
    the distinct ones of both; skeleton: of each word. several: nicknames of several names, and
    these names; also: packed places there of a nickname and of a name that isn't its first.
    """

    nickname: pa.Array
    name: pa.Array
    words: pa.Array
    skeleton: pa.Array
    several: pa.Array
    also: np.ndarray

    def behind(self, words: pa.Array) -> tuple[np.ndarray, pa.Array]:
        """Places of the nicknames among distinct words, and the name behind each."""
        if len(words) <= FEW:
            texts = enumerate(words.to_pylist())
            found = [(at, self._name_of[text]) for at, text in texts if text in self._name_of]
            names = pa.array([name for _, name in found], pa.string())
            return np.array([at for at, _ in found], np.int64), names
        place = pc.index_in(self.nickname, value_set=words)
        known = pc.and_(pc.is_valid(place), pc.is_valid(self.name))
        return place.filter(known).to_numpy(), self.name.filter(known)

    def skeletons(self, words: pa.Array) -> pa.Array:
        """The skeleton of any words; those of nicknames are known already."""
        if len(words) <= FEW:
            found = [self._skeleton_of.get(text) for text in words.to_pylist()]
            found = pa.array(found, pa.string())
        else:
            found = self.skeleton.take(pc.index_in(words, value_set=self.words))
        unknown = pc.and_(pc.is_null(found), pc.is_valid(words))
        return pc.replace_with_mask(found, unknown, normal(words.filter(unknown), "skeleton"))

    def numbers(self, words: pa.Array) -> np.ndarray:
        """The place of each word in `several`, `MISSING` for others."""
        if len(words) <= FEW:
            found = [self._number_of.get(text, MISSING) for text in words.to_pylist()]
            return np.array(found, np.int32)
        return pc.fill_null(pc.index_in(words, value_set=self.several), MISSING).to_numpy()

    @cached_property
    def also_begin(self) -> np.ndarray:
        """Per place in `several` a bit for each letter with which its other names begin."""
        letters = first_letters(self.several)
        found = np.zeros(len(letters), np.uint32)
        short, full = self.also >> NICK_BITS, self.also & (1 << NICK_BITS) - 1
        np.bitwise_or.at(found, short, letters[full])
        return found

    @cached_property
    def _number_of(self) -> dict[str, int]:
        return {text: at for at, text in enumerate(self.several.to_pylist())}

    @cached_property
    def _name_of(self) -> dict[str, str]:
        pairs = zip(self.nickname.to_pylist(), self.name.to_pylist(), strict=True)
        return {nickname: name for nickname, name in pairs if nickname and name}

    @cached_property
    def _skeleton_of(self) -> dict[str, str]:
        return dict(zip(self.words.to_pylist(), self.skeleton.to_pylist(), strict=True))


def first_letters(words: pa.Array) -> np.ndarray:
    """Per word the bit of its first letter, 0 where that is none of a to z."""
    first = pc.utf8_slice_codeunits(words, 0, 1)
    place = pc.fill_null(pc.index_in(first, value_set=pa.array(list(LETTERS))), MISSING).to_numpy()
    bits = np.append(np.uint32(1) << np.arange(len(LETTERS), dtype=np.uint32), np.uint32(0))
    return bits[place]


def spoken_nicknames(path: Path, languages: Collection[str]) -> Spoken:
    """The nicknames of a file in normal form, worked out once as long as it doesn't change."""
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise RulesError(f"{path}: {error.strerror}") from error
    return _spoken(path, tuple(languages), changed)


@lru_cache(maxsize=8)
def _spoken(path: Path, languages: tuple[str, ...], _: int) -> Spoken:
    rows = _rows(path, languages)
    table = _first_names(rows)
    forms = [normal(table[name].combine_chunks(), "given") for name in ("nickname", "name")]
    words = pc.unique(pa.concat_arrays(forms)).drop_null()
    short, full = (
        normal(pa.array(side, pa.string()), "given") for side in _other_names(rows, table)
    )
    several = pc.unique(pa.concat_arrays([short, full])).drop_null()
    place = [pc.fill_null(pc.index_in(side, value_set=several), -1) for side in (short, full)]
    short, full = (side.to_numpy().astype(np.int64) for side in place)
    also = np.unique(short << NICK_BITS | full)
    return Spoken(*forms, words, normal(words, "skeleton"), several, also[also >= 0])


def _rows(path: Path, languages: Collection[str]) -> Rows:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise RulesError(f"{path}: column {', '.join(missing)} is missing")
            rows = list(reader)
            if any(None in row or None in row.values() for row in rows):
                raise RulesError(f"{path}: a line has more or fewer values than there are columns")
            return [(r["nickname"], r["name"]) for r in rows if r["language"] in languages]
    except OSError as error:
        raise RulesError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RulesError(f"{path}: not UTF-8 text") from error


def _end(stands_for: dict[str, str], name: str) -> str:
    while name in stands_for:
        name = stands_for[name]
    return name


def _folded(name: str) -> str:
    if name.isascii():  # most are: all names of the file take 9 ms so, and 27 without
        return name.strip().lower()
    letters = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
