"""Where destinations live and how we prove who we are.

Belongs here: connection values (dlt's, shared with ingestion), OAuth client credentials, API keys.
Does not belong here: requests for data.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import dlt
import requests
from dlt.common.configuration.exceptions import ConfigurationException

from activation.engine.errors import DestinationError
from activation.engine.transport import unauthorized

EARLY = 60


def value(system: str, name: str) -> str:
    """A connection value of a system. Raises `DestinationError` naming the variable to set."""
    path = f"sources.{system}.{name}"
    try:
        found = dlt.secrets[path]
    except (KeyError, ConfigurationException):
        found = None
    if found is None or not str(found).strip():
        variable = path.replace(".", "__").upper()
        raise DestinationError(
            f"{system} has no {name}: set {variable}, or {path} in .dlt/secrets.toml"
        )
    return str(found).strip()


def base_url(system: str) -> str:
    """The system's base URL, without a trailing slash. Raises `DestinationError`."""
    url = value(system, "base_url").rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise DestinationError(f"{system}: base_url must start with https:// (or http://)")
    return url


@dataclass
class ApiKey:
    """A fixed bearer key."""

    key: str = field(repr=False)

    def headers(self, _session: requests.Session, _timeout: float) -> dict[str, str]:
        """The Authorization header."""
        return {"Authorization": f"Bearer {self.key}"}

    def renew(self) -> bool:
        """A refused key stays refused."""
        return False


@dataclass
class ClientCredentials:
    """OAuth 2 client credentials: fetches a token when needed, and a new one when it is refused."""

    system: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None
    sleep: Callable[[float], None] = time.sleep
    attempts: int = 4
    _token: str | None = field(default=None, init=False, repr=False)
    _expires: float = field(default=0.0, init=False)

    def headers(self, session: requests.Session, timeout: float) -> dict[str, str]:
        """The Authorization header. Raises `DestinationError` when no token is to be had."""
        if self._token is None or time.monotonic() >= self._expires:
            self._fetch(session, timeout)
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Drop the token that was refused."""
        self._token = None
        return True

    def _fetch(self, session: requests.Session, timeout: float) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        } | ({"scope": self.scope} if self.scope else {})
        response = self._post(session, form, timeout)
        if response.status_code in (HTTPStatus.BAD_REQUEST, *_REFUSED):
            raise unauthorized(self.system, response)
        try:
            body = response.json()
            self._token = body["access_token"]
            lifetime = float(body.get("expires_in", 600))
        except (ValueError, KeyError, TypeError):
            raise DestinationError(
                f"{self.system}: the token address answered {response.status_code} without a token"
            ) from None
        self._expires = time.monotonic() + max(0.0, lifetime - EARLY)

    def _post(
        self, session: requests.Session, form: dict[str, str], timeout: float
    ) -> requests.Response:
        problem = ""
        for attempt in range(self.attempts):
            if attempt:
                self.sleep(2 ** (attempt - 1))
            try:
                response = session.post(self.token_url, data=form, timeout=timeout)
            except requests.RequestException as error:
                problem = f"gave no answer ({type(error).__name__})"
                continue
            if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                return response
            problem = f"answered {response.status_code}"
        raise DestinationError(
            f"{self.system}: the token address {problem}; gave up after {self.attempts} attempts"
        )


_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
