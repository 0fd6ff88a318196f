"""How much more likely a colour is inside than outside, by histograms, and locally.

Source:
    Histograms in place of mixtures: Vicente, Kolmogorov, Rother, "Joint optimization of segmentation and appearance
    models", ICCV 2009. Local colour: as in Snap Cut (Bai, Wang, Simons, Sapiro, "Video SnapCut", SIGGRAPH 2009), with
    means instead of mixtures.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.engines.base import ImageRGB
from segmentarium.engines.grabcut.work import Map, smooth

Bins: TypeAlias = NDArray[np.int64]

SIDE = 16  # bins a channel
_LEAST_RANGE = (40, 24, 24)  # of L, a and b: less is noise and must not be stretched
_RARE = 2e-4  # of the pixels; keeps a colour seen once from deciding


def _binomial(count: int) -> NDArray[np.float64]:
    """The (count, count) matrix that smooths over neighbouring bins with 1 4 6 4 1."""
    apart = np.abs(np.arange(count)[:, None] - np.arange(count))
    return np.select([apart == 0, apart == 1, apart == 2], [6.0, 4.0, 1.0]) / 16


_SMOOTHING = _binomial(SIDE)


def colour_bins(lab: ImageRGB) -> Bins:
    """(h, w) bin numbers; the bins are spread over the range of this crop, channel by channel."""
    smoothed = smooth(lab.astype(np.float32), 0.6)
    bins: Bins = np.zeros(lab.shape[:2], dtype=np.int64)
    for channel, least in enumerate(_LEAST_RANGE):
        values = smoothed[..., channel]
        low, high = np.percentile(values, (1, 99))
        share = (values - (low + high) / 2) / max(high - low, least) + 0.5
        bins = bins * SIDE + np.clip(share * SIDE, 0, SIDE - 1).astype(np.int64)
    return bins


def without_lightness(bins: Bins) -> Bins:
    """(h, w) numbers of the bins of a and b alone: a shadow changes them little."""
    return bins % SIDE**2


def log_ratio(bins: Bins, inside: Map, outside: Map, channels: int = 3) -> tuple[Map, float]:
    """(h, w) of log P(colour | inside) / P(colour | outside), and how alike the two are (Bhattacharyya, 0–1).

    Args:
        bins: (h, w) bin numbers.
        inside: (h, w) weights of the pixels as examples of inside.
        outside: likewise.
        channels: how many the bins are of.
    """
    shares = [_histogram(bins, weights, channels) for weights in (inside, outside)]
    rare = _RARE * SIDE**3 / shares[0].size
    table = np.log((shares[0] + rare) / (shares[1] + rare)).astype(np.float32)
    ratio: Map = table[bins]
    return ratio, float(np.sqrt(shares[0] * shares[1]).sum())


def _histogram(bins: Bins, weights: Map, channels: int) -> NDArray[np.float64]:
    shape = (SIDE,) * channels
    counts = np.bincount(bins.ravel(), weights.ravel(), SIDE**channels).reshape(shape)
    smoothed: NDArray[np.float64] = counts.astype(np.float64, copy=False)
    for _ in shape:  # the last axis becomes the first, smoothed
        smoothed = np.tensordot(_SMOOTHING, smoothed, axes=(1, channels - 1))
    flat: NDArray[np.float64] = smoothed.ravel()
    return flat / max(float(flat.sum()), 1e-9)


def local_log_ratio(lab: Map, inside: Map, sigma: float) -> Map:
    """(h, w): whether a pixel's colour is nearer to the mean of what is inside around it, or of what is outside."""
    outside = 1 - inside
    distances = [
        ((lab - _local_mean(lab, weights, sigma)) ** 2).sum(axis=-1)
        for weights in (inside, outside)
    ]
    return smooth(np.log((distances[1] + 15) / (distances[0] + 15)), 1.0)


def from_surroundings(lab: Map, outside: Map, sigma: float) -> Map:
    """(h, w): how far a colour is from the surroundings as they would go on into the box."""
    weight = smooth(outside, sigma) + 1e-6
    mean = smooth(lab * outside[..., None], sigma) / weight[..., None]
    square = smooth(lab**2 * outside[..., None], sigma) / weight[..., None]
    variance = np.maximum(square - mean**2, 0).sum(axis=-1)
    far: Map = np.log1p(smooth(((lab - mean) ** 2).sum(axis=-1), 1.0) / (variance + 20))
    return far


def _local_mean(lab: Map, weights: Map, sigma: float) -> Map:
    mean: Map = smooth(lab * weights[..., None], sigma) / (smooth(weights, sigma) + 1e-3)[..., None]
    return mean


def odds(share: Map | np.float32) -> Map:
    """Log p / (1 - p), of shares kept a little off 0 and 1."""
    kept = np.clip(share, 3e-4, 1 - 3e-4)
    found: Map = np.log(kept / (1 - kept)).astype(np.float32, copy=False)
    return found


def share(log_odds: Map) -> Map:
    """1 / (1 + e^-x)."""
    shares: Map = (1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))).astype(np.float32, copy=False)
    return shares


def resized(values: Map, size: tuple[int, int]) -> Map:
    """The values at another (width, height)."""
    how = cv2.INTER_AREA if size[0] < values.shape[1] else cv2.INTER_LINEAR
    return cv2.resize(values, size, interpolation=how).astype(np.float32, copy=False)
