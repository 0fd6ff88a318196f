"""CVAT's shapes as segmentations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from segmentarium.core.annotation import Polygons, Segmentation
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.formats.support.reading import box_polygon, ellipse_polygon, ring_of
from segmentarium.formats.support.row_runs import alternating_runs_to_rle, runs_of
from segmentarium.formats.support.values import score_of

FLAT = {"polyline", "points", "skeleton", "tag", "cuboid"}
GROUPED = {"polygon", "mask"}  # groups of boxes are several objects that belong together
TAKEN = {"score", "is_crowd"}  # attributes of a shape that are none of the annotator's
JSON = "json"  # the type of a value that our own exports mark, whatever the head says


@dataclass(slots=True)
class Drawn:
    """A shape as it is drawn: a part of an annotation, or all of it."""

    tag: str
    category_id: int
    segmentation: Segmentation
    group: int
    z_order: int
    id: str
    attributes: dict[str, object]

    def take_score(self) -> float | None:
        """The attribute `score`, if it is one; it is none of the attributes then."""
        score = score_of(self.attributes.get("score"))
        if score is not None:
            del self.attributes["score"]
        return score

    def take_crowd(self) -> bool:
        """The attribute `is_crowd`, in the same way."""
        crowd = self.attributes.get("is_crowd")
        if isinstance(crowd, str):
            crowd = {"true": True, "false": False}.get(crowd.lower(), crowd)
        if isinstance(crowd, bool):
            del self.attributes["is_crowd"]
        return crowd is True


def segmentation_of(shape: Element, size: tuple[int, int]) -> Segmentation:
    """What a shape covers on an image of (width, height).

    Raises:
        InvalidSegmentation: it is of an unknown kind, or malformed.
    """
    if shape.tag == "polygon":
        pairs = [pair.split(",") for pair in shape.get("points", "").split(";") if pair.strip()]
        if any(len(pair) != 2 for pair in pairs):
            raise InvalidSegmentation("The points of a polygon are pairs x,y with ; between them.")
        return Polygons(((ring_of([[_number(x), _number(y)] for x, y in pairs]),),))
    if shape.tag == "box":
        x0, y0, x1, y1 = (_member(shape, key) for key in ("xtl", "ytl", "xbr", "ybr"))
        return _box(x0, y0, x1, y1, _turn(shape))
    if shape.tag == "ellipse":
        x, y, radius_x, radius_y = (_member(shape, key) for key in ("cx", "cy", "rx", "ry"))
        return ellipse_polygon(x, y, radius_x, radius_y, math.radians(_turn(shape)))
    if shape.tag == "mask":
        left, top, width, height = (
            int(_member(shape, key)) for key in ("left", "top", "width", "height")
        )
        words = shape.get("rle", "").split(",")
        if not all(word.strip().isascii() and word.strip().isdecimal() for word in words):
            raise InvalidSegmentation("The rle of a mask is run lengths with commas between them.")
        if max(map(len, words)) > 15:
            raise InvalidSegmentation("A run of the mask is longer than any image.")
        lengths = runs_of([int(word) for word in words])
        return alternating_runs_to_rle(lengths, (left, top, width, height), size[1], size[0])
    raise InvalidSegmentation(f"There are no shapes of the kind {shape.tag!r}.")


def _box(x0: float, y0: float, x1: float, y1: float, degrees: float) -> Polygons:
    box = box_polygon(x0, y0, x1 - x0, y1 - y0)
    if not degrees:
        return box
    turn, middle = math.radians(degrees), np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return Polygons((((box.parts[0][0] - middle) @ matrix + middle,),))


def _turn(shape: Element) -> float:
    return _number(shape.get("rotation", "0"))


def _member(shape: Element, key: str) -> float:
    text = shape.get(key)
    if text is None:
        raise InvalidSegmentation(f"The {shape.tag} has no {key}.")
    return _number(text)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise InvalidSegmentation(f"{text[:60]!r} is no number.") from error
    if not math.isfinite(number):
        raise InvalidSegmentation("A number is not finite.")
    return number
