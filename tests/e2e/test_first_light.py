"""The main job from end to end, by mouse and keyboard, on real photographs."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import skimage
from playwright.sync_api import BrowserContext, Page, expect
from pycocotools.coco import COCO

from tests.e2e.conftest import Server
from tests.e2e.screens import (
    EditorScreen,
    add_category,
    api,
    create_project,
    export_coco,
    sign_in,
    upload,
)

PHOTOGRAPHS = Path(skimage.__file__).parent / "data"
SPOON = [
    (345.0, 240.0),
    (380.0, 235.0),
    (404.0, 275.0),
    (390.0, 312.0),
    (345.0, 322.0),
    (326.0, 280.0),
]


@pytest.fixture(scope="module")
def page_of_owner(browser: object, server: Server, browser_context_args: dict[str, object]) -> Page:
    """A page signed in once for the whole file; the tests of a file go on where the one before stopped."""
    context: BrowserContext = browser.new_context(  # type: ignore[attr-defined]
        **browser_context_args, base_url=server.base_url
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, server)
    return page


@pytest.fixture
def page(page_of_owner: Page) -> Page:
    """The signed-in page instead of the plugin's empty one."""
    return page_of_owner


@pytest.fixture
def editor(page: Page) -> EditorScreen:
    """The editor's screen."""
    return EditorScreen(page)


def test_an_empty_list_of_projects_teaches(page: Page) -> None:
    expect(page.get_by_role("heading", name="Start with a project")).to_be_visible()


def test_a_project_takes_two_photographs_and_names_the_file_it_refuses(
    page: Page, tmp_path: Path
) -> None:
    create_project(page, "Kitchen and cat")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"this is no picture")
    upload(page, [PHOTOGRAPHS / "chelsea.png", PHOTOGRAPHS / "coffee.png", broken])
    expect(page.get_by_test_id("image-card")).to_have_count(2)
    panel = page.get_by_test_id("upload-panel")
    expect(panel).to_contain_text("broken.jpg")
    expect(panel).to_contain_text("not an image")
    panel.get_by_role("button", name="Close uploads").click()


def test_categories_get_colours_and_hotkeys_of_their_own(page: Page) -> None:
    add_category(page, "cat")
    add_category(page, "spoon")
    project = int(page.url.rstrip("/").rsplit("/", 1)[-1])
    made = api(page, f"/api/projects/{project}/categories")["items"]
    assert [category["hotkey"] for category in made] == ["1", "2"]
    assert made[0]["color"] != made[1]["color"]


def test_a_polygon_is_drawn_by_mouse_and_saved(page: Page, editor: EditorScreen) -> None:
    page.get_by_test_id("image-card").filter(has_text="coffee.png").get_by_role(
        "link"
    ).first.click()
    editor.wait()
    editor.press("2")
    editor.draw_polygon(SPOON)
    expect(editor.rows).to_have_count(1)
    expect(editor.rows).to_contain_text("spoon")
    editor.expect_saved()
    [stored] = editor.stored()
    drawn = np.array(stored["segmentation"][0][0]).reshape(-1, 2)
    assert np.abs(drawn - np.array(SPOON)).max() <= 1, "vertices lie where the mouse clicked"


def test_a_vertex_is_dragged_and_an_edge_gets_a_new_one(page: Page, editor: EditorScreen) -> None:
    editor.press("v")
    editor.click((365, 280))
    editor.drag(SPOON[0], (340, 226))
    editor.expect_saved()
    moved = np.array(editor.stored()[0]["segmentation"][0][0]).reshape(-1, 2)
    assert np.abs(moved[0] - (340, 226)).max() <= 1
    editor.drag((399, 293), (406, 296))
    editor.expect_saved()
    assert len(editor.stored()[0]["segmentation"][0][0]) // 2 == len(SPOON) + 1


def test_undo_and_redo_walk_through_every_gesture(page: Page, editor: EditorScreen) -> None:
    after_all = editor.stored()[0]["segmentation"]
    for _ in range(3):
        editor.press("Control+z")
    expect(editor.rows).to_have_count(0)
    editor.expect_saved()
    assert editor.stored() == []
    for _ in range(3):
        editor.press("Control+Shift+z")
    expect(editor.rows).to_have_count(1)
    editor.expect_saved()
    assert editor.stored()[0]["segmentation"] == after_all


