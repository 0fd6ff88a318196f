"""Who is measured: the editor on a server of its own, and pages that show the same scene in other ways."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page

from bench.editor.desk import PAGES, desk, measured_page
from bench.editor.scene import COLORS, SIDE, create_scene, rings, write_picture
from bench.tables import Skipped

HERE = Path(__file__).resolve().parent
_ANNOTORIOUS = HERE / "node_modules" / "@annotorious" / "annotorious" / "dist"
_EDITOR = "this editor"


@dataclass(frozen=True, slots=True)
class Contender:
    """A page for each count of polygons, and whether a vertex can be dragged in it."""

    name: str
    addresses: Mapping[int, str]
    is_editor: bool


@contextmanager
def editor(
    browser: Browser, picture: Path, counts: Sequence[int]
) -> Iterator[tuple[Contender, Page]]:
    """The editor with a project for each count, and a page signed in to it."""

    def fill(client: httpx.Client) -> dict[int, str]:
        return {count: create_scene(client, picture, count) for count in counts}

    with desk(browser, fill) as (paths, base, page):
        addresses = {count: base + path for count, path in paths.items()}
        yield Contender(_EDITOR, addresses, is_editor=True), page


@contextmanager
def peers(
    browser: Browser, picture: Path, counts: Sequence[int]
) -> Iterator[list[tuple[Contender, Page]]]:
    """Plain SVG and Annotorious on a server of files."""
    _install_annotorious()
    with tempfile.TemporaryDirectory(prefix="segmentarium-bench-") as name:
        folder = Path(name)
        for page_file in PAGES.iterdir():
            shutil.copy(page_file, folder)
        for built in ("annotorious.js", "annotorious.css"):
            shutil.copy(_ANNOTORIOUS / built, folder)
        shutil.copy(picture, folder / "picture.jpg")
        scene = {"rings": rings(max(counts)), "colors": COLORS, "side": SIDE}
        (folder / "scene.json").write_text(json.dumps(scene))
        with _files_served(folder) as base:
            made = []
            for title, who in (("plain SVG", "svg"), ("Annotorious", "annotorious")):
                addresses = {n: f"{base}/peer.html?who={who}&count={n}" for n in counts}
                made.append((Contender(title, addresses, is_editor=False), measured_page(browser)))
            yield made
            for _, page in made:
                page.context.close()


def written_picture(folder: Path) -> Path:
    """The picture of the scene."""
    path = folder / "picture.jpg"
    write_picture(path)
    return path


def _install_annotorious() -> None:
    if _ANNOTORIOUS.is_dir():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise Skipped("npm is not installed, and Annotorious is fetched with it")
    subprocess.run([npm, "ci", "--ignore-scripts", "--silent"], cwd=HERE, check=True)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def _files_served(folder: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
