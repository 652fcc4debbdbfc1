"""Starting and stopping the servers: one process, one event loop, one loopback port per system.

Belongs here: ports, `running.json`, signals, the background thread for tests.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import uvicorn

from ingestion.sandbox.servers.dynamics365.service import Dynamics365
from ingestion.sandbox.servers.email_platform import EmailPlatform
from ingestion.sandbox.servers.front import DroppableProtocol, Front
from ingestion.sandbox.servers.misbehaviour import Misbehaviour
from ingestion.sandbox.servers.page import page_application
from ingestion.sandbox.servers.salesforce.service import Salesforce
from ingestion.sandbox.servers.sap_commerce import SapCommerce
from ingestion.sandbox.servers.system import Captured, System

SYSTEMS: tuple[type[System], ...] = (Dynamics365, Salesforce, SapCommerce, EmailPlatform)
PAGE = "page"
DEFAULT_PORTS = {PAGE: 8800} | {system.name: 8801 + number for number, system in enumerate(SYSTEMS)}
LOOPBACK = "127.0.0.1"
GRACE_SECONDS = 2


@dataclass(frozen=True)
class TLS:
    """Certificate chain and private key, PEM files."""

    certificate: Path
    key: Path


@dataclass
class Handle:
    """Running servers, for tests: `urls` maps each system (and `page`) to its base URL."""

    urls: dict[str, str]
    systems: Mapping[str, System] = field(repr=False)

    def __getitem__(self, system: str) -> str:
        """Base URL of a system, without a trailing slash."""
        return self.urls[system]

    def misbehave(self, system: str, kind: str, **how: Any) -> Misbehaviour:
        """Tell a system to misbehave; see `Misbehaviour`. Raises `ValueError`, `TypeError`."""
        return self.systems[system].misbehaviours.set(kind=kind, **how)

    def behave(self, system: str | None = None) -> None:
        """Stop misbehaving, one system or all."""
        for name in [system] if system else self.systems:
            self.systems[name].misbehaviours.clear()

    def requests(self, system: str) -> list[dict[str, Any]]:
        """Requests so far: method, path (template), status (0: never answered), count."""
        return self.systems[system].request_log()

    def captured(self, system: str) -> list[Captured]:
        """Requests as they came; empty unless started with `capture=True`."""
        return list(self.systems[system].captured or [])

    def expire_tokens(self, system: str) -> None:
        """Void every bearer token that the system issued so far."""
        self.systems[system].tokens.expire_all()


class Servers:
    """All servers of one sandbox folder, inside a running event loop."""

    def __init__(
        self,
        folder: Path,
        ports: Mapping[str, int] | None,
        tls: TLS | None,
        capture: bool = False,
        configure: Callable[[Mapping[str, System]], None] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._lock = only_server(self.folder)
        (self.folder / "running.json").unlink(missing_ok=True)
        self.tls = tls
        self.stopping = asyncio.Event()
        self.systems = {kind.name: kind(self.folder, capture) for kind in SYSTEMS}
        if configure:
            configure(self.systems)
        wanted = DEFAULT_PORTS | dict(ports or {})
        self.sockets = {name: bind(port) for name, port in wanted.items()}
        self.ports = {name: sock.getsockname()[1] for name, sock in self.sockets.items()}
        scheme = "https" if tls else "http"
        self.urls = {
            name: f"{'http' if name == PAGE else scheme}://{LOOPBACK}:{port}"
            for name, port in self.ports.items()
        }

    async def run(self, answering: Callable[[], None]) -> None:
        """Serve until `stopping` is set; calls `answering` once every server answers."""
        servers = {name: self._server(name) for name in self.sockets}
        serving = [
            asyncio.ensure_future(server._serve(sockets=[self.sockets[name]]))
            for name, server in servers.items()
        ]
        working = [asyncio.ensure_future(system.work()) for system in self.systems.values()]
        try:
            while not all(server.started for server in servers.values()):
                failed = [task for task in serving if task.done()]
                if failed:
                    await failed[0]
                await asyncio.sleep(0.01)
            with self._announced():
                answering()
                await self.stopping.wait()
        finally:
            self.stopping.set()
            for task in working:
                task.cancel()
            for server in servers.values():
                server.should_exit = True
            await asyncio.gather(*serving, *working, return_exceptions=True)
            for system in self.systems.values():
                system.store.close()
            self._lock.close()

    def _server(self, name: str) -> uvicorn.Server:
        if name == PAGE:
            application = page_application(self.systems, self.urls, self.folder / "files")
        else:
            application = Front(self.systems[name], self.stopping)
        secure = {}
        if self.tls and name != PAGE:
            secure = {"ssl_certfile": self.tls.certificate, "ssl_keyfile": self.tls.key}
            secure["ssl_version"] = ssl.PROTOCOL_TLS_SERVER
        config = uvicorn.Config(
            application,
            http=DroppableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            **secure,
        )
        return uvicorn.Server(config)

    @contextmanager
    def _announced(self) -> Iterator[None]:
        announcement = self.folder / "running.json"
        unfinished = announcement.with_name("running.json.new")
        unfinished.write_text(json.dumps({"pid": os.getpid(), "ports": self.ports}))
        unfinished.replace(announcement)
        try:
            yield
        finally:
            announcement.unlink(missing_ok=True)


def only_server(folder: Path) -> IO[str]:
    """Hold the folder until the answer is closed or the process ends, however it ends.

    Raises `RuntimeError` when another server holds it.
    """
    lock = folder / "state" / "lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = lock.open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise RuntimeError(f"{folder}: its systems are already being served") from None
    return held


def bind(port: int) -> socket.socket:
    """A listening loopback socket on `port`, or on a free port when it is taken (0: any)."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
        sock.listen(128)
    except OSError:
        sock.close()
        if port == 0:
            raise
        return bind(0)
    return sock


