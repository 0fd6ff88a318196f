"""A small dataset with everything in it: holes, parts, RLE, a crowd, overlaps, an image without annotations."""

import io
from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import PIL.Image

from segmentarium.core.annotation import Annotation, Category, Polygons, Ring
from segmentarium.core.rle import Mask, mask_to_rle
from segmentarium.formats.base import Dataset, DatasetImage

Points: TypeAlias = Sequence[tuple[float, float]]

CATEGORIES = (
    Category(30, "cat", "#ff8000", supercategory="animal"),
    Category(7, "größe, „quoted“", "#00ff80"),
    Category(12, "grass", "#102030", isthing=False),
    Category(13, "never seen", "#405060"),
)
HEIGHT, WIDTH = 24, 31


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Ring:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)


def painted() -> Mask:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[18:22, 2:9] = True
    mask[20, 5] = False
    return mask


TRIANGLE = Polygons(((np.array([[0.3, 0.7], [14.2, 3.1], [6.6, 16.9]]),),))
TWO_PARTS = Polygons(((rectangle(10, 10, 14, 14),), (rectangle(20, 2, 25, 6),)))
WITH_A_HOLE = Polygons(((rectangle(12, 8, 28, 22), rectangle(15, 11, 20, 16)),))
ANNOTATIONS = (
    Annotation("triangle", 30, TRIANGLE, z_order=0, attributes={"occluded": True, "view": "left"}),
    Annotation("two-parts", 7, TWO_PARTS, z_order=1, score=0.75),
    Annotation("with-a-hole", 12, WITH_A_HOLE, z_order=2),
    Annotation("painted", 30, mask_to_rle(painted()), iscrowd=True, z_order=3),
)
IMAGES = {
    "cat 1.jpg": (11, ANNOTATIONS),
    "cat.png": (12, ()),
    "Ünïcode 图.webp": (19, ANNOTATIONS[1:2]),
}
SPLITS = dict(zip(IMAGES, ("train", "val", "train"), strict=True))


def picture(name: str) -> bytes:
    """The bytes of an image of the dataset: a PNG, whatever it is called."""
    values = np.random.default_rng(len(name)).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    buffer = io.BytesIO()
    PIL.Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def dataset(*, has_splits: bool = False) -> Dataset:
    """The dataset, to be walked once."""
    images = (
        DatasetImage(
            number,
            name,
            WIDTH,
            HEIGHT,
            annotations,
            partial(picture, name),
            SPLITS[name] if has_splits else "",
        )
        for name, (number, annotations) in IMAGES.items()
    )
    return Dataset("Small", CATEGORIES, images)
