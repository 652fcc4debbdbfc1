"""References: records that name one of our customers, as systems do that Kindred has written to.

Belongs here: whom such a record means. Does not belong here: whether to believe it (`judgement`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.candidates import pack
from kindred.identity.columns import MISSING, encode, look_up

HUBS = 3
"""Each record that names a customer is compared with so many records that were known as him."""


def reference_pairs(record_id: pa.Array, named: pa.Table, known: pa.Table) -> np.ndarray:
    """Packed pairs of rows: a record that names a customer, and records known as that customer.

    record_id: all records, sorted. named: `record_id, identifier_value`; known: `record_id,
    customer_id`. Where the named id is nobody's any more (it was merged into another), what the
    record itself was known as counts, so that an outdated reference in a system changes nothing.
    """
    held_row, held = _rows(record_id, known, "customer_id")
    seeking_row, wanted = _rows(record_id, named, "identifier_value")
    both = encode(pa.concat_arrays([held, wanted]))
    held_code, named_code = both.codes[: len(held)], both.codes[len(held) :]
    own = np.full(len(record_id), MISSING, np.int32)
    own[held_row] = held_code
    alive = np.zeros(len(both.values) + 1, bool)
    alive[held_code] = True
    target = np.where(alive[named_code], named_code, own[seeking_row])
    order = np.lexsort((held_row, held_code))
    starts = np.searchsorted(held_code[order], np.arange(len(both.values)))
    pairs = []
    for step in range(HUBS):
        place = look_up(starts, target) + step
        fits = (target >= 0) & (place < len(order))
        fits[fits] = held_code[order[place[fits]]] == target[fits]
        hub = held_row[order[place[fits]]]
        pairs.append(pack(seeking_row[fits], hub)[seeking_row[fits] != hub])
    return np.concatenate(pairs)


def _rows(record_id: pa.Array, table: pa.Table, column: str) -> tuple[np.ndarray, pa.Array]:
    """Rows of the table's records that are among `record_id`, and their values."""
    found = pc.index_in(table["record_id"].cast(pa.string()), value_set=record_id)
    kept = pc.is_valid(found)
    values = table[column].cast(pa.string()).filter(kept).combine_chunks()
    rows = found.filter(kept).to_numpy().astype(np.int64)
    return rows, values
