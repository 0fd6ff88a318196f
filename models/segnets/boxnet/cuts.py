"""Windows of training pictures, turned and mirrored: their colours, and whose each cell is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segnets.box_view import BoxView
from segnets.boxnet.objects import BoxXYXY, Ids, Picture, Pixels, TrainingObject

_BEYOND = -2  # the id of what lies beyond the picture; −1 is ignored


@dataclass(frozen=True, slots=True)
class Cut:
    """What is seen of a picture: `colors` (S, S, 3) uint8; `inside`, `counts`, `valid` (S, S) bool.

    `counts` is false where nobody knows whose the cell is, `valid` beyond the picture.
    """

    colors: Pixels
    inside: NDArray[np.bool_]
    counts: NDArray[np.bool_]
    valid: NDArray[np.bool_]


def turned_box(one: TrainingObject, turn: float) -> BoxXYXY:
    """The object's tight box in its picture turned back by `turn` radians about the origin."""
    x0, y0, x1, y1 = one.box
    if turn == 0:
        return float(x0), float(y0), float(x1), float(y1)
    mask = one.picture.maps[one.map_index][y0:y1, x0:x1] == one.id
    rows = np.flatnonzero(mask.any(axis=1))
    # What is outermost in any direction is the first or the last of its row.
    first, last = mask[rows].argmax(axis=1), mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    points = np.stack((np.concatenate((first, last)), np.tile(rows, 2)), axis=1) + 0.5
    points += x0, y0
    cos, sin = np.cos(turn), np.sin(turn)
    back = points @ np.array([[cos, -sin], [sin, cos]])
    half = (abs(cos) + abs(sin)) / 2  # of a pixel, whose corners count
    low, high = back.min(axis=0) - half, back.max(axis=0) + half
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def cut_view(one: TrainingObject, view: BoxView, turn: float) -> Cut:
    """A view of an object's picture, as it is after turning it back by `turn` radians."""
    size = view.size
    ids = _warped(one.picture.maps[one.map_index], _to_picture(view, 2 * size, turn), 2 * size)
    own = (ids == one.id).view(np.uint8)
    quarters = own[::2, ::2] + own[::2, 1::2] + own[1::2, ::2] + own[1::2, 1::2]
    first = ids[::2, ::2]
    return Cut(_colors(one.picture, view, turn), quarters >= 2, first != -1, first != _BEYOND)


def _to_picture(view: BoxView, size: int, turn: float) -> NDArray[np.float64]:
    """The (2, 3) affine map from cells of a view to a picture's pixels, centres at whole numbers as OpenCV has it."""
    width, height = view.width / size, view.height / size
    scale = np.array([[width, 0, view.x + width / 2], [0, height, view.y + height / 2]])
    cos, sin = np.cos(turn), np.sin(turn)
    turned: NDArray[np.float64] = np.array([[cos, -sin], [sin, cos]]) @ scale
    turned[:, 2] -= 0.5
    return turned


def _warped(ids: Ids, to_picture: NDArray[np.float64], size: int) -> Ids:
    return cv2.warpAffine(
        ids,
        to_picture,
        (size, size),
        flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_BEYOND,
    ).astype(np.int16, copy=False)


def _colors(picture: Picture, view: BoxView, turn: float) -> Pixels:
    """The view's colours; shrunk by areas first where a cell covers several pixels."""
    pixels = picture.pixels
    to_picture = _to_picture(view, view.size, turn)
    shrink = float(np.sqrt(abs(np.linalg.det(to_picture[:, :2]))))
    if shrink > 1.5:
        corners = to_picture @ np.array(
            [[0, view.size, 0, view.size], [0, 0, view.size, view.size], [1] * 4]
        )
        low = np.floor(corners.min(axis=1)).astype(int).clip(0) - 2
        high = np.ceil(corners.max(axis=1)).astype(int) + 3
        x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
        pixels = pixels[y0 : max(y0 + 1, int(high[1])), x0 : max(x0 + 1, int(high[0]))]
        shape = tuple(max(1, round(side / shrink)) for side in pixels.shape[1::-1])
        share = np.array(shape) / pixels.shape[1::-1]
        pixels = cv2.resize(pixels, shape, interpolation=cv2.INTER_AREA).astype(
            np.uint8, copy=False
        )
        to_picture[:, 2] -= (x0, y0)
        to_picture = to_picture * share[:, None]
        to_picture[:, 2] += share / 2 - 0.5
    return cv2.warpAffine(
        pixels,
        to_picture,
        (view.size, view.size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.uint8, copy=False)
