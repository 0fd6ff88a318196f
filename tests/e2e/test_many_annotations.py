"""More annotations than are drawn in one go: what is seen and listed is what there is."""

import io
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import skimage
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, add_category, api, create_project, sign_in, upload

PHOTOGRAPHS = Path(skimage.__file__).parent / "data"
COLUMNS, ROWS = 25, 16
COUNT = COLUMNS * ROWS
# 24 pixels a place on an image of 600 × 400; each square reaches into its neighbours' places.
PLACE, SIDE = 24, 30


@pytest.fixture(scope="module")
def page_of_owner(
    browser: Browser, server: Server, browser_context_args: dict[str, object]
) -> Page:
    """A page in the editor of an image with 400 squares, for the whole file."""
    context = browser.new_context(**browser_context_args, base_url=server.base_url)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, server)
    create_project(page, "Table")
    upload(page, [PHOTOGRAPHS / "coffee.png"])
    expect(page.get_by_test_id("image-card")).to_have_count(1)
    page.get_by_role("button", name="Close uploads").click()
    add_category(page, "bean")
    category = api(page, "/api/projects/1/categories")["items"][0]["id"]
    edits = [create_edit(index, category) for index in range(COUNT)]
    for start in range(0, COUNT, 200):
        answer = page.request.post(
            "/api/images/1/edits", data={"edits": edits[start : start + 200]}
        )
        assert answer.ok, answer.text()
    page.get_by_test_id("image-card").first.click()
    EditorScreen(page).wait()
    return page


@pytest.fixture
def page(page_of_owner: Page) -> Page:
    """The page in the editor instead of the plugin's empty one."""
    return page_of_owner


@pytest.fixture
def editor(page: Page) -> EditorScreen:
    """The editor's screen, with nothing selected."""
    screen = EditorScreen(page)
    screen.press("v")
    screen.press("Escape")
    return screen


def create_edit(index: int, category: int) -> dict[str, object]:
    """The square at a place; places are counted along rows, and later ones lie over earlier ones."""
    x, y = index % COLUMNS * PLACE, index // COLUMNS * PLACE
    right, bottom = min(x + SIDE, 600), min(y + SIDE, 400)
    ring = [x, y, right, y, right, bottom, x, bottom]
    return {
        "edit_id": str(uuid4()),
        "op": "create",
        "annotation_id": str(uuid4()),
        "base_revision": 0,
        "annotation": {
            "category_id": category,
            "segmentation": [[ring]],
            "z_order": index + 1,
        },
    }


def selected_row(editor: EditorScreen) -> Locator:
    """The row of the annotation that is selected."""
    return editor.page.locator("[data-testid=annotation-row][data-selected=true]")


def picture(page: Page) -> np.ndarray[tuple[int, int, int], np.dtype[np.int16]]:
    """What the canvas shows when it has come to rest."""
    canvas = page.get_by_test_id("canvas")
    page.mouse.move(2, 2)
    page.wait_for_timeout(1000)
    return np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB"), np.int16)


def fit(page: Page) -> None:
    """Show the whole image."""
    page.evaluate("window.__segmentarium.editor.viewport.fit()")


def test_only_the_rows_in_view_are_on_the_page(page: Page, editor: EditorScreen) -> None:
    expect(page.get_by_role("heading", name=f"Annotations {COUNT}")).to_be_visible()
    assert 10 < editor.rows.count() < 80
    expect(editor.rows.first).to_have_attribute("aria-setsize", str(COUNT))
    expect(editor.rows.first).to_have_attribute("aria-posinset", "1")


def test_a_row_far_down_comes_into_view_when_its_annotation_is_clicked(
    page: Page, editor: EditorScreen
) -> None:
    editor.click((5, 5))
    row = selected_row(editor)
    expect(row).to_have_attribute("aria-posinset", str(COUNT))
    expect(row).to_be_in_viewport()
    editor.click((590, 390))
    expect(row).to_have_attribute("aria-posinset", "1")
    expect(row).to_be_in_viewport()


def test_the_focus_stays_in_its_row_when_the_list_scrolls(page: Page, editor: EditorScreen) -> None:
    first = editor.rows.first.get_by_role("button", name="bean")
    first.focus()
    editor.rows.nth(5).hover()
    page.mouse.wheel(0, 4000)
    expect(page.locator("[data-testid=annotation-row][aria-posinset='150']")).to_be_visible()
    expect(first).to_be_focused()


def test_what_is_drawn_after_changes_and_moves_is_what_is_drawn_anew(
    page: Page, editor: EditorScreen
) -> None:
    before = picture(page)
    for point in [(300, 200), (276, 200), (324, 200), (300, 176)]:
        editor.click(point)
        editor.press("Delete")
        page.mouse.wheel(0, -60)
        page.wait_for_timeout(150)
    expect(page.get_by_role("heading", name=f"Annotations {COUNT - 4}")).to_be_visible()
    fit(page)
    after = picture(page)
    editor.expect_saved()
    page.reload()
    editor.wait()
    anew = picture(page)
    assert np.abs(after - before).max() > 30
    assert np.abs(after - anew).max() <= 1