def test_the_boxed_cat_is_proposed_tweaked_and_accepted(page: Page, editor: EditorScreen) -> None:
    page.get_by_role("button", name="Previous image").click()
    page.wait_for_url(lambda url: not url.endswith("2"))
    editor.wait()
    editor.press("1")
    editor.propose(60, 5, 400, 295)
    assert editor.stored() == [], "a proposal stores nothing"
    editor.press("Escape")
    expect(page.get_by_test_id("proposal-card")).to_have_count(0)
    editor.propose(60, 5, 400, 295)
    editor.press("Enter")
    expect(editor.rows).to_have_count(1)
    expect(editor.rows).to_contain_text("cat")
    editor.expect_saved()
    [stored] = editor.stored()
    assert stored["source"] == "boxnet"
    assert 0 < stored["score"] <= 1
    assert stored["area"] > 40_000


def test_a_vertex_of_the_accepted_proposal_can_be_dragged(page: Page, editor: EditorScreen) -> None:
    before = np.array(editor.stored()[0]["segmentation"][0][0]).reshape(-1, 2)
    x, y = before[before[:, 1].argmin()]
    editor.press("v")
    middle = before.mean(axis=0)
    editor.click((float(middle[0]), float(middle[1])))
    editor.drag((float(x), float(y)), (float(x) + 4, float(y) + 12))
    editor.expect_saved()
    after = np.array(editor.stored()[0]["segmentation"][0][0]).reshape(-1, 2)
    assert after.shape == before.shape
    changed = (after != before).any(axis=1)
    assert changed.sum() == 1
    assert np.abs(after[changed][0] - (x + 4, y + 12)).max() <= 1


def test_everything_is_found_again_after_a_reload(page: Page, editor: EditorScreen) -> None:
    before = editor.stored()
    page.reload()
    editor.wait()
    expect(editor.rows).to_have_count(1)
    assert editor.stored() == before


def test_edits_made_offline_wait_and_arrive(page: Page, editor: EditorScreen) -> None:
    page.context.set_offline(True)
    editor.press("2")
    editor.draw_polygon([(10, 200), (50, 200), (50, 260), (10, 260)])
    expect(editor.rows).to_have_count(2)
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "offline")
    expect(page.get_by_test_id("save-state")).to_contain_text("kept on this computer")
    page.context.set_offline(False)
    expect(page.get_by_test_id("save-state")).to_have_attribute(
        "data-state", "saved", timeout=40_000
    )
    assert len(editor.stored()) == 2


def test_the_export_read_by_pycocotools_equals_the_instance_map(
    page: Page, editor: EditorScreen, tmp_path: Path
) -> None:
    page.get_by_role("button", name="Back to the project").or_(
        page.get_by_role("link", name="Back to the project")
    ).first.click()
    expect(page.get_by_test_id("image-card")).to_have_count(2)
    path, document = export_coco(page, tmp_path)
    assert {category["name"] for category in document["categories"]} == {"cat", "spoon"}
    assert len(document["annotations"]) == 3
    coco = COCO(str(path))
    for image_id, image in coco.imgs.items():
        assert (tmp_path / "images" / image["file_name"]).is_file()
        painted = np.zeros((image["height"], image["width"]), np.int32)
        for number, annotation in enumerate(coco.imgToAnns[image_id], start=1):
            mask = coco.annToMask(annotation) > 0
            assert mask.sum() == annotation["area"]
            painted[mask] = number
        response = page.request.get(f"/api/images/{image_id}/segment-map?kind=instance")
        with PIL.Image.open(io.BytesIO(response.body())) as shown:
            assert np.array_equal(painted, np.asarray(shown))
    page.keyboard.press("Escape")


def test_a_sign_in_url_works_once(browser: object, server: Server) -> None:
    other: BrowserContext = browser.new_context()  # type: ignore[attr-defined]
    page = other.new_page()
    page.goto(server.sign_in_url)
    expect(page.get_by_text("segmentarium user sign-in-url")).to_be_visible()
    assert page.request.get(f"{server.base_url}/api/projects").status == 401
    other.close()
