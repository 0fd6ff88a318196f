"""What each kind of evidence weighs: log odds a unit, and IoU a unit for the score.

Source:
    `python -m bench.fit_grabcut --write`: logistic regression on 1434 objects with masks made by hand, of
    many kinds of pictures, their boxes exact or jittered by 5% and 10% of the side.
"""

from __future__ import annotations

FIRST: dict[str, float] = {
    "bias": -1.862,
    "from the sides": 0.8182,
    "from the middle": -0.1346,
    "outside the box": -0.818,
    "colour": 0.04578,
    "colour around": 0.5124,
    "learnt colour": 0.1741,
    "learnt colour around": 0.4234,
    "inside by colour": -2.241,
    "inside by colour, around": -0.2445,
    "inside by colour, along edges": 1.828,
    "unlike the surroundings": 0.179,
    "fine region crosses the box": -1.264,
    "fine region inside": -0.1056,
    "fine region inside but crosses": -1.878,
    "coarse region crosses the box": -0.05554,
    "coarse region inside": 0.9116,
    "coarse region inside but crosses": -1.184,
    "cut of the box": 0.6125,
    "cut of the ellipse": 0.9925,
    "way from outside": 0.8147,
    "way from the middle": -0.1899,
    "nearer to the middle": -0.8686,
}

SECOND: dict[str, float] = {
    "bias": -1.279,
    "first odds": 0.02856,
    "first": 0.285,
    "first within 1.5 px": 0.2948,
    "first within 4 px": 0.3043,
    "first within 9 px": 0.3293,
    "first along edges": 0.3044,
    "colour": 0.0397,
    "colour around": 0.04066,
    "colour of the sure": 0.03454,
    "colour of the sure around": 0.03548,
    "hue": 0.06493,
    "hue around": 0.06528,
    "local colour, 3 px": 0.0338,
    "local colour, 6 px": 0.03561,
    "local colour, 12 px": 0.03418,
    "fine region": 0.3004,
    "coarse region": 0.275,
    "cut": 0.2586,
    "from the sides": -0.2284,
    "from the middle": -0.1868,
    "outside the box": -0.1948,
    "unlike the surroundings": 0.08874,
    "fine region crosses the box": -0.2961,
    "coarse region crosses the box": -0.2727,
    "cut of the box": 0.1813,
    "cut of the ellipse": 0.1952,
    "way from outside": 0.1059,
    "way from the middle": -0.02922,
    "nearer to the middle": 0.243,
}

SCORE: dict[str, float] = {
    "bias": 0.004909,
    "expected IoU": -0.104,
    "level": 1.138,
    "fills the box": 0.1098,
    "agrees with the cut": 0.2537,
    "agrees with the ellipse": 0.1747,
    "colours alike": -0.02882,
}
