"""What each kind of evidence weighs: log odds a unit, and IoU a unit for the score.

Source:
    `python -m bench.fit_grabcut --write`: logistic regression on 1434 objects with masks made by
    hand, of many kinds of pictures; half of the boxes exact, the others jittered by 5% or 10% of the side.
"""

from __future__ import annotations

FIRST: dict[str, float] = {
    "bias": -1.706,
    "from the sides": 0.8201,
    "from the middle": -0.2704,
    "outside the box": -0.7963,
    "colour": 0.03111,
    "colour around": 0.5091,
    "learnt colour": 0.1863,
    "learnt colour around": 0.4231,
    "inside by colour": -2.34,
    "inside by colour, around": -0.09333,
    "inside by colour, along edges": 1.732,
    "unlike the surroundings": 0.1751,
    "fine region crosses the box": -1.274,
    "fine region inside": -0.1449,
    "fine region inside but crosses": -1.896,
    "coarse region crosses the box": -0.07232,
    "coarse region inside": 0.8923,
    "coarse region inside but crosses": -1.174,
    "cut of the box": 0.6493,
    "cut of the ellipse": 0.9919,
    "way from outside": 0.8272,
    "way from the middle": -0.1777,
    "nearer to the middle": -0.9856,
}

SECOND: dict[str, float] = {
    "bias": -1.29,
    "first odds": 0.02852,
    "first": 0.2811,
    "first within 1.5 px": 0.291,
    "first within 4 px": 0.3014,
    "first within 9 px": 0.3281,
    "first along edges": 0.3005,
    "colour": 0.03961,
    "colour around": 0.04058,
    "colour of the sure": 0.03415,
    "colour of the sure around": 0.03505,
    "hue": 0.06457,
    "hue around": 0.06492,
    "local colour, 3 px": 0.03374,
    "local colour, 6 px": 0.03552,
    "local colour, 12 px": 0.03416,
    "fine region": 0.2983,
    "coarse region": 0.2756,
    "cut": 0.2701,
    "from the sides": -0.227,
    "from the middle": -0.1861,
    "outside the box": -0.1937,
    "unlike the surroundings": 0.0893,
    "fine region crosses the box": -0.2945,
    "coarse region crosses the box": -0.2721,
    "cut of the box": 0.1829,
    "cut of the ellipse": 0.1998,
    "way from outside": 0.1057,
    "way from the middle": -0.02778,
    "nearer to the middle": 0.2401,
}

SCORE: dict[str, float] = {
    "bias": -0.02168,
    "expected IoU": -0.02277,
    "level": 0.9527,
    "fills the box": 0.1265,
    "agrees with the cut": 0.2855,
    "agrees with the ellipse": 0.1563,
    "colours alike": -0.01063,
}
