"""Draws the pictures of docs/geometry.md, with the geometry that they explain: ``python -m scripts.draw_geometry``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from segmentarium.core.annotation import Polygons
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import polygons_to_mask
from segmentarium.core.rle import Mask
from segmentarium.core.simplify import simplify_polygons, simplify_together

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images" / "geometry"
INK, FAINT, PAPER = "#26323f", "#c9d1d9", "#ffffff"
BLUE, ORANGE, GREEN, RED = "#4c8dff", "#f2994a", "#3fae6c", "#d64550"
_MARGIN = 8


class Drawing:
    """An SVG of pixels `side` units wide; coordinates are image pixels."""

    def __init__(self, width: float, height: float, side: float) -> None:
        self.side = side
        self._size = (width * side + 2 * _MARGIN, height * side + 2 * _MARGIN)
        self._marks: list[str] = []

    def _at(self, x: float, y: float) -> tuple[str, str]:
        return f"{x * self.side + _MARGIN:.6g}", f"{y * self.side + _MARGIN:.6g}"

    def pixels(self, mask: Mask, color: str, left: float = 0, opacity: float = 0.35) -> None:
        """Fill the pixels of a mask."""
        for row, pixels in enumerate(mask):
            changes = np.flatnonzero(np.diff(pixels.astype(np.int8), prepend=0, append=0))
            for start, end in changes.reshape(-1, 2).tolist():
                x, y = self._at(start + left, row)
                width = (end - start) * self.side
                self._marks.append(
                    f'<rect x="{x}" y="{y}" width="{width}" height="{self.side}" fill="{color}" '
                    f'fill-opacity="{opacity}"/>'
                )

    def grid(self, width: int, height: int, left: float = 0) -> None:
        """The edges of the pixels."""
        for x in range(width + 1):
            self._line([(x + left, 0), (x + left, height)], FAINT, 1)
        for y in range(height + 1):
            self._line([(left, y), (left + width, y)], FAINT, 1)

    def centres(self, inside: Mask, left: float = 0) -> None:
        """A dot at the centre of each pixel: full inside, hollow outside."""
        for row, column in np.ndindex(inside.shape):
            self.dot(column + 0.5 + left, row + 0.5, INK if inside[row, column] else PAPER)

    def dot(self, x: float, y: float, fill: str, radius: float = 0.09, line: str = INK) -> None:
        """A dot with a thin line round it."""
        cx, cy = self._at(x, y)
        self._marks.append(
            f'<circle cx="{cx}" cy="{cy}" r="{radius * self.side:.6g}" fill="{fill}" stroke="{line}" stroke-width="1"/>'
        )

    def outline(self, polygons: Polygons, color: str, left: float = 0, width: float = 2.5) -> None:
        """All rings of polygons."""
        for part in polygons.parts:
            for ring in part:
                self._line(
                    [(x + left, y) for x, y in [*ring.tolist(), ring[0].tolist()]], color, width
                )

    def words(self, x: float, y: float, text: str) -> None:
        """A caption that begins at a place."""
        at_x, at_y = self._at(x, y)
        self._marks.append(
            f'<text x="{at_x}" y="{at_y}" font-family="sans-serif" font-size="14" fill="{INK}">{text}</text>'
        )

    def to_svg(self) -> str:
        """The picture."""
        width, height = self._size
        body = "\n".join(self._marks)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.6g} {height:.6g}" width="{width:.6g}" '
            f'height="{height:.6g}">\n<rect width="100%" height="100%" fill="{PAPER}"/>\n{body}\n</svg>\n'
        )

    def _line(self, points: Iterable[Sequence[float]], color: str, width: float) -> None:
        path = " ".join(",".join(self._at(x, y)) for x, y in points)
        self._marks.append(
            f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{width}" stroke-linejoin="round"/>'
        )


def polygon(*points: tuple[float, float]) -> Polygons:
    """One ring."""
    return Polygons(((np.array(points, dtype=np.float64),),))


def draw_rule() -> str:
    """A pixel is inside when its centre is."""
    shape = polygon((1.2, 4.1), (3.6, 0.7), (9.3, 1.6), (11.2, 5.4), (6.6, 4.3), (4.4, 7.2))
    mask = polygons_to_mask(shape, 8, 12)
    drawing = Drawing(12, 8, 44)
    drawing.pixels(mask, BLUE)
    drawing.grid(12, 8)
    drawing.outline(shape, BLUE)
    drawing.centres(mask)
    return drawing.to_svg()


def draw_ties() -> str:
    """Centres that lie exactly on a shared border go to one side."""
    left = polygon((0, 0), (5.5, 0), (5.5, 2.5), (2.5, 5.5), (2.5, 8), (0, 8))
    right = polygon((5.5, 0), (12, 0), (12, 8), (2.5, 8), (2.5, 5.5), (5.5, 2.5))
    ours, theirs = polygons_to_mask(left, 8, 12), polygons_to_mask(right, 8, 12)
    drawing = Drawing(12, 8, 44)
    drawing.pixels(ours, BLUE)
    drawing.pixels(theirs, ORANGE)
    drawing.grid(12, 8)
    drawing.outline(left, INK)
    on_border = [(5.5, y + 0.5) for y in range(3)] + [(4.5, 3.5), (3.5, 4.5)]
    on_border += [(2.5, y + 0.5) for y in range(5, 8)]
    for x, y in on_border:
        drawing.dot(x, y, BLUE if ours[int(y), int(x)] else ORANGE, 0.16)
    return drawing.to_svg()


def draw_outline() -> str:
    """Along the pixel edges, or through the centres."""
    rows = (
        "......##.",
        "..###....",
        ".#######.",
        ".##.##...",
        ".##.##...",
        ".#####...",
        ".####.#..",
        ".......#.",
    )
    mask = np.array([[pixel == "#" for pixel in row] for row in rows])
    ours = mask_to_polygons(mask)
    drawing = Drawing(19.5, 9, 38)
    for left in (0.0, 10.5):
        drawing.pixels(mask, BLUE, left)
        drawing.grid(9, 8, left)
    if ours:
        drawing.outline(ours, BLUE, 0, 3)
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        ring = contour[:, 0].astype(np.float64) + 0.5
        drawing.outline(Polygons(((np.vstack((ring, ring, ring[:1])),),)), RED, 10.5, 3)
    drawing.words(0, 8.7, "mask_to_polygons: the pixel edges")
    drawing.words(10.5, 8.7, "cv2.findContours: through the centres")
    return drawing.to_svg()


def draw_together() -> str:
    """Neighbours simplified each for itself, and together."""
    height, width = 22, 24
    y, x = np.mgrid[:height, :width] + 0.5
    first = x < 9 + 2.2 * np.sin(y / 2.2)
    second = ~first & (y < 11 + 1.8 * np.sin(x / 1.7))
    regions = [first, second, ~first & ~second]
    outlines = [found for region in regions if (found := mask_to_polygons(region)) is not None]
    alone = [simplify_polygons(one, 2.0, height, width).polygons for one in outlines]
    together = [one.polygons for one in simplify_together(outlines, 3.0, height, width)]
    drawing = Drawing(3 * width + 4, height + 1.5, 11)
    for left, several, words in (
        (0, outlines, "Along the pixel edges"),
        (width + 2, alone, "Simplified each for itself"),
        (2 * width + 4, together, "Simplified together"),
    ):
        masks = [polygons_to_mask(one, height, width) for one in several]
        for mask, color in zip(masks, (BLUE, ORANGE, GREEN), strict=True):
            drawing.pixels(mask, color, left)
        owners = np.sum(masks, axis=0)
        drawing.pixels(owners != 1, RED, left, 0.9)
        for one in several:
            drawing.outline(one, INK, left, 1.5)
        drawing.words(left, height + 1.2, words)
    return drawing.to_svg()


PICTURES: dict[str, Callable[[], str]] = {
    "rule.svg": draw_rule,
    "ties.svg": draw_ties,
    "outline.svg": draw_outline,
    "together.svg": draw_together,
}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(draw())
