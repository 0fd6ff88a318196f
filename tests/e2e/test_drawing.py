"""Tools for drawing by hand: what is painted, cut and joined on the screen is what the server stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from segmentarium.core.annotation import segmentation_from_json
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import Mask
from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, Point, sign_in

SERVE_ARGUMENTS = ["--sample"]
HEIGHT, WIDTH = 303, 384
# A round coin: its middle and its radius, fitted to the picture.
COIN = ((102.0, 196.0), 21.0)


@pytest.fixture(scope="module")
def page_of_owner(
    browser: Browser, server: Server, browser_context_args: dict[str, object]
) -> Page:
    """A page in the editor of the coins, for the whole file."""
    context = browser.new_context(**browser_context_args, base_url=server.base_url)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, server)
    page.goto("/projects/1")
    page.get_by_test_id("image-card").filter(has_text="coins.png").get_by_role("link").first.click()
    EditorScreen(page).wait()
    return page


@pytest.fixture
def editor(page_of_owner: Page) -> Iterator[EditorScreen]:
    """The editor's screen, with no annotation and every setting as on the first day."""
    page_of_owner.evaluate("localStorage.clear()")
    page_of_owner.reload()
    screen = EditorScreen(page_of_owner)
    screen.wait()
    yield screen
    for _ in range(30):
        if screen.rows.count() == 0:
            break
        screen.press("Escape")
        screen.rows.first.get_by_role("button", name="Delete annotation").click()
    screen.expect_saved()


def masks(editor: EditorScreen) -> list[Mask]:
    """What the server stores, lowest z-order first."""
    editor.expect_saved()
    stored = sorted(editor.stored(), key=lambda one: one["z_order"])
    return [
        segmentation_to_mask(segmentation_from_json(one["segmentation"]), HEIGHT, WIDTH)
        for one in stored
    ]


def disc(centre: Point, radius: float) -> Mask:
    """Pixels whose centres are within the radius."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside: Mask = np.hypot(columns - centre[0], rows - centre[1]) <= radius
    return inside


def test_what_is_painted_and_erased_is_stored_pixel_by_pixel(editor: EditorScreen) -> None:
    editor.press("d")
    editor.drag((100, 100), (160, 100))
    expect(editor.rows).to_have_count(1)
    (painted,) = masks(editor)
    bar = np.zeros_like(painted)
    bar[88:112, 100:160] = True
    # A straight stroke of 24 px: a bar with a half disc at each end, wherever the pointer stopped on its way.
    assert (painted ^ (bar | disc((100, 100), 12) | disc((160, 100), 12))).sum() == 0
    editor.press("x")
    editor.drag((130, 60), (130, 140))
    (erased,) = masks(editor)
    assert (erased & ~painted).sum() == 0
    assert not erased[:, 118:142].any()
    assert erased[:, :118].any()
    assert erased[:, 142:].any()


def test_the_brush_is_drawn_as_it_will_be_stored(editor: EditorScreen) -> None:
    editor.press("d")
    start, end = editor.at((60, 60)), editor.at((120, 90))
    editor.page.mouse.move(*start)
    editor.page.mouse.down()
    editor.page.mouse.move(*end, steps=6)
    assert editor.page.evaluate("window.__segmentarium.editor.draft.get()?.kind") == "stroke"
    editor.page.keyboard.press("Escape")
    editor.page.mouse.up()
    # Escape drops the stroke, and the release adds nothing.
    expect(editor.rows).to_have_count(0)


def test_shapes_are_joined_cut_and_split(editor: EditorScreen) -> None:
    editor.press("r")
    editor.drag((50, 50), (150, 130))
    editor.press("o")
    editor.drag((110, 80), (210, 180))
    expect(editor.rows).to_have_count(2)
    rectangle, ellipse = masks(editor)
    assert rectangle.sum() == 100 * 80
    editor.press("v")
    editor.click((60, 60))
    editor.page.keyboard.down("Shift")
    editor.click((180, 150))
    editor.page.keyboard.up("Shift")
    editor.press("Shift+U")
    expect(editor.rows).to_have_count(1)
    (united,) = masks(editor)
    assert np.array_equal(united, rectangle | ellipse)
    editor.press("Shift+R")
    editor.press("r")
    editor.drag((70, 70), (90, 90))
    (cut,) = masks(editor)
    assert united.sum() - cut.sum() == 400
    assert not cut[70:90, 70:90].any()
    editor.press("Escape")
    editor.press("k")
    editor.drag((130, 30), (130, 200))
    expect(editor.rows).to_have_count(2)
    pieces = masks(editor)
    assert np.array_equal(pieces[0] | pieces[1], cut)
    assert not (pieces[0] & pieces[1]).any()


def test_neighbours_share_their_border_and_move_it_together(editor: EditorScreen) -> None:
    editor.draw_polygon([(50, 50), (150, 50), (150, 150), (50, 150)])
    # Both ends are set a little beside the first one's corners.
    editor.draw_polygon([(151, 51), (250, 50), (250, 150), (151, 149)])
    first, second = masks(editor)
    assert first.sum() == second.sum() == 100 * 100
    assert not (first & second).any()
    editor.press("v")
    editor.click((100, 100))
    editor.drag((150, 50), (170, 60))
    first, second = masks(editor)
    assert not (first & second).any()
    assert first.sum() + second.sum() == (first | second).sum()
    assert first.sum() > 100 * 100 > second.sum()


def test_underneath_draws_up_to_the_neighbours_border(editor: EditorScreen) -> None:
    editor.press("o")
    editor.drag((50, 50), (150, 150))
    editor.press("u")
    editor.press("r")
    editor.drag((30, 30), (200, 100))
    ellipse, rest = masks(editor)
    assert not (ellipse & rest).any()
    whole = np.zeros_like(rest)
    whole[30:100, 30:200] = True
    assert np.array_equal(rest, whole & ~ellipse)


def test_a_mask_becomes_polygons_and_a_mask_again_without_a_pixel_changed(
    editor: EditorScreen,
) -> None:
    editor.press("d")
    editor.drag((80, 80), (140, 120))
    (painted,) = masks(editor)
    editor.press("v")
    editor.click((110, 100))
    editor.press("Shift+P")
    assert isinstance(editor_segmentation(editor), list)
    assert np.array_equal(masks(editor)[0], painted)
    editor.press("Shift+M")
    assert isinstance(editor_segmentation(editor), dict)
    assert np.array_equal(masks(editor)[0], painted)


def editor_segmentation(editor: EditorScreen) -> object:
    """The one annotation's segmentation as it is stored."""
    editor.expect_saved()
    return editor.stored()[0]["segmentation"]


