"""Pairs of records to clusters, by connected components.

Belongs here: what the peers share. Does not belong here: which pairs are matches.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def clusters(connection: duckdb.DuckDBPyConnection, records: str, pairs: str) -> pa.Table:
    """record_id, cluster_id of every record.

    `records` is a query of record ids; `pairs` a query of two columns of them.
    """
    connection.execute(
        "create or replace temp table numbered as "
        f"select record_id, (row_number() over ()) - 1 as number from ({records}) as t (record_id)"
    )
    ids = connection.table("numbered").to_arrow_table()
    edges = connection.execute(
        f"select l.number as a, r.number as b from ({pairs}) as p (one, two) "
        "join numbered as l on l.record_id = p.one join numbered as r on r.record_id = p.two"
    ).fetchnumpy()
    ones = np.ones(len(edges["a"]), dtype=np.int8)
    graph = coo_array((ones, (edges["a"], edges["b"])), shape=(len(ids), len(ids)))
    _, label = connected_components(graph, directed=False)
    found = pa.array(label[ids["number"].to_numpy()])
    return pa.table({"record_id": ids["record_id"], "cluster_id": found})
