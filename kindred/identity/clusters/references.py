"""References: records that name one of our customers, as systems do that Kindred has written to.

Belongs here: whom such a record means. Does not belong here: whether to believe it (`judgement`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import MISSING, look_up
from kindred.identity.codes.pairs import pack
from kindred.identity.codes.queries import connect

HUBS = 3
"""Each record that names a customer is compared with so many records that were known as him."""


def reference_pairs(record_id: pa.Array, named: pa.Table, known: pa.Table) -> np.ndarray:
    """Packed pairs of rows: a record that names a customer, and records known as that customer.

    record_id: all records, sorted. named: `record_id, identifier_value`; known: `record_id,
    customer_id`. Where the named id is nobody's any more (it was merged into another), what the
    record itself was known as counts, so that an outdated reference in a system changes nothing.
    """
    seeking, hubs = _hubs(record_id, named, known, HUBS)
    return pack(seeking, hubs)


def stands_with(
    record_id: pa.Array, silent: np.ndarray, named: pa.Table, known: pa.Table
) -> np.ndarray:
    """Per record the row that it stands with: itself, or for a silent one, whom it names.

    silent: true per record that says nothing of a person, as a contact that only Kindred wrote. It
    is evidence of nothing; it goes with the first speaking record known as the customer it names.
    """
    found = np.arange(len(record_id))
    rows = pc.index_in(known["record_id"].cast(pa.string()), value_set=record_id)
    place = pc.fill_null(rows, -1).to_numpy()
    speaking = (place >= 0) & ~silent[place]
    seeking, hubs = _hubs(record_id, named, known.filter(pa.array(speaking)), 1)
    mine = silent[seeking]
    found[seeking[mine]] = hubs[mine]
    return found


def named_by_keys(identifiers: pa.Table, silent_ids: pa.Array) -> pa.Table:
    """Records that hold a key of a silent record name its customer: `record_id, identifier_value`.

    identifiers: `record_id, identifier_type, identifier_value`, of which the type `kindred_id`
    names a customer.
    """
    with connect() as con:
        con.register("identifiers", identifiers)
        con.register("silent", pa.table({"record_id": silent_ids}))
        return con.sql(
            """
            with keys as (
                select i.identifier_type, i.identifier_value, n.identifier_value as named
                from identifiers i
                join identifiers n on n.record_id = i.record_id and n.identifier_type = 'kindred_id'
                where i.identifier_type <> 'kindred_id' and i.record_id in (from silent)
            )
            select i.record_id, min(k.named) as identifier_value
            from identifiers i
            join keys k using (identifier_type, identifier_value)
            where i.record_id not in (from silent)
            group by i.record_id
            order by i.record_id
            """
        ).to_arrow_table()


def _hubs(
    record_id: pa.Array, named: pa.Table, known: pa.Table, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows that name a customer, each with up to `most` rows that were known as him."""
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
    seekers, hubs = [], []
    for step in range(most):
        place = look_up(starts, target) + step
        fits = (target >= 0) & (place < len(order))
        fits[fits] = held_code[order[place[fits]]] == target[fits]
        hub = held_row[order[place[fits]]]
        seekers.append(seeking_row[fits][seeking_row[fits] != hub])
        hubs.append(hub[seeking_row[fits] != hub])
    return np.concatenate(seekers), np.concatenate(hubs)


def _rows(record_id: pa.Array, table: pa.Table, column: str) -> tuple[np.ndarray, pa.Array]:
    """Rows of the table's records that are among `record_id`, and their values."""
    found = pc.index_in(table["record_id"].cast(pa.string()), value_set=record_id)
    kept = pc.is_valid(found)
    values = table[column].cast(pa.string()).filter(kept).combine_chunks()
    rows = found.filter(kept).to_numpy().astype(np.int64)
    return rows, values