def test_the_segment_map_lists_overlaps_and_gaps_and_goes_there(editor: EditorScreen) -> None:
    editor.press("r")
    editor.drag((50, 50), (150, 150))
    editor.drag((140, 100), (240, 200))
    editor.press("g")
    panel = editor.page.get_by_test_id("coverage")
    expect(panel.get_by_text("1 overlap")).to_be_visible()
    expect(panel.get_by_text("500 px", exact=True)).to_be_visible()
    expect(panel.get_by_text("1 gap")).to_be_visible()
    scale = editor.page.evaluate("window.__segmentarium.editor.viewport.scale.get()")
    panel.get_by_role("button", name=" over ").click()
    editor.page.wait_for_timeout(400)
    assert editor.page.evaluate("window.__segmentarium.editor.viewport.scale.get()") > scale


def test_pictures_of_the_tools_that_ask_an_engine(
    editor: EditorScreen, screenshots_dir: Path
) -> None:
    """What the user guide shows of them: a coin with the wand, by superpixels, and along its edge."""
    page = editor.page
    card = page.get_by_test_id("proposal-card")
    coin = disc((43.5, 54.5), 22)
    # From the right to the left: the card stands to the right of what is found.
    around = [(65, 50), (58, 71), (43, 76), (26, 68), (22, 50), (32, 36), (48, 33), (60, 40)]
    gathered = [(59, 55), (52, 66), (50, 46), (52, 58), (40, 70), (38, 40), (30, 48), (28, 62)]
    for key, name, points, least in (
        ("q", "magic-wand", [(50, 46)], 0.7),
        ("j", "superpixels", gathered, 0.4),
        ("l", "live-wire", around, 0.7),
    ):
        page.evaluate("window.__segmentarium.editor.viewport.show([10, 10, 130, 90])")
        page.wait_for_timeout(400)
        editor.press(key)
        for point in points:
            editor.click(point)
        if name != "live-wire":  # which the browser works out as it goes
            expect(card).to_be_visible()
            expect(page.get_by_test_id("proposal-running")).to_have_count(0)
        page.wait_for_timeout(150)
        picture = screenshots_dir / "tools" / f"{name}.jpg"
        page.get_by_test_id("canvas").screenshot(path=picture, type="jpeg", quality=80)
        editor.press("Enter")
        expect(editor.rows).to_have_count(1)
        (mask,) = masks(editor)
        assert (mask & coin).sum() > least * (mask | coin).sum()
        editor.press("Control+z")
        expect(editor.rows).to_have_count(0)


