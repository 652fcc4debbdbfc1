"""Reading people: from the columns of a table or a file to codes.

Belongs here: which columns identity understands and how each is read, bypass values and nicknames
applied. Does not belong here: the normal forms (`normal_forms`), the bypass values (`bypass`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode, encode_many
from kindred.identity.codes.columns import (
    MISSING,
    Codes,
    Columns,
    Identifier,
    InputError,
    Name,
    People,
    Usage,
    Vocabulary,
    is_utf8,
    look_up,
    readable,
)
from kindred.identity.codes.hashing import hashes
from kindred.identity.codes.queries import FEW
from kindred.identity.codes.side_by_side import each_done
from kindred.identity.reading import record_ids, titles
from kindred.identity.reading.birth_numbers import births, forms_of
from kindred.identity.reading.bounded_names import with_bounded_names
from kindred.identity.reading.bypass import told
from kindred.identity.reading.countries import FORM as COUNTRY
from kindred.identity.reading.countries import countries
from kindred.identity.reading.generations import first_known, in_family_names, in_names
from kindred.identity.reading.glued_initials import Shorts, initials, parted, soundless
from kindred.identity.reading.identifiers import in_slots
from kindred.identity.reading.long_values import shortened
from kindred.identity.reading.name_order import NameOrder, in_place, with_full_names
from kindred.identity.reading.names_in_emails import (
    Spelled,
    with_names_in_emails,
    years_of_birth,
)
from kindred.identity.reading.nicknames import spoken_nicknames
from kindred.identity.reading.normal_forms import normal
from kindred.identity.reading.phones import numbers_of_phones
from kindred.identity.reading.raw_columns import text_of
from kindred.identity.reading.titles import with_titles
from kindred.identity.reading.unknown_dates import DateUse, known_dates
from kindred.identity.reading.unread import note_unread
from kindred.identity.reading.whole_addresses import with_parted_addresses
from kindred.identity.reading.words import worded
from kindred.identity.rules.rules_file import Rules

FORMS = {
    "given_name": "given",
    "family_name": "family",
    "full_name": "full",
    "middle_name": "middle",
    "gender": "gender",
    "email": "email",
    "street": "street",
    "postal_code": "postal",
    "city": "words",
    "country_code": COUNTRY,
}
"""The normal form of each column of `person_records`, and of full names, read value by value."""


Tasks = dict[str, Callable[[], Any]]


class TableColumns:
    """The columns of an Arrow table."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.names = table.column_names

    def raw(self, name: str) -> pa.ChunkedArray:
        """A column as it is; all null when there is no such column."""
        if name not in self.names:
            return pa.chunked_array([pa.nulls(len(self.table), pa.string())])
        return self.table.column(name)


def read_people(
    columns: Columns,
    rules: Rules,
    identifiers: pa.Table | None = None,
    threads: int = 2,
    *,
    by_hash: bool = False,
    usage: Usage | None = None,
) -> People:
    """Code the columns of people, sorted by `record_id`, so that their order can't matter.

    columns: those of `person_records`, of which only `record_id` is required, and unique; any
    `identifier_<type>` and `attribute_<name>` columns. identifiers: more of them as rows
    `record_id, identifier_type, identifier_value`. by_hash: sort by a hash of `record_id` instead,
    seven times faster. usage: what reading learned of other records (`People.usage`); without it,
    it learns from these. Raises `InputError`.
    """
    people = _Reader(columns, rules, by_hash, usage).read(identifiers, threads)
    if usage is None:  # a few records that are looked up say little of a column
        note_unread(columns, people)
    return people


class _KnownAs(NamedTuple):
    """Identifiers by type; the birth date that they hold, per record; by type, in which form."""

    identifiers: dict[str, Identifier]
    birth: np.ndarray
    forms: dict[str, str]


@dataclass(frozen=True)
class _Said:
    """What a column of names says: them, generations, genders by titles, and short words."""

    names: Codes
    generation: np.ndarray
    gender: np.ndarray
    shorts: Shorts


@dataclass(frozen=True)
class _Names:
    """Names as read: what was learned of them (`Usage`), the generations in family names, whose
    given name an email spells, the years of birth in emails, all words, and both names."""

    order: NameOrder
    spelled: Spelled
    generation: np.ndarray
    guessed: np.ndarray
    year: np.ndarray
    words: Vocabulary
    given: Name
    family: Name


