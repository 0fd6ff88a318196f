"""What Cityscapes fixes: its categories with their ids, train ids and colours, and its files' names.

Source:
    Cordts et al., "The Cityscapes Dataset for Semantic Urban Scene Understanding", CVPR 2016; the table is that of
    cityscapesScripts, helpers/labels.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from segmentarium.formats.support.maps import RGB

PICTURES, GROUND_TRUTH = "leftImg8bit", "gtFine"
POLYGONS, INSTANCES, LABELS, COLORS, TRAIN = (
    *("polygons.json", "instanceIds.png", "labelIds.png", "color.png", "labelTrainIds.png"),
)
PER_LABEL = 1000  # an instance's number is its category's id times this, and its own place
NO_TRAIN_ID = 255
NO_CITY, NO_SPLIT = "defaultcity", "default"
_FRAME = re.compile(r"([a-zA-Z-]+)_\d{6}_\d{6}")


@dataclass(frozen=True, slots=True)
class CityscapesLabel:
    """A category of Cityscapes; `train_id` 255 is none."""

    name: str
    id: int
    train_id: int
    supercategory: str
    isthing: bool
    color: RGB


_TABLE = """
unlabeled 0 255 void 0 0 0 0
ego vehicle 1 255 void 0 0 0 0
rectification border 2 255 void 0 0 0 0
out of roi 3 255 void 0 0 0 0
static 4 255 void 0 0 0 0
dynamic 5 255 void 0 111 74 0
ground 6 255 void 0 81 0 81
road 7 0 flat 0 128 64 128
sidewalk 8 1 flat 0 244 35 232
parking 9 255 flat 0 250 170 160
rail track 10 255 flat 0 230 150 140
building 11 2 construction 0 70 70 70
wall 12 3 construction 0 102 102 156
fence 13 4 construction 0 190 153 153
guard rail 14 255 construction 0 180 165 180
bridge 15 255 construction 0 150 100 100
tunnel 16 255 construction 0 150 120 90
pole 17 5 object 0 153 153 153
polegroup 18 255 object 0 153 153 153
traffic light 19 6 object 0 250 170 30
traffic sign 20 7 object 0 220 220 0
vegetation 21 8 nature 0 107 142 35
terrain 22 9 nature 0 152 251 152
sky 23 10 sky 0 70 130 180
person 24 11 human 1 220 20 60
rider 25 12 human 1 255 0 0
car 26 13 vehicle 1 0 0 142
truck 27 14 vehicle 1 0 0 70
bus 28 15 vehicle 1 0 60 100
caravan 29 255 vehicle 1 0 0 90
trailer 30 255 vehicle 1 0 0 110
train 31 16 vehicle 1 0 80 100
motorcycle 32 17 vehicle 1 0 0 230
bicycle 33 18 vehicle 1 119 11 32
"""


def _label(line: str) -> CityscapesLabel:
    name, id_, train_id, supercategory, isthing, *color = line.rsplit(maxsplit=7)
    red, green, blue = map(int, color)
    return CityscapesLabel(
        name, int(id_), int(train_id), supercategory, isthing == "1", (red, green, blue)
    )


TABLE = {label.name: label for label in map(_label, _TABLE.strip().splitlines())}


def city_of(file_name: str) -> str:
    """The city in a name of Cityscapes.

    >>> city_of("aachen_000000_000019_leftImg8bit.png"), city_of("cat.jpg")
    ('aachen', 'defaultcity')
    """
    found = _FRAME.match(PurePosixPath(file_name).name)
    return found[1] if found else NO_CITY
