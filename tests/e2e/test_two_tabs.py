"""One image in two tabs: who comes second is refused, sees both versions and chooses; nothing is overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, Point, sign_in

SERVE_ARGUMENTS = ["--sample"]
SIDE = 60
# Top left corners of two squares, and where the two tabs move them by.
ONE, OTHER = (40, 40), (200, 180)
STEP_A, STEP_B = (30, 0), (0, 50)


@dataclass
class Tab:
    """A page in the editor, and what the server answered to its edits."""

    page: Page
    statuses: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15_000)
        self.page.on("response", self._note)
        self.screen = EditorScreen(self.page)

    def _note(self, response: Response) -> None:
        if response.url.endswith("/edits"):
            self.statuses.append(response.status)

    @property
    def card(self) -> Locator:
        """The question which version stays."""
        return self.page.get_by_test_id("dispute-card")

    def open(self) -> None:
        """Open the image anew."""
        self.page.goto("/projects/1/images/2")
        self.screen.wait()

    def move(self, corner: Point, step: Point) -> None:
        """Drag the square at that corner."""
        middle = (corner[0] + SIDE / 2, corner[1] + SIDE / 2)
        self.page.bring_to_front()
        self.screen.press("v")
        self.screen.click(middle)
        expect(self.page.locator("[data-testid=annotation-row][data-selected=true]")).to_have_count(
            1
        )
        self.screen.drag(middle, (middle[0] + step[0], middle[1] + step[1]))

    def settle(self, button: str) -> None:
        """Choose, and wait until the server knows."""
        self.card.get_by_role("button", name=button).click()
        expect(self.card).to_have_count(0)
        self.screen.expect_saved()


@pytest.fixture(scope="module")
def tabs_of_owner(
    browser: Browser, server: Server, browser_context_args: dict[str, object]
) -> Iterator[tuple[Tab, Tab]]:
    """Two tabs of one browser, signed in."""
    context = browser.new_context(**browser_context_args, base_url=server.base_url)  # type: ignore[arg-type]
    a, b = Tab(context.new_page()), Tab(context.new_page())
    sign_in(a.page, server)
    yield a, b
    context.close()


@pytest.fixture
def tabs(tabs_of_owner: tuple[Tab, Tab]) -> tuple[Tab, Tab]:
    """Both tabs on one image with two squares, which came in by the API."""
    a, b = tabs_of_owner
    a.open()
    send(a, [edit("delete", one["id"], one["revision"]) for one in a.screen.stored()])
    send(a, [edit("create", str(uuid4()), 0, corner) for corner in (ONE, OTHER)])
    for tab in (a, b):
        tab.open()
        expect(tab.screen.rows).to_have_count(2)
        tab.statuses.clear()
    return a, b


def edit(op: str, annotation: str, revision: int, corner: Point | None = None) -> dict[str, Any]:
    """An edit as it is sent; of a square where a corner is given."""
    content = None
    if corner:
        (x, y), (right, bottom) = corner, (corner[0] + SIDE, corner[1] + SIDE)
        ring = [x, y, right, y, right, bottom, x, bottom]
        content = {"category_id": 1, "segmentation": [[ring]], "z_order": 1 + corner[0]}
    return {
        "edit_id": str(uuid4()),
        "op": op,
        "annotation_id": annotation,
        "base_revision": revision,
        "annotation": content,
    }


def send(tab: Tab, edits: list[dict[str, Any]]) -> None:
    """Send edits past the editor."""
    if edits:
        answer = tab.page.request.post("/api/images/2/edits", data={"edits": edits})
        assert answer.ok, answer.text()


def moved(corner: Point, step: Point) -> Point:
    """Where a corner is after a step."""
    return corner[0] + step[0], corner[1] + step[1]


def held(tab: Tab) -> dict[Point, tuple[str, int]]:
    """What the server holds: by the corner of each square, to a pixel, its id and revision."""
    return {
        (round(one["bbox_xywh"][0]), round(one["bbox_xywh"][1])): (one["id"], one["revision"])
        for one in tab.screen.stored()
    }


def disputed(a: Tab, b: Tab) -> str:
    """B moves a square, and then A, who does not know of it; the square's id."""
    (annotation, _) = held(a)[ONE]
    b.move(ONE, STEP_B)
    b.screen.expect_saved()
    a.move(ONE, STEP_A)
    expect(a.card).to_be_visible()
    a.screen.expect_saved()
    return annotation


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ("Keep theirs", {moved(ONE, STEP_B)}),
        ("Keep mine", {moved(ONE, STEP_A)}),
        ("Keep both", {moved(ONE, STEP_B), moved(ONE, STEP_A)}),
    ],
)
def test_who_edits_what_has_changed_sees_both_versions_and_the_server_holds_what_is_chosen(
    tabs: tuple[Tab, Tab], button: str, expected: set[Point]
) -> None:
    a, b = tabs
    annotation = disputed(a, b)
    assert a.statuses[0] == 409, "the second edit is refused by its revision"
    assert b.statuses == [200]
    versions = a.card.get_by_role("listitem")
    expect(versions.first).to_contain_text("Theirs")
    expect(versions.first).to_contain_text(f"{SIDE * SIDE:,} px")
    expect(versions.last).to_contain_text("Yours")
    expect(a.screen.rows).to_have_count(3)
    both = {moved(ONE, STEP_B), moved(ONE, STEP_A), OTHER}
    assert set(held(a)) == both, "both are kept until one is chosen"

    a.settle(button)
    after = held(a)
    assert set(after) == expected | {OTHER}
    survivor = moved(ONE, STEP_A) if button == "Keep mine" else moved(ONE, STEP_B)
    identity, revision = after[survivor]
    assert identity == annotation, "the annotation goes on under its own id"
    assert revision == (3 if button == "Keep mine" else 2)
    for tab in tabs:
        tab.open()
        expect(tab.screen.rows).to_have_count(len(after))
        expect(tab.card).to_have_count(0)


