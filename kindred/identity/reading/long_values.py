"""Long values: read as far as they matter, so that one takes no longer than many others.

Belongs here: how much of a value is read before it has a normal form. Does not belong here: what a
normal form keeps of it (`normal_forms`).
"""

from __future__ import annotations

import hashlib
import re

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.reading import normal_forms

MOST_CHARACTERS = 1_000
"""More than any normal form keeps, so that none changes."""
KEPT = 100
"""Characters of a long identifier that stay before its digest, for people to read."""
DIGEST = 16
_SIGNS = re.compile(r"[\W_]+")


def shortened(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts without what is behind their first thousand characters."""
    if not _may_be_long(text, MOST_CHARACTERS):
        return text
    return pc.utf8_slice_codeunits(text, 0, MOST_CHARACTERS)


def whole(values: pa.Array) -> pa.Array:
    """Identifiers, of which a normal form keeps the beginning, so that all of it is compared.

    A long one becomes its first letters and digits and a digest of all of them.
    """
    if not _may_be_long(values, normal_forms.MOST_CHARACTERS):
        return values
    long = is_long(values, normal_forms.MOST_CHARACTERS)
    found = [_digested(text) for text in values.filter(long).to_pylist()]
    return pc.replace_with_mask(values, long, pa.array(found, pa.string()))


def is_long(text: pa.Array | pa.ChunkedArray, most: int) -> pa.Array | pa.ChunkedArray:
    """True per text of more characters than `most`; false for null."""
    return pc.fill_null(pc.greater(pc.utf8_length(text), most), False)


def _may_be_long(text: pa.Array | pa.ChunkedArray, most: int) -> bool:
    """A quick look at the bytes, of which there are at least as many as characters."""
    return (pc.max(pc.binary_length(text)).as_py() or 0) > most


def _digested(text: str) -> str:
    signs = _SIGNS.sub("", text.lower())
    if len(signs) <= normal_forms.MOST_CHARACTERS:
        return signs
    return signs[:KEPT] + hashlib.blake2b(signs.encode(), digest_size=DIGEST).hexdigest()