class _Reader:
    """Reads each column once; near-unique ones first, as they take longest."""

    def __init__(self, columns: Columns, rules: Rules, by_hash: bool, usage: Usage | None) -> None:
        self.columns = with_bounded_names(with_parted_addresses(columns))
        self.by_hash = by_hash
        self.usage = usage
        self.rules = rules

    def read(self, identifiers: pa.Table | None, threads: int) -> People:
        """What names need comes first, for they take longest; the others are read beside them."""
        first: Tasks = {
            "known_as": lambda: self._known_as(identifiers),
            "email": lambda: self._column("email"),
            "family": lambda: self._name("family_name"),
            "given": lambda: self._name("given_name"),
            "full": lambda: self._name("full_name"),
            "source": lambda: self._coded("source_system"),
        }
        done = _together(first, threads)
        said = {name: done.pop(name) for name in ("family", "given", "full")}
        family = said["family"].names
        letters = self._initials((said["given"].shorts, said["full"].shorts), family)
        given = parted(said["given"].names, letters, alone=True)
        full = parted(said["full"].names, letters, alone=False)
        ids, known_as = done.pop("known_as")
        done["identifiers"], told, forms = known_as
        email, source = done["email"], done["source"]
        done |= _together(
            {
                "names": lambda: self._names(
                    *with_full_names(full, given, family, source),
                    family,
                    email,
                    _any_of(done["identifiers"], len(ids)),
                ),
                "email_user": lambda: _users(email),
                **self._others(ids),
            },
            threads,
        )
        names = done.pop("names")
        birth, date_use = done.pop("birth")
        birth = np.where(birth >= 0, birth, told)
        said["middle"] = done["middle"]
        done["middle"] = said["middle"].names
        done["gender"] = with_titles(done["gender"], [own.gender for own in said.values()])
        order = done.pop("order")
        people = People(
            record_id=ids,
            words=names.words,
            given=names.given,
            family=names.family,
            birth=birth,
            generation=first_known(*(own.generation for own in said.values()), names.generation),
            guessed=names.guessed,
            email_year=names.year,
            usage=Usage(date_use, names.spelled, names.order, pa.array(sorted(letters)), forms),
            **done,
        )
        return people if order is None else people.take(order, threads)

    def _others(self, ids: pa.Array) -> Tasks:
        return {
            "phone": lambda: numbers_of_phones(self._text("phone"), self.rules.bypass),
            "street": lambda: self._column("street"),
            "postal": lambda: self._column("postal_code"),
            "house": self._houses,
            "order": lambda: record_ids.in_which_order(ids, self.by_hash),
            "birth": self._births,
            "city": lambda: self._column("city"),
            "country": lambda: _by_value(countries(self._column("country_code"))),
            "middle": lambda: self._name("middle_name"),
            "gender": lambda: self._column("gender"),
            "attributes": self._attributes,
        }

    def _names(
        self, given: Codes, source: Codes, family: Codes, email: Codes, is_told: np.ndarray
    ) -> _Names:
        """Both names where they belong, with those that emails spell, and what that teaches.

        is_told: true per record that has an identifier.
        """
        known = self.usage
        given, family, order, uses = in_place(given, family, source, known and known.names)
        spelled = known.spelled if known else Spelled.of(given, family, email, uses)
        *both, spelled = with_names_in_emails(given, family, email, spelled, is_told)
        said = in_family_names(family), ~given.known & both[0].known
        aliases = self.rules.aliases
        nicknames = spoken_nicknames(aliases.file, aliases.languages)
        words = worded(*both, nicknames)
        return _Names(order, spelled, *said, years_of_birth(email, spelled), *words)

    def _known_as(self, identifiers: pa.Table | None) -> tuple[pa.Array, _KnownAs]:
        """The id of each record, and its identifiers."""
        ids = self._record_ids()
        return ids, self._identifiers(ids, identifiers)

    def _record_ids(self) -> pa.Array:
        if "record_id" not in self.columns.names:
            raise InputError("the column record_id is missing")
        return record_ids.checked(text_of(self.columns.raw("record_id"), "record_id"))

    def _text(self, name: str) -> pa.ChunkedArray:
        return shortened(readable(text_of(self.columns.raw(name), name)))

    def _coded(self, name: str) -> Codes:
        """A column's values as they are."""
        return _codes(self.columns.raw(name), name)

    def _initials(self, columns: Iterable[Shorts], family: Codes) -> frozenset[str]:
        """The words of names that are initials."""
        if self.usage is None:
            return initials(columns, family.values)
        known = frozenset(self.usage.initials.to_pylist())
        unknown = (soundless(own.capitals) for own in columns)
        return known.union(*unknown) if known else known

    def _name(self, name: str) -> _Said:
        """A column of names, and what they say besides."""
        values, codes = self._raw(name)
        is_middle = name == "middle_name"
        nobody = np.full(len(values), MISSING, np.int8)
        told = nobody if is_middle else titles.in_names(values)
        besides = in_names(values, alone=is_middle), told
        if codes is not None:
            besides = tuple(look_up(own, codes) for own in besides)
        some = values if name in ("given_name", "full_name") else values[:0]
        shorts = Shorts.of(some, alone=name == "given_name")
        return _Said(self._normal(name, values, codes), *besides, shorts)

    def _column(self, name: str, form: str | None = None) -> Codes:
        """A column's normal form, without what says nothing."""
        return self._normal(name, *self._raw(name), form)

    def _raw(self, name: str) -> tuple[pa.Array, np.ndarray | None]:
        """A column's distinct values and the code of each record; of few records no codes."""
        column = self.columns.raw(name)
        if len(column) <= FEW:  # then finding what is distinct takes longer than the rest
            return shortened(readable(text_of(column, name))).combine_chunks(), None
        raw = _codes(column, name)
        return raw.values, raw.codes

    def _normal(
        self, name: str, values: pa.Array, codes: np.ndarray | None, form: str | None = None
    ) -> Codes:
        """The normal form of `_raw` values, without what says nothing."""
        found = encode_many(told(self.rules.bypass, name, values, form or FORMS[name]))
        return found if codes is None else Codes(look_up(found.codes, codes), found.values)

    def _births(self) -> tuple[np.ndarray, DateUse]:
        """Birth dates without those that stand for not knowing, and how the column uses dates."""
        column = self.columns.raw("birth_date")
        if not pa.types.is_date(column.type) and not pa.types.is_timestamp(column.type):
            column = self._text("birth_date")
        try:
            return known_dates(column, self.rules.bypass, self.usage and self.usage.dates)
        except pa.ArrowException as error:  # a time zone that this machine doesn't know
            raise InputError(f"the column birth_date can't be read ({column.type})") from error

    def _houses(self) -> Codes:
        """House numbers, which may stand in the street's line."""
        own = self._text("house_number").combine_chunks()
        empty = pc.equal(pc.fill_null(pc.utf8_trim_whitespace(own), ""), "")
        if pc.any(empty).as_py():
            own = pc.if_else(empty, self._text("street").combine_chunks(), own)
        if len(own) <= FEW:
            return encode(normal(own, "number"))
        raw = encode(own)
        found = encode(normal(raw.values, "number"))
        return Codes(look_up(found.codes, raw.codes), found.values)

    def _attributes(self) -> dict[str, Codes]:
        named = _named(self.columns, "attribute_")
        return {name: self._column(column, "attribute") for name, column in named.items()}

    def _identifiers(self, ids: pa.Array, rows: pa.Table | None) -> _KnownAs:
        """Identifiers of both forms, the columns and the rows."""
        found: dict[str, list[tuple[np.ndarray, pa.Array]]] = {}
        for kind, column in _named(self.columns, "identifier_").items():
            text = readable(text_of(self.columns.raw(column), column)).combine_chunks()
            known = np.flatnonzero(pc.is_valid(text).to_numpy(zero_copy_only=False))
            found.setdefault(kind, []).append((known.astype(np.int32), text.drop_null()))
        if rows is not None and len(rows):
            place = pc.index_in(rows["record_id"].cast(pa.string()), value_set=ids)
            kinds = rows["identifier_type"].cast(pa.string())
            values = rows["identifier_value"].cast(pa.string())
            for kind in sorted(pc.unique(kinds).drop_null().to_pylist()):
                mine = pc.and_(pc.equal(kinds, kind), pc.is_valid(place))
                where = place.filter(mine).to_numpy().astype(np.int32)
                found.setdefault(kind, []).append((where, values.filter(mine).combine_chunks()))
        forms = self.usage.birth_numbers if self.usage else forms_of(found)
        born, bypass = births(forms, found, len(ids)), self.rules.bypass
        slots = {kind: in_slots(parts, len(ids), bypass) for kind, parts in found.items()}
        return _KnownAs(slots, born, forms)