def test_two_versions_have_their_picture(tabs: tuple[Tab, Tab], screenshots_dir: Path) -> None:
    a, b = tabs
    disputed(a, b)
    a.page.wait_for_timeout(400)
    a.page.screenshot(path=screenshots_dir / "two-versions.png")
    a.settle("Keep both")


def test_a_choice_made_by_mistake_is_undone_as_one_step(tabs: tuple[Tab, Tab]) -> None:
    a, b = tabs
    disputed(a, b)
    before = set(held(a))
    a.settle("Keep mine")
    a.screen.press("Control+z")
    expect(a.screen.rows).to_have_count(3)
    a.screen.expect_saved()
    assert set(held(a)) == before


def test_a_reload_before_the_choice_loses_neither_version(tabs: tuple[Tab, Tab]) -> None:
    a, b = tabs
    disputed(a, b)
    a.open()
    expect(a.screen.rows).to_have_count(3)
    assert set(held(a)) == {moved(ONE, STEP_B), moved(ONE, STEP_A), OTHER}


def test_what_the_other_tab_deleted_stays_as_a_version_of_ones_own(tabs: tuple[Tab, Tab]) -> None:
    a, b = tabs
    b.page.bring_to_front()
    b.screen.press("v")
    b.screen.click((ONE[0] + SIDE / 2, ONE[1] + SIDE / 2))
    b.screen.press("Delete")
    expect(b.screen.rows).to_have_count(1)
    b.screen.expect_saved()
    a.move(ONE, STEP_A)
    expect(a.card.get_by_role("listitem").first).to_contain_text("deleted")
    a.settle("Keep mine")
    assert set(held(a)) == {moved(ONE, STEP_A), OTHER}


def test_edits_of_different_annotations_merge_without_a_question(tabs: tuple[Tab, Tab]) -> None:
    a, b = tabs
    b.move(ONE, STEP_B)
    a.move(OTHER, STEP_A)
    for tab in tabs:
        tab.screen.expect_saved()
        assert tab.statuses == [200]
        expect(tab.card).to_have_count(0)
    expected = {moved(ONE, STEP_B), moved(OTHER, STEP_A)}
    assert set(held(a)) == expected
    assert {revision for _, revision in held(a).values()} == {2}
    for tab in tabs:
        tab.open()
        expect(tab.screen.rows).to_have_count(2)


def test_what_is_drawn_of_a_category_that_the_other_tab_deleted_waits_for_another_one(
    tabs: tuple[Tab, Tab],
) -> None:
    a, b = tabs
    made = b.page.request.post("/api/projects/1/categories", data={"name": "short-lived"}).json()
    a.open()
    a.page.bring_to_front()
    a.page.get_by_test_id("category-row").filter(has_text="short-lived").click()
    assert b.page.request.delete(f"/api/categories/{made['id']}").ok
    a.screen.draw_polygon([(20, 20), (90, 30), (50, 90)])
    ask = a.page.get_by_role("form", name="Give another category")
    expect(ask).to_contain_text("“short-lived” was deleted elsewhere")
    rows = a.page.get_by_test_id("category-row")
    expect(rows.filter(has_text="short-lived")).to_have_count(0)
    expect(a.screen.rows).to_have_count(2)

    a.open()
    expect(ask).to_be_visible()
    ask.get_by_role("button").first.click()
    expect(a.screen.rows).to_have_count(3)
    a.screen.expect_saved()
    assert len(a.screen.stored()) == 3
