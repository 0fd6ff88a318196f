"""From a box to the right mask: engines and their options, points, comparing, detail, and what is accepted."""

from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from segmentarium.core.annotation import segmentation_from_json
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import Mask
from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, api, sign_in

SERVE_ARGUMENTS = ["--sample"]
HEIGHT, WIDTH = 300, 451
CAT = (60.0, 5.0, 400.0, 295.0)


@pytest.fixture(scope="module")
def page_of_owner(
    browser: Browser, server: Server, browser_context_args: dict[str, object]
) -> Page:
    """A page in the editor of the cat, for the whole file."""
    context = browser.new_context(**browser_context_args, base_url=server.base_url)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, server)
    page.goto("/projects/1")
    page.get_by_test_id("image-card").filter(has_text="cat.png").get_by_role("link").first.click()
    EditorScreen(page).wait()
    return page


@pytest.fixture
def page(page_of_owner: Page) -> Page:
    """The page in the editor, with nothing proposed and every setting as on the first day."""
    page_of_owner.evaluate("localStorage.clear()")
    page_of_owner.reload()
    EditorScreen(page_of_owner).wait()
    return page_of_owner


@pytest.fixture
def editor(page: Page) -> EditorScreen:
    """The editor's screen."""
    return EditorScreen(page)


@pytest.fixture
def engines(page: Page) -> list[dict[str, Any]]:
    """The engines that can run here and start from a box, the one that `auto` asks first."""
    items = [
        engine
        for engine in api(page, "/api/engines")["items"]
        if engine["available"] and "bbox" in engine["starts_from"]
    ]
    return sorted(items, key=lambda engine: -engine["rank"])


def proposal(page: Page) -> dict[str, Any]:
    """The proposal once it is ready."""
    ready = "window.__segmentarium.editor.proposals.state.get()?.kind === 'ready'"
    for _ in range(300):
        if page.evaluate(ready):
            break
        page.wait_for_timeout(50)
    shown = "JSON.stringify(window.__segmentarium.editor.proposals.state.get()?.shown ?? null)"
    found: dict[str, Any] = json.loads(page.evaluate(shown))
    return found


def mask_of(segmentation: object) -> Mask:
    """Its pixels on the picture of the cat."""
    return segmentation_to_mask(segmentation_from_json(segmentation), HEIGHT, WIDTH)


def choose(page: Page, title: str) -> None:
    """Open the menu by its key, choose the engine, and leave the menu open."""
    page.keyboard.press("e")
    page.get_by_role("radiogroup", name="Engine").get_by_text(title, exact=True).click()


def set_option(page: Page, title: str, value: float) -> None:
    """Type a value into the engine's option."""
    field = page.get_by_role("dialog", name="Engine").get_by_role("textbox", name=title)
    field.fill(f"{value:g}")
    field.press("Tab")


def test_the_menu_lists_every_engine_with_its_options(
    page: Page, editor: EditorScreen, engines: list[dict[str, Any]]
) -> None:
    editor.press("b")
    editor.press("e")
    menu = page.get_by_role("dialog", name="Engine")
    every = api(page, "/api/engines")["items"]
    expect(menu.get_by_role("radio")).to_have_count(len(every) + 1)
    for engine in every:
        row = menu.locator(f"input[value={engine['name']}]")
        expect(row).to_be_enabled(enabled=engine["available"])
    for engine in engines:
        menu.get_by_text(engine["title"], exact=True).first.click()
        details = page.get_by_role("region", name=f"Options of {engine['title']}")
        expect(details).to_contain_text(engine["description"])
        for option in engine["options"]:
            expect(details).to_contain_text(option["title"].split(", ")[0])
    page.keyboard.press("e")
    expect(menu).to_have_count(0)


