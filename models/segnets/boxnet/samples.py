"""Objects → training samples: what the network is given, and the mask that it should answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from segnets.box_view import CHANNELS, BoxView, geometry_of_view, view_of_box
from segnets.boxnet.cuts import Cut, cut_view, turned_box
from segnets.boxnet.objects import BoxXYXY, Picture, TrainingObject
from segnets.boxnet.recolor import recolored

T = TypeVar("T")

MARGIN = 0.22  # of the box's width and height, on each side
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of photographs (ImageNet), RGB

# How often each kind of picture is drawn. Photographs are what the tool is used on most.
GROUP_SHARES = {"natural": 0.6, "bsds": 0.18, "nuclei": 0.1, "camvid": 0.12}
_TILES = 0.15  # of the samples
_PASTED = 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """`planes` (channels, S, S) float32; `target`, `counts` (S, S) bool; whether it is a part of a box's view."""

    planes: NDArray[np.float32]
    target: NDArray[np.bool_]
    counts: NDArray[np.bool_]
    is_tile: bool


class Sampler:
    """Draws objects: a group by its share, a source by the root of its pictures, a picture, an object by its weight."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self._groups: dict[str, dict[str, list[Picture]]] = {}
        for picture in pictures:
            group = self._groups.setdefault(picture.group, {})
            group.setdefault(picture.source, []).append(picture)

    def draw(self, rng: np.random.Generator) -> TrainingObject:
        """One object."""
        names = list(self._groups)
        sources = self._groups[_pick(rng, names, [GROUP_SHARES.get(name, 0.1) for name in names])]
        pictures = _pick(
            rng, list(sources.values()), [len(found) ** 0.5 for found in sources.values()]
        )
        objects = pictures[int(rng.integers(len(pictures)))].objects
        return _pick(rng, objects, [one.weight * min(one.area, 20_000) ** 0.3 for one in objects])

    def sample(self, rng: np.random.Generator, size: int) -> Sample:
        """An object as it could also have been photographed and boxed, and a box drawn by hand."""
        one = self.draw(rng)
        turn = float(rng.normal(0, 0.15) if rng.random() < 0.7 else rng.uniform(-np.pi, np.pi))
        box = turned_box(one, turn)
        if rng.random() < 0.6:
            box = _shaken(box, rng)
        view = view_of_box(box, MARGIN, size)
        seen = cut_view(one, view, turn)
        if rng.random() < _TILES:
            return self._tile(one, view, turn, seen, rng)
        if rng.random() < _PASTED:
            seen = self._pasted(seen, view, rng)
        return _sample(_changed(seen, rng), view, rng)

    def _pasted(self, seen: Cut, view: BoxView, rng: np.random.Generator) -> Cut:
        """The object before another object's surroundings."""
        if not seen.valid.all() or not seen.counts.all():
            return seen  # what is not known of it would be taken for surroundings
        other = self.draw(rng)
        around = cut_view(
            other, view_of_box(turned_box(other, 0.0), rng.uniform(0, 0.5), view.size), 0.0
        )
        alpha = cv2.GaussianBlur(seen.inside.astype(np.float32), (0, 0), rng.uniform(0.5, 1.2))
        colors = around.colors + alpha[..., None] * (seen.colors.astype(np.float32) - around.colors)
        return replace(seen, colors=colors.clip(0, 255).astype(np.uint8))

    def _tile(
        self, one: TrainingObject, view: BoxView, turn: float, seen: Cut, rng: np.random.Generator
    ) -> Sample:
        """A part of the view at a finer scale, about the object's border, with a coarse mask of the whole."""
        gradient = cv2.morphologyEx(
            seen.inside.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)
        )
        border = np.argwhere(gradient)
        at = (
            border[int(rng.integers(len(border)))] if len(border) else np.array([view.size / 2] * 2)
        )
        share = rng.uniform(0.25, 0.6)
        tile = BoxView(
            view.x + view.width * (float(at[1]) / view.size - share * rng.uniform(0.2, 0.8)),
            view.y + view.height * (float(at[0]) / view.size - share * rng.uniform(0.2, 0.8)),
            view.width * share,
            view.height * share,
            view.box_xyxy,
            view.size,
        )
        coarse = _as_guessed(seen.inside, rng)
        scale = view.size / view.width, view.size / view.height
        to_view = np.array(
            [
                [share, 0, (tile.x - view.x) * scale[0] + share / 2 - 0.5],
                [0, share, (tile.y - view.y) * scale[1] + share / 2 - 0.5],
            ]
        )
        known = cv2.warpAffine(
            coarse,
            to_view,
            (view.size, view.size),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )
        return _sample(
            _changed(cut_view(one, tile, turn), rng), tile, rng, known.astype(np.float32)
        )


def plain_sample(one: TrainingObject, size: int, box: BoxXYXY | None = None) -> Sample:
    """The object as it is, by its tight box or another, for measuring."""
    view = view_of_box(box or turned_box(one, 0.0), MARGIN, size)
    return _sample(cut_view(one, view, 0.0), view, None)


def _changed(seen: Cut, rng: np.random.Generator) -> Cut:
    return replace(seen, colors=recolored(seen.colors, rng))


def _sample(
    seen: Cut,
    view: BoxView,
    rng: np.random.Generator | None,
    known: NDArray[np.float32] | None = None,
) -> Sample:
    planes = np.zeros((len(CHANNELS), view.size, view.size), np.float32)
    for plane, color, mean, std in zip(planes, cv2.split(seen.colors), MEAN, STD, strict=False):
        np.multiply(color, np.float32(1 / 255 / std), out=plane)
        plane -= np.float32(mean / std)
        plane *= seen.valid
    planes[3] = seen.valid
    for name, values in geometry_of_view(view).items():
        planes[CHANNELS.index(name)] = values
    if known is not None:
        planes[CHANNELS.index("mask")], planes[CHANNELS.index("has_mask")] = known, 1
    sample = Sample(planes, seen.inside, seen.counts & seen.valid, known is not None)
    return sample if rng is None or rng.random() < 0.5 else _mirrored(sample)


def _mirrored(sample: Sample) -> Sample:
    planes = sample.planes[:, :, ::-1].copy()
    planes[CHANNELS.index("u")] *= -1
    return Sample(
        planes, sample.target[:, ::-1].copy(), sample.counts[:, ::-1].copy(), sample.is_tile
    )


def _shaken(box: BoxXYXY, rng: np.random.Generator) -> BoxXYXY:
    side = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    x0, y0, x1, y1 = (np.array(box) + rng.normal(0, rng.uniform(0, 0.11), 4) * side).tolist()
    return (x0, y0, x1, y1) if x1 - x0 > 4 and y1 - y0 > 4 else box


def _as_guessed(inside: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.float32]:
    """A mask as a network would guess it: its border wavers, and is not sharp."""
    size = len(inside)
    steps = np.arange(size, dtype=np.float32)
    waves = rng.normal(0, rng.uniform(0.3, 3.0), (2, 10, 10)).astype(np.float32)
    x, y = (cv2.resize(wave, (size, size), interpolation=cv2.INTER_CUBIC) for wave in waves)
    moved = cv2.remap(
        inside.astype(np.float32), steps[None, :] + x, steps[:, None] + y, cv2.INTER_LINEAR
    )
    return cv2.GaussianBlur(moved, (0, 0), rng.uniform(0.6, 2.0)).astype(np.float32, copy=False)


def _pick(rng: np.random.Generator, items: Sequence[T], weights: Sequence[float]) -> T:
    shares = np.cumsum(weights)
    found = int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))
    return items[min(found, len(items) - 1)]
