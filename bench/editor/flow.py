"""How fast the editor follows the hand: the brush on a huge image, and the next image."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
from playwright.sync_api import Browser, Page

from bench.editor.desk import desk
from bench.editor.scene import SIDE, add_image, create_project, create_scene
from bench.photographs import photograph
from bench.tables import Milliseconds, Table, percentiles

_BRUSHES = (20, 200)  # pixels of the image
_SIZE = (4000, 3000)
_FILES = ("astronaut.png", "coffee.png", "chelsea.png")
_WORK_MS = 2500  # on an image, until the next one is wanted
_REST_MS = 400


def brush(browser: Browser, picture: Path, *, strokes: int) -> Table:
    """From a pointer's move to the end of the frame that shows it; and from the release to that with the annotation."""
    rows = []
    with desk(browser, lambda client: create_scene(client, picture, 10)) as (path, base, page):
        page.goto(base + path)
        page.evaluate("measure.interactive()")
        for diameter in _BRUSHES:
            moves, releases = _strokes(page, diameter, strokes)
            cells = (*percentiles(moves, 50, 95), *percentiles(releases, 50, 95))
            rows.append((f"{diameter} px", f"{moves.size}", *cells))
    columns = ("brush", "moves", "move p50", "move p95", "release p50", "release p95")
    return Table(f"Brush on {SIDE} × {SIDE}, ms", columns, rows, labels=1)


def _strokes(page: Page, diameter: int, count: int) -> tuple[Milliseconds, Milliseconds]:
    page.evaluate("d => window.__segmentarium.editor.drawing.diameter.set(d)", diameter)
    moves: list[float] = []
    releases: list[float] = []
    for number in range(count):
        page.evaluate("at => move(at, at, 1)", SIDE / 2 + 400 * (number % 3))
        page.keyboard.press("Escape")
        page.keyboard.press("d")
        page.wait_for_timeout(_REST_MS)
        page.mouse.move(420, 300)
        page.mouse.down()
        _taken(page, "pointermove")
        # As a hand goes: some 12 pixels a frame, in a wave.
        for step in range(60):
            page.mouse.move(420 + 10 * step, 450 + 180 * np.sin(step / 6))
        moves += _taken(page, "pointermove")
        _taken(page, "pointerup")
        page.mouse.up()
        releases += _taken(page, "pointerup")[:1]
        name = page.evaluate("window.__segmentarium.editor.history.get().undo")
        if not name:
            raise RuntimeError("a stroke was painted, and there is nothing to undo")
        page.keyboard.press("Control+z")
    return np.array(moves), np.array(releases)


def _taken(page: Page, kind: str) -> list[float]:
    """The latencies since they were last taken."""
    page.wait_for_timeout(150)
    return list(page.evaluate("kind => measure.latencies[kind].splice(0)", kind))


def switches(browser: Browser, *, images: int) -> Table:
    """From the key to the frame with the next photograph whole, after some work on the one before and in haste."""

    def fill(client: httpx.Client) -> str:
        project, _ = create_project(client, "photographs", ["#ff6b6b"])
        ids = [
            add_image(client, project, f"{n:02}.jpg", photograph(_FILES[n % 3], *_SIZE, seed=n))
            for n in range(images)
        ]
        return f"/projects/{project}/images/{ids[0]}"

    rows = []
    with desk(browser, fill) as (path, base, page):
        for how, wait in (
            (f"after {_WORK_MS / 1000:.1f} s on the one before", _WORK_MS),
            ("at once", 0),
        ):
            page.goto(base + path)
            page.evaluate("measure.interactive()")
            times = []
            for _ in range(images - 1):
                page.wait_for_timeout(wait)
                shown = page.evaluate_handle("({ shown: nextShown() })")
                page.keyboard.press(".")
                times.append(float(shown.evaluate("({ shown }) => shown")))
            rows.append((how, f"{len(times)}", *percentiles(np.array(times), 50, 95)))
    title = f"The next image, {_SIZE[0]} × {_SIZE[1]} JPEG, ms from the key to the picture"
    return Table(title, ("pressed", "times", "p50", "p95"), rows, labels=1)
