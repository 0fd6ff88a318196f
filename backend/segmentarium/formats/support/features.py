"""What a dataset can carry. A format says which of it gets lost; the round trip of the tests holds it to that."""

from __future__ import annotations

from enum import StrEnum


class Feature(StrEnum):
    """Something that survives being written and read again, or does not; in words for people."""

    PIXELS = "single pixels at the border of an annotation"
    VERTICES = "vertices: they become pixels"
    SOME_VERTICES = (
        "vertices where COCO's readers would fill other pixels: such annotations become RLE"
    )
    PARTS = "that several parts are one annotation"
    OVERLAPS = "what lies hidden under other annotations"
    Z_ORDER = "the order in which annotations lie over each other"
    CROWDS = "that an annotation is a crowd"
    IDS = "the annotations' ids: importing again cannot tell a changed annotation from a new one"
    SCORES = "scores"
    ATTRIBUTES = "attributes"
    INSTANCES = "which annotation a pixel belongs to: only its category is kept"
    STUFF_PIECES = "that stuff, or crowds, of one category are several annotations"
    COLORS = "the categories' colours"
    SUPERCATEGORIES = "supercategories"
    STUFF = "which categories are stuff"
    CATEGORY_ORDER = "the order of the categories"
    UNUSED_CATEGORIES = "categories without annotations"
    EMPTY_IMAGES = "images without annotations"
    SPLITS = "the split into train, val and test"
    OTHER_SPLITS = "splits of other names, when it is read again"
