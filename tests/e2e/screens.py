"""The screens as a person uses them: by names, keys and the mouse."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server

Point = tuple[float, float]


def sign_in(page: Page, server: Server) -> None:
    """Open the sign-in URL; the projects are shown."""
    page.goto(server.sign_in_url)
    expect(page.get_by_role("button", name="New project").first).to_be_visible()


def create_project(page: Page, name: str) -> None:
    """Make a project; its page is opened."""
    page.get_by_role("button", name="New project").first.click()
    page.get_by_role("dialog").get_by_label("Name").fill(name)
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    page.wait_for_url("**/projects/*")


def upload(page: Page, files: list[Path]) -> None:
    """Choose files with the upload button."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload images").first.click()
    chooser.value.set_files(files)


def add_category(page: Page, name: str) -> None:
    """Add a category on the project's page."""
    panel = page.get_by_role("complementary", name="Categories")
    panel.get_by_role("button", name="Add category").first.click()
    panel.get_by_label("Category name").fill(name)
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(panel.get_by_test_id("category-row").filter(has_text=name)).to_be_visible()


def api(page: Page, path: str) -> Any:
    """What the server answers to the page's own session."""
    response = page.request.get(path)
    assert response.ok, response.text()
    return response.json()


JOURNAL = """async () => {
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done, fail) =>
      Object.assign(indexedDB.open(name), { onsuccess: (event) => done(event.target.result), onerror: fail }));
    if (database.objectStoreNames.contains("edits")) {
      const store = database.transaction("edits").objectStore("edits");
      found.push(...await new Promise((done, fail) =>
        Object.assign(store.getAll(), { onsuccess: (event) => done(event.target.result), onerror: fail })));
    }
    database.close();
  }
  return found.map(({ edit }) => edit);
}"""


def journal(page: Page) -> list[dict[str, Any]]:
    """The edits in the browser's journal, in the order they were made."""
    edits: list[dict[str, Any]] = page.evaluate(JOURNAL)
    return edits


def wait_for_empty_journal(page: Page) -> None:
    """Wait until the server has acknowledged all of them."""
    for _ in range(200):
        if not journal(page):
            return
        page.wait_for_timeout(50)
    raise AssertionError("edits stay in the journal")


@dataclass
class EditorScreen:
    """The editor of an open image; points are in image pixels."""

    page: Page

    def wait(self) -> None:
        """Wait until the picture is shown."""
        expect(self.page.get_by_test_id("canvas")).to_be_visible()
        # Asked from outside: the content policy forbids the page to evaluate text. The editor of the image before may
        # still be there.
        for _ in range(300):
            if self.page.evaluate("window.__segmentarium?.editor.image.id") == self.image_id:
                break
            self.page.wait_for_timeout(50)
        else:
            raise AssertionError("the editor did not start")
        self.page.wait_for_load_state("networkidle")

    @property
    def rows(self) -> Locator:
        """The rows of the list of annotations."""
        return self.page.get_by_test_id("annotation-row")

    @property
    def image_id(self) -> int:
        """The id in the address."""
        return int(self.page.url.rstrip("/").rsplit("/", 1)[-1])

    def at(self, point: Point) -> Point:
        """Where an image point is on the page."""
        x, y = self.page.evaluate(
            "point => window.__segmentarium.editor.viewport.toScreen(point)", list(point)
        )
        return x, y

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)

    def click(self, point: Point) -> None:
        """Click on the image."""
        self.page.mouse.move(*self.at(point))
        self.page.mouse.click(*self.at(point))

    def drag(self, start: Point, end: Point) -> None:
        """Drag on the image."""
        (x0, y0), (x1, y1) = self.at(start), self.at(end)
        self.page.mouse.move(x0, y0)
        self.page.mouse.down()
        self.page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2, steps=4)
        self.page.mouse.move(x1, y1, steps=4)
        self.page.mouse.up()

    def draw_polygon(self, points: list[Point]) -> None:
        """Draw a polygon with the polygon tool and close it with Enter."""
        self.press("p")
        for point in points:
            self.click(point)
        self.press("Enter")

    def propose(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draw a box with the box tool and wait for the proposal."""
        self.press("b")
        self.drag((x0, y0), (x1, y1))
        expect(self.page.get_by_test_id("proposal-card")).to_be_visible(timeout=15_000)

    def expect_saved(self) -> None:
        """Wait until everything is on the server."""
        expect(self.page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")

    def shown(self) -> dict[str, Any]:
        """The segmentations of the image's annotations on the screen, by their ids."""
        all_: list[dict[str, Any]] = self.page.evaluate(
            "window.__segmentarium.editor.annotations.all()"
        )
        return {one["id"]: one["segmentation"] for one in all_}

    def stored(self) -> list[dict[str, Any]]:
        """The image's annotations on the server."""
        items: list[dict[str, Any]] = api(self.page, f"/api/images/{self.image_id}/annotations")[
            "items"
        ]
        return items


def export_coco(page: Page, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Export COCO by the dialog; the extracted JSON's path and its content."""
    page.get_by_role("button", name="Export", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="COCO instances").click()
    with page.expect_download(timeout=60_000) as download:
        dialog.get_by_role("button", name="Export", exact=True).click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        archive.extractall(folder)
    path = folder / "annotations" / "instances.json"
    return path, json.loads(path.read_text())
