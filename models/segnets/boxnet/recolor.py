"""Another light, another camera: a picture as it could also have been taken."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]


def recolored(colors: Pixels, rng: np.random.Generator) -> Pixels:
    """An (H, W, 3) uint8 RGB picture in other colours, light, sharpness and noise."""
    if rng.random() < 0.8:
        colors = _in_other_hues(colors, rng)
    if rng.random() < 0.7:
        colors = _in_other_light(colors, rng)
    chance = rng.random()
    if chance < 0.1:
        gray = cv2.cvtColor(colors, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
        colors = np.repeat(gray[..., None], 3, axis=2)
    elif chance < 0.15:
        colors = 255 - colors
    elif chance < 0.2:
        colors = colors[..., rng.permutation(3)]
    if rng.random() < 0.15:
        blurred = cv2.GaussianBlur(colors, (0, 0), rng.uniform(0.4, 1.6))
        colors = blurred.astype(np.uint8, copy=False)
    if rng.random() < 0.15:
        noise = np.float32(rng.uniform(2, 14)) * rng.standard_normal(colors.shape, np.float32)
        colors = (colors + noise).clip(0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        quality = (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80)))
        _, packed = cv2.imencode(".jpg", np.ascontiguousarray(colors), quality)
        unpacked = cv2.imdecode(packed, cv2.IMREAD_COLOR)
        if unpacked is not None:
            colors = unpacked.astype(np.uint8, copy=False)
    return np.ascontiguousarray(colors)


def _in_other_hues(colors: Pixels, rng: np.random.Generator) -> Pixels:
    hsv = cv2.cvtColor(np.ascontiguousarray(colors), cv2.COLOR_RGB2HSV)
    hues = ((np.arange(256) + rng.normal(0, 8)) % 180).astype(np.uint8)
    saturations = (np.arange(256) * rng.uniform(0.5, 1.5)).clip(0, 255).astype(np.uint8)
    hsv = cv2.merge((hues[hsv[..., 0]], saturations[hsv[..., 1]], hsv[..., 2]))
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.uint8, copy=False)


def _in_other_light(colors: Pixels, rng: np.random.Generator) -> Pixels:
    levels = np.linspace(0, 1, 256) ** np.exp(rng.normal(0, 0.3))
    levels = (levels - 0.5) * rng.uniform(0.6, 1.3) + 0.5 + rng.normal(0, 0.07)
    found: Pixels = (levels.clip(0, 1) * 255).astype(np.uint8)[colors]
    return found
