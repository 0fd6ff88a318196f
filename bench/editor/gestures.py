"""What an object costs: gestures, and seconds of the machine, by a box, a box and two points, and by hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Browser, Page

from bench.editor.desk import desk
from bench.editor.objects import real_objects
from bench.editor.scene import add_image, create_project
from bench.tables import Table, percentiles, shown
from segmentarium.core.annotation import segmentation_from_json
from segmentarium.core.corrections import Click, next_click
from segmentarium.core.metrics import mask_iou
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import Mask
from segmentarium.core.simplify import simplify_polygons
from segmentarium.services.evaluation.targets import Target

_OBJECTS = 10
_POINTS = 2
_TOLERANCE_PX = 1.5
_ROOM = (
    460,
    460,
)  # screen pixels that an object fills when it is worked on: the proposal's card stands beside it
_NEAREST = 16.0  # screen pixels an image pixel
# A second press so near the last or the first point closes the outline.
_APART = 9.0  # screen pixels

Point = tuple[float, float]


@dataclass
class Hand:
    """A mouse and a keyboard that count: a click, a drag and a key are one gesture each."""

    page: Page
    gestures: int = field(default=0)

    def click(self, point: Point, *, alt: bool = False) -> None:
        """Click at a point of the image."""
        x, y = self._at(point)
        if alt:
            self.page.keyboard.down("Alt")
        self.page.mouse.click(x, y)
        if alt:
            self.page.keyboard.up("Alt")
        self.gestures += 1

    def drag(self, start: Point, end: Point) -> None:
        """Drag over the image."""
        self.page.mouse.move(*self._at(start))
        self.page.mouse.down()
        self.page.mouse.move(*self._at(end), steps=4)
        self.page.mouse.up()
        self.gestures += 1

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)
        self.gestures += 1

    def _at(self, point: Point) -> Point:
        x, y = self.page.evaluate("point => toScreen(point)", list(point))
        return float(x), float(y)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one object: IoU of what the server holds with its true mask."""

    gestures: int
    seconds: float
    iou: float


def costs_of_objects(browser: Browser, *, quick: bool) -> Table:
    """Ten objects in each way. A person's time to look, aim and decide is in none of the seconds."""
    targets = real_objects(3 if quick else _OBJECTS)

    def fill(client: httpx.Client) -> dict[str, str]:
        project, _ = create_project(client, "objects", ["#ff6b6b"])
        ids: dict[str, int] = {}
        for target in targets:
            if target.image not in ids:
                data = target.image_path.read_bytes()
                ids[target.image] = add_image(client, project, target.image_path.name, data)
        return {image: f"/projects/{project}/images/{id_}" for image, id_ in ids.items()}

    ways: dict[str, tuple[str, Callable[[Hand, Target, Mask], None]]] = {
        "box, accepted": ("b", _box),
        "box and two points": ("b", _box_and_points),
        "polygon by hand": ("p", _polygon),
    }
    with desk(browser, fill) as (paths, base, page):
        rows = [
            (name, f"{len(targets)}", *_cells(_costs(page, base, paths, targets, *way)))
            for name, way in ways.items()
        ]
    columns = (
        "way",
        "objects",
        "gestures",
        "machine s p50",
        "machine s p95",
        "IoU mean",
        "IoU least",
    )
    return Table("An object: gestures, seconds without the person's, IoU", columns, rows, labels=1)


def _cells(costs: Sequence[Cost]) -> tuple[str, ...]:
    ious = [cost.iou for cost in costs]
    return (
        shown(float(np.mean([cost.gestures for cost in costs]))),
        *percentiles(np.array([cost.seconds for cost in costs]), 50, 95),
        f"{np.mean(ious):.3f}",
        f"{min(ious):.3f}",
    )


