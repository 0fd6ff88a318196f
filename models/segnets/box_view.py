"""What a box-conditioned network sees of an image: the box with a margin, stretched to a square, as planes.

Training and the server both come here, so that a network meets in use what it was trained on. NumPy and OpenCV only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from segnets.resample import bilinear_weights

FloatPlane: TypeAlias = NDArray[np.float32]
ImageRGB: TypeAlias = NDArray[np.uint8]
Points: TypeAlias = NDArray[np.float64]
Plane: TypeAlias = NDArray[np.float32] | NDArray[np.bool_] | float

BOX_CHANNELS = (
    "red",
    "green",
    "blue",
    "valid",
    "u",
    "v",
    "edge_distance",
    "inside_box",
    "log_aspect",
)
"""What follows from a box and an image."""

CHANNELS = (*BOX_CHANNELS, "log_size", "points_inside", "points_outside", "mask", "has_mask")
_COLORS = CHANNELS[:3]
_TYPICAL_PX = 128  # longer side of a box at which `log_size` is 0
_POINT_RADIUS = 0.025  # of a view's side
_OVERSEEN = (
    4  # a mask's pixels are averaged when a cell holds more than one, by at most so many a side
)
_SAMPLES = 2  # a cell and side in a shrunken picture; bilinear sampling of them is then a mean over the cell
_STRIDE_SAMPLES = 4  # of a very large crop this many pixels a cell and side are looked at


@dataclass(frozen=True, slots=True)
class BoxView:
    """A window of an image seen as `size` × `size` cells: left, top, width, height in pixels, and the box's corners.

    The window may reach over the image's border.
    """

    x: float
    y: float
    width: float
    height: float
    box_xyxy: tuple[float, float, float, float]
    size: int

    def centers(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The cells' centres, x from left to right, y from top to bottom, in image pixels."""
        steps = (np.arange(self.size) + 0.5) / self.size
        return self.x + steps * self.width, self.y + steps * self.height


def view_of_box(box_xyxy: tuple[float, float, float, float], margin: float, size: int) -> BoxView:
    """The view of a box.

    Args:
        box_xyxy: corners in image pixels, of some width and height.
        margin: what is seen around the box, on each side, in shares of its width and of its height.
        size: cells a side.

    >>> view_of_box((10, 20, 30, 60), 0.25, 8)
    BoxView(x=5.0, y=10.0, width=30.0, height=60.0, box_xyxy=(10, 20, 30, 60), size=8)
    """
    x0, y0, x1, y1 = box_xyxy
    width, height = x1 - x0, y1 - y0
    return BoxView(
        x0 - margin * width,
        y0 - margin * height,
        width * (1 + 2 * margin),
        height * (1 + 2 * margin),
        box_xyxy,
        size,
    )


