"""The way through the work, by keyboard: commands by name, keys of one's own, undo after a reload, history, states."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, add_category, create_project, sign_in, upload

SERVE_ARGUMENTS = ["--sample"]


@pytest.fixture(scope="module")
def signed_in(
    browser: Browser, server: Server, browser_context_args: dict[str, object]
) -> Iterator[Page]:
    """A page signed in once for the whole file, whose browser remembers what the tests before did."""
    context = browser.new_context(**browser_context_args, base_url=server.base_url)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, server)
    yield page
    context.close()


@pytest.fixture
def page(signed_in: Page) -> Page:
    """The signed-in page instead of the plugin's empty one."""
    return signed_in


@pytest.fixture
def editor(page: Page) -> EditorScreen:
    """The editor of the second sample, the coffee, opened anew."""
    return open_image(page, 2)


def open_image(page: Page, image_id: int) -> EditorScreen:
    """Open an image of the sample project by its address."""
    page.goto(f"/projects/1/images/{image_id}")
    screen = EditorScreen(page)
    screen.wait()
    return screen


def test_a_command_an_image_and_a_category_are_found_by_typing_alone(
    page: Page, editor: EditorScreen
) -> None:
    palette = page.get_by_test_id("palette")
    field = palette.get_by_role("combobox")
    editor.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("poly")
    editor.press("Enter")
    expect(palette).to_have_count(0)
    expect(page.get_by_role("button", name="Polygon")).to_have_attribute("aria-pressed", "true")

    editor.press("Control+k")
    expect(palette.get_by_role("option").first).to_contain_text("Polygon")
    page.keyboard.type("person")
    editor.press("Enter")
    person = page.get_by_test_id("category-row").filter(has_text="person")
    expect(person).to_have_attribute("aria-pressed", "true")

    editor.press("Control+g")
    page.keyboard.type("astro")
    expect(palette.get_by_role("option")).to_have_count(1)
    editor.press("Enter")
    expect(page).to_have_url("/projects/1/images/3")


