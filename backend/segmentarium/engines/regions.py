"""Masks on the grid of a crop: shapes, components, and how well a mask stands out. Shared by the classical engines."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.rle import Mask
from segmentarium.engines.base import ImageRGB

_BAND_SHARE = (
    0.04  # of the grid's longer side: the band along an outline in which contrast is measured
)
_REACHED = 2  # neither of a mask's values
_CONTRAST_PX = 256  # longest side of the grid that contrast is measured on


def lab_of(pixels: ImageRGB, smoothing: float = 0) -> NDArray[np.float32]:
    """(h, w, 3) uint8 RGB as CIE Lab, L 0–100, after a Gaussian of `smoothing` cells."""
    values = pixels.astype(np.float32) / 255
    if smoothing > 0:
        values = cv2.GaussianBlur(values, (0, 0), smoothing).astype(np.float32, copy=False)
    lab: NDArray[np.float32] = cv2.cvtColor(values, cv2.COLOR_RGB2LAB).astype(
        np.float32, copy=False
    )
    return lab


def steepness(pixels: ImageRGB, smoothing: float) -> NDArray[np.float32]:
    """(h, w) norm of all derivatives of the smoothed Lab colours, by Scharr's filter."""
    lab = lab_of(pixels, smoothing)
    across, down = cv2.Scharr(lab, -1, 1, 0), cv2.Scharr(lab, -1, 0, 1)
    steep: NDArray[np.float32] = np.sqrt((across**2 + down**2).sum(axis=2)).astype(np.float32)
    return steep


def ellipse(
    shape: tuple[int, int], box: tuple[float, float, float, float], share: float = 1
) -> Mask:
    """The ellipse inscribed in a box (x0, y0, x1, y1) of the grid, scaled about its middle, by cell centres."""
    x0, y0, x1, y1 = box
    rows = (np.arange(shape[0]) + 0.5 - (y0 + y1) / 2) / ((y1 - y0) / 2)
    columns = (np.arange(shape[1]) + 0.5 - (x0 + x1) / 2) / ((x1 - x0) / 2)
    mask: Mask = rows[:, None] ** 2 + columns[None] ** 2 <= share**2
    return mask


def disc_kernel(radius: int) -> NDArray[np.uint8]:
    """A disc for OpenCV's morphology."""
    size = (2 * radius + 1, 2 * radius + 1)
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size).astype(np.uint8, copy=False)


def dilated(mask: Mask, radius: int) -> Mask:
    """Grown by a disc of that radius, in cells."""
    return cv2.dilate(mask.view(np.uint8), disc_kernel(radius)) > 0


def eroded(mask: Mask, radius: int) -> Mask:
    """Shrunk by a disc of that radius, in cells; the border of the grid takes nothing away."""
    return cv2.erode(mask.view(np.uint8), disc_kernel(radius)) > 0


def components(mask: Mask) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(h, w) number of each cell's component, 0 for none, and the components' areas, of which the first counts none."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.int64)
    areas[0] = 0
    return numbers.astype(np.int32, copy=False), areas


def touching(mask: Mask, cells: Mask) -> Mask:
    """The components of a mask that hold one of the cells."""
    if not cells.any():
        return np.zeros(mask.shape, dtype=bool)
    numbers, areas = components(mask)
    held = np.zeros(len(areas), dtype=bool)
    held[numbers[cells]] = True
    held[0] = False
    found: Mask = held[numbers]
    return found


def cleaned(mask: Mask, speck_share: float, fill_holes: bool, inside: Mask, outside: Mask) -> Mask:
    """Without specks: components smaller than that share of the largest, and holes that small, or all holes.

    Components with a cell of `inside` stay whatever their size, and so do holes with one of `outside`.
    """
    numbers, areas = components(mask)
    keep: NDArray[np.bool_] = areas >= max(1.0, speck_share * areas.max())
    keep[0] = False
    keep[numbers[inside & mask]] = True
    found: Mask = keep[numbers]
    if fill_holes and not outside.any():
        return filled(found)
    numbers, areas = components(~found)
    if fill_holes:
        keep = np.zeros(len(areas), dtype=bool)
        keep[np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]])] = True
    else:
        keep = areas >= max(1.0, speck_share * np.count_nonzero(found))
    keep[numbers[outside & ~found]] = True
    keep[0] = False
    return ~keep[numbers]


def filled(mask: Mask) -> Mask:
    """With every hole filled that does not reach the border of the grid."""
    outside = cv2.copyMakeBorder(mask.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.floodFill(outside, None, (0, 0), _REACHED)
    whole: Mask = outside[1:-1, 1:-1] != _REACHED
    return whole


def contrast(pixels: ImageRGB, mask: Mask) -> float:
    """How much a mask stands out: the share of the variance of Lab colours, in a band along its outline, that is told
    by being inside or outside.

    Args:
        pixels: (h, w, 3) uint8 RGB.
        mask: (h, w) bool.

    Returns:
        0–1; 0 where there is no outline.
    Source:
        The criterion of Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on
        Systems, Man, and Cybernetics, 1979, in three channels.
    """
    step = -(-max(mask.shape) // _CONTRAST_PX)
    pixels, mask = pixels[::step, ::step], np.ascontiguousarray(mask[::step, ::step])
    radius = max(2, round(_BAND_SHARE * max(mask.shape)))
    inside, outside = mask & ~eroded(mask, radius), dilated(mask, radius) & ~mask
    if not inside.any() or not outside.any():
        return 0.0
    lab = lab_of(pixels)
    a, b = lab[inside].astype(np.float64), lab[outside].astype(np.float64)
    mean = (a.sum(axis=0) + b.sum(axis=0)) / (len(a) + len(b))
    between = sum(len(part) * ((part.mean(axis=0) - mean) ** 2).sum() for part in (a, b))
    total = sum(((part - mean) ** 2).sum() for part in (a, b))
    return float(min(between / total, 1.0)) if total > 0 else 0.0
