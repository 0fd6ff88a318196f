"""What users of other tools report of their editors, tried here; docs/complaints.md lists all of it with its tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, Point, api, sign_in

SERVE_ARGUMENTS = ["--sample"]
TRIANGLE = [(30.0, 30.0), (120.0, 40.0), (70.0, 130.0)]
INSIDE = (70.0, 60.0)


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


@pytest.fixture
def editor(page: Page) -> EditorScreen:
    """The editor of the cat, without an annotation."""
    stored = api(page, "/api/images/1/annotations")["items"]
    send(page, [edit("delete", one["id"], one["revision"]) for one in stored])
    page.goto("/projects/1/images/1")
    screen = EditorScreen(page)
    screen.wait()
    return screen


def edit(op: str, annotation: str, revision: int, ring: list[float] | None = None) -> Any:
    """An edit as it is sent; of a polygon where a ring is given."""
    content = ring and {"category_id": 1, "segmentation": [[ring]]}
    return {
        "edit_id": str(uuid4()),
        "op": op,
        "annotation_id": annotation,
        "base_revision": revision,
        "annotation": content,
    }


def send(page: Page, edits: list[Any]) -> None:
    """Send edits past the editor."""
    if edits:
        answer = page.request.post("/api/images/1/edits", data={"edits": edits})
        assert answer.ok, answer.text()


def corner(editor: EditorScreen) -> Point:
    """Where the server holds the one annotation, to a pixel."""
    editor.expect_saved()
    (stored,) = editor.stored()
    x, y, _, _ = stored["bbox_xywh"]
    return round(x), round(y)


def test_an_annotation_is_edited_where_it_is_seen_after_the_view_was_moved_and_zoomed(
    page: Page, editor: EditorScreen
) -> None:
    editor.draw_polygon(TRIANGLE)
    before = corner(editor)
    page.mouse.move(*editor.at(INSIDE))
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(600)
    editor.press("h")
    editor.drag((60, 60), (80, 75))
    page.wait_for_timeout(400)
    editor.press("v")
    editor.click(INSIDE)
    editor.drag(INSIDE, (INSIDE[0] + 20, INSIDE[1] + 10))
    assert corner(editor) == pytest.approx((before[0] + 20, before[1] + 10), abs=1)


def test_the_view_is_moved_by_the_arrow_keys_when_nothing_is_selected(
    page: Page, editor: EditorScreen
) -> None:
    editor.press("v")
    page.mouse.move(*editor.at((200, 150)))
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(600)
    x, y = editor.at((200, 150))
    editor.press("ArrowRight")
    editor.press("ArrowDown")
    page.wait_for_timeout(400)
    assert editor.at((200, 150)) == pytest.approx((x - 80, y - 80), abs=1)


def test_a_polygon_of_6000_vertices_is_opened_selected_moved_and_saved(
    page: Page, editor: EditorScreen
) -> None:
    turn = np.linspace(0, 2 * np.pi, 6000, endpoint=False)
    reach = 90 + 6 * np.sin(40 * turn)
    ring = np.stack([150 + reach * np.cos(turn), 150 + reach * np.sin(turn)], axis=1)
    send(page, [edit("create", str(uuid4()), 0, [float(value) for value in ring.ravel()])])
    page.reload()
    editor.wait()
    expect(editor.rows).to_have_count(1)
    before = corner(editor)
    editor.press("v")
    editor.click((150, 150))
    started = page.evaluate("performance.now()")
    editor.drag((150, 150), (170, 155))
    assert corner(editor) == pytest.approx((before[0] + 20, before[1] + 5), abs=1)
    assert page.evaluate("performance.now()") - started < 5000, "it does not hang"
    (stored,) = editor.stored()
    assert len(stored["segmentation"][0][0]) == 12_000, "no vertex is lost"


def test_browsing_the_images_changes_no_annotation_of_any(page: Page, editor: EditorScreen) -> None:
    editor.draw_polygon(TRIANGLE)
    editor.expect_saved()

    def everything() -> list[Any]:
        return [api(page, f"/api/images/{n}/annotations")["items"] for n in range(1, 5)]

    before = everything()
    for key, image in ((".", 2), (".", 3), (".", 4), (",", 3), (",", 2), (",", 1)):
        editor.press(key)
        expect(page).to_have_url(f"/projects/1/images/{image}")
        editor.wait()
    expect(editor.rows).to_have_count(1)
    assert everything() == before


def test_six_brush_masks_are_saved_as_they_are_painted(page: Page, editor: EditorScreen) -> None:
    editor.press("d")
    for row in range(6):
        editor.press("Escape")
        y = 30.0 + 40 * row
        editor.drag((40, y), (300, y + 10))
        expect(editor.rows).to_have_count(row + 1)
        editor.expect_saved()
    assert len(editor.stored()) == 6


def test_an_engine_that_does_not_answer_holds_up_neither_the_page_nor_the_saving(
    page: Page, editor: EditorScreen
) -> None:
    page.route("**/auto-annotate", lambda _: None)
    editor.press("b")
    editor.drag((60, 5), (400, 295))
    expect(page.get_by_test_id("proposal-running")).to_be_visible()
    editor.draw_polygon(TRIANGLE)
    expect(editor.rows).to_have_count(1)
    editor.expect_saved()
    assert len(editor.stored()) == 1
    page.unroute("**/auto-annotate")
