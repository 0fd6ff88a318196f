"""What was drawn is never lost: a killed server, a killed tab, an image left behind, another server in its place."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import skimage
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.conftest import free_port, running_server
from tests.e2e.screens import (
    EditorScreen,
    add_category,
    api,
    create_project,
    journal,
    sign_in,
    upload,
    wait_for_empty_journal,
)

PHOTOGRAPHS = Path(skimage.__file__).parent / "data"
TRIANGLE = [(30.0, 30.0), (120.0, 40.0), (70.0, 130.0)]
EDITS = "**/api/images/*/edits"
RETRY_MS = 45_000  # the editor waits at most half a minute between two tries


@pytest.fixture
def page(browser: Browser, browser_context_args: dict[str, object], port: int) -> Iterator[Page]:
    """A page of a browser that was never here before."""
    address = f"http://127.0.0.1:{port}"
    context = browser.new_context(**browser_context_args, base_url=address)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


@pytest.fixture
def port() -> int:
    """Where the servers of a test listen, one after the other."""
    return free_port()


def open_first_image(page: Page, names: tuple[str, ...] = ("coffee.png",)) -> EditorScreen:
    """Make a project with these images and a category, and open its first image."""
    create_project(page, "Table")
    upload(page, [PHOTOGRAPHS / name for name in names])
    expect(page.get_by_test_id("image-card")).to_have_count(len(names))
    page.get_by_role("button", name="Close uploads").click()
    add_category(page, "cup")
    page.get_by_test_id("image-card").first.click()
    editor = EditorScreen(page)
    editor.wait()
    return editor


def expect_offline(page: Page) -> None:
    """Wait until the mark says that the edits are kept here."""
    state = page.get_by_test_id("save-state")
    expect(state).to_have_attribute("data-state", "offline")
    expect(state).to_contain_text("kept on this computer")


@contextmanager
def no_edits_pass(page: Page) -> Iterator[None]:
    """The server takes no edits; everything else goes on."""
    page.context.route(EDITS, lambda route: route.abort())
    yield
    page.context.unroute(EDITS)


def test_a_server_killed_in_the_middle_gets_everything_once_when_it_is_back(
    page: Page, port: int, tmp_path: Path
) -> None:
    with running_server(tmp_path, port, may_die=True) as server:
        sign_in(page, server)
        editor = open_first_image(page)
        editor.draw_polygon(TRIANGLE)
        os.kill(server.pid, signal.SIGKILL)
        for by in (150.0, 250.0, 350.0):
            editor.draw_polygon(shifted(by))
        expect_offline(page)
        expect(editor.rows).to_have_count(4)
    with running_server(tmp_path, port):
        state = page.get_by_test_id("save-state")
        expect(state).to_have_attribute("data-state", "saved", timeout=RETRY_MS)
        stored = {item["id"]: item["revision"] for item in editor.stored()}
        assert list(stored.values()) == [1, 1, 1, 1]
        page.reload()
        editor.wait()
        expect(editor.rows).to_have_count(4)


@pytest.mark.parametrize("moment", ["begun", "applied", "committed"])
def test_a_server_killed_within_a_save_has_it_once_when_it_is_back(
    page: Page, port: int, tmp_path: Path, moment: str
) -> None:
    sign = tmp_path / "die"
    program = [sys.executable, str(Path(__file__).with_name("mortal.py")), moment, str(sign)]
    data = tmp_path / "data"
    with running_server(data, port, program=program, may_die=True) as server:
        sign_in(page, server)
        editor = open_first_image(page)
        editor.draw_polygon(TRIANGLE)
        editor.expect_saved()
        (first,) = editor.shown()
        sign.touch()
        editor.draw_polygon(shifted(150.0))
        expect_offline(page)
        editor.draw_polygon(shifted(300.0))
        drawn = editor.shown()
        assert len(drawn) == 3
        kept = {edit["annotation_id"]: edit["annotation"]["segmentation"] for edit in journal(page)}
        assert kept == {key: value for key, value in drawn.items() if key != first}
    with running_server(data, port):
        expect(page.get_by_test_id("save-state")).to_have_attribute(
            "data-state", "saved", timeout=RETRY_MS
        )
        wait_for_empty_journal(page)
        assert of_stored(editor) == {key: (1, value) for key, value in drawn.items()}
        page.reload()
        editor.wait()
        assert editor.shown() == drawn


@pytest.mark.parametrize("is_taken", [False, True], ids=["unsent", "taken"])
def test_a_tab_killed_within_a_save_leaves_it_to_the_next_one_once(
    page: Page, port: int, tmp_path: Path, is_taken: bool
) -> None:
    with running_server(tmp_path, port) as server:
        sign_in(page, server)
        editor = open_first_image(page)
        context, address = page.context, page.url
        held = []

        def hold(route: Route) -> None:
            if is_taken:
                route.fetch()
            held.append(route)

        context.route(EDITS, hold)
        editor.draw_polygon(TRIANGLE)
        while not held:
            page.wait_for_timeout(20)
        drawn = editor.shown()
        page.close(run_before_unload=False)
        context.unroute(EDITS)
        other = context.new_page()
        with no_edits_pass(other):
            other.goto("/")
            expect(other.get_by_role("button", name="New project").first).to_be_visible()
            (edit,) = journal(other)
        assert {edit["annotation_id"]: edit["annotation"]["segmentation"]} == drawn
        other.goto(address)
        again = EditorScreen(other)
        again.wait()
        wait_for_empty_journal(other)
        assert again.shown() == drawn
        assert of_stored(again) == {key: (1, value) for key, value in drawn.items()}


def shifted(by: float) -> list[tuple[float, float]]:
    """The triangle further to the right."""
    return [(x + by, y) for x, y in TRIANGLE]


def of_stored(editor: EditorScreen) -> dict[str, tuple[int, Any]]:
    """Revision and segmentation of what the server has."""
    return {one["id"]: (one["revision"], one["segmentation"]) for one in editor.stored()}


def test_an_image_that_was_finished_offline_is_finished_by_the_next_tab(
    page: Page, port: int, tmp_path: Path
) -> None:
    with running_server(tmp_path, port) as server:
        sign_in(page, server)
        editor = open_first_image(page)
        context, image = page.context, f"/api/images/{editor.image_id}"
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        context.route(f"**{image}", hold)
        editor.press("Shift+D")
        while not held:
            page.wait_for_timeout(20)
        page.close(run_before_unload=False)
        context.unroute(f"**{image}")
        other = context.new_page()
        other.goto("/")
        for _ in range(100):
            if api(other, image)["state"] == "done":
                break
            other.wait_for_timeout(50)
        assert api(other, image)["state"] == "done"


def test_nobody_leaves_an_open_outline_without_being_told(
    page: Page, port: int, tmp_path: Path
) -> None:
    with running_server(tmp_path, port) as server:
        sign_in(page, server)
        editor = open_first_image(page, ("coffee.png", "chelsea.png"))
        here = page.url
        editor.press("p")
        for point in TRIANGLE:
            editor.click(point)
        for leave in (lambda: editor.press("."), page.go_back):
            leave()
            expect(page.get_by_text("You are still drawing").first).to_be_visible()
            assert page.url == here
        editor.press("Escape")
        editor.press("Control+z")
        editor.press("Enter")
        expect(editor.rows).to_have_count(1)
        editor.expect_saved()


def test_who_was_signed_out_goes_on_where_they_were(page: Page, port: int, tmp_path: Path) -> None:
    with running_server(tmp_path, port) as server:
        sign_in(page, server)
        editor = open_first_image(page)
        cookies = page.context.cookies()
        page.context.clear_cookies()
        editor.draw_polygon(TRIANGLE)
        layer = page.get_by_role("alertdialog", name="You are signed out")
        expect(layer).to_be_visible()
        page.context.add_cookies(cookies)  # type: ignore[arg-type] # as another tab does that signs in
        layer.get_by_role("button", name="I am signed in again").click()
        expect(layer).to_have_count(0)
        expect(editor.rows).to_have_count(1)
        expect(page.get_by_test_id("save-state")).to_have_attribute(
            "data-state", "saved", timeout=RETRY_MS
        )
        assert len(editor.stored()) == 1


def test_a_killed_tab_leaves_its_edits_to_the_next_one_whatever_it_shows(
    page: Page, port: int, tmp_path: Path
) -> None:
    with running_server(tmp_path, port) as server:
        sign_in(page, server)
        editor = open_first_image(page)
        image_id = editor.image_id
        with no_edits_pass(page):
            editor.draw_polygon(TRIANGLE)
            expect_offline(page)
            context = page.context
            page.close(run_before_unload=False)
        other = context.new_page()
        other.goto("/")
        expect(other.get_by_role("button", name="New project").first).to_be_visible()
        for _ in range(100):
            if api(other, f"/api/images/{image_id}/annotations")["items"]:
                break
            other.wait_for_timeout(50)
        assert len(api(other, f"/api/images/{image_id}/annotations")["items"]) == 1


def test_edits_of_an_image_left_behind_are_told_and_the_image_can_be_opened_from_there(
    page: Page, port: int, tmp_path: Path
) -> None:
    with running_server(tmp_path, port) as server:
        sign_in(page, server)
        editor = open_first_image(page, ("coffee.png", "chelsea.png"))
        first = editor.image_id
        waiting = page.get_by_test_id("waiting-edits")
        with no_edits_pass(page):
            editor.draw_polygon(TRIANGLE)
            expect_offline(page)
            editor.press(".")
            expect(page).not_to_have_url(f"/projects/1/images/{first}")
            editor.wait()
            expect(waiting).to_have_text("1 edit of other images not sent")
            waiting.click()
            row = page.get_by_role("listitem").filter(has_text="1 edit")
            row.get_by_role("button", name="Open").click()
            expect(page).to_have_url(f"/projects/1/images/{first}")
            editor.wait()
            expect(editor.rows).to_have_count(1)
            expect(waiting).to_have_count(0)
        expect(page.get_by_test_id("save-state")).to_have_attribute(
            "data-state", "saved", timeout=RETRY_MS
        )
        assert len(editor.stored()) == 1


def test_another_servers_data_on_the_same_port_gets_nothing_of_it(
    page: Page, port: int, tmp_path: Path
) -> None:
    with running_server(tmp_path / "one", port) as one:
        sign_in(page, one)
        editor = open_first_image(page)
        with no_edits_pass(page):
            editor.draw_polygon(TRIANGLE)
            expect_offline(page)
            page.goto("about:blank")
    with running_server(tmp_path / "two", port) as two:
        sign_in(page, two)
        editor = open_first_image(page, ("chelsea.png",))
        expect(editor.rows).to_have_count(0)
        editor.draw_polygon(TRIANGLE)
        editor.expect_saved()
        assert len(editor.stored()) == 1
        page.reload()
        editor.wait()
        expect(editor.rows).to_have_count(1)


def test_an_outline_drawn_before_any_category_survives_a_look_at_another_image(
    page: Page, port: int, tmp_path: Path
) -> None:
    with running_server(tmp_path, port) as server:
        sign_in(page, server)
        create_project(page, "Bare")
        upload(page, [PHOTOGRAPHS / "coffee.png", PHOTOGRAPHS / "chelsea.png"])
        expect(page.get_by_test_id("image-card")).to_have_count(2)
        page.get_by_test_id("image-card").first.click()
        editor = EditorScreen(page)
        editor.wait()
        editor.draw_polygon(TRIANGLE)
        ask = page.get_by_role("form", name="Name the first category")
        expect(ask).to_be_visible()
        page.get_by_role("button", name="Next image").click()
        expect(ask).to_have_count(0)
        page.get_by_role("button", name="Previous image").click()
        expect(ask).to_be_visible()
        ask.get_by_label("Category name").fill("cup")
        ask.get_by_role("button", name="Add category").click()
        expect(editor.rows).to_have_count(1)
        editor.expect_saved()
        assert len(editor.stored()) == 1
