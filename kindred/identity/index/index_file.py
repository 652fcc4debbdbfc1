"""The index's file: an index that was built once opens at once, in this process and the next.

The arrays lie in the file as they lie in memory, so opening it maps them and reads nothing; what
is looked at is read then. Changes stay in memory until the index is saved again.

Belongs here: writing and opening the file, and refusing one that doesn't fit. Does not belong here:
what an index does (`index`).
"""

from __future__ import annotations

import hashlib
import io
import json
import mmap
import pickle
import struct
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from kindred.identity.codes.columns import InputError
from kindred.identity.index.index import Index
from kindred.identity.index.objects import Unpickler
from kindred.identity.rules.rules_file import Rules, load_rules

FORMAT = 1
MAGIC = b"kindred index\n"
END = struct.Struct("<Q14s")
"""At the end: how long the contents are that lie before it, and the magic again."""
ALIGNED = 64
SOURCES = Path(__file__).parents[1]
NO_OBJECTS = (
    pickle.UnpicklingError, pa.ArrowException, LookupError, ValueError, TypeError, AttributeError,
    ImportError, EOFError, OverflowError, struct.error,
)  # fmt: skip
"""What comes of reading objects that were written in another way, or by somebody else."""


def save_index(index: Index, path: Path) -> None:
    """Write an index. The file holds people's data: only its owner may read it.

    An index that was there before is replaced once the new one is complete.
    """
    buffers: list[pickle.PickleBuffer] = []
    skeleton = io.BytesIO()
    _Pickler(index.rules, skeleton, buffers).dump(index)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with draft.open("wb") as file:
        file.write(MAGIC)
        places = [_written(file, buffer.raw()) for buffer in buffers]
        objects = skeleton.getvalue()
        contents = {
            "format": FORMAT,
            "rules": _fingerprint(index.rules),
            "buffers": places,
            "objects": _written(file, objects),
            "checksum": zlib.crc32(objects),
        }
        text = json.dumps(contents).encode()
        file.write(text + END.pack(len(text), MAGIC))
    draft.replace(path)


def open_index(path: Path, rules: Rules | None = None) -> Index:
    """The index of a file, with the rules that it was built with.

    Raises `InputError` when the file is none of this version, isn't whole, or was built with other
    rules, other nicknames or other code: what an index knows follows from them.
    """
    rules = rules or load_rules()
    try:
        with path.open("rb") as file:
            memory = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
        contents = _contents(memory)
        places = contents["buffers"]
        objects = _part(memory, contents["objects"])
        is_whole = zlib.crc32(objects) == contents["checksum"]
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise InputError(f"{path} is no index that can be opened; build it again") from error
    if not is_whole or contents["format"] != FORMAT:
        raise InputError(f"{path} is an index of another version, or not whole; build it again")
    if contents["rules"] != _fingerprint(rules):
        raise InputError(f"{path} was built with other rules or nicknames or code; build it again")
    buffers = [_part(memory, place) for place in places]
    try:
        found = Unpickler(rules, io.BytesIO(objects), buffers).load()
    except NO_OBJECTS as error:
        raise InputError(f"{path} is an index of another version; build it again") from error
    if not isinstance(found, Index):
        raise InputError(f"{path} is no index that can be opened; build it again")
    return found


class _Pickler(pickle.Pickler):
    """Writes everything but the rules, which are read from their own file."""

    def __init__(self, rules: Rules, file: io.BytesIO, buffers: list[pickle.PickleBuffer]) -> None:
        super().__init__(file, protocol=5, buffer_callback=buffers.append)
        self._names = {id(rule): name for name, rule in rules.deterministic.items()}
        self._names[id(rules)] = ""

    def persistent_id(self, obj: object) -> str | None:
        return self._names.get(id(obj))


def _written(file: io.BufferedWriter, data: bytes | memoryview) -> tuple[int, int]:
    """Write bytes at the next place where they lie well; gives where, and how many."""
    place = -(-file.tell() // ALIGNED) * ALIGNED
    file.seek(place)
    file.write(data)
    return place, len(data)


def _contents(memory: memoryview) -> dict[str, Any]:
    length, magic = END.unpack(memory[-END.size :])
    if magic != MAGIC or memory[: len(MAGIC)] != MAGIC:
        raise ValueError("no index")
    return json.loads(bytes(memory[-END.size - length : -END.size]))


def _part(memory: memoryview, place: tuple[int, int]) -> memoryview:
    start, length = place
    if not 0 <= start <= start + length <= len(memory):
        raise ValueError("not whole")
    return memory[start : start + length]


def _fingerprint(rules: Rules) -> str:
    """The same for the same rules, nicknames and code: codes and blocks follow from all three."""
    found = hashlib.sha256(rules.model_dump_json(exclude={"aliases": {"file"}}).encode())
    for file in (rules.aliases.file, *sorted(SOURCES.rglob("*.py"))):
        found.update(file.read_bytes())
    return found.hexdigest()
