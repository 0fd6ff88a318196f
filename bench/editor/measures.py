"""What is measured in a page: frames, the wait until it can be used, how fast it answers, and its memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from bench.editor.contenders import Contender
from bench.editor.scene import SIDE, Ring, rings
from bench.tables import Milliseconds

# Screen pixels an image pixel: the whole image in the window, near enough to work on it, and its own size.
WHOLE, NEAR, FULL = 0.094, 0.5, 1.0
_REST_MS = 1500


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    counts: tuple[int, ...]
    frames: int
    objects: int


@dataclass(frozen=True, slots=True)
class Result:
    """Of one contender with one scene. Times in ms, memory in MB; `edit` is empty where there is nothing to drag."""

    contender: str
    count: int
    frames: dict[str, Milliseconds]
    interactive: float
    hover: Milliseconds
    select: Milliseconds
    edit: Milliseconds
    heap: float
    resident: float


def measured(contender: Contender, page: Page, count: int, sizes: Sizes) -> Result:
    """Open the scene and measure it.

    Raises:
        RuntimeError: what was clicked or dragged did not do what it should.
    """
    page.goto(contender.addresses[count])
    interactive = float(page.evaluate("measure.interactive()"))
    page.wait_for_timeout(_REST_MS)
    heap, resident = _memory(page)
    ways = {"pan, whole": (WHOLE, WHOLE), "pan, near": (NEAR, NEAR), "zoom": (WHOLE, FULL)}
    frames = {
        name: np.array(
            page.evaluate(
                "options => measure.frames(options)",
                {"side": SIDE, "from": start, "to": end, "count": sizes.frames},
            )
        )
        for name, (start, end) in ways.items()
    }
    some = _spread(rings(count), sizes.objects)
    hover, select = _pointed(page, some)
    edit = _dragged(page, some) if contender.is_editor else np.array([])
    return Result(contender.name, count, frames, interactive, hover, select, edit, heap, resident)


def _spread(every: Sequence[Ring], most: int) -> list[Ring]:
    """Some of the rings, from the whole list; those on top, which nothing covers, come first."""
    step = max(len(every) // most, 1)
    return list(every[::-1][::step][:most])


def _middle(ring: Ring) -> tuple[float, float]:
    points = np.reshape(ring, (-1, 2)).mean(axis=0)
    return float(points[0]), float(points[1])


def _screen(page: Page, point: tuple[float, float]) -> tuple[float, float]:
    x, y = page.evaluate("point => toScreen(point)", list(point))
    return float(x), float(y)


def _look_at(page: Page, point: tuple[float, float], scale: float) -> None:
    page.evaluate("([x, y, scale]) => move(x, y, scale)", [*point, scale])
    page.mouse.move(700, 60)
    page.wait_for_timeout(_REST_MS / 3)


def _taken(page: Page, kind: str) -> list[float]:
    """The latencies since they were last taken."""
    page.wait_for_timeout(150)
    return list(page.evaluate("kind => measure.latencies[kind].splice(0)", kind))


def _pointed(page: Page, some: Sequence[Ring]) -> tuple[Milliseconds, Milliseconds]:
    """From the pointer's move onto a polygon, and from the release of a click, to the end of the next frame."""
    hover, select = [], []
    for ring in some:
        _look_at(page, _middle(ring), NEAR)
        x, y = _screen(page, _middle(ring))
        _taken(page, "pointermove")
        page.mouse.move(x, y)
        hover += _taken(page, "pointermove")[:1]
        _taken(page, "pointerup")
        page.mouse.down()
        page.mouse.up()
        select += _taken(page, "pointerup")[:1]
    return np.array(hover), np.array(select)


def _dragged(page: Page, some: Sequence[Ring]) -> Milliseconds:
    """From the release of a dragged vertex to the end of the next frame."""
    times = []
    for ring in some:
        _look_at(page, _middle(ring), FULL)
        page.mouse.click(*_screen(page, _middle(ring)))
        # What was clicked may be another one, that lies over it.
        grip = page.evaluate(
            """() => {
                const { segmentation } = window.__segmentarium.editor.selected() ?? {};
                return segmentation?.[0][0].slice(0, 2);
            }"""
        )
        if grip is None:
            raise RuntimeError("the click selected nothing")
        x, y = _screen(page, (grip[0], grip[1]))
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(1, 6):
            page.mouse.move(x + 2 * step, y + step)
        _taken(page, "pointerup")
        page.mouse.up()
        times += _taken(page, "pointerup")[:1]
        name = page.evaluate("window.__segmentarium.editor.history.get().undo")
        if name != "Move vertex":
            raise RuntimeError(f"a vertex was dragged, and the last step is {name!r}")
    return np.array(times)


def _memory(page: Page) -> tuple[float, float]:
    """MB of the page's JavaScript after a collection, and of its process; not a number where the system cannot tell."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6
    session.detach()
    browser = page.context.browser
    if browser is None:
        return heap, float("nan")
    system = browser.new_browser_cdp_session()
    info: dict[str, Any] = system.send("SystemInfo.getProcessInfo")
    system.detach()
    held = [
        _held_by(process["id"]) for process in info["processInfo"] if process["type"] == "renderer"
    ]
    return heap, max(held, default=float("nan"))


def _held_by(pid: int) -> float:
    path = Path(f"/proc/{pid}/smaps_rollup")
    if not path.is_file():
        return float("nan")
    found = re.search(r"^Pss:\s+(\d+) kB", path.read_text(), flags=re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else float("nan")