def serve(
    folder: Path | str, ports: Mapping[str, int] | None = None, tls: TLS | None = None
) -> None:
    """Serve the company in `folder` until SIGTERM or SIGINT.

    `ports` overrides `DEFAULT_PORTS` by name; a taken port is replaced by a free one. Raises
    `RuntimeError` when the folder is being served already, `ValueError` for Parquet that can't be.
    `<folder>/running.json` names process and ports while all servers answer.
    """

    async def main() -> None:
        servers = Servers(Path(folder), ports, tls)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, servers.stopping.set)
        await servers.run(lambda: None)

    asyncio.run(main())


@contextmanager
def running(
    folder: Path | str,
    ports: Mapping[str, int] | None = None,
    tls: TLS | None = None,
    capture: bool = False,
    configure: Callable[[Mapping[str, System]], None] | None = None,
) -> Iterator[Handle]:
    """Serve in a background thread, on free ports unless told otherwise; yields a `Handle`.

    `capture` keeps request bodies for `Handle.captured`; `configure` receives the systems by name
    before they answer (to lower a limit, for example).
    """
    free = dict.fromkeys(DEFAULT_PORTS, 0) | dict(ports or {})
    ready = threading.Event()
    box: dict[str, Any] = {}

    async def main() -> None:
        servers = Servers(Path(folder), free, tls, capture, configure)
        box["stop"] = (asyncio.get_running_loop(), servers.stopping)
        box["handle"] = Handle(servers.urls, servers.systems)
        await servers.run(ready.set)

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # handed to the caller's thread below
            box["error"] = error
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="sandbox-servers", daemon=True)
    thread.start()
    ready.wait()
    try:
        if "error" not in box:
            yield box["handle"]
    finally:
        if "stop" in box and thread.is_alive():
            loop, stopping = box["stop"]
            loop.call_soon_threadsafe(stopping.set)
        thread.join()
    if "error" in box:
        raise box["error"]
