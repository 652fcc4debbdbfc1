"""One way to ask an HTTP API: credentials, patience, and failures in one sentence.

Belongs here: what every REST source shares on the wire. Does not belong here: a system's paths,
paging or words (its own folder), or rows (`api_tables`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from requests.auth import AuthBase

from ingestion.connections import ApiConnection, OAuthConnection
from ingestion.errors import LandingError

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
SLOWEST_RETRY = 30.0
LONGEST_REASON = 200
END = object()
REFUSED = "the system refuses the credentials: check what is set for SOURCES__{}__*"


class StatusError(Exception):
    """An answer with an error status that only the caller can judge (an expired token)."""

    def __init__(self, status: int, body: bytes):
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body


class Bearer(AuthBase):
    """Sends a bearer token; `renew` fetches one when there is none yet or it was refused."""

    def __init__(self, fetch: Callable[[], str]):
        self._fetch = fetch
        self._token: str | None = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into a request."""
        request.headers["Authorization"] = f"Bearer {self._token or self.renew()}"
        return request

    def renew(self) -> str:
        """Fetch a token and keep it."""
        self._token = self._fetch()
        return self._token


class Api:
    """A session with one system. Every method raises `LandingError` in the name of the source."""

    def __init__(self, source: str, settings: ApiConnection):
        self.source = source
        self.base_url = settings.base_url.rstrip("/")
        self.page_size = settings.page_size
        self._settings = settings
        self._session = requests.Session()
        # a proxy is for the world outside, never for this machine
        self._session.trust_env = urlsplit(self.base_url).hostname not in ("127.0.0.1", "localhost")
        self._bearer: Bearer | None = None
        self._granted: dict[str, Any] = {}

    def client_credentials(self, token_url: str, credentials: OAuthConnection, scope: str) -> None:
        """Authenticate with tokens from `token_url` from now on."""
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        } | ({"scope": scope} if scope else {})

        def fetch() -> str:
            answer = self._patiently(
                lambda: self._session.post(token_url, data=form, timeout=self._timeout), None
            )
            if answer.status_code in (400, 401, 403):
                raise LandingError(REFUSED.format(self.source.upper()), self.source)
            self._raise_for_status(answer, "asking for a token", None)
            self._granted = self._decoded(answer, None)
            return self._told_with_token("access_token")

        self._bearer = Bearer(fetch)

    def granted(self, name: str) -> str:
        """A value that the system sends along with a token, by its name."""
        if not self._granted and self._bearer:
            self._bearer.renew()
        return self._told_with_token(name)

    def _told_with_token(self, name: str) -> str:
        if not self._granted.get(name):
            raise LandingError(f"the token answer holds no {name}", self.source)
        return str(self._granted[name])

    def key(self, api_key: str) -> None:
        """Authenticate with a fixed key from now on."""
        self._bearer = Bearer(lambda: api_key)

    def get(
        self,
        path: str,
        table: str,
        parameters: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        judged: tuple[int, ...] = (),
    ) -> Any:
        """The JSON that `path` (below the base URL, or a link that the server gave) answers.

        Of a link only path and query are used: it can't lead elsewhere, and it may outlive a move
        of the server. Statuses in `judged` raise `StatusError` instead of `LandingError`.
        """
        url = self.base_url + self.relative(path)

        def ask() -> requests.Response:
            return self._session.get(
                url, params=parameters, headers=headers, timeout=self._timeout, auth=self._bearer
            )

        answer = self._patiently(ask, table)
        if answer.status_code == 401 and self._bearer:
            self._bearer.renew()
            answer = self._patiently(ask, table)
        if answer.status_code in judged:
            raise StatusError(answer.status_code, answer.content)
        self._raise_for_status(answer, f"GET {urlsplit(url).path}", table)
        return self._decoded(answer, table)

    def relative(self, link: str) -> str:
        """Path and query of a link, without scheme, host and the base URL's own path."""
        parts = urlsplit(link)
        path = parts.path.removeprefix(urlsplit(self.base_url).path)
        return path + (f"?{parts.query}" if parts.query else "")

    @property
    def _timeout(self) -> tuple[float, float]:
        return min(10.0, self._settings.timeout), self._settings.timeout

    def _patiently(
        self, ask: Callable[[], requests.Response], table: str | None
    ) -> requests.Response:
        """Ask until there is an answer worth reading or patience ends. Retry-After is a floor."""
        deadline = time.monotonic() + self._settings.patience
        delay = min(0.5, self._settings.patience / 20)
        while True:
            wait, trouble = delay, ""
            try:
                answer = ask()
                if answer.status_code not in RETRIED:
                    return answer
                trouble = f"answers {answer.status_code}"
                wait = _retry_after(answer) if "Retry-After" in answer.headers else delay
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                trouble = "can't be reached or hangs up"
            except requests.Timeout:
                trouble = f"gives no answer within {self._settings.timeout:g} s"
            if time.monotonic() + wait > deadline:
                raise LandingError(
                    f"the system at {self.base_url} {trouble}; gave up after "
                    f"{self._settings.patience:g} s of patience, the next run carries on",
                    self.source,
                    table,
                ) from None
            time.sleep(wait)
            delay = min(delay * 2, SLOWEST_RETRY)

    def _raise_for_status(self, answer: requests.Response, doing: str, table: str | None) -> None:
        if answer.status_code in (401, 403):
            raise LandingError(REFUSED.format(self.source.upper()), self.source, table)
        if answer.status_code >= 400:
            said = f": {_said(answer)}" if answer.status_code in (400, 404) else ""
            raise LandingError(f"{doing} answers {answer.status_code}{said}", self.source, table)

    def _decoded(self, answer: requests.Response, table: str | None) -> Any:
        try:
            return orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            kind = answer.headers.get("Content-Type", "nothing").split(";")[0]
            raise LandingError(
                f"the answer is no JSON but {kind}; is base_url right?", self.source, table
            ) from None


def ahead(pages: Iterator[Any]) -> Iterator[Any]:
    """`pages`, each asked for while the caller still works on the one before it."""
    with ThreadPoolExecutor(1) as asking:
        coming = asking.submit(next, pages, END)
        while (page := coming.result()) is not END:
            coming = asking.submit(next, pages, END)
            yield page


def _said(answer: requests.Response) -> str:
    """What the system says is wrong with our question, which holds names of ours and no data."""
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return "no reason given"
    while isinstance(found, list | dict) and found:
        if isinstance(found, list):
            found = found[0]
        elif isinstance(found.get("message"), str):
            return found["message"][:LONGEST_REASON]
        else:
            found = found.get("error") or found.get("errors")
    return "no reason given"


def _retry_after(answer: requests.Response) -> float:
    """Seconds to wait; a date (rarely used by these systems) counts as the slowest retry."""
    try:
        return max(0.0, float(answer.headers["Retry-After"]))
    except ValueError:
        return SLOWEST_RETRY
