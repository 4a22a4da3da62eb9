"""A headless Chromium, and the pages that the tests open in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import pages
from tests.support import pack_on_disk

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# What is copied, without the clipboard of the machine.
CLIPBOARD = """
window.copied = []
navigator.clipboard.writeText = async (text) => { window.copied.push(text) }
"""
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not path:
        pytest.fail("no Chromium: install the package `chromium`, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with each kind of fault, mark and case."""
    path = tmp_path_factory.mktemp("everything") / "report.html"
    path.write_text(pages.everything(), "utf-8")
    return path


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a clean run of all packs."""
    out = tmp_path_factory.mktemp("clean")
    result = pack_on_disk.harness("run", "--out", out)
    assert result.code == 0, result.out + result.err
    return out


@pytest.fixture
def open_page(browser: Browser, everything: Path) -> Iterator[Open]:
    """Open a page, and check at the end that it fetched nothing and that nothing failed in it."""
    contexts, problems, fetched = [], list[str](), list[str]()

    def open_one(
        address: str = "", path: Path = everything, ready: bool = True, **options: Any
    ) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(f"a dialog: {dialog.message}"))
        page.on("request", lambda request: fetched.append(request.url.partition("#")[0]))
        page.add_init_script(CLIPBOARD)
        page.goto(f"{path.as_uri()}{address}")
        if ready and options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []
    assert {url for url in fetched if not url.startswith("file:")} == set()
