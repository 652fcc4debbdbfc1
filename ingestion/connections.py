"""What an operator sets to reach each system: `sources.<name>.*` in dlt's configuration.

Belongs here: the settings' names, types and defaults, in one place so that documentation and tests
can list them. They come from the environment (`SOURCES__DYNAMICS365__BASE_URL`) or from
`.dlt/secrets.toml`, and are read when a source is extracted, never when the graph loads.
"""

from __future__ import annotations

from typing import TypeVar

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

# `= None` without `| None` is dlt's way to say that a setting is required


@configspec
class FolderConnection(BaseConfiguration):
    """A source made of files in one folder."""

    folder: str = None  # type: ignore[assignment]


@configspec
class ErpConnection(BaseConfiguration):
    """The ERP's database: an SQLAlchemy URL, and the schema where it isn't the default."""

    credentials: TSecretStrValue = None  # type: ignore[assignment]
    db_schema: str | None = None


@configspec
class ApiConnection(BaseConfiguration):
    """An HTTP API. `patience` (seconds) bounds all waiting for one answer, `timeout` one attempt;
    `page_size` 0 means the connector's own."""

    base_url: str = None  # type: ignore[assignment]
    patience: float = 300.0
    timeout: float = 60.0
    page_size: int = 0


@configspec
class KeyConnection(ApiConnection):
    """An API behind a key."""

    api_key: TSecretStrValue = None  # type: ignore[assignment]


@configspec
class OAuthConnection(ApiConnection):
    """An API behind OAuth 2.0 client credentials."""

    client_id: str = None  # type: ignore[assignment]
    client_secret: TSecretStrValue = None  # type: ignore[assignment]


@configspec
class DataverseConnection(OAuthConnection):
    """Dataverse; `token_url` is the tenant's token endpoint."""

    token_url: str = None  # type: ignore[assignment]


@configspec
class SalesforceConnection(OAuthConnection):
    """Salesforce; `base_url` is the org's My Domain."""

    api_version: str = "v62.0"


CONNECTIONS: dict[str, type[BaseConfiguration]] = {
    "dynamics365": DataverseConnection,
    "salesforce": SalesforceConnection,
    "dealer_erp": ErpConnection,
    "magento": FolderConnection,
    "sap_commerce": OAuthConnection,
    "web_events": FolderConnection,
    "email_platform": KeyConnection,
    "registers": FolderConnection,
    "partners": FolderConnection,
}

Connection = TypeVar("Connection", bound=BaseConfiguration)


def connection(kind: type[Connection], source: str) -> Connection:
    """The configured connection of `source`. Raises dlt's error naming the settings it lacks."""
    return resolve_configuration(kind(), sections=("sources", source))
