"""A server whose disk is full: what is drawn waits on this computer, in words, and goes when there is room."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import skimage
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, sign_in, upload

SERVE_ARGUMENTS = ["--sample"]
PHOTOGRAPHS = Path(skimage.__file__).parent / "data"
TRIANGLE = [(30.0, 30.0), (120.0, 40.0), (70.0, 130.0)]
RETRY_MS = 45_000  # the editor waits at most half a minute between two tries


@contextmanager
def no_file_longer_than(server: Server, size: int) -> Iterator[None]:
    """A limit of the running server's process on its files, which is lifted at the end."""
    before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, before[1]))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)


@pytest.fixture(scope="module")
def page(
    browser: Browser, server: Server, browser_context_args: dict[str, object]
) -> Iterator[Page]:
    """A page signed in once for the whole file."""
    context = browser.new_context(**browser_context_args, base_url=server.base_url)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, server)
    yield page
    context.close()


def test_what_is_drawn_while_the_servers_disk_is_full_is_told_kept_and_stored_once_there_is_room(
    page: Page, server: Server
) -> None:
    page.goto("/projects/1/images/2")
    editor = EditorScreen(page)
    editor.wait()
    before = len(editor.stored())
    state = page.get_by_test_id("save-state")
    with no_file_longer_than(server, 1000):
        for shift in (150.0, 250.0):
            editor.draw_polygon([(x + shift, y) for x, y in TRIANGLE])
        expect(state).to_have_attribute("data-state", "offline")
        expect(state).to_have_text("The server's disk is full — 2 edits kept on this computer")
        state.hover()
        expect(page.get_by_role("tooltip")).to_contain_text("Free some space")
        expect(editor.rows).to_have_count(before + 2)
        assert len(editor.stored()) == before
        # They outlive the tab, and what is on the server can still be looked at.
        page.reload()
        editor.wait()
        expect(editor.rows).to_have_count(before + 2)
        expect(state).to_contain_text("The server's disk is full")
    expect(state).to_have_attribute("data-state", "saved", timeout=RETRY_MS)
    assert len(editor.stored()) == before + 2
    assert {one["revision"] for one in editor.stored()} == {1}
    with closing(sqlite3.connect(server.data_dir / "segmentarium.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_an_upload_to_a_full_disk_says_why_and_goes_in_when_there_is_room(
    page: Page, server: Server
) -> None:
    page.goto("/projects/1")
    cards = page.get_by_test_id("image-card")
    expect(cards).to_have_count(4)
    picture = PHOTOGRAPHS / "rocket.jpg"
    with no_file_longer_than(server, 1000):
        upload(page, [picture])
        expect(page.get_by_text("There is no room for what was to be stored")).to_be_visible()
        expect(cards).to_have_count(4)
    assert not list((server.data_dir / "incoming").iterdir())
    upload(page, [picture])
    expect(cards).to_have_count(5)
