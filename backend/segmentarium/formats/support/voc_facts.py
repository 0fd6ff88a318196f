"""What Pascal VOC fixes: its palette, its classes, its folders.

Source:
    Everingham et al., "The Pascal Visual Object Classes Challenge 2012 (VOC2012) Development Kit": the palette is that
    of its VOClabelcolormap, the classes are those of its table 1.
"""

from __future__ import annotations

import re

from segmentarium.formats.support.maps import RGB

PICTURES, XML, CLASSES, OBJECTS = (
    *("JPEGImages", "Annotations", "SegmentationClass", "SegmentationObject"),
)
LISTS = "ImageSets/Segmentation"
VOID = 255
CLASS_NAMES = (
    *("background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair"),
    *("cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa"),
    *("train", "tvmonitor"),
)
_NOT_IN_A_LABEL = re.compile(r"[:\s]+")


def voc_color(index: int) -> RGB:
    """The colour of an index: its bits dealt out in turn to the highest bits of red, green and blue.

    >>> [voc_color(index) for index in (1, 2, 15, 255)]
    [(128, 0, 0), (0, 128, 0), (192, 128, 128), (224, 224, 192)]
    """
    channels = [0, 0, 0]
    for bit in range(8):
        channels[bit % 3] |= (index >> bit & 1) << (7 - bit // 3)
    return channels[0], channels[1], channels[2]


PALETTE = tuple(voc_color(index) for index in range(256))


def voc_label(name: str) -> str:
    """A category's name as it can stand in labelmap.txt, where a colon ends it.

    >>> voc_label("tv: old")
    'tv old'
    """
    return _NOT_IN_A_LABEL.sub(" ", name).strip() or "unnamed"
