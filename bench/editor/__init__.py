"""The editor: with very many polygons, beside plain SVG and Annotorious; the brush, the next image, and an object."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from bench.editor.contenders import editor, peers, written_picture
from bench.editor.flow import brush, switches
from bench.editor.gestures import costs_of_objects
from bench.editor.measures import Result, Sizes, measured
from bench.tables import Milliseconds, Skipped, Table, percentiles, shown
from tests.e2e.conftest import CHROMIUM_FLAGS
from tests.programs import find_chromium

_FULL = Sizes(counts=(10, 100, 1000, 5000), frames=240, objects=20)
_QUICK = Sizes(counts=(10, 1000), frames=40, objects=4)
# To see that an edit among thousands is no slower than among ten: nothing to compare with peers.
_ONLY_EDITOR = 10


def run(quick: bool) -> list[Table]:
    """Every scene in every contender, in a Chromium without a GPU.

    Raises:
        Skipped: no Chromium, or Annotorious cannot be fetched.
    """
    sizes = _QUICK if quick else _FULL
    with (
        tempfile.TemporaryDirectory(prefix="segmentarium-bench-") as name,
        sync_playwright() as playwright,
    ):
        chromium = find_chromium()
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        except Error as error:
            raise Skipped(f"Chromium does not start: {error.message}") from error
        picture = written_picture(Path(name))
        results = _results(browser, picture, sizes)
        others = [
            brush(browser, picture, strokes=2 if quick else 10),
            switches(browser, images=4 if quick else 21),
            costs_of_objects(browser, quick=quick),
        ]
        browser.close()
    return [_frames(results), _answers(results), *others]


def _results(browser: Browser, picture: Path, sizes: Sizes) -> list[Result]:
    with editor(browser, picture, sizes.counts) as (ours, page):
        results = [measured(ours, page, count, sizes) for count in sizes.counts]
    shared = [count for count in sizes.counts if count != _ONLY_EDITOR]
    with peers(browser, picture, shared) as others:
        for contender, page in others:
            results += [measured(contender, page, count, sizes) for count in shared]
    return sorted(results, key=lambda result: result.count)


def _frames(results: list[Result]) -> Table:
    ways = list(results[0].frames)
    columns = ("polygons", "drawn by", *(f"{way} {p}" for way in ways for p in ("p50", "p95")))
    rows = [
        (
            f"{result.count:,}",
            result.contender,
            *(cell for way in ways for cell in percentiles(result.frames[way], 50, 95)),
        )
        for result in results
    ]
    frames = len(results[0].frames[ways[0]])
    return Table(f"Frames, ms ({frames} a figure)", columns, rows, labels=2)


def _answers(results: list[Result]) -> Table:
    columns = (
        "polygons",
        "drawn by",
        "interactive after s",
        "hover p50",
        "hover p95",
        "select p50",
        "select p95",
        "vertex dragged p50",
        "vertex dragged p95",
        "JavaScript MB",
        "process MB",
    )
    rows = [
        (
            f"{result.count:,}",
            result.contender,
            f"{result.interactive / 1000:.2f}",
            *_pair(result.hover),
            *_pair(result.select),
            *_pair(result.edit),
            shown(result.heap),
            shown(result.resident),
        )
        for result in results
    ]
    return Table("Answers, ms, and memory", columns, rows, labels=2)


def _pair(times: Milliseconds) -> tuple[str, ...]:
    return percentiles(times, 50, 95) if times.size else ("", "")
