"""Reading what may be sent: the audience, and who may be contacted at this moment.

Belongs here: the two gold tables that activation may read. Does not belong here: any other table.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from activation.engine.errors import SyncError
from activation.engine.spec import KEY_COLUMN, Sync
from kindred.settings import Settings

CONTACTABILITY = ("contactability", "fct_contactability")


def audience(sync: Sync, settings: Settings) -> pa.Table:
    """The audience's rows: `customer_id` and the columns that the sync uses.

    Raises `SyncError` when it was never published or lacks a column.
    """
    path = settings.gold / "audiences" / sync.audience
    columns = {KEY_COLUMN, *sync.fields.values()}
    if sync.destination_id:
        columns.add(sync.destination_id)
    return _read(path, sorted(columns), sync)


class Contactability:
    """Who may be contacted; knows when somebody published a newer answer."""

    def __init__(self, sync: Sync, settings: Settings) -> None:
        self._sync = sync
        self._path = settings.gold.joinpath(*CONTACTABILITY)
        self._read_version: tuple[str, int] | None = None

    def read(self) -> pa.Table:
        """`customer_id`, `channel`, `purpose`, `allowed`, as published now."""
        self._read_version = self._version()
        columns = [KEY_COLUMN, "channel", "purpose", "allowed"]
        return _read(self._path, columns, self._sync)

    def changed(self) -> bool:
        """Whether it was published anew since `read`."""
        return self._version() != self._read_version

    def _version(self) -> tuple[str, int]:
        table = _open(self._path, self._sync)
        return table.metadata().id, table.version()


def _open(path: Path, sync: Sync) -> DeltaTable:
    try:
        return DeltaTable(str(path))
    except TableNotFoundError:
        raise SyncError(
            f"{sync.name}: {path} was never published: build the graph first (`kindred run`)"
        ) from None
    except DeltaError as error:
        raise SyncError(f"{sync.name}: {path} can't be read: {error}") from None


def _read(path: Path, columns: list[str], sync: Sync) -> pa.Table:
    table = _open(path, sync)
    missing = sorted(set(columns) - {field.name for field in table.schema().fields})
    if missing:
        raise SyncError(f"{sync.name}: {path} has no column {', '.join(missing)}")
    try:
        return table.to_pyarrow_table(columns=columns)
    except (DeltaError, OSError, pa.ArrowException) as error:
        raise SyncError(f"{sync.name}: {path} can't be read: {error}") from None
