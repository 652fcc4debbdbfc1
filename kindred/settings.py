"""Every setting of Kindred, where the folders lie, and which sources are on.

Belongs here: what an operator may set, read from the environment (`KINDRED_*`) or `kindred.toml`.
Does not belong here: base URLs and credentials of source systems and destinations. Those are dlt's
(`SOURCES__<SYSTEM>__<NAME>` or `.dlt/secrets.toml`), so that reading a system and writing to it
share one place.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PROJECT_ROOT = Path(__file__).resolve().parent.parent

BUILT_IN_SOURCES = (
    "dynamics365",
    "salesforce",
    "dealer_erp",
    "magento",
    "sap_commerce",
    "web_events",
    "email_platform",
    "registers",
    "partners",
)
"""The sources that are on by default: the systems of the sandbox company."""

FILES_PREFIX = "KINDRED_FILES_"


class Settings(BaseSettings):
    """All settings, validated: the environment wins over `kindred.toml`, that over defaults."""

    model_config = SettingsConfigDict(env_prefix="KINDRED_", extra="forbid")

    home: Path = Field(
        default=PROJECT_ROOT / "data",
        description="Folder that holds lake, warehouse, ledger, models and Dagster's home.",
    )
    sources: Annotated[tuple[str, ...], NoDecode] = Field(
        default=BUILT_IN_SOURCES,
        description="Enabled sources, separated by commas. Models and assets of others vanish.",
    )
    files: dict[str, str] = Field(
        default_factory=dict,
        description="Sources made of files: name to a file or folder of CSV, Parquet or JSON lines "
        "(`KINDRED_FILES_<NAME>=PATH`, or the table `[files]` in `kindred.toml`).",
    )
    as_of: dt.date | None = Field(
        default=None,
        description="The day the platform believes it is (ISO date). Default: today, UTC.",
    )
    ledger_url: str | None = Field(
        default=None,
        description="SQLAlchemy URL of the ledger. Default: SQLite at `<home>/ledger.db`.",
    )
    default_country: str = Field(
        default="NL",
        description="ISO country code for phones and addresses that name none.",
    )
    identity_rules: Path | None = Field(
        default=None,
        description="YAML file of rules of matching that override kindred/identity/rules/rules.yml "
        "key by key.",
    )
    alert_file: Path | None = Field(
        default=None,
        description="File that receives a readable alert when a run fails. "
        "Default: `<home>/alerts.log`.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then `kindred.toml` (path in `KINDRED_CONFIG`)."""
        path = Path(os.environ.get("KINDRED_CONFIG", PROJECT_ROOT / "kindred.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)

    @model_validator(mode="before")
    @classmethod
    def _files_from_environment(cls, values: dict[str, Any]) -> dict[str, Any]:
        found = {
            name.removeprefix(FILES_PREFIX).lower(): path
            for name, path in os.environ.items()
            if name.startswith(FILES_PREFIX) and path
        }
        return {**values, "files": {**values.get("files", {}), **found}}

    @field_validator("sources", mode="before")
    @classmethod
    def _split_sources(cls, value: Any) -> Any:
        names = value.split(",") if isinstance(value, str) else value
        return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))

    @field_validator("sources")
    @classmethod
    def _at_least_one_source(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("KINDRED_SOURCES names no source; name at least one")
        return value

    @field_validator("home", "identity_rules")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().resolve() if value else None

    @property
    def today(self) -> dt.date:
        """The day the platform believes it is."""
        return self.as_of or dt.datetime.now(dt.UTC).date()

    @property
    def raw(self) -> Path:
        """`lake/raw`: what dlt landed, append only, `<source>/<table>/*.parquet`."""
        return self.home / "lake" / "raw"

    @property
    def quarantine(self) -> Path:
        """`lake/quarantine`: rows that could not land, with the reason, `<source>/<table>/`."""
        return self.home / "lake" / "quarantine"

    @property
    def derived(self) -> Path:
        """`lake/derived`: what Python assets wrote, `<asset>/*.parquet`."""
        return self.home / "lake" / "derived"

    @property
    def gold(self) -> Path:
        """`lake/gold`: published Delta tables, `<product>/<table>/`."""
        return self.home / "lake" / "gold"

    @property
    def warehouse(self) -> Path:
        """The DuckDB database that only dbt writes."""
        return self.home / "warehouse.duckdb"

    @property
    def pictures(self) -> Path:
        """Charts that the last run drew, as files."""
        return self.home / "pictures"

    @property
    def docs(self) -> Path:
        """dbt's documentation as one page."""
        return self.home / "docs"

    @property
    def models(self) -> Path:
        """Trained models and their cards."""
        return self.home / "models"

    @property
    def sandbox(self) -> Path:
        """The sandbox company: its files, its systems' state, the truth that is never ingested."""
        return self.home / "sandbox"

    @property
    def alerts(self) -> Path:
        """Where the failure sensor writes."""
        return self.alert_file or self.home / "alerts.log"

    @property
    def ledger(self) -> str:
        """SQLAlchemy URL of the ledger."""
        return self.ledger_url or f"sqlite:///{self.home / 'ledger.db'}"

    def make_home(self) -> None:
        """Make the home, for its owner only, as people's data comes to lie in it.

        A home that is there already stays as open as somebody made it.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)

    def environment(self) -> dict[str, str]:
        """Environment for a child process (dbt, Dagster) that must see these same settings."""
        values = {
            "KINDRED_HOME": str(self.home),
            "KINDRED_SOURCES": ",".join(self.sources),
            "KINDRED_AS_OF": self.today.isoformat(),
            "KINDRED_DEFAULT_COUNTRY": self.default_country,
            "DAGSTER_HOME": str(self.home / "dagster"),
        }
        if self.identity_rules:
            values["KINDRED_IDENTITY_RULES"] = str(self.identity_rules)
        return values | {FILES_PREFIX + name.upper(): path for name, path in self.files.items()}


def load() -> Settings:
    """Read the settings afresh.

    Raises pydantic's `ValidationError`, which names the setting and what is wrong with it.
    """
    return Settings()