def _costs(
    page: Page,
    base: str,
    paths: Mapping[str, str],
    targets: Sequence[Target],
    key: str,
    annotate: Callable[[Hand, Target, Mask], None],
) -> list[Cost]:
    costs = []
    for target in targets:
        path = paths[target.image]
        page.goto(base + path)
        page.evaluate("measure.interactive()")
        # The tool stays in hand from object to object, and what is near enough is not looked at anew: not counted.
        page.evaluate("([x, y, scale]) => move(x, y, scale)", _view(target))
        page.keyboard.press(key)
        page.wait_for_timeout(600)
        truth = target.read_truth()
        hand = Hand(page)
        start = time.perf_counter()
        annotate(hand, target, truth)
        _wait(page, "window.__segmentarium.editor.annotations.all().length === 1")
        _wait(page, "document.querySelector('[data-testid=save-state]').dataset.state === 'saved'")
        seconds = time.perf_counter() - start
        (stored,) = _stored(page, base, path)
        mask = _mask(stored["segmentation"], truth)
        costs.append(Cost(hand.gestures, seconds, float(mask_iou(mask, truth))))
        page.keyboard.press("Control+z")
        _wait(page, "window.__segmentarium.editor.annotations.all().length === 0")
        _wait(page, "document.querySelector('[data-testid=save-state]').dataset.state === 'saved'")
    return costs


def _box(hand: Hand, target: Target, _truth: Mask) -> None:
    _propose(hand, target)
    hand.press("Enter")


def _box_and_points(hand: Hand, target: Target, truth: Mask) -> None:
    """Each point where the answer is most wrong, as a person would see it at a glance."""
    _propose(hand, target)
    hand.press("a")
    clicks: list[Click] = []
    for _ in range(_POINTS):
        answer = hand.page.evaluate(
            "window.__segmentarium.editor.proposals.state.get().shown.answer.rle"
        )
        click = next_click(truth, _mask(answer, truth), clicks)
        if click is None:
            break
        clicks.append(click)
        hand.click((click.x, click.y), alt=click.label == 0)
        _wait_for_proposal(hand.page, len(clicks))
    hand.press("Enter")


def _polygon(hand: Hand, target: Target, truth: Mask) -> None:
    """The outline of its largest part, simplified by 1.5 pixels: who clicks leaves out what is finer, and its holes."""
    outline = mask_to_polygons(truth)
    if outline is None:
        raise RuntimeError(f"{target.id} has no pixel")
    height, width = truth.shape
    simple = simplify_polygons(outline, _TOLERANCE_PX, height, width).polygons
    largest = max((part[0] for part in simple.parts), key=_area)
    least = _APART / _view(target)[2]
    clicked: list[Point] = []
    for x, y in np.reshape(largest, (-1, 2)):
        point = (float(x), float(y))
        if all(math.dist(point, other) > least for other in (*clicked[:1], *clicked[-1:])):
            clicked.append(point)
            hand.click(point)
    hand.press("Enter")


def _view(target: Target) -> tuple[float, float, float]:
    """The middle of the object, and the screen pixels an image pixel at which it fills its room."""
    x, y, w, h = target.bbox_xywh
    return x + w / 2, y + h / 2, min(_ROOM[0] / w, _ROOM[1] / h, _NEAREST)


def _propose(hand: Hand, target: Target) -> None:
    x, y, w, h = target.bbox_xywh
    hand.drag((x, y), (x + w, y + h))
    _wait_for_proposal(hand.page, 0)


def _wait_for_proposal(page: Page, points: int) -> None:
    state = "window.__segmentarium.editor.proposals.state.get()"
    _wait(page, f"{state}?.kind === 'ready' && {state}.prompt.marks.length === {points}")


def _wait(page: Page, condition: str) -> None:
    # Asked from outside: the content policy forbids the page to evaluate text.
    deadline = time.monotonic() + 60
    while not page.evaluate(condition):
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited in vain for {condition}")
        time.sleep(0.005)


def _stored(page: Page, base: str, path: str) -> list[dict[str, Any]]:
    answer = page.request.get(f"{base}/api/images/{path.rsplit('/', 1)[-1]}/annotations")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def _mask(segmentation: Any, like: Mask) -> Mask:
    height, width = like.shape
    return segmentation_to_mask(segmentation_from_json(segmentation), height, width)


def _area(ring: Any) -> float:
    points = np.reshape(ring, (-1, 2))
    x, y = points[:, 0], points[:, 1]
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