def test_keys_pressed_while_images_load_wait_for_them(page: Page) -> None:
    editor = open_image(page, 1)
    editor.press("v")

    def slowly(route: Route) -> None:
        time.sleep(0.1)
        route.continue_()

    page.route("**/api/images/*", slowly)
    for key in (".", ".", ".", "b", ","):
        editor.press(key)
    expect(page.get_by_role("button", name="Box")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url("/projects/1/images/3")
    page.unroute("**/api/images/*")
    editor.wait()
    assert page.evaluate("window.__segmentarium.editor.tool.get().id") == "box-prompt"


def test_a_key_is_given_to_another_command_and_means_it_everywhere(
    page: Page, editor: EditorScreen
) -> None:
    sheet = page.get_by_role("dialog", name="Keyboard and mouse")
    editor.press("?")
    sheet.get_by_role("button", name="Change keys").click()
    sheet = page.get_by_role("dialog", name="Keys of your own")
    row = sheet.get_by_test_id("key-row").filter(has=page.get_by_text("Next image", exact=True))
    row.get_by_role("button", name="Add a key").click()
    editor.press("f")
    expect(row.get_by_role("alert")).to_contain_text("F is the key of “Fit the image”.")
    row.get_by_role("button", name="Use it here").click()
    expect(row).to_contain_text("F")
    row.get_by_role("button", name="Add a key").click()
    editor.press("Control+w")
    expect(row.get_by_role("alert")).to_contain_text("The browser keeps this key")
    editor.press("Escape")
    expect(sheet).to_have_count(0)

    editor.press("f")
    expect(page).to_have_url("/projects/1/images/3")
    page.reload()
    editor.wait()
    editor.press("Control+k")
    page.keyboard.type("fit the image")
    expect(page.get_by_test_id("palette").get_by_role("option").first).to_have_text(
        "Fit the image0"
    )
    editor.press("Escape")
    editor.press("f")
    expect(page).to_have_url("/projects/1/images/4")

    editor.wait()
    editor.press("?")
    page.get_by_role("button", name="Change keys").click()
    page.get_by_role("button", name="Reset all").click()
    editor.press("Escape")
    editor.press("f")
    expect(page).to_have_url("/projects/1/images/4")


def test_the_palette_gives_the_focus_back_to_where_it_was(page: Page, editor: EditorScreen) -> None:
    row = page.get_by_test_id("category-row").first
    row.focus()
    editor.press("Control+k")
    page.keyboard.type("zoom")
    expect(row).not_to_be_focused()
    editor.press("Escape")
    expect(row).to_be_focused()


def test_undo_goes_on_after_a_reload_and_touches_no_other_image(page: Page) -> None:
    editor = open_image(page, 4)
    undo = page.get_by_role("button", name="Undo")
    editor.draw_polygon([(30, 30), (120, 40), (70, 130)])
    editor.draw_polygon([(200, 30), (290, 40), (240, 130)])
    editor.press("v")
    editor.click((240, 60))
    editor.press("ArrowRight")
    editor.press("Delete")
    editor.expect_saved()
    page.reload()
    editor.wait()
    expect(editor.rows).to_have_count(1)
    editor.press("Control+z")
    expect(editor.rows).to_have_count(2)
    editor.press("Control+z")
    editor.expect_saved()
    assert len(editor.stored()) == 2, "the deleted annotation is back, and not beside itself"

    page.reload()
    editor.wait()
    other = open_image(page, 3)
    before = other.stored()
    expect(undo).to_have_attribute("aria-disabled", "true")
    editor.press("Control+z")
    assert other.stored() == before

    editor = open_image(page, 4)
    editor.press("Control+Shift+z")
    editor.press("Control+Shift+z")
    expect(editor.rows).to_have_count(1)
    for _ in range(4):
        editor.press("Control+z")
    expect(editor.rows).to_have_count(0)
    expect(undo).to_have_attribute("aria-disabled", "true")
    editor.expect_saved()
    assert editor.stored() == []


def test_an_earlier_moment_is_looked_at_and_restored_as_one_step(page: Page) -> None:
    editor = open_image(page, 1)
    editor.press("2")
    editor.draw_polygon([(30, 30), (120, 40), (70, 130)])
    editor.expect_saved()
    editor.press("3")
    editor.draw_polygon([(200, 30), (290, 40), (240, 130)])
    editor.expect_saved()
    drawn = editor.stored()
    editor.press("v")
    for inside in ((70, 60), (240, 60)):
        editor.click(inside)
        editor.press("Delete")
        editor.expect_saved()
    assert editor.stored() == []

    def picture() -> bytes:
        page.mouse.move(5, 895)
        page.wait_for_timeout(300)
        left, top = editor.at((20, 20))
        return page.screenshot(clip={"x": left, "y": top, "width": 280, "height": 120})

    now = picture()
    editor.press("Shift+H")
    rows = page.get_by_test_id("history-row")
    expect(rows.first).to_contain_text("Deleted person")
    expect(rows.nth(3)).to_contain_text("Drew cup")
    rows.nth(2).click()
    banner = page.get_by_test_id("past-banner")
    expect(banner).to_contain_text("2 annotations")
    assert picture() != now, "what was there is drawn"
    editor.drag((70, 60), (90, 80))
    editor.press("Delete")
    editor.press("Escape")
    expect(banner).to_have_count(0)
    assert editor.stored() == [], "the past cannot be worked on"

    rows.nth(2).click()
    banner.get_by_role("button", name="Restore this moment").click()
    editor.expect_saved()
    expect(rows.first).to_contain_text("2 brought back")
    assert without_revision(editor.stored()) == without_revision(drawn)
    editor.press("Control+z")
    editor.expect_saved()
    assert editor.stored() == []
    editor.press("Shift+H")
    expect(rows).to_have_count(0)


def without_revision(annotations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What annotations say, without how often and when they were changed."""
    return [
        {name: value for name, value in one.items() if name not in {"revision", "updated_at"}}
        for one in annotations
    ]


def test_images_are_finished_and_skipped_by_keys_and_the_lists_show_it(page: Page) -> None:
    editor = open_image(page, 1)
    state = page.get_by_role("button", name="Image state")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page).to_have_url("/projects/1/images/2")
    editor.wait()
    editor.press("Control+Enter")
    expect(page).to_have_url("/projects/1/images/3")
    editor.wait()
    editor.press("Shift+S")
    expect(state).to_have_text("Skipped")
    editor.press("Shift+S")
    expect(state).to_have_text("In progress")
    dots = page.get_by_test_id("filmstrip").locator("[data-state]")
    expect(dots.nth(1)).to_have_attribute("data-state", "done")
    expect(dots.nth(2)).to_have_attribute("data-state", "in_progress")

    editor.press("Shift+D")
    expect(state).to_have_text("Done")
    editor.press(">")
    expect(page).to_have_url("/projects/1/images/4")
    editor.wait()
    editor.press("Control+Backspace")
    expect(page.get_by_text("That was the last image")).to_be_visible()
    expect(state).to_have_text("Skipped")
    editor.press(">")
    expect(page.get_by_text("Nothing left to do")).to_be_visible()

    page.get_by_role("link", name="Back to the project").click()
    cards = page.get_by_test_id("image-card")
    expect(cards).to_have_count(4)
    page.get_by_role("combobox", name="State").click()
    page.get_by_role("option", name="Skipped").click()
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("coins.png")


def test_the_annotations_of_the_previous_image_are_copied_as_one_step(
    page: Page, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(7).integers(0, 255, (90, 120, 3), np.uint8)
    for index in range(3):
        PIL.Image.fromarray(np.roll(pixels, index, 0)).save(tmp_path / f"frame{index}.png")
    page.goto("/")
    create_project(page, "Frames")
    upload(page, sorted(tmp_path.glob("*.png")))
    expect(page.get_by_test_id("image-card")).to_have_count(3)
    page.get_by_role("button", name="Close uploads").click()
    add_category(page, "cup")
    page.get_by_test_id("image-card").filter(has_text="frame0").get_by_role("link").click()
    editor = EditorScreen(page)
    editor.wait()
    editor.draw_polygon([(10, 10), (60, 15), (30, 60)])
    editor.draw_polygon([(70, 20), (110, 20), (90, 70)])
    editor.press(".")
    expect(page.get_by_text("frame1.png").first).to_be_visible()
    editor.wait()
    editor.press("Control+Shift+v")
    expect(editor.rows).to_have_count(2)
    editor.press("Control+Shift+v")
    expect(page.get_by_text("are here already")).to_be_visible()
    editor.expect_saved()
    assert len(editor.stored()) == 2
    editor.press("Control+z")
    expect(editor.rows).to_have_count(0)


def test_annotations_are_filtered_shown_alone_and_locked(page: Page) -> None:
    editor = open_image(page, 1)
    editor.press("p")
    for category, x in (("2", 30), ("3", 130), ("2", 230)):
        editor.press(category)
        editor.draw_polygon([(x, 30), (x + 80, 40), (x + 40, 130)])
    expect(editor.rows).to_have_count(3)
    hidden = page.locator("[data-testid=annotation-row][data-hidden=true]")
    page.get_by_role("button", name="Filter", exact=True).click()
    fields = page.get_by_role("dialog", name="Filter")
    fields.get_by_label("Category").first.click()
    fields.get_by_role("option", name="person").click()
    expect(hidden).to_have_count(2)
    expect(page.get_by_test_id("show-all")).to_have_text("2 hidden · show all")
    editor.press("Escape")
    editor.press("Escape")
    expect(fields).to_have_count(0)
    page.get_by_test_id("show-all").click()
    expect(hidden).to_have_count(0)

    editor.press("v")
    editor.click((170, 60))
    editor.press("Shift+O")
    expect(hidden).to_have_count(2)
    editor.press("Shift+O")
    expect(hidden).to_have_count(0)
    editor.press("Shift+L")
    editor.press("Delete")
    expect(page.get_by_text("This annotation is locked")).to_be_visible()
    editor.press("Escape")
    editor.click((170, 60))
    expect(page.locator("[data-testid=annotation-row][data-selected=true]")).to_have_count(0)
    page.get_by_role("button", name="Unlock 1 annotation").click()
    editor.click((170, 60))
    editor.press("Delete")
    expect(editor.rows).to_have_count(2)
