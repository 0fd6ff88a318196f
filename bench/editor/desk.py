"""The editor on a server of its own, filled before it is looked at, and a page signed in to it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, Page

from bench.server import segmentarium, served

PAGES = Path(__file__).resolve().parent / "pages"
_WINDOW = (1440, 900)

Filled = TypeVar("Filled")


@contextmanager
def desk(
    browser: Browser, fill: Callable[[httpx.Client], Filled]
) -> Iterator[tuple[Filled, str, Page]]:
    """What `fill` gave, the server's address, and the page. Any directory of data is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="segmentarium-bench-") as name:
        with segmentarium(Path(name)) as client:
            filled = fill(client)
        command = ["-m", "segmentarium.cli", "serve", "--no-browser", "--port", "0"]
        with served([sys.executable, *command, "--data", name]) as (_, url):
            page = measured_page(browser, "ours.js")
            page.goto(url)
            page.get_by_role("button", name="New project").first.wait_for()
            parts = urlsplit(url)
            yield filled, f"{parts.scheme}://{parts.netloc}", page
            page.context.close()


def measured_page(browser: Browser, adapter: str = "") -> Page:
    """A page with what measures in it, and with the adapter to what it shows."""
    width, height = _WINDOW
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(600_000)
    for script in ("measure.js", *([adapter] if adapter else [])):
        page.add_init_script(path=PAGES / script)
    return page
