"""A dataset goes out by the export dialog and comes in by the import dialog, as people do it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from segmentarium.formats import format_named
from tests.e2e.conftest import Server
from tests.e2e.screens import api, create_project, sign_in
from tests.formats.dataset import dataset
from tests.formats.round_trip import write_files

SLOW_MS = 30_000  # the first job starts a process


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
    """The list of projects."""
    signed_in.goto("/")
    return signed_in


def coco_files(folder: Path) -> list[Path]:
    """The small dataset as COCO, document and pictures."""
    write_files(format_named("coco"), dataset(), folder)
    return sorted(path for path in folder.rglob("*.*") if path.is_file())


def is_import(request: Request) -> bool:
    """Whether it starts an import."""
    return request.method == "POST" and request.url.endswith("/imports")


def choose(page: Page, files: list[Path]) -> None:
    """Open the import dialog and choose files."""
    page.get_by_role("button", name="Import", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(files)


def test_a_dataset_is_looked_at_imported_and_there(
    page: Page, tmp_path: Path, screenshots_dir: Path
) -> None:
    create_project(page, "Imported")
    choose(page, coco_files(tmp_path))
    dialog = page.get_by_role("dialog", name="Import dataset")
    expect(dialog).to_contain_text("Nothing has been changed yet.", timeout=SLOW_MS)
    expect(dialog).to_contain_text("Read as COCO instances.")
    expect(dialog.get_by_role("table", name="Categories")).to_contain_text("grass")
    page.screenshot(path=screenshots_dir / "import.png")
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog).to_contain_text("Imported.", timeout=SLOW_MS)
    expect(dialog).to_contain_text(re.compile(r"5\s*added"))
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_text("3 images")).to_be_visible()
    expect(page.get_by_role("complementary", name="Categories")).to_contain_text("grass")


def test_files_are_sent_once_and_a_closed_import_is_found_again(page: Page, tmp_path: Path) -> None:
    create_project(page, "Found again")
    sent: list[str] = []
    page.on(
        "request",
        lambda request: sent.append(request.post_data or "files") if is_import(request) else None,
    )
    choose(page, coco_files(tmp_path))
    dialog = page.get_by_role("dialog", name="Import dataset")
    expect(dialog).to_contain_text("Nothing has been changed yet.", timeout=SLOW_MS)
    dialog.get_by_role("combobox", name="Format").click()
    page.get_by_role("option", name="Pictures alone").click()
    expect(dialog).to_contain_text("Pictures without annotations.", timeout=SLOW_MS)
    assert len(sent) == 2
    assert "source_job" in sent[1]
    assert 'name="files"' not in sent[1]
    dialog.get_by_role("button", name="Close").last.click()
    page.reload()
    page.get_by_role("button", name="Imports and exports").click()
    page.get_by_role("button", name=re.compile("Look: files.zip")).click()
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog).to_contain_text("Imported.", timeout=SLOW_MS)
    dialog.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Imports and exports").click()
    rows = page.get_by_role("dialog", name="Imports and exports").get_by_role("listitem")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Import: files.zip")
    expect(rows).to_contain_text("3 images, 0 annotations added")


def test_closing_the_dialog_stops_the_sending(page: Page, tmp_path: Path) -> None:
    create_project(page, "Not sent")
    failed: list[str | None] = []
    page.on(
        "requestfailed",
        lambda request: failed.append(request.failure) if is_import(request) else None,
    )
    page.route(re.compile("/imports$"), lambda _: None)  # never let through
    try:
        choose(page, coco_files(tmp_path))
        dialog = page.get_by_role("dialog", name="Import dataset")
        with page.expect_event("requestfailed"):
            dialog.get_by_role("button", name="Stop sending").click()
    finally:
        page.unroute(re.compile("/imports$"))
    assert failed == ["net::ERR_ABORTED"]


def test_importing_again_says_that_all_was_there(page: Page, tmp_path: Path) -> None:
    create_project(page, "Imported twice")
    files = coco_files(tmp_path)
    for _ in range(2):
        choose(page, files)
        dialog = page.get_by_role("dialog", name="Import dataset")
        expect(dialog).to_contain_text("Nothing has been changed yet.", timeout=SLOW_MS)
        dialog.get_by_role("button", name="Import", exact=True).click()
        expect(dialog).to_contain_text("Imported.", timeout=SLOW_MS)
        told = dialog.inner_text()
        dialog.get_by_role("button", name="Done").click()
    assert "5 annotations were there already" in told


def test_what_is_wrong_with_a_dataset_is_listed(page: Page, tmp_path: Path) -> None:
    create_project(page, "Imported with faults")
    files = coco_files(tmp_path)
    choose(page, [path for path in files if path.name != "cat.png"])
    dialog = page.get_by_role("dialog", name="Import dataset")
    dialog.get_by_text("Problems").click(timeout=SLOW_MS)
    expect(dialog).to_contain_text("neither among the files nor in the project")


def test_a_strict_import_of_a_bad_record_brings_in_nothing(page: Page, tmp_path: Path) -> None:
    create_project(page, "Strict")
    files = coco_files(tmp_path)
    (document,) = [path for path in files if path.suffix == ".json"]
    text = document.read_text()
    document.write_text(text.replace('"category_id":30', '"category_id":31', 1))
    assert document.read_text() != text
    choose(page, files)
    dialog = page.get_by_role("dialog", name="Import dataset")
    expect(dialog).to_contain_text("Nothing has been changed yet.", timeout=SLOW_MS)
    dialog.get_by_text("Import nothing if anything is wrong").click()
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is no category 31", timeout=SLOW_MS)
    dialog.get_by_role("button", name="Close").last.click()
    (project,) = [one for one in api(page, "/api/projects")["items"] if one["name"] == "Strict"]
    assert project["image_count"] == 0
    assert api(page, f"/api/projects/{project['id']}/categories")["items"] == []


def test_files_of_no_format_are_refused_in_words(page: Page, tmp_path: Path) -> None:
    create_project(page, "Not imported")
    notes = tmp_path / "notes.txt"
    notes.write_text("nothing")
    choose(page, [notes])
    dialog = page.get_by_role("dialog", name="Import dataset")
    expect(dialog.get_by_role("alert")).to_contain_text(
        "No format recognizes these files", timeout=SLOW_MS
    )
    expect(dialog.get_by_role("button", name="Import", exact=True)).to_be_disabled()


def test_the_export_dialog_tells_what_would_change(page: Page, tmp_path: Path) -> None:
    create_project(page, "Looked at")
    choose(page, coco_files(tmp_path))
    dialog = page.get_by_role("dialog", name="Import dataset")
    expect(dialog).to_contain_text("Nothing has been changed yet.", timeout=SLOW_MS)
    dialog.get_by_role("button", name="Import", exact=True).click()
    dialog.get_by_role("button", name="Done").click(timeout=SLOW_MS)
    page.get_by_role("button", name="Export", exact=True).first.click()
    page.get_by_role("radio", name="Masks (PNG)").click()
    changes = page.get_by_role("table", name="What would change")
    expect(changes).to_contain_text("vertices become pixels", timeout=SLOW_MS)
    changes.get_by_role("button", name=re.compile("partly hidden")).click()
    expect(changes).to_contain_text("cat 1.jpg")
    (project,) = [one for one in api(page, "/api/projects")["items"] if one["name"] == "Looked at"]
    jobs = api(page, f"/api/projects/{project['id']}/jobs")["items"]
    assert "export" not in [job["kind"] for job in jobs]
