"""Pictures of the main screens, taken of the sample project and used in the documentation."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.screens import EditorScreen, sign_in

SERVE_ARGUMENTS = ["--sample"]


def test_the_main_screens_have_their_pictures(
    page: Page, server: Server, screenshots_dir: Path
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: (
            faults.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    editor = EditorScreen(page)

    def take(name: str) -> None:
        page.mouse.move(2, 896)
        page.wait_for_timeout(400)
        page.screenshot(path=screenshots_dir / f"{name}.png")

    sign_in(page, server)
    expect(page.get_by_test_id("project-card")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    take("projects")

    page.get_by_role("link", name="Sample: cat, coffee, astronaut, coins").first.click()
    expect(page.get_by_test_id("image-card")).to_have_count(4)
    page.wait_for_load_state("networkidle")
    take("project")

    page.get_by_role("button", name="Export", exact=True).first.click()
    changes = page.get_by_role("dialog").get_by_role("table", name="What would change")
    expect(changes).to_be_visible(timeout=30_000)  # the first job starts a process
    take("export")
    page.keyboard.press("Escape")

    page.get_by_test_id("image-card").filter(has_text="cat.png").get_by_role("link").first.click()
    editor.wait()
    editor.press("1")
    editor.propose(60, 5, 400, 295)
    take("proposal")
    editor.press("Enter")
    expect(editor.rows).to_have_count(1)
    editor.expect_saved()

    page.get_by_test_id("filmstrip").get_by_role("link").nth(1).click()
    page.wait_for_url("**/images/2")
    editor.wait()
    editor.press("5")
    editor.propose(326, 215, 407, 325)
    editor.press("Enter")
    expect(editor.rows).to_have_count(2)
    editor.press("v")
    editor.click((280, 200))
    editor.expect_saved()
    take("editor")
    editor.press("Control+k")
    palette = page.get_by_role("dialog")
    palette.get_by_role("combobox").fill("mask")
    take("palette")
    editor.press("Escape")
    expect(palette).to_have_count(0)
    page.get_by_role("button", name="History").click()
    take("history")
    page.get_by_role("button", name="History").click()

    editor.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    take("shortcuts")
    assert faults == [], "the console is silent"


@pytest.mark.parametrize("link", ["/sign-in#used-before", "/projects/1"])
def test_a_stranger_is_told_how_to_sign_in(page: Page, server: Server, link: str) -> None:
    page.goto(server.base_url + link)
    expect(page.get_by_text("segmentarium user sign-in-url")).to_be_visible()


def test_the_sign_in_page_has_its_picture(
    page: Page, server: Server, screenshots_dir: Path
) -> None:
    page.goto(f"{server.base_url}/sign-in#used-before")
    expect(page.get_by_text("segmentarium user sign-in-url")).to_be_visible()
    page.screenshot(path=screenshots_dir / "sign-in.png")
