"""What moves and what does not: less motion, the crosshair, the buttons of the list's rows."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, sign_in

SERVE_ARGUMENTS = ["--sample"]
WATCH_SCALE = """() => {
    const { scale } = window.__segmentarium.editor.viewport;
    window.__scales = [];
    window.__stop = scale.subscribe((value) => window.__scales.push(value));
}"""
SCALES = "() => { window.__stop(); return window.__scales; }"
LONGEST_TRANSITION = """() => Math.max(...[...document.querySelectorAll("*")].map((element) =>
    Math.max(...getComputedStyle(element).transitionDuration.split(",").map(parseFloat))))"""


@pytest.fixture(scope="module")
def signed_in(
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
def page(signed_in: Page) -> Page:
    """The signed-in page instead of the plugin's empty one."""
    return signed_in


@pytest.fixture
def editor(page: Page) -> EditorScreen:
    """The editor of the second sample, the coffee, opened anew."""
    page.goto("/projects/1/images/2")
    screen = EditorScreen(page)
    screen.wait()
    return screen


def scales_while_zooming(page: Page, editor: EditorScreen) -> list[list[float]]:
    """The scales that are seen on the way of a key, of the wheel and back to the whole image."""
    ways: list[list[float]] = []
    page.mouse.move(*editor.at((300, 200)))
    acts: list[Callable[[], None]] = [
        lambda: editor.press("+"),
        lambda: page.mouse.wheel(0, -240),
        lambda: editor.press("f"),
    ]
    for act in acts:
        page.evaluate(WATCH_SCALE)
        act()
        page.wait_for_timeout(500)
        ways.append(page.evaluate(SCALES))
    return ways


@pytest.mark.parametrize(("wish", "is_at_once"), [("reduce", True), ("no-preference", False)])
def test_the_view_jumps_for_who_wants_less_motion_and_glides_for_others(
    page: Page, editor: EditorScreen, wish: Any, is_at_once: bool
) -> None:
    page.emulate_media(reduced_motion=wish)
    for scales in scales_while_zooming(page, editor):
        assert (len(scales) == 1) == is_at_once, scales
    page.emulate_media(reduced_motion="no-preference")


def test_nothing_changes_slowly_for_who_wants_less_motion(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name="New project").first).to_be_visible()
    assert page.evaluate(LONGEST_TRANSITION) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(LONGEST_TRANSITION) == 0
    page.emulate_media(reduced_motion="no-preference")


def test_the_crosshair_follows_the_pointer_without_rendering_the_map(
    page: Page, editor: EditorScreen
) -> None:
    editor.press("p")
    expect(page.get_by_test_id("crosshair")).to_have_count(0)
    editor.press("Shift+g")
    lines = page.get_by_test_id("crosshair").locator("div")
    x, y = editor.at((300, 200))
    page.mouse.move(x - 40, y)
    page.wait_for_timeout(400)
    page.evaluate(
        """() => {
            window.__renders = 0;
            window.__stop = window.__segmentarium.editor.viewport.onMove(() => window.__renders++);
        }"""
    )
    page.mouse.move(x, y, steps=20)
    page.wait_for_timeout(100)
    assert page.evaluate("() => { window.__stop(); return window.__renders; }") == 0
    level, upright = (lines.nth(i).bounding_box() for i in range(2))
    assert level is not None
    assert upright is not None
    assert level["y"] + level["height"] / 2 == pytest.approx(y, abs=1)
    assert upright["x"] + upright["width"] / 2 == pytest.approx(x, abs=1)

    editor.press("g")
    page.get_by_label("Colour of the crosshair").fill("#ff0000")
    page.get_by_role("slider", name="Thickness of the crosshair").press("ArrowRight")
    page.reload()
    editor.wait()
    editor.press("p")
    expect(lines.first).to_have_css("background-color", "rgb(255, 0, 0)")
    expect(lines.first).to_have_css("height", "2px")
    editor.press("Shift+g")
    expect(page.get_by_test_id("crosshair")).to_have_count(0)


def test_a_row_locks_hides_and_shows_alone(page: Page, editor: EditorScreen) -> None:
    for x in (100, 300):
        editor.press("r")
        editor.drag((x, 100), (x + 80, 180))
    editor.expect_saved()
    upper, lower = editor.rows.nth(0), editor.rows.nth(1)

    upper.hover()
    upper.get_by_role("button", name="Lock", exact=True).click()
    page.mouse.move(*editor.at((10, 10)))
    unlock = upper.get_by_role("button", name="Unlock")
    expect(unlock).to_have_css("opacity", "1")
    expect(upper.get_by_role("button", name="Hide")).to_have_css("opacity", "0")
    editor.press("v")
    editor.press("Escape")
    editor.click((340, 140))
    expect(upper).to_have_attribute("data-selected", "false")

    upper.get_by_role("button", name="Hide").focus()
    expect(upper.get_by_role("button", name="Hide")).to_have_css("opacity", "1")
    unlock.click()
    lower.hover()
    lower.get_by_role("button", name="Show alone").click()
    expect(upper).to_have_attribute("data-hidden", "true")
    lower.get_by_role("button", name="Show the others too").click()
    expect(upper).to_have_attribute("data-hidden", "false")


def test_an_image_that_fitted_fits_again_when_the_window_changes_and_another_view_stays(
    page: Page, editor: EditorScreen
) -> None:
    def scale() -> float:
        value: float = page.evaluate("window.__segmentarium.editor.viewport.scale.get()")
        return value

    before = scale()
    editor.press("i")  # the list of images goes, and the canvas is wider
    expect(page.get_by_test_id("filmstrip")).to_have_count(0)
    page.wait_for_function(
        "before => window.__segmentarium.editor.viewport.scale.get() > before", arg=before
    )
    editor.press("Shift+1")
    page.wait_for_timeout(400)
    assert scale() == 1
    editor.press("i")
    expect(page.get_by_test_id("filmstrip")).to_have_count(1)
    page.wait_for_timeout(100)
    assert scale() == 1
