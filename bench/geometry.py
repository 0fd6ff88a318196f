"""Polygons ↔ masks, against rasterio (GDAL), OpenCV, Pillow, scikit-image and pycocotools on the same polygons."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import rasterio.features
import skimage.data
import skimage.draw
from pycocotools import mask as coco

from bench.tables import Skipped, Table, shown
from segmentarium.core.annotation import Polygons, Ring
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import has_kernels, paint_segmentations, segmentation_to_rle
from segmentarium.core.rle import Mask
from segmentarium.core.spans import IdMap

Painter: TypeAlias = Callable[[list[Ring], int, int], IdMap]

_LARGE = """
import resource, sys, time
import numpy as np
from bench.geometry import rings_of
from segmentarium.core.annotation import Polygons
from segmentarium.core.raster import paint_segmentations
side = 20_000
polygons = [Polygons(((ring,),)) for ring in rings_of(20_000, 100, side, side, 40, 200)]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
ids = np.zeros((side, side), np.int32)
paint_segmentations(ids, list(range(1, len(polygons) + 1)), polygons)
taken = time.perf_counter() - start
peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
print(taken, peak / 1e6, ids.nbytes / 1e6)
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """Polygons for one map; radii in pixels."""

    polygons: int
    vertices: int
    width: int
    height: int
    least: float
    most: float


SCENES = (
    Scene(1000, 100, 4096, 4096, 40, 200),
    Scene(100, 100, 2048, 1024, 20, 150),
    Scene(20, 40, 640, 480, 15, 100),
)


def run(quick: bool) -> list[Table]:
    """Filling, runs, outlines, and one map of 20,000 × 20,000 pixels."""
    times = 3 if quick else 9
    tables = [_filling(times), _runs(times), _outlining(times)]
    if not quick:
        tables.append(_large())
    tables.append(_imports())
    return tables


def rings_of(
    count: int, vertices: int, width: int, height: int, least: float, most: float
) -> list[Ring]:
    """Star-shaped rings anywhere on the map, some over its border."""
    rng = np.random.default_rng(0)
    rings = []
    for _ in range(count):
        radius = rng.uniform(least, most) * rng.uniform(0.6, 1, vertices)
        angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
        center = rng.uniform(0, (width, height))
        rings.append(center + np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1))
    return rings


def _ours(rings: list[Ring], height: int, width: int) -> IdMap:
    ids = np.zeros((height, width), np.int32)
    polygons = [Polygons(((ring,),)) for ring in rings]
    paint_segmentations(ids, range(1, len(polygons) + 1), polygons)
    return ids


def _rasterio(rings: list[Ring], height: int, width: int) -> IdMap:
    shapes = [
        ({"type": "Polygon", "coordinates": [np.vstack((ring, ring[:1])).tolist()]}, number)
        for number, ring in enumerate(rings, start=1)
    ]
    ids: IdMap = rasterio.features.rasterize(shapes, out_shape=(height, width), dtype="int32")
    return ids


def _opencv(rings: list[Ring], height: int, width: int) -> IdMap:
    ids = np.zeros((height, width), np.int32)
    for number, ring in enumerate(rings, start=1):
        cv2.fillPoly(ids, [ring.round().astype(np.int32)], number)
    return ids


def _pillow(rings: list[Ring], height: int, width: int) -> IdMap:
    image = PIL.Image.new("I", (width, height))
    draw = PIL.ImageDraw.Draw(image)
    for number, ring in enumerate(rings, start=1):
        draw.polygon(ring.ravel().tolist(), fill=number)
    return np.asarray(image, dtype=np.int32)


def _scikit_image(rings: list[Ring], height: int, width: int) -> IdMap:
    ids = np.zeros((height, width), np.int32)
    for number, ring in enumerate(rings, start=1):
        rows, columns = skimage.draw.polygon(ring[:, 1], ring[:, 0], ids.shape)
        ids[rows, columns] = number
    return ids


_PEERS: dict[str, Painter] = {
    "rasterio": _rasterio,
    "cv2.fillPoly": _opencv,
    "Pillow": _pillow,
    "scikit-image": _scikit_image,
}


