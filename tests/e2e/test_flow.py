"""The way through the work, by keyboard: commands by name, keys of one's own, undo after a reload, history, states."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, sign_in

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