def test_pictures_of_the_tools(editor: EditorScreen, screenshots_dir: Path) -> None:
    """What the user guide shows; each tool in the middle of its work."""
    page = editor.page
    picture, hold = photographer(editor, screenshots_dir)
    page.evaluate("window.__segmentarium.editor.viewport.show([85, 30, 205, 110])")
    page.wait_for_timeout(400)
    editor.press("d")
    hold([(60, 58), (70, 70), (80, 56), (72, 62)])
    picture("brush")
    page.mouse.up()
    editor.press("x")
    hold([(64, 50), (74, 74)])
    picture("eraser")
    page.mouse.up()
    editor.press("Escape")
    for tool, name in (("r", "rectangle"), ("o", "ellipse")):
        editor.press(tool)
        hold([(120, 30), (170, 76)] if tool == "r" else [(180, 22), (240, 80)])
        picture(name)
        page.mouse.up()
    editor.press("v")
    editor.click((145, 53))
    editor.press("Shift+T")
    scale = page.evaluate("window.__segmentarium.editor.viewport.scale.get()")
    hold([(145, 30 - 26 / scale), (155, 26)])
    picture("transform")
    page.mouse.up()
    for key in ("Control+z", "Escape", "Escape"):
        editor.press(key)
    editor.press("k")
    hold([(205, 10), (222, 92)])
    picture("split")
    page.mouse.up()
    editor.press("p")
    editor.click((120, 76))
    editor.click((170, 76))
    page.mouse.move(*editor.at((180, 110)))
    picture("polygon")
    editor.press("Escape")
    editor.press("b")
    editor.press("Shift+G")
    page.mouse.move(*editor.at((84, 107)))
    picture("crosshair")
    editor.press("Shift+G")
    editor.press("Shift+G")
    editor.press("m")
    hold([(60, 110), (150, 140)])
    picture("measure")
    page.mouse.up()
    editor.press("Escape")
    editor.press("g")
    page.get_by_text("Panoptic").click()
    picture("segment-map")


def test_pictures_of_what_is_done_with_shapes(editor: EditorScreen, screenshots_dir: Path) -> None:
    """What the user guide shows: holes, fills, shapes combined and simplified, points, and the view moved."""
    page = editor.page
    picture, hold = photographer(editor, screenshots_dir)
    page.evaluate("window.__segmentarium.editor.viewport.show([85, 30, 205, 110])")
    page.wait_for_timeout(400)
    editor.press("o")
    editor.drag((95, 35), (155, 95))
    editor.press("v")
    editor.click((125, 41))
    editor.press("o")
    editor.press("Shift+R")
    hold([(111, 51), (139, 79)])
    picture("hole")
    page.mouse.up()
    for _ in range(2):
        editor.press("Escape")
    expect(editor.rows).to_have_count(1)
    editor.press("t")
    editor.press("2")
    editor.click((125, 65))
    expect(editor.rows).to_have_count(2)
    picture("fill")
    editor.press("Control+z")
    editor.press("Control+z")
    expect(editor.rows).to_have_count(1)
    editor.press("r")
    editor.drag((135, 55), (195, 99))
    expect(editor.rows).to_have_count(2)
    editor.press("v")
    editor.click((105, 65))
    page.keyboard.down("Shift")
    editor.click((185, 75))
    page.keyboard.up("Shift")
    for key, name in (("u", "unite"), ("x", "subtract"), ("n", "intersect")):
        editor.press(f"Shift+{key.upper()}")
        expect(editor.rows).to_have_count(1 if name == "unite" else 2)
        picture(name)
        editor.press("Control+z")
        expect(editor.rows).to_have_count(2)
        editor.press("Escape")
        editor.click((105, 65))
        page.keyboard.down("Shift")
        editor.click((185, 75))
        page.keyboard.up("Shift")
    editor.press("Escape")
    editor.click((105, 65))
    editor.press("y")
    expect(page.get_by_role("slider").first).to_be_visible()
    picture("simplify")
    for key in ("Escape", "Escape", "Control+z", "Control+z"):
        editor.press(key)
    expect(editor.rows).to_have_count(0)
    editor.press("w")
    editor.click((170, 52))
    expect(page.get_by_test_id("proposal-card")).to_be_visible()
    expect(page.get_by_test_id("proposal-running")).to_have_count(0)
    picture("points")
    editor.press("Escape")
    editor.press("h")
    hold([(135, 65), (165, 80)])
    picture("pan")
    page.mouse.up()


def photographer(
    editor: EditorScreen, screenshots_dir: Path
) -> tuple[Callable[[str], None], Callable[[list[Point]], None]]:
    """What takes a picture of the canvas, and what presses and drags without letting go."""
    page = editor.page
    folder = screenshots_dir / "tools"
    folder.mkdir(exist_ok=True)

    def picture(name: str) -> None:
        page.wait_for_timeout(150)
        canvas = page.get_by_test_id("canvas")
        canvas.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=80)

    def hold(points: list[Point]) -> None:
        page.mouse.move(*editor.at(points[0]))
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*editor.at(point), steps=6)

    return picture, hold


def test_the_live_wire_follows_the_picture_between_the_clicks(editor: EditorScreen) -> None:
    centre, radius = COIN
    editor.press("l")
    for degrees in (0, 90, 180, 270):
        angle = np.deg2rad(degrees)
        x, y = centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)
        editor.click((float(x), float(y)))
    editor.press("Enter")
    (drawn,) = masks(editor)
    coin = disc(centre, radius)
    assert (drawn & coin).sum() / (drawn | coin).sum() > 0.93
    # Along the edge, and not straight: of a square within the circle the share would be 2 / π.
    (stored,) = editor.stored()
    assert len(stored["segmentation"][0][0]) > 2 * 12
