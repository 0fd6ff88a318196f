"""Masks given as RLE are shown and hit as they are; the engine's options go with the next box."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
import skimage
from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, add_category, api, create_project, sign_in, upload

PHOTOGRAPHS = Path(skimage.__file__).parent / "data"
HEIGHT, WIDTH = 400, 600


@pytest.fixture(scope="module")
def page_of_owner(
    browser: Browser, server: Server, browser_context_args: dict[str, object]
) -> Page:
    """A page in the editor of an image, for the whole file."""
    context = browser.new_context(**browser_context_args, base_url=server.base_url)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, server)
    create_project(page, "Table")
    upload(page, [PHOTOGRAPHS / "coffee.png"])
    expect(page.get_by_test_id("image-card")).to_have_count(1)
    page.get_by_role("button", name="Close uploads").click()
    add_category(page, "frame")
    page.get_by_test_id("image-card").first.click()
    EditorScreen(page).wait()
    return page


@pytest.fixture
def page(page_of_owner: Page) -> Page:
    """The page in the editor instead of the plugin's empty one."""
    return page_of_owner


@pytest.fixture
def editor(page: Page) -> EditorScreen:
    """The editor's screen."""
    return EditorScreen(page)


def frame_counts() -> list[int]:
    """Runs of a frame of 100 × 100 pixels at (100, 100), 20 wide, with its middle empty."""
    column = {True: [(100, 200)], False: [(100, 120), (180, 200)]}
    counts, at = [], 0
    for x in range(100, 200):
        for top, bottom in column[x < 120 or x >= 180]:
            counts += [x * HEIGHT + top - at, bottom - top]
            at = x * HEIGHT + bottom
    return [*counts, HEIGHT * WIDTH - at]


def test_a_mask_is_hit_where_it_is_and_not_in_its_hole(page: Page, editor: EditorScreen) -> None:
    category = api(page, "/api/projects/1/categories")["items"][0]["id"]
    segmentation = {"size": [HEIGHT, WIDTH], "counts": frame_counts()}
    edit = {
        "edit_id": str(uuid4()),
        "op": "create",
        "annotation_id": str(uuid4()),
        "base_revision": 0,
        "annotation": {"category_id": category, "segmentation": segmentation},
    }
    answer = page.request.post(f"/api/images/{editor.image_id}/edits", data={"edits": [edit]})
    assert answer.ok, answer.text()
    page.reload()
    editor.wait()
    editor.press("v")
    expect(editor.rows).to_have_count(1)
    row = editor.rows.first
    editor.click((150, 150))
    expect(row).not_to_have_attribute("data-selected", "true")
    editor.click((110, 150))
    expect(row).to_have_attribute("data-selected", "true")
    editor.press("Escape")


def sent_options(request: Request) -> object:
    """The options of a prompt that was sent."""
    return json.loads(request.post_data or "")["options"]


def test_the_engines_options_go_with_the_next_box_and_are_remembered(
    page: Page, editor: EditorScreen
) -> None:
    editor.press("b")
    page.get_by_role("button", name="Engine: Auto").click()
    page.get_by_role("radiogroup", name="Engine").get_by_text("GrabCut", exact=True).click()
    iterations = page.get_by_role("textbox", name="Iterations")
    iterations.fill("5")
    iterations.press("Tab")
    page.keyboard.press("Escape")
    with page.expect_request("**/auto-annotate") as asked:
        editor.propose(330, 225, 410, 330)
    assert sent_options(asked.value) == {"iterations": 5}
    page.reload()
    editor.wait()
    editor.press("b")
    with page.expect_request("**/auto-annotate") as again:
        editor.propose(330, 225, 410, 330)
    assert sent_options(again.value) == {"iterations": 5}
