"""Fingers on the picture, as the browser reports them: one draws, two move and zoom the view."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, Point, sign_in

SERVE_ARGUMENTS = ["--sample"]


@pytest.fixture(scope="module")
def page(
    browser: Browser, server: Server, browser_context_args: dict[str, object]
) -> Iterator[Page]:
    """A page with a touch screen, in the editor of the third sample."""
    context = browser.new_context(
        **browser_context_args,  # type: ignore[arg-type]
        base_url=server.base_url,
        has_touch=True,
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, server)
    page.goto("/projects/1/images/3")
    EditorScreen(page).wait()
    yield page
    context.close()


@pytest.fixture
def editor(page: Page) -> EditorScreen:
    """The editor's screen."""
    return EditorScreen(page)


@pytest.fixture
def fingers(page: Page) -> Iterator[CDPSession]:
    """The browser's own way to be touched."""
    session = page.context.new_cdp_session(page)
    yield session
    session.detach()


def touch(fingers: CDPSession, kind: str, *points: Point) -> None:
    """All fingers that touch the page now, at places of the page."""
    fingers.send(
        "Input.dispatchTouchEvent",
        {
            "type": kind,
            "touchPoints": [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)],
        },
    )


def glide(fingers: CDPSession, starts: list[Point], ends: list[Point]) -> None:
    """Put fingers down one after the other, move them together, and lift them."""
    for count in range(1, len(starts) + 1):
        touch(fingers, "touchStart", *starts[:count])
    steps = 8
    for step in range(1, steps + 1):
        share = step / steps
        touch(
            fingers,
            "touchMove",
            *(
                (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
                for (x0, y0), (x1, y1) in zip(starts, ends, strict=True)
            ),
        )
    touch(fingers, "touchEnd")


def count(page: Page) -> int:
    """How many annotations there are."""
    found: int = page.evaluate("window.__segmentarium.editor.annotations.all().length")
    return found


def test_two_fingers_zoom_about_what_is_under_them_and_draw_nothing(
    page: Page, editor: EditorScreen, fingers: CDPSession
) -> None:
    editor.press("r")
    before = count(page)
    left, right = (200.0, 200.0), (300.0, 200.0)
    starts = [editor.at(left), editor.at(right)]
    ends = [(starts[0][0] - 60, starts[0][1] + 30), (starts[1][0] + 60, starts[1][1] + 30)]
    glide(fingers, starts, ends)
    page.wait_for_timeout(200)
    for point, end in zip((left, right), ends, strict=True):
        assert editor.at(point) == pytest.approx(end, abs=2)
    assert count(page) == before


def test_one_finger_draws_and_selects(
    page: Page, editor: EditorScreen, fingers: CDPSession
) -> None:
    editor.press("f")
    page.wait_for_timeout(400)
    editor.press("r")
    before = count(page)
    glide(fingers, [editor.at((100, 100))], [editor.at((180, 160))])
    assert count(page) == before + 1
    editor.press("v")
    editor.press("Escape")
    touch(fingers, "touchStart", editor.at((140, 130)))
    touch(fingers, "touchEnd")
    selected = page.evaluate("window.__segmentarium.editor.selection.get()")
    assert selected is not None