def _best(work: Callable[[], object], times: int) -> float:
    """Milliseconds of the quickest of several runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return min(taken)


def _filling(times: int) -> Table:
    rows = []
    for scene in SCENES:
        rings = rings_of(
            scene.polygons, scene.vertices, scene.width, scene.height, scene.least, scene.most
        )
        size = (scene.height, scene.width)
        ours = _best(lambda rings=rings, size=size: _ours(rings, *size), times)  # type: ignore[misc]
        exact = _ours(rings, *size)
        cells = []
        for name, painter in _PEERS.items():
            tries = 1 if name == "scikit-image" else max(3, times // 2)
            taken = _best(lambda p=painter, rings=rings, size=size: p(rings, *size), tries)  # type: ignore[misc]
            wrong = np.count_nonzero(painter(rings, *size) != exact) / exact.size
            cells.append(f"{shown(taken)} ({taken / ours:,.1f}×, {wrong:.2%} other)")
        what = f"{scene.polygons:,} × {scene.vertices} vertices, {scene.width} × {scene.height}"
        rows.append((what, shown(ours), *cells))
    how = "compiled kernels" if has_kernels() else "NumPy, no compiled kernels"
    return Table(
        f"Polygons → map of ids, ms, best of {times} ({how}); in brackets times as long, other pixels",
        ("polygons", "ours", *_PEERS),
        rows,
    )


def _runs(times: int) -> Table:
    rows = []
    for scene in SCENES:
        rings = rings_of(
            scene.polygons, scene.vertices, scene.width, scene.height, scene.least, scene.most
        )
        flat = [ring.ravel().tolist() for ring in rings]
        polygons = [Polygons(((ring,),)) for ring in rings]
        size = (scene.height, scene.width)
        ours = _best(lambda p=polygons, s=size: [segmentation_to_rle(one, *s) for one in p], times)  # type: ignore[misc]
        theirs = _best(lambda f=flat, s=size: coco.frPyObjects(f, *s), times)  # type: ignore[misc]
        what = f"{scene.polygons:,} × {scene.vertices} vertices, {scene.width} × {scene.height}"
        rows.append((what, shown(ours), shown(theirs), f"{theirs / ours:,.1f}×"))
    return Table(
        f"Polygons → RLE, ms, best of {times}",
        ("polygons", "ours", "pycocotools frPyObjects", "times as long"),
        rows,
    )


def _masks() -> dict[str, Mask]:
    coins = (skimage.data.coins() > 110).astype(np.uint8)
    large = cv2.resize(coins, (4096, 4096), interpolation=cv2.INTER_NEAREST)
    y, x = np.ogrid[:1024, :1024]
    disc = (y - 500) ** 2 + (x - 500) ** 2 < 400**2
    disc &= (y - 500) ** 2 + (x - 450) ** 2 >= 100**2
    noise = np.random.default_rng(0).random((512, 512)) < 0.5
    return {
        "coins by threshold, 4096 × 4096": large.astype(bool),
        "a disc with a hole, 1024 × 1024": disc,
        "noise, 512 × 512": noise,
    }


def _outlining(times: int) -> Table:
    rows = []
    for name, mask in _masks().items():
        bytes_ = mask.view(np.uint8)
        polygons = mask_to_polygons(mask)
        vertices = polygons.vertex_count if polygons else 0
        ours = _best(lambda mask=mask: mask_to_polygons(mask), times)  # type: ignore[misc]
        contours = _best(
            lambda b=bytes_: cv2.findContours(b, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE),  # type: ignore[misc]
            times,
        )
        shapes = _best(
            lambda b=bytes_, m=mask: list(rasterio.features.shapes(b, mask=m)),  # type: ignore[misc]
            max(1, times // 3),
        )
        rows.append(
            (
                name,
                f"{vertices:,}",
                shown(ours),
                f"{shown(contours)} ({contours / ours:,.2f}×)",
                f"{shown(shapes)} ({shapes / ours:,.1f}×)",
            )
        )
    return Table(
        f"Mask → polygons, ms, best of {times}",
        ("mask", "vertices", "ours", "cv2.findContours", "rasterio.features.shapes"),
        rows,
        (
            "cv2.findContours passes through pixel centres: filled again, its outline is not the mask.",
        ),
    )


def _large() -> Table:
    done = subprocess.run([sys.executable, "-c", _LARGE], capture_output=True, text=True)
    if done.returncode != 0:
        raise Skipped(f"the large map failed: {done.stderr.splitlines()[-1:]}")
    taken, peak_mb, map_mb = map(float, done.stdout.split())
    return Table(
        "20,000 polygons of 100 vertices into 20,000 × 20,000 pixels",
        ("s", "peak MB beyond the polygons", "MB of the map"),
        [(shown(taken), shown(peak_mb), shown(map_mb))],
    )


def _imports() -> Table:
    code = (
        "import time; start = time.perf_counter(); "
        "import segmentarium.core.metrics, segmentarium.core.mending, segmentarium.core.overlaps; "
        "import segmentarium.core.boolean, segmentarium.core.simplify; "
        "print(time.perf_counter() - start)"
    )
    taken = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
        for _ in range(5)
    ]
    return Table("Importing all of the core", ("s, best of 5",), [(shown(min(taken)),)])
