"""The lake as a dlt destination whose files appear whole or not at all.

Belongs here: how one finished file gets into `lake/`, and what a connector may ask of it. Does not
belong here: what is in a file (`landing`, `quarantine`) or when it comes.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.destinations import filesystem
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from fsspec.implementations.local import LocalFileSystem

from ingestion.specs import DELETED, TableSpec

if TYPE_CHECKING:
    from kindred.settings import Settings


class WholeFiles(LocalFileSystem):
    """A local file system on which a killed writer leaves no half-written file behind a name.

    Content goes to a hidden neighbour first and is then renamed, so that no reader, however
    unlucky, meets a truncated Parquet file.
    """

    protocol = ("file", "local")

    def put_file(self, path1: Any, path2: Any, callback: Any = None, **kwargs: Any) -> None:
        """Bring the finished local file `path1` into place as `path2`: a link where possible."""
        source, target = Path(path1), Path(self._strip_protocol(path2))
        hidden = _hidden(target)
        hidden.unlink(missing_ok=True)
        try:
            os.link(source, hidden)
        except OSError:  # another disk, or a file system without links
            shutil.copyfile(source, hidden)
        hidden.replace(target)
        # renaming a link onto another link of the same file leaves both names in place
        hidden.unlink(missing_ok=True)

    def write_text(self, path: Any, value: str, encoding: str | None = None, **_: Any) -> None:
        """Write a small text file whole."""
        target = Path(self._strip_protocol(path))
        hidden = _hidden(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        hidden.write_text(value, encoding=encoding or "utf-8")
        hidden.replace(target)


class LakeClient(FilesystemClient):
    """dlt's filesystem client, writing local files through `WholeFiles`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_local_filesystem:
            self.fs_client = WholeFiles(use_listings_cache=False, skip_instance_cache=True)

    def create_dataset(self) -> None:
        """Make the source's folder, which a run killed right here may have left behind."""
        self.fs_client.makedirs(self.dataset_path, exist_ok=True)


class Lake(filesystem):
    """dlt's `filesystem` destination with whole files, whose times are UTC and carry no zone."""

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        capabilities.supports_tz_aware_datetime = False
        return capabilities

    def capabilities(
        self, config: Any = None, naming: Any = None
    ) -> DestinationCapabilitiesContext:
        """What the lake can do. It hangs on no configuration, whose resolving is not cheap."""
        return super().capabilities(config or self.spec(**self.config_params), naming)

    @property
    def client_class(self) -> type[FilesystemClient]:
        """The client that moves finished files into the lake."""
        return LakeClient


def _hidden(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def living_keys(settings: Settings, source: str, table: TableSpec) -> set[str]:
    """Keys of the rows of `table` that have landed and whose latest version is no tombstone."""
    files = settings.raw / source / table.name / "*.parquet"
    if not any(files.parent.glob(files.name)):
        return set()
    key = table.key[0]
    with duckdb.connect() as connection:
        found = connection.execute(
            f'SELECT "{key}" FROM read_parquet($files, union_by_name = true) '  # noqa: S608 - a column of ours
            f'GROUP BY ALL HAVING NOT arg_max(coalesce({DELETED}, false), "_dlt_load_id")',
            {"files": str(files)},
        ).fetchall()
    return {value for (value,) in found}
