"""A box-conditioned network asked again, at a finer scale, about the parts of its answer that the border runs through.

Source:
    Refinement of patches along a coarse mask's border at a higher resolution: Tang et al., "Look Closer to Segment
    Better: Boundary Patch Refinement for Instance Segmentation", CVPR 2021. Here the network itself is asked again,
    with its own coarse answer as the mask that it corrects.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from segmentarium.networks.box_network import Answer, BoxNetwork, ImageRGB, Probabilities
from segnets.box_view import BoxView, Corrections, values_on_pixels

_SHARE = 0.5625  # of the view's sides that a part has; parts overlap, as a network sees least at its borders
_CLEAR = 0.02  # a share that is nearer to 0 or 1 than this is no border


def look_again(
    network: BoxNetwork,
    image: ImageRGB,
    first: Answer,
    known: Corrections,
    is_unwanted: Callable[[], bool] = lambda: False,
) -> Answer:
    """The answer at nearly twice its resolution, from parts of what is seen in it.

    Args:
        network: one that takes a mask to be corrected.
        image: (H, W, 3) uint8 RGB.
        first: its answer to the box.
        known: the points that were given with the box.
        is_unwanted: asked while the network runs; it is stopped then.
    """
    view = first.view
    side = round(view.size / _SHARE)
    whole = first.probabilities
    cells = (0, 0, side, side)
    grid = BoxView(0, 0, side, side, view.box_xyxy, side)
    coarse = values_on_pixels(whole, grid, cells, side)
    total, weights = np.zeros_like(coarse), np.zeros_like(coarse)
    window = _window(view.size)
    given = Corrections(
        known.inside,
        known.outside,
        whole,
        (view.x, view.y, view.x + view.width, view.y + view.height),
    )
    for row in (0, side - view.size):
        for column in (0, side - view.size):
            part = coarse[row : row + view.size, column : column + view.size]
            if part.min() > 1 - _CLEAR or part.max() < _CLEAR:
                continue
            tile = BoxView(
                view.x + view.width * column / side,
                view.y + view.height * row / side,
                view.width * view.size / side,
                view.height * view.size / side,
                view.box_xyxy,
                view.size,
            )
            found = network.look(image, tile, given, is_unwanted).probabilities
            at = slice(row, row + view.size), slice(column, column + view.size)
            total[at] += window * found
            weights[at] += window
    finer = np.where(weights > 0, total / np.maximum(weights, 1e-6), coarse)
    finer_view = BoxView(view.x, view.y, view.width, view.height, view.box_xyxy, side)
    return Answer(finer.astype(np.float32, copy=False), finer_view, first.predicted_iou)


def _window(size: int) -> Probabilities:
    """(size, size): how much each cell of a part counts, least at its borders."""
    ramp = np.minimum(np.arange(size) + 0.5, size - np.arange(size) - 0.5) / (size / 8)
    ramp = np.clip(ramp, 0.02, 1).astype(np.float32)
    window: Probabilities = ramp[:, None] * ramp[None, :]
    return window