def picture_of_view(image: ImageRGB, view: BoxView) -> ImageRGB:
    """The (size, size, 3) picture of a view; beyond the image's border its border pixels go on.

    The cost is bounded by `size`, whatever the box's and the image's: of a large crop every so many pixels are taken.
    """
    across, a_x, b_x = _sampled(view.x, view.width, view.size, image.shape[1])
    down, a_y, b_y = _sampled(view.y, view.height, view.size, image.shape[0])
    crop = np.ascontiguousarray(image[down, across])
    shrunken = tuple(
        max(1, round(length * min(1.0, _SAMPLES * scale)))
        for length, scale in ((crop.shape[1], 1 / a_x), (crop.shape[0], 1 / a_y))
    )
    if shrunken != crop.shape[1::-1]:
        f_x, f_y = shrunken[0] / crop.shape[1], shrunken[1] / crop.shape[0]
        crop = cv2.resize(crop, shrunken, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        a_x, b_x = a_x * f_x, (b_x + 0.5) * f_x - 0.5
        a_y, b_y = a_y * f_y, (b_y + 0.5) * f_y - 0.5
    picture: ImageRGB = cv2.warpAffine(
        crop,
        np.array([[a_x, 0, b_x], [0, a_y, b_y]]),
        (view.size, view.size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.uint8, copy=False)
    return picture


def _no_points() -> Points:
    return np.empty((0, 2), np.float64)


@dataclass(frozen=True, slots=True)
class Corrections:
    """What is known of the object beside its box.

    Attributes:
        inside: (n, 2) x, y of points on the object, in image pixels.
        outside: (m, 2) of points beside it.
        mask: (h, w) shares of what has been answered before, or a boolean mask; None when there is none.
        mask_xyxy: the pixels that the mask lies on, half-open; the mask may be coarser. Around it nothing is inside.
    """

    inside: Points = field(default_factory=_no_points)
    outside: Points = field(default_factory=_no_points)
    mask: FloatPlane | NDArray[np.bool_] | None = None
    mask_xyxy: tuple[float, float, float, float] = (0, 0, 0, 0)


NOTHING_KNOWN = Corrections()


def geometry_of_view(view: BoxView) -> dict[str, Plane]:
    """The planes that tell where the box lies: they follow from the view alone; each broadcasts to (size, size)."""
    x0, y0, x1, y1 = view.box_xyxy
    x, y = view.centers()
    u = ((x - (x0 + x1) / 2) / ((x1 - x0) / 2)).astype(np.float32)[None, :]
    v = ((y - (y0 + y1) / 2) / ((y1 - y0) / 2)).astype(np.float32)[:, None]
    distance = np.minimum(1 - np.abs(u), 1 - np.abs(v))
    return {
        "u": u,
        "v": v,
        "edge_distance": distance,
        "inside_box": distance > 0,
        "log_aspect": float(np.log((x1 - x0) / (y1 - y0))),
        "log_size": float(np.log(max(x1 - x0, y1 - y0) / _TYPICAL_PX)),
    }


def points_plane(points_xy: Points, view: BoxView) -> NDArray[np.bool_]:
    """(size, size): true at the cells within a small disc around a point, and at the cell it lies in.

    Args:
        points_xy: (n, 2) in image pixels; those beyond the view are not seen.
        view: on which they lie.
    """
    plane = np.zeros((view.size, view.size), dtype=bool)
    cells = (np.asarray(points_xy, np.float64).reshape(-1, 2) - (view.x, view.y)) * (
        view.size / view.width,
        view.size / view.height,
    )
    steps = np.arange(view.size) + 0.5
    reach = max(1.0, _POINT_RADIUS * view.size)
    for x, y in cells[((cells >= 0) & (cells < view.size)).all(axis=1)].tolist():
        plane |= (steps[None, :] - x) ** 2 + (steps[:, None] - y) ** 2 <= reach**2
    return plane


def mask_plane(known: Corrections, view: BoxView) -> FloatPlane:
    """(size, size) shares of the given mask on the view's cells; 0 where there is none."""
    if known.mask is None:
        return np.zeros((view.size, view.size), np.float32)
    height, width = known.mask.shape
    x0, y0, x1, y1 = known.mask_xyxy
    f_x, f_y = width / (x1 - x0), height / (y1 - y0)
    values = known.mask.astype(np.float32)
    # A cell that covers several of the mask's pixels gets their mean.
    across, down = (
        max(1.0, min(float(_OVERSEEN), length / view.size * f))
        for length, f in ((view.width, f_x), (view.height, f_y))
    )
    if max(across, down) > 1:
        shape = max(1, round(width / across)), max(1, round(height / down))
        values = cv2.resize(values, shape, interpolation=cv2.INTER_AREA).astype(np.float32)
        f_x, f_y = shape[0] / (x1 - x0), shape[1] / (y1 - y0)
    a_x, a_y = view.width / view.size * f_x, view.height / view.size * f_y
    b_x = (view.x - x0) * f_x + a_x / 2 - 0.5
    b_y = (view.y - y0) * f_y + a_y / 2 - 0.5
    plane: FloatPlane = cv2.warpAffine(
        values,
        np.array([[a_x, 0, b_x], [0, a_y, b_y]]),
        (view.size, view.size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    ).astype(np.float32, copy=False)
    return plane


def planes_of_view(
    view: BoxView,
    image: ImageRGB,
    channels: Sequence[str],
    mean: Sequence[float],
    std: Sequence[float],
    *,
    known: Corrections = NOTHING_KNOWN,
    keeps_border: bool = False,
) -> NDArray[np.float32]:
    """What the network is given.

    Args:
        view: of a box on the image.
        image: (H, W, 3) uint8 RGB.
        channels: names out of `CHANNELS`, in order.
        mean: of red, green, blue in shares of full brightness.
        std: their standard deviations.
        known: points, and the mask that they correct.
        keeps_border: beyond the image go its border pixels on; else the mean colour stands there.

    Returns:
        (len(channels), size, size) float32. With u from left to right and v from top to bottom, ±1 at the box's edges:
        `valid` 1 where the cell's centre is on the image; `edge_distance` min(1 − |u|, 1 − |v|), positive inside the
        box; `inside_box` 1 where it is positive; `log_aspect` ln(width / height) of the box everywhere; `log_size`
        ln(longer side / 128 pixels); `points_inside`, `points_outside` discs of 1; `mask` shares, and `has_mask` 1
        everywhere if there is one.
    """
    height, width = image.shape[:2]
    x, y = view.centers()
    on_image = ((y >= 0) & (y < height))[:, None] & ((x >= 0) & (x < width))[None, :]
    planes = np.empty((len(channels), view.size, view.size), np.float32)
    drawn: dict[str, Plane] = {"valid": on_image, **geometry_of_view(view)}
    if "points_inside" in channels:
        drawn["points_inside"] = points_plane(known.inside, view)
    if "points_outside" in channels:
        drawn["points_outside"] = points_plane(known.outside, view)
    if "mask" in channels:
        drawn["mask"] = mask_plane(known, view)
    if "has_mask" in channels:
        drawn["has_mask"] = float(known.mask is not None)
    if any(name in _COLORS for name in channels):
        picture = picture_of_view(image, view).astype(np.float32) / 255
        picture = (picture - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
        if not keeps_border:
            picture *= on_image[..., None]
        drawn |= {
            name: picture[..., index].astype(np.float32) for index, name in enumerate(_COLORS)
        }
    for plane, name in zip(planes, channels, strict=True):
        plane[:] = drawn[name]
    return planes


def values_on_pixels(
    values: FloatPlane, view: BoxView, region_xyxy: tuple[int, int, int, int], longest: int
) -> FloatPlane:
    """A network's answer on the grid of an image's pixels, or on a coarser one.

    Args:
        values: (h, w) over the view.
        view: what was seen.
        region_xyxy: the pixels that are asked for: columns x0 to x1, rows y0 to y1, half-open.
        longest: the longest side of what is returned.

    Returns:
        (h', w') float32, bilinear, at the centres of the region's pixels, or of larger ones that tile it evenly.
    """
    x0, y0, x1, y1 = region_xyxy
    scale = min(1.0, longest / max(x1 - x0, y1 - y0))
    width, height = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    across = _weights(values.shape[1], view.x, view.width, x0, x1, width)
    down = _weights(values.shape[0], view.y, view.height, y0, y1, height)
    return (down @ values @ across.T).astype(np.float32, copy=False)


def _weights(
    cells: int, start: float, length: float, first: int, last: int, count: int
) -> FloatPlane:
    centers = first + (np.arange(count) + 0.5) * (last - first) / count
    return bilinear_weights((centers - start) * cells / length - 0.5, cells)


def _sampled(start: float, length: float, size: int, limit: int) -> tuple[slice, float, float]:
    """Which of an axis's pixels are looked at; and a, b such that cell i has its centre at sample a · i + b."""
    cell = length / size
    first, last = max(0, int(np.floor(start))), min(limit, int(np.ceil(start + length)))
    first = min(first, limit - 1)
    last = max(last, first + 1)
    step = max(1, int(cell) // _STRIDE_SAMPLES)
    offset = min(step // 2, last - first - 1)
    # Sample k is the pixel first + offset + k · step, with its centre half a pixel on.
    origin = first + offset + 0.5
    return slice(first + offset, last, step), cell / step, (start + cell / 2 - origin) / step
