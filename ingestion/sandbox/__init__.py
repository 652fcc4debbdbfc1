"""A pretend car brand: its people, its data, and servers that speak its systems' protocols.

Belongs here: the public face of the sandbox. Importing it does no work and needs no numpy.
Does not belong here: the generator (`company`) and the servers (`servers`).
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingestion.sandbox.company.creation import Creation

AS_OF = dt.date(2026, 11, 1)
"""The company's present: its history ends before this day."""

SEED = 20261101
CLIENT_ID = "kindred"
SECRET = "sandbox-secret"  # noqa: S105  (the same for everybody, and good for nothing else)
PORTS = {"dynamics365": 8801, "salesforce": 8802, "sap_commerce": 8803, "email_platform": 8804}
"""Where the servers listen unless the port is taken."""


def create_company(folder: Path | str, people: int = 5000, seed: int = SEED) -> Creation:
    """Make the sandbox company in `folder`, or do nothing when the same company is there.

    The answer's `created` says which of the two happened. The same people and seed give the same
    bytes. Raises `ingestion.sandbox.company.creation.CompanyError` when the folder holds another
    company or something else.
    """
    from ingestion.sandbox.company.creation import create  # noqa: PLC0415  (keeps import cheap)

    return create(Path(folder), people, seed)


def connection_environment(folder: Path | str) -> dict[str, str]:
    """The variables (`SOURCES__*`) that point Kindred at the company in `folder`.

    REST systems are taken from `running.json`, which the servers write when all of them answer;
    without it the default ports are named. Raises ValueError when `running.json` is malformed.
    """
    folder = Path(folder).expanduser().resolve()
    ports = PORTS | _running_ports(folder / "running.json")
    url = {system: f"http://127.0.0.1:{ports[system]}" for system in PORTS}
    values: dict[str, dict[str, str]] = {
        "dynamics365": {
            "base_url": url["dynamics365"],
            "token_url": url["dynamics365"] + "/velmora/oauth2/v2.0/token",
            **_client(),
        },
        "salesforce": {"base_url": url["salesforce"], **_client()},
        "sap_commerce": {"base_url": url["sap_commerce"], **_client()},
        "email_platform": {"base_url": url["email_platform"], "api_key": SECRET},
        "dealer_erp": {"credentials": f"sqlite:///{folder / 'files' / 'dealer_erp.db'}"},
    }
    for name in ("magento", "web_events", "registers", "partners"):
        values[name] = {"folder": str(folder / "files" / name)}
    return {
        f"SOURCES__{system}__{name}".upper(): value
        for system, settings in values.items()
        for name, value in settings.items()
    }


def _client() -> dict[str, str]:
    return {"client_id": CLIENT_ID, "client_secret": SECRET}


def _running_ports(path: Path) -> dict[str, int]:
    try:
        ports = json.loads(path.read_text())["ports"]
        return {str(system): int(port) for system, port in ports.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is malformed; stop the servers and remove it") from error


def __getattr__(name: str) -> Any:
    """`serve`, loaded when first asked for."""
    if name == "serve":
        from ingestion.sandbox.servers import serve  # noqa: PLC0415

        return serve
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
