"""The Dagster UI in a real browser: the whole graph, in its groups, and none called default."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PICTURE = os.environ.get("KINDRED_PICTURE_FOLDER")
PICTURE_HOME = os.environ.get("KINDRED_PICTURE_HOME")
"""To take the README's picture: where to put it, and a home with a bigger company."""
START_SECONDS = 400
STOP_SECONDS = 90
GROUPS = ("ingestion", "staging", "semantic", "identity", "customers", "contactability", "gold")
GROUPS += ("segments", "audiences", "activation", "scoring", "ledger")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="chromium is not installed: apt install chromium"
    ),
]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def address(home, first, tmp_path_factory) -> str:
    """The UI on the home that the end-to-end tests use, after its first run.

    It starts with SIGINT ignored, as a script's background job does, and must stop all the same.
    """
    shown = replace(home, path=Path(PICTURE_HOME)) if PICTURE_HOME else home
    port = free_port()
    log = tmp_path_factory.mktemp("ui") / "log.txt"
    command = shown.command("ui", "--port", str(port))
    with log.open("w") as output:
        child = subprocess.Popen(
            ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command],
            cwd=ROOT,
            env=shown.environment | {"NO_PROXY": "127.0.0.1,localhost"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    found = f"http://127.0.0.1:{port}"
    try:
        _wait_for(found + "/server_info", child, log)
        yield found
        child.terminate()
        child.wait(timeout=STOP_SECONDS)
        _wait_for_the_end_of(child.pid, log)
    finally:
        if _lives(child.pid):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _lives(group: int) -> bool:
    """Whether a process of this group is there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_for_the_end_of(group: int, log: Path) -> None:
    """Code servers end by themselves when nobody calls them any longer."""
    deadline = time.monotonic() + STOP_SECONDS
    while _lives(group):
        assert time.monotonic() < deadline, f"something stays:\n{log.read_text()[-3000:]}"
        select_nothing(0.2)


def _wait_for(url: str, child: subprocess.Popen, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            opener.open(url, timeout=5).read()
            return
        except OSError:
            assert child.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < deadline, f"{url} did not answer:\n{log.read_text()[-3000:]}"
            select_nothing(0.2)


def select_nothing(seconds: float) -> None:
    """Wait for processes that have no way to call us."""
    import select

    select.select([], [], [], seconds)


@pytest.fixture(scope="module")
def page(address):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context(
            viewport={"width": 1500, "height": 800}, device_scale_factor=2 if PICTURE else 1
        )
        context.set_default_timeout(60_000)
        yield context.new_page()
        browser.close()


def test_the_asset_graph_shows_every_group_and_no_default(page, address):
    page.goto(f"{address}/asset-groups", wait_until="domcontentloaded")
    for group in GROUPS:
        page.get_by_text(group, exact=True).first.wait_for(state="attached")
    assert page.get_by_text("default", exact=True).count() == 0
    assert page.get_by_text(re.compile("Join the .*community", re.IGNORECASE)).count() == 0
    if PICTURE:
        take_picture(page)


def take_picture(page) -> None:
    """The picture in the README: the graph alone, without the navigation."""
    page.get_by_text("Hide navigation").click()
    page.get_by_text("Materialize all").wait_for()
    page.screenshot(path=str(Path(PICTURE) / "asset-graph.png"))


def test_an_asset_shows_that_it_is_there_and_how_many_rows_it_has(page, address):
    page.goto(f"{address}/assets/customers/dim_customers", wait_until="domcontentloaded")
    for shown in ("Latest materialization", "Latest check results", "Row count"):
        page.get_by_text(shown, exact=True).first.wait_for(state="attached")
    page.get_by_text("One row per customer", exact=False).first.wait_for(state="attached")
