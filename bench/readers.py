"""Our polygons read by other tools: how many pixels differ from our own mask."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import rasterio.features
import skimage.data
import skimage.draw
from pycocotools import mask as coco

from bench.geometry import rings_of
from bench.tables import Table
from segmentarium.core.annotation import Part, Polygons, Ring
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import polygons_to_mask
from segmentarium.core.rle import Mask
from segmentarium.core.simplify import simplify_polygons

Reader: TypeAlias = Callable[[Part, int, int], Mask]

_NOTE = (
    "Holes are taken out ring by ring where the tool knows none; pycocotools has no way to say a hole. *Less ½*: all"
    " coordinates less half a pixel, for tools that put a pixel's centre at whole numbers."
)
_SHIFT = 8  # bits of the fraction that OpenCV takes: 1/256 pixel


def run(quick: bool) -> list[Table]:
    """All tools on outlines of masks, exact and simplified, and on polygons as a hand draws them."""
    rows = []
    for name, (polygons, height, width) in _subjects(quick).items():
        truth = polygons_to_mask(polygons, height, width)
        cells = [
            _difference(_read(reader, polygons, height, width), truth)
            for reader in READERS.values()
        ]
        rows.append((name, f"{int(truth.sum()):,}", *cells))
    return [
        Table(
            "Our polygons read by other tools: pixels that differ, and the IoU",
            ("polygons", "pixels inside", *READERS),
            rows,
            (_NOTE,),
        )
    ]


def _coco(part: Part, height: int, width: int) -> Mask:
    found: Mask = coco.decode(coco.frPyObjects([part[0].ravel().tolist()], height, width)[0]) > 0
    return found


def _gdal(part: Part, height: int, width: int) -> Mask:
    rings = [np.vstack((ring, ring[:1])).tolist() for ring in part]
    shape = {"type": "Polygon", "coordinates": rings}
    found: Mask = rasterio.features.rasterize([(shape, 1)], out_shape=(height, width)) > 0
    return found


def _opencv(part: Part, height: int, width: int) -> Mask:
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(ring).astype(np.int32) for ring in part], 1)
    return mask > 0


def _opencv_less_half(part: Part, height: int, width: int) -> Mask:
    mask = np.zeros((height, width), np.uint8)
    rings = [np.round((ring - 0.5) * 2**_SHIFT).astype(np.int32) for ring in part]
    cv2.fillPoly(mask, rings, 1, shift=_SHIFT)
    return mask > 0


def _pillow(part: Part, height: int, width: int) -> Mask:
    image = PIL.Image.new("L", (width, height))
    draw = PIL.ImageDraw.Draw(image)
    for index, ring in enumerate(part):
        draw.polygon(ring.ravel().tolist(), fill=int(index == 0))
    return np.asarray(image) > 0


def _scikit_image(part: Part, height: int, width: int) -> Mask:
    mask = np.zeros((height, width), bool)
    for index, ring in enumerate(part):
        rows, columns = skimage.draw.polygon(ring[:, 1], ring[:, 0], mask.shape)
        mask[rows, columns] = index == 0
    return mask


def _less_half(reader: Reader) -> Reader:
    return lambda part, height, width: reader(tuple(ring - 0.5 for ring in part), height, width)


READERS: dict[str, Reader] = {
    "GDAL": _gdal,
    "pycocotools": _coco,
    "OpenCV, rounded": _opencv,
    "OpenCV, less ½": _opencv_less_half,
    "Pillow": _pillow,
    "Pillow, less ½": _less_half(_pillow),
    "scikit-image": _scikit_image,
    "scikit-image, less ½": _less_half(_scikit_image),
}


def _read(reader: Reader, polygons: Polygons, height: int, width: int) -> Mask:
    mask = np.zeros((height, width), bool)
    for part in polygons.parts:
        mask |= reader(part, height, width)
    return mask


def _difference(found: Mask, truth: Mask) -> str:
    wrong = int(np.count_nonzero(found != truth))
    iou = np.count_nonzero(found & truth) / np.count_nonzero(found | truth)
    return f"{wrong:,} ({iou:.3f})"


def _subjects(quick: bool) -> dict[str, tuple[Polygons, int, int]]:
    subjects: dict[str, tuple[Polygons, int, int]] = {}
    for radius in (8, 16, 64):
        side = 2 * radius + 6
        y, x = np.mgrid[:side, :side] + 0.5 - side / 2
        subjects[f"disc of radius {radius}, pixel edges"] = _outlined(x**2 + y**2 < radius**2)
    y, x = np.mgrid[:140, :140] + 0.5 - 70
    away = x**2 + y**2
    subjects["ring of radii 32 and 64, pixel edges"] = _outlined((away < 64**2) & (away > 32**2))
    if not quick:
        coins = skimage.data.coins() > 110
        exact, height, width = _outlined(coins)
        subjects["coins by threshold, pixel edges"] = (exact, height, width)
        simple = simplify_polygons(exact, 1.0, height, width).polygons
        subjects["the same, simplified by 1 pixel"] = (simple, height, width)
    rings: list[Ring] = rings_of(20, 40, 640, 480, 15, 60)
    subjects["20 outlines of 40 vertices by hand"] = (
        Polygons(tuple((ring,) for ring in rings)),
        480,
        640,
    )
    return subjects


def _outlined(mask: Mask) -> tuple[Polygons, int, int]:
    polygons = mask_to_polygons(mask)
    if polygons is None:
        raise ValueError("an empty mask has no outline")
    return polygons, *mask.shape
