"""HTTP as every destination needs it: time-outs, bounded retries, one Retry-After for all workers.

Belongs here: sending a request until it is answered or given up. Does not belong here: what a
body means; that is the destination's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Protocol

import orjson
import requests
from requests.adapters import HTTPAdapter

from activation.engine.errors import DestinationError

WORDS = 300
CONNECT_SECONDS = 10.0


class Credentials(Protocol):
    """What proves who we are."""

    def headers(self, session: requests.Session, timeout: float) -> dict[str, str]:
        """Headers for a request; fetches a token when none is held."""

    def renew(self) -> bool:
        """Drop what was refused; False when there is nothing else to try."""


@dataclass
class Transport:
    """Sends requests to one system. Several threads may use one transport.

    `system` is the name in messages, `timeout` how many seconds an answer may take. Time-outs,
    dropped connections and 5xx are repeated up to `attempts` times with doubling pauses from
    `pause` seconds; 429 (and 503 with Retry-After) holds back every thread until the moment the
    server named, up to `longest_wait` seconds in one go.
    """

    system: str
    credentials: Credentials
    connections: int = 1
    timeout: float = 120
    attempts: int = 6
    pause: float = 0.5
    longest_wait: float = 900
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _floor: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        adapter = HTTPAdapter(pool_connections=self.connections, pool_maxsize=self.connections)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        **content: Any,
    ) -> Reply:
        """Send until answered. Any status below 500 but 401 and 429 is the caller's to judge.

        `json` is a JSON-ready body; any other `content` is what `requests` takes.
        Raises `DestinationError` when the server doesn't answer, keeps failing or refuses our
        credentials. The message never holds a URL or a body.
        """
        if json is not None:
            headers = {"Content-Type": "application/json", **(headers or {})}
            content["data"] = orjson.dumps(json)
        uncertain, problem, renewed, attempt = False, "", False, 0
        while attempt < self.attempts:
            self._wait_for_floor()
            try:
                response = self._once(method, url, headers, content)
            except requests.RequestException as error:
                uncertain, problem = True, f"gave no answer ({type(error).__name__})"
            else:
                status = response.status_code
                if status == HTTPStatus.UNAUTHORIZED:
                    if renewed or not self.credentials.renew():
                        raise unauthorized(self.system, response)
                    renewed = True
                    continue
                held = self._hold_back(response)
                if status < HTTPStatus.INTERNAL_SERVER_ERROR and not held:
                    return Reply(response, uncertain)
                uncertain = uncertain or not held
                problem = f"answered {status} {words_of(response)}".rstrip()
                if held:
                    attempt += 1
                    continue
            attempt += 1
            if attempt < self.attempts:
                self.back_off(attempt)
        raise DestinationError(f"{self.system} {problem}; gave up after {self.attempts} attempts")

    def back_off(self, attempt: int) -> None:
        """Pause before attempt number `attempt` + 1."""
        self.sleep(self.pause * 2 ** (attempt - 1))

    def hold(self, seconds: float) -> None:
        """Let no thread send anything for `seconds`: the server said so."""
        if seconds > self.longest_wait:
            raise DestinationError(
                f"{self.system} asks to wait {seconds:.0f} s, longer than {self.longest_wait:.0f} s"
            )
        with self._lock:
            self._floor = max(self._floor, self.clock() + seconds)

    def _once(
        self, method: str, url: str, headers: Mapping[str, str] | None, content: dict[str, Any]
    ) -> requests.Response:
        with self._lock:
            proof = self.credentials.headers(self._session, self.timeout)
        return self._session.request(
            method,
            url,
            headers={**(headers or {}), **proof},
            timeout=(min(CONNECT_SECONDS, self.timeout), self.timeout),
            allow_redirects=False,
            **content,
        )

    def _wait_for_floor(self) -> None:
        waited_for = None
        while True:
            with self._lock:
                floor, left = self._floor, self._floor - self.clock()
            if left <= 0 or floor == waited_for:
                return
            self.sleep(left)
            waited_for = floor

    def _hold_back(self, response: requests.Response) -> bool:
        """Whether this answer says "later"; if so, hold all threads until then."""
        named = response.headers.get("Retry-After")
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            self.hold(retry_after(named, default=self.pause))
            return True
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE and named:
            self.hold(retry_after(named, default=self.pause))
            return True
        return False


@dataclass(frozen=True)
class Reply:
    """A response; `uncertain` when an earlier, unanswered attempt may have been carried out."""

    response: requests.Response
    uncertain: bool

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    def json(self, system: str) -> Any:
        """The body as JSON. Raises `DestinationError` when it is none."""
        try:
            return orjson.loads(self.response.content)
        except orjson.JSONDecodeError:
            raise DestinationError(
                f"{system} answered {self.status} with a body that isn't JSON"
            ) from None


def retry_after(value: str | None, default: float) -> float:
    """Seconds that a Retry-After header asks for: a number or an HTTP date."""
    if not value:
        return default
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return default
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def unauthorized(system: str, response: requests.Response) -> DestinationError:
    """The error for credentials that are not accepted."""
    return DestinationError(
        f"{system} does not accept our credentials ({response.status_code} {words_of(response)}): "
        f"check the connection values sources.{system}.* "
        f"(SOURCES__{system.upper()}__... or .dlt/secrets.toml)"
    )


def words_of(response: requests.Response) -> str:
    """What an error response says in its own words, shortened; '' when it says nothing readable."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return ""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return ""
    inner = body.get("error", body)
    if isinstance(inner, dict):
        inner = inner.get("message", "")
    else:
        inner = body.get("error_description") or inner
    return str(inner)[:WORDS]
