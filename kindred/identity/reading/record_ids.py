"""Record ids: that every record has one of its own, and their order.

Belongs here: what a record id may be. Does not belong here: customers' ids (`permanent_ids`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import InputError, is_utf8
from kindred.identity.codes.hashing import hashes
from kindred.identity.codes.sorting import distinct, in_order
from kindred.identity.reading.long_values import MOST_CHARACTERS, is_long


def checked(ids: pa.ChunkedArray) -> pa.Array:
    """The record ids, if they can be compared. Raises `InputError`."""
    if not is_utf8(ids):
        raise InputError("record_id holds bytes that are no UTF-8 text")
    if ids.null_count:
        raise InputError(f"record_id is empty in {ids.null_count:,} rows")
    long = pc.sum(is_long(ids, MOST_CHARACTERS)).as_py()
    if long:  # to cut them would make two of them one
        raise InputError(
            f"record_id is longer than {MOST_CHARACTERS:,} characters in {long:,} rows"
        )
    return ids.combine_chunks()


def in_which_order(ids: pa.Array, by_hash: bool) -> np.ndarray | None:
    """Rows by record id, or None where they are in order already; or rows by its hash.

    Raises `InputError` when an id is there twice.
    """
    if by_hash:
        order, ordered = in_order(hashes(ids))
        same = np.flatnonzero(ordered[1:] == ordered[:-1])
        near = pa.array(distinct(np.concatenate([order[same], order[same + 1]])))
        twice = len(near) - len(pc.unique(ids.take(near))) if len(same) else 0
    elif _ascends(ids):
        return None
    else:
        order = pc.sort_indices(ids).to_numpy()
        ordered = ids.take(pa.array(order))
        again = pc.equal(ordered.slice(1), ordered.slice(0, len(ids) - 1))
        twice = pc.sum(again).as_py()
    if twice:
        raise InputError(f"record_id is not unique ({twice:,} repetitions)")
    return order


def _ascends(ids: pa.Array) -> bool:
    return len(ids) < 2 or pc.all(pc.greater(ids.slice(1), ids.slice(0, len(ids) - 1))).as_py()
