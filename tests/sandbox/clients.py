"""A requests session per system, with the sandbox's credentials."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import requests

from ingestion.sandbox.servers import Handle

FORM = {
    "grant_type": "client_credentials",
    "client_id": "kindred",
    "client_secret": "sandbox-secret",
}
API_KEYS = {"kindred": "sandbox-secret", "colleague": "colleague-secret"}
TOKEN_PATHS = {
    "dynamics365": "/tenant/oauth2/v2.0/token",
    "salesforce": "/services/oauth2/token",
    "sap_commerce": "/authorizationserver/oauth/token",
}
ROOTS = {
    "dynamics365": "/api/data/v9.2/",
    "salesforce": "/services/data/v60.0/",
    "sap_commerce": "/rest/v2/",
    "email_platform": "/v1/",
}


class Client(requests.Session):
    """Calls one system; paths are relative to its API root unless they start with a slash.

    `user` is `kindred` or `colleague`, who works in the system too.
    """

    def __init__(
        self, handle: Handle, system: str, authorised: bool = True, user: str = "kindred"
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.base = handle[system]
        self.root = self.base + ROOTS[system]
        if authorised:
            self.headers["Authorization"] = f"Bearer {self.token(system, user)}"

    def token(self, system: str, user: str) -> str:
        if system not in TOKEN_PATHS:
            return API_KEYS[user]
        form = FORM | {"client_id": user}
        answer = self.post(self.base + TOKEN_PATHS[system], data=form)
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def request(self, method: str, url: str, *args: Any, **named: Any) -> requests.Response:
        named.setdefault("timeout", 10)
        return super().request(method, urljoin(self.root, url), *args, **named)