def _together(tasks: Tasks, threads: int) -> dict[str, Any]:
    return dict(zip(tasks, each_done(tasks.values(), threads), strict=True))


def _named(columns: Columns, prefix: str) -> dict[str, str]:
    """Columns that begin with the prefix, by the rest of their name, sorted."""
    return {n.removeprefix(prefix): n for n in sorted(columns.names) if n.startswith(prefix)}


def _any_of(identifiers: dict[str, Identifier], size: int) -> np.ndarray:
    """True per record, of so many, that has an identifier of any type."""
    known = (found.slots[0] >= 0 for found in identifiers.values())
    return np.logical_or.reduce([np.zeros(size, bool), *known])


def _users(email: Codes) -> np.ndarray:
    """A number for the part before the @; nearly every record has its own, so no text is kept."""
    return look_up(hashes(normal(email.values, "email_user")), email.codes)


def _by_value(column: Codes) -> Codes:
    """The same column with codes in the order of the values, whatever the order of the rows."""
    if len(column.values) < 2:
        return column
    order = pc.sort_indices(column.values).to_numpy()
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    return Codes(look_up(place, column.codes), column.values.take(pa.array(order)))


def _codes(column: pa.ChunkedArray, name: str) -> Codes:
    """The values of a column: codes of the file are used where it has some."""
    if column.null_count == len(column):
        return Codes(np.full(len(column), MISSING, np.int32), pa.array([], pa.string()))
    if pa.types.is_dictionary(column.type) and column.type.value_type == pa.string():
        found = encode(column)
        if is_utf8(found.values):
            return found
    return encode_many(shortened(readable(text_of(column, name))))
