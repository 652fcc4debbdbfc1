"""OAuth client-credentials tokens that outlive a restart of the server.

Belongs here: issuing and checking. How a refusal is worded is each protocol's own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass

from ingestion.sandbox.servers.calls import Call

CLIENT_ID = "kindred"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 (the sandbox's fixed, public credential)
COLLEAGUE = "colleague"
"""A second client with the same secret: somebody who works in the systems beside Kindred."""


@dataclass
class Tokens:
    """Signed tokens of one system. A token names its expiry; `expire_all` voids earlier ones."""

    system: str
    lifetime: float = 3600
    _generation: int = 0

    def accepts(self, client_id: str | None, client_secret: str | None) -> bool:
        """Whether these are the sandbox's credentials."""
        return client_id in {CLIENT_ID, COLLEAGUE} and client_secret == CLIENT_SECRET

    def issue(self, client_id: str) -> str:
        """A new bearer token for a client."""
        expiry = int((time.time() + self.lifetime) * 1000)
        claim = f"{self.system}.{client_id}.{self._generation}.{expiry}"
        return f"{claim}.{self._sign(claim)}"

    def holder(self, header: str | None) -> str | None:
        """The client whose token an Authorization header carries; None when it holds no more."""
        scheme, _, token = (header or "").partition(" ")
        claim, _, signature = token.strip().rpartition(".")
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            signature.encode(), self._sign(claim).encode()
        ):
            return None
        client_id, generation, expiry = claim.removeprefix(self.system + ".").split(".")
        holds = int(generation) == self._generation and int(expiry) > time.time() * 1000
        return client_id if holds else None

    def expire_all(self) -> None:
        """Void every token issued so far."""
        self._generation += 1

    def _sign(self, claim: str) -> str:
        digest = hmac.new(CLIENT_SECRET.encode(), claim.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def asked_credentials(call: Call) -> tuple[str | None, str | None, str | None]:
    """Grant type, client id and secret of a token request, from its form or Basic header."""
    form = call.form()
    client_id, secret = _basic(call.headers.get("authorization"))
    if client_id is None:
        client_id, secret = form.get("client_id"), form.get("client_secret")
    return form.get("grant_type"), client_id, secret


def _basic(header: str | None) -> tuple[str | None, str | None]:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None, None
    return name, secret
