"""Ten real objects to annotate, with their true masks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import skimage

from bench.quality import OBJECTS
from segmentarium.core.rle import Mask
from segmentarium.services.evaluation.index import read_index
from segmentarium.services.evaluation.targets import Target, spread
from segmentarium.storage.pictures import read_rgb


def real_objects(count: int) -> list[Target]:
    """Objects of ten domains; where their folder is not, coins, whose masks are a threshold's and not a person's."""
    if OBJECTS.is_dir():
        return spread(read_index(OBJECTS / "index.json").targets, count)
    return list(_coins(count))


def _coins(count: int) -> Iterator[Target]:
    path = Path(skimage.__file__).parent / "data" / "coins.png"
    grey = cv2.GaussianBlur(cv2.cvtColor(read_rgb(path), cv2.COLOR_RGB2GRAY), (5, 5), 0)
    # The background grows darker from the top to the bottom.
    light = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 101, -10)
    contours, _ = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = sorted(contours, key=cv2.contourArea, reverse=True)[:count]
    height, width = grey.shape
    for number, contour in enumerate(largest):
        filled = np.zeros((height, width), np.uint8)
        cv2.drawContours(filled, [contour], -1, 1, cv2.FILLED)
        mask: Mask = filled.astype(bool)
        x, y, w, h = cv2.boundingRect(contour)

        def read_truth(mask: Mask = mask) -> Mask:
            return mask

        yield Target(
            id=f"coin {number}",
            image=path.name,
            image_path=path,
            domain="coins",
            bbox_xywh=(x, y, w, h),
            width=width,
            height=height,
            read_truth=read_truth,
        )
