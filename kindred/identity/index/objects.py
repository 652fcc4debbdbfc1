"""The objects of an index's file: only what an index is made of, put together as it was.

A pickle says by name what is made and called, so whoever writes one could have anything done. Here
each name is one of a list, each class is made empty and filled with its own values, and only these
functions are called, with plain types. It is Python's own reader in Python, for the one in C lets
nobody look at each step; an index is a few hundred objects, whatever it holds of people.

Belongs here: what may be in the file, and refusing everything else. Does not belong here: where the
objects lie in the file, and whether it fits these rules (`index_file`).
"""

from __future__ import annotations

import enum
import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from kindred.identity.rules.rules_file import Rules

CLASSES = {
    "kindred.identity.candidates.blocking_rules": {"Rule"},
    "kindred.identity.candidates.blocks": {"Blocks", "Sorted"},
    "kindred.identity.candidates.duplicates": {"Copies", "Standing"},
    "kindred.identity.codes.columns": {
        "Codes", "Identifier", "Name", "People", "Usage", "Vocabulary",
    },
    "kindred.identity.index.customers": {"Customers", "_Former"},
    "kindred.identity.index.index": {"Index"},
    "kindred.identity.index.lexicon": {"Lexicon", "Lexicons", "_Sorted"},
    "kindred.identity.index.links": {"Links"},
    "kindred.identity.index.rule_blocks": {"RuleBlocks", "_Lines"},
    "kindred.identity.reading.name_order": {"NameOrder"},
    "kindred.identity.reading.names_in_emails": {"Spelled", "Uses"},
    "kindred.identity.reading.unknown_dates": {"DateUse"},
    "kindred.identity.reading.whole_names": {"Parting"},
    "kindred.identity.weights.frequencies": {"Frequencies", "Kept", "Shares"},
    "kindred.identity.weights.kinds": {"Kinds"},
    "kindred.identity.weights.levels": {
        "Address", "Birth", "Family", "Field", "Given", "Same", "Value", "Year",
    },
    "kindred.identity.weights.model": {"Model"},
    "kindred.identity.weights.namesakes": {"Namesakes"},
    "kindred.identity.weights.origins": {"Origins"},
}  # fmt: skip
"""Classes of ours: objects with attributes, and the enumerations of levels."""
ARRAYS = {
    "builtins": {"range"},
    "numpy": {"dtype"},
    "numpy._core.multiarray": {"scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "pyarrow.lib": {"_restore_array", "chunked_array", "py_buffer", "type_for_alias"},
}
"""What arrays are made with."""
STEPS = """
PROTO FRAME STOP MARK POP POP_MARK MEMOIZE BINGET LONG_BINGET NONE NEWTRUE NEWFALSE
BININT BININT1 BININT2 LONG1 BINFLOAT SHORT_BINUNICODE BINUNICODE BINUNICODE8
SHORT_BINBYTES BINBYTES BINBYTES8 EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3
EMPTY_LIST APPEND APPENDS EMPTY_DICT SETITEM SETITEMS EMPTY_SET ADDITEMS FROZENSET
STACK_GLOBAL NEWOBJ REDUCE BUILD BINPERSID NEXT_BUFFER READONLY_BUFFER
"""
"""What the pickler writes; there are more ways to call something, for which an index has no use."""
PLAIN_TYPES = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8")
"""Types of arrays that hold numbers, and no objects that are found by their address."""


class Unpickler(pickle._Unpickler):
    """Reads an index; buffers: its arrays. Raises `pickle.UnpicklingError` for anything else."""

    dispatch = {  # noqa: RUF012 (as Python's own)
        getattr(pickle, step)[0]: pickle._Unpickler.dispatch[getattr(pickle, step)[0]]
        for step in STEPS.split()
    }

    def __init__(self, rules: Rules, file: io.BytesIO, buffers: list[memoryview]) -> None:
        super().__init__(file, buffers=buffers)
        self._named: dict[str, Any] = {**rules.deterministic, "": rules}
        self._ours: set[type] = set()
        self._functions: list[Callable[..., Any]] = []

    def persistent_load(self, name: str) -> Any:
        """The rules, or one of them."""
        return self._named[name]

    def find_class(self, module: str, name: str) -> Any:
        """What has a place in an index, by its name."""
        if name in ARRAYS.get(module, ()):
            found = super().find_class(module, name)
            self._functions.append(found)
        elif name in CLASSES.get(module, ()):
            found = super().find_class(module, name)
            self._ours.add(found)
        else:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in an index")
        return found

    def _make(self) -> None:
        """An object of ours, empty."""
        made, given = self.stack[-2:]
        self._check(given == () and self._is_class(made))
        super().load_newobj()

    def _call(self) -> None:
        """An array, or what one is made with, or a level of an enumeration by its number."""
        called, given = self.stack[-2:]
        if called is np.dtype:
            self._check(given[0] in PLAIN_TYPES and given[1:] == (False, True))
        elif self._is_class(called):
            self._check(issubclass(called, enum.Enum) and list(map(type, given)) == [int])
        else:
            self._check(any(called is one for one in self._functions))
        super().load_reduce()

    def _fill(self) -> None:
        """The attributes of an object of ours; a type of arrays has all it needs."""
        filled, given = self.stack[-2:]
        if isinstance(filled, np.dtype):
            self._check(given == filled.__reduce__()[2])
            self.stack.pop()
            return
        self._check(type(filled) in self._ours and type(given) is dict)
        super().load_build()

    def _is_class(self, found: Any) -> bool:
        return isinstance(found, type) and found in self._ours

    @staticmethod
    def _check(is_plain: bool) -> None:
        if not is_plain:
            raise pickle.UnpicklingError("an index is made of plain objects only")

    dispatch |= {pickle.NEWOBJ[0]: _make, pickle.REDUCE[0]: _call, pickle.BUILD[0]: _fill}