def test_an_option_changes_the_proposal_that_is_shown_and_reset_brings_it_back(
    page: Page, editor: EditorScreen, engines: list[dict[str, Any]]
) -> None:
    engine = engines[0]
    first = proposal_of(page, editor, engine)
    changed = []
    for option in engine["options"]:
        if option["type"] not in {"number", "integer"}:
            continue
        with page.expect_response("**/auto-annotate") as answer:
            set_option(page, option["title"].split(", ")[0], option["minimum"])
        asked = json.loads(answer.value.request.post_data or "")
        assert asked["options"][option["name"]] == option["minimum"]
        changed.append(proposal(page)["answer"]["rle"])
    assert any(rle != first["answer"]["rle"] for rle in changed)
    with page.expect_response("**/auto-annotate") as answer:
        page.get_by_role("button", name="Reset").click()
    assert json.loads(answer.value.request.post_data or "")["options"] == {}
    assert proposal(page)["answer"]["rle"] == first["answer"]["rle"]


def proposal_of(page: Page, editor: EditorScreen, engine: dict[str, Any]) -> dict[str, Any]:
    """The engine's proposal of the cat; its menu stays open."""
    editor.propose(*CAT)
    with page.expect_response("**/auto-annotate"):
        choose(page, engine["title"])
    found = proposal(page)
    assert found["answer"]["engine"] == engine["name"]
    return found


def uncovered(page: Page, editor: EditorScreen, wanted: Mask) -> tuple[int, int]:
    """Row and column of one of the wanted pixels that the proposal's card does not lie over."""
    card = page.get_by_test_id("proposal-card").bounding_box()
    assert card is not None
    (left, top), (right, _) = editor.at((0, 0)), editor.at((WIDTH, 0))
    rows, columns = np.nonzero(wanted)
    xs, ys = (np.array((columns, rows)) + 0.5) * (right - left) / WIDTH + [[left], [top]]
    beside = (xs < card["x"] - 5) | (xs > card["x"] + card["width"] + 5)
    beside |= (ys < card["y"] - 5) | (ys > card["y"] + card["height"] + 5)
    return int(rows[beside][0]), int(columns[beside][0])


