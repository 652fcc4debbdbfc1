"""The dbt project as Dagster sees it: its manifest, per set of sources, and its translator.

The manifest depends on the project's files and on which sources are on, and names no home: each
set has its own folder `dbt_project/target/parsed/<digest>`, which all homes share; it is parsed
again when a file of the project changes. Belongs here: finding and making manifests, and naming
what is in them. Does not belong here: running dbt (dbt_build.py).
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.version import __version__ as dbt_version

from kindred.settings import PROJECT_ROOT, Settings

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
GENERATED = {"target", "logs", "dbt_packages"}
PARSED = "partial_parse.msgpack"
KEPT_MANIFESTS = 8
PROJECT_FLAGS = (
    *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
    "--no-use-colors",
)
BUILT_TYPES = ("model", "seed", "snapshot")
PARTS = ("transform_records", "transform_customers", "transform_audiences")
PYTHON_LEVELS = {"identity": 1, "scoring": 2}
GOLD_FOLDERS = ("marts", "audiences", "measures")
GOLD_TABLES = (
    *("dim_customers", "bridge_customer_records", "dim_households"),
    *("fct_contactability", "fct_activities"),
    *("fct_segment_members", "fct_segment_history"),
    *("segment_sizes", "segment_overlap", "segment_distinctions"),
)


class TransformError(Exception):
    """dbt can't read the project; the message is dbt's own."""


class KindredTranslator(DagsterDbtTranslator):
    """Group = schema = folder; key = [schema, model]; owners and description from the project."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: Any | None
    ) -> dg.AssetSpec:
        """Dagster's view of one model, seed or source of the manifest."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        props = self.get_resource_props(manifest, unique_id)
        if props["resource_type"] == "source":
            return spec
        kinds = {"dbt", "duckdb", props["config"].get("materialized") or props["resource_type"]}
        return spec.replace_attributes(
            key=dg.AssetKey([props["schema"], props["name"]]),
            group_name=props["schema"],
            description=props["description"].strip() or None,
            automation_condition=dg.AutomationCondition.eager(),
            kinds=kinds,
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """[schema, model]; for a source [source, table] unless its meta names another asset."""
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])


def project_digest() -> str:
    """A hash over dbt's version and the project's files: another one makes manifests stale."""
    digest = hashlib.sha256(dbt_version.encode())
    for path in sorted(_project_files(DBT_PROJECT)):
        digest.update(str(path.relative_to(DBT_PROJECT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _project_files(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name not in GENERATED:
                yield from _project_files(entry)
        elif not entry.name.startswith("."):
            yield entry


def parsed_folder(settings: Settings) -> Path:
    """Where the project parsed for this set of sources lies: beside it, or in a home when the
    project can't be written."""
    writable = os.access(DBT_PROJECT, os.W_OK)
    root = DBT_PROJECT / "target" / "parsed" if writable else settings.home / "dbt" / "parsed"
    names = ",".join(sorted(settings.sources))
    return root / hashlib.sha256(names.encode()).hexdigest()[:12]


def ensure_manifest(settings: Settings) -> Path:
    """Parse the project unless its manifest is fresh; return the manifest's path.

    Raises `TransformError` with dbt's own words when the project doesn't parse.
    """
    folder = parsed_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    stamp, manifest, whole = (folder / name for name in ("parsed-from", "manifest.json", PARSED))
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = project_digest()
        fresh = stamp.exists() and stamp.read_text() == digest
        if not (fresh and manifest.exists() and whole.exists()):
            stamp.unlink(missing_ok=True)
            _parse(settings, folder)
            stamp.write_text(digest)
            _forget_old_manifests(folder.parent)
    return manifest


def parsed(settings: Settings) -> Manifest:
    """The parsed project as dbt's own object: half a second to read, where parsing takes seven.

    Raises `TransformError` with dbt's own words when the project doesn't parse.
    """
    whole = ensure_manifest(settings).with_name(PARSED)
    return _loaded(whole, whole.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _loaded(path: Path, _changed_at: int) -> Manifest:
    """What dbt's own `ManifestLoader` does when nothing has changed since it parsed."""
    manifest = Manifest.from_msgpack(path.read_bytes())
    manifest.build_flat_graph()
    return manifest


def _parse(settings: Settings, folder: Path) -> None:
    flags = ["--target-path", str(folder), "--log-path", str(folder), *PROJECT_FLAGS]
    with environment(settings):
        result = dbtRunner().invoke(["--quiet", "parse", *flags])
    if not result.success:
        raise TransformError(f"dbt can't parse dbt_project/:\n{result.exception}")


@contextlib.contextmanager
def environment(settings: Settings) -> Iterator[None]:
    """These settings in this process's environment, where dbt reads them, for a while."""
    values = settings.environment() | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _forget_old_manifests(folder: Path) -> None:
    by_age = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in by_age[KEPT_MANIFESTS:]:
        shutil.rmtree(path, ignore_errors=True)


@functools.lru_cache(maxsize=4)
def _read(path: Path, _changed_at: int) -> dict[str, Any]:
    return json.loads(path.read_bytes())


def manifest_of(settings: Settings) -> dict[str, Any]:
    """The manifest itself, parsed first when missing or stale."""
    path = ensure_manifest(settings)
    return _read(path, path.stat().st_mtime_ns)


def parts(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The project's nodes in three parts, so that each needs one build: what matching reads and
    all that doesn't wait for it; what waits for customer ids; what waits for scores.

    Returns, by the name of each part's step, which nodes it selects and excludes, in dbt's words.
    """
    matched, scored = (
        " ".join(
            f"source:{source['source_name']}.{source['name']}+"
            for source in manifest["sources"].values()
            if _python_level(source) == level
        )
        for level in (1, 2)
    )
    chosen = (
        {"select": "fqn:*", "exclude": f"{matched} {scored}".strip()},
        {"select": matched, "exclude": scored},
        {"select": scored, "exclude": ""},
    )
    return {name: words for name, words in zip(PARTS, chosen, strict=True) if words["select"]}


def _python_level(source: Mapping[str, Any]) -> int:
    """0 for what comes from outside; 1 for the tables of matching, 2 for those of scoring."""
    key = source["meta"].get("dagster", {}).get("asset_key") or [source["source_name"]]
    return PYTHON_LEVELS.get(key[0], 0)


def nodes_of(
    manifest: Mapping[str, Any], translator: KindredTranslator, keys: Collection[dg.AssetKey]
) -> list[str]:
    """The ids of the nodes behind asset keys."""
    return [
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in BUILT_TYPES and translator.get_asset_key(node) in keys
    ]


def gold_models(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The models that are published: marts, audiences, and the tables named in `GOLD_TABLES`.

    A step on the way to them (`int_...`) stays inside.
    """
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    return sorted((m for m in models if _is_gold(m)), key=lambda m: (m["schema"], m["name"]))


def _is_gold(model: Mapping[str, Any]) -> bool:
    if model["name"].startswith("int_"):
        return False
    folder = Path(model["original_file_path"]).parts[1]
    return model["name"] in GOLD_TABLES or folder in GOLD_FOLDERS


def prepare_run_folder(settings: Settings) -> Path:
    """Folder for the artifacts of a build, apart from the manifest that code locations read."""
    run = settings.home / "dbt" / "run"
    run.mkdir(parents=True, exist_ok=True)
    return run
