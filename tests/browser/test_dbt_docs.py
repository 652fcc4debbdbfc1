"""dbt's documentation in a real browser: an analyst searches a table and opens its lineage."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
TABLE = "model.kindred.dim_customers"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="chromium is not installed: apt install chromium"
    ),
]


@pytest.fixture(scope="module")
def address(home, first):
    """The page as `make docs` serves it."""
    with subprocess.Popen(
        home.command("docs", "--port", "0"),
        cwd=ROOT,
        env=home.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        said = []
        for line in served.stdout:
            said.append(line)
            if line.startswith("Serving"):
                break
        try:
            assert said and said[-1].startswith("Serving"), said
            yield said[-1].split()[1]
        finally:
            served.terminate()


@pytest.fixture(scope="module")
def page(address):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1500, "height": 900})
        page.set_default_timeout(60_000)
        page.goto(address)
        yield page
        browser.close()


def test_the_overview_says_where_to_start(page):
    page.get_by_role("heading", name="Where to start").wait_for()
    assert page.locator("code:visible", has_text="fct_segment_history").count() == 1


def test_a_table_is_found_and_its_lineage_opened(page):
    page.locator("#search").fill("dim_customers")
    page.locator(f".search-result[href$='{TABLE}']").click()
    page.wait_for_url(f"**{TABLE}")
    page.locator("h1:visible", has_text="dim_customers").first.wait_for()
    page.locator(".launcher-btn a:visible").click()
    page.locator(".launcher-embed canvas:visible").first.wait_for()
    window = page.locator(".launcher-window")
    assert "Lineage Graph" in window.inner_text()
