"""The screens have no serious fault that axe finds: names, roles, contrast, focus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import ROOT, Server
from tests.e2e.screens import EditorScreen, sign_in

SERVE_ARGUMENTS = ["--sample"]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server, browser_context_args: dict[str, object]) -> Page:
    """A signed-in page, for the whole file. Without motion: half faded, no text has its contrast."""
    context = browser.new_context(**browser_context_args, base_url=server.base_url)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.emulate_media(reduced_motion="reduce")
    sign_in(page, server)
    return page


def serious_faults(page: Page) -> list[str]:
    """What axe finds on the page as it is now, with the elements."""
    page.evaluate(Path(AXE).read_text())
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(({violations}) => violations)")
    return [
        f"{fault['id']}: {node['html'][:160]}"
        for fault in found
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


def open_editor(page: Page) -> EditorScreen:
    """The editor of the cup, in which one annotation is."""
    page.goto("/projects/1")
    page.get_by_test_id("image-card").filter(has_text="coffee.png").get_by_role(
        "link"
    ).first.click()
    screen = EditorScreen(page)
    screen.wait()
    return screen


@pytest.mark.parametrize("path", ["/", "/projects/1"])
def test_the_lists_have_no_serious_fault(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert serious_faults(page) == []


def test_the_editor_has_no_serious_fault_with_any_tool(page: Page) -> None:
    editor = open_editor(page)
    for tool in page.get_by_role("toolbar", name="Tools").get_by_role("button").all():
        tool.click()
        assert serious_faults(page) == [], tool.get_attribute("aria-label")
    editor.press("v")
    editor.rows.first.click()
    assert serious_faults(page) == []


@pytest.mark.parametrize("key", ["g", "y", "?", "e", "Control+k", "Shift+H"])
def test_what_opens_over_the_editor_has_no_serious_fault(page: Page, key: str) -> None:
    editor = open_editor(page)
    editor.press("b" if key == "e" else "v")
    if key == "y":
        editor.rows.first.click()
    editor.press(key)
    page.wait_for_timeout(600)
    assert serious_faults(page) == []


def test_a_proposal_and_its_card_have_no_serious_fault(page: Page) -> None:
    editor = open_editor(page)
    editor.propose(80, 60, 500, 380)
    page.wait_for_timeout(300)
    assert serious_faults(page) == []
    editor.press("Escape")


def test_every_tool_is_reached_and_taken_up_by_keys_alone(page: Page) -> None:
    open_editor(page)
    tools = page.get_by_role("toolbar", name="Tools").get_by_role("button")
    tools.first.focus()
    for _ in range(tools.count() - 1):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(tools.last).to_have_attribute("aria-pressed", "true")


def test_transforming_and_the_look_have_no_serious_fault(page: Page) -> None:
    editor = open_editor(page)
    editor.press("v")
    editor.rows.first.get_by_role("button").first.click()
    editor.press("Shift+t")
    expect(page.get_by_test_id("hint")).to_contain_text("knob")
    assert serious_faults(page) == []
    editor.press("Escape")
    editor.press("g")
    editor.rows.first.get_by_role("button", name="Lock", exact=True).focus()
    assert serious_faults(page) == []
