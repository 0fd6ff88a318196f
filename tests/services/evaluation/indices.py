"""Indices as files, with pictures and masks."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import skimage.data
from numpy.typing import NDArray

from segmentarium.core.rle import Mask


def save_mask(path: Path, mask: Mask) -> None:
    """An 8-bit picture, 255 inside."""
    path.parent.mkdir(exist_ok=True)
    PIL.Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(path)


def tight(mask: Mask) -> list[int]:
    """[x, y, w, h] around a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return [
        int(columns[0]),
        int(rows[0]),
        int(columns[-1] - columns[0] + 1),
        int(rows[-1] - rows[0] + 1),
    ]


def coins(count: int) -> list[Mask]:
    """Masks of the largest coins of scikit-image's photograph, found by a threshold."""
    bright = (coins_photograph() > 150).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bright)
    largest = np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:count] + 1
    return [labels == label for label in largest]


def coins_photograph() -> NDArray[np.uint8]:
    """Coins on a dark ground, (303, 384) grey."""
    picture: NDArray[np.uint8] = skimage.data.coins()
    return picture


class IndexFile:
    """An index that is being written: `add` objects, then `write`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "index.json"
        self.objects: list[dict[str, Any]] = []
        self.masks: dict[str, Mask] = {}
        (folder / "images").mkdir(parents=True)

    def add_image(self, name: str, pixels: Any) -> None:
        PIL.Image.fromarray(pixels).save(self.path.parent / "images" / name)

    def add(
        self, id_: str, image: str, mask: Mask, box: list[int] | None = None, **more: Any
    ) -> None:
        """An object; its box is tight unless told."""
        save_mask(self.path.parent / "masks" / f"{id_}.png", mask)
        self.masks[id_] = mask
        self.objects.append(
            {
                "id": id_,
                "image": f"images/{image}",
                "mask": f"masks/{id_}.png",
                "box": tight(mask) if box is None else box,
                **more,
            }
        )

    def write(self) -> Path:
        self.path.write_text(json.dumps({"name": "small", "objects": self.objects}))
        return self.path


def rectangle(height: int, width: int, x: int, y: int, w: int, h: int) -> Mask:
    mask = np.zeros((height, width), bool)
    mask[y : y + h, x : x + w] = True
    return mask