def test_a_point_outside_takes_its_pixel_away_and_backspace_brings_it_back(
    page: Page, editor: EditorScreen, engines: list[dict[str, Any]]
) -> None:
    if not any({"points", "mask"} <= set(engine["prompts"]) for engine in engines):
        pytest.skip("no engine here corrects a mask by points")
    editor.press("b")
    editor.propose(*CAT)
    before = mask_of(proposal(page)["answer"]["rle"])
    depth = cv2.distanceTransform(np.pad(before, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    y, x = uncovered(page, editor, (depth > 8) & (depth < 14))
    editor.press("s")
    with page.expect_response("**/auto-annotate") as answer:
        editor.click((x + 0.5, y + 0.5))
    prompt = json.loads(answer.value.request.post_data or "")["prompt"]
    assert prompt["point_labels"] == [0]
    assert prompt["bbox_xywh"] is not None
    assert "mask" in prompt
    corrected = mask_of(proposal(page)["answer"]["rle"])
    assert before[y, x]
    assert not corrected[y, x]
    editor.press("Backspace")
    assert np.array_equal(mask_of(proposal(page)["answer"]["rle"]), before)


def test_a_point_that_no_engine_takes_is_told_and_the_proposal_stays(
    page: Page, editor: EditorScreen, engines: list[dict[str, Any]]
) -> None:
    editor.press("b")
    editor.propose(*CAT)
    before = proposal(page)
    page.route(
        "**/auto-annotate",
        lambda route: route.fulfill(
            status=422,
            content_type="application/problem+json",
            body=json.dumps({"title": "The prompt is not valid", "detail": "It takes no points."}),
        ),
    )
    editor.press("a")
    editor.click((200, 150))
    expect(page.get_by_text("It takes no points.")).to_be_visible()
    assert proposal(page) == before
    page.unroute("**/auto-annotate")


def test_two_engines_are_compared_by_one_key_and_the_one_shown_is_accepted(
    page: Page, editor: EditorScreen, engines: list[dict[str, Any]]
) -> None:
    editor.press("b")
    editor.propose(*CAT)
    first = proposal(page)["answer"]["engine"]
    answers = page.get_by_test_id("answer")
    editor.press("c")
    if len(engines) < 2:
        expect(page.get_by_text("No other engine here takes such a prompt.")).to_be_visible()
        return
    expect(answers).to_have_count(2, timeout=60_000)
    expect(answers.first).to_have_attribute("data-shown", "true")
    editor.press("c")
    expect(answers.nth(1)).to_have_attribute("data-shown", "true")
    shown = proposal(page)["answer"]
    assert shown["engine"] != first
    expect(answers.nth(1)).to_contain_text(f"{round(shown['score'] * 100)}%")
    expect(answers.nth(1)).to_contain_text("ms")
    rows = editor.rows.count()
    editor.press("Enter")
    expect(editor.rows).to_have_count(rows + 1)
    editor.expect_saved()
    assert editor.stored()[-1]["source"] == shown["engine"]


def test_detail_goes_from_few_vertices_to_the_mask_itself_and_is_remembered(
    page: Page, editor: EditorScreen
) -> None:
    editor.press("b")
    editor.propose(*CAT)
    engine_mask = mask_of(proposal(page)["answer"]["rle"])
    slider = page.get_by_role("slider", name="Detail")
    counts = []
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight"):
        slider.press(key)
        page.wait_for_timeout(300)
        found = proposal(page)
        drawn = mask_of(found["segmentation"])
        iou = (drawn & engine_mask).sum() / (drawn | engine_mask).sum()
        assert found["detail"]["iou"] == pytest.approx(iou, abs=1e-6)
        vertices = sum(len(ring) // 2 for part in found["segmentation"] for ring in part)
        expect(page.get_by_test_id("detail")).to_contain_text(f"{vertices} vert")
        counts.append(vertices)
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    slider.press("End")
    expect(page.get_by_test_id("detail")).to_contain_text("pixel by pixel")
    rows = editor.rows.count()
    editor.press("Enter")
    expect(editor.rows).to_have_count(rows + 1)
    editor.expect_saved()
    stored = editor.stored()[-1]["segmentation"]
    assert isinstance(stored, dict), "it is stored as RLE"
    assert np.array_equal(mask_of(stored), engine_mask)
    editor.propose(*CAT)
    expect(page.get_by_test_id("detail")).to_contain_text("pixel by pixel")
    editor.press("Escape")


def test_the_point_tool_starts_from_a_click_and_alt_removes(
    page: Page, editor: EditorScreen
) -> None:
    items = api(page, "/api/engines")["items"]
    if not any(e["available"] and "points" in e["starts_from"] and e["rank"] >= 0 for e in items):
        pytest.skip("no engine here starts from points")
    editor.press("w")
    editor.click((280, 225))
    expect(page.get_by_test_id("proposal-card")).to_be_visible()
    first = mask_of(proposal(page)["answer"]["rle"])
    assert first[225, 280]
    y, x = uncovered(page, editor, first)
    page.keyboard.down("Alt")
    with page.expect_response("**/auto-annotate") as answer:
        editor.click((x + 0.5, y + 0.5))
    page.keyboard.up("Alt")
    prompt = json.loads(answer.value.request.post_data or "")["prompt"]
    assert prompt["point_labels"] == [1, 0]
    assert not mask_of(proposal(page)["answer"]["rle"])[y, x]
    rows = editor.rows.count()
    editor.press("Enter")
    expect(editor.rows).to_have_count(rows + 1)
    editor.expect_saved()


def test_a_busy_server_is_asked_once_more_and_escape_gives_up(
    page: Page, editor: EditorScreen
) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "auto-annotate" in one.url else None)
    problem = {
        "type": "/docs/errors#engine-busy",
        "title": "The engine is busy",
        "detail": "Too many prompts wait.",
        "retry_after_s": 1,
    }
    page.route(
        "**/auto-annotate",
        lambda route: route.fulfill(
            status=503, content_type="application/problem+json", body=json.dumps(problem)
        ),
        times=1,
    )
    editor.propose(*CAT)
    assert len(asked) == 2
    editor.press("Escape")
    page.route("**/auto-annotate", lambda _: None, times=1)
    editor.drag((60, 5), (400, 295))
    expect(page.get_by_test_id("proposal-running")).to_contain_text("s")
    editor.press("Escape")
    expect(page.get_by_test_id("proposal-running")).to_have_count(0)
    expect(page.get_by_test_id("proposal-card")).to_have_count(0)
