"""Values out of documents of other tools: of the right kind, or said to be wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from segmentarium.core.annotation import FloatArray
from segmentarium.core.errors import InvalidSegmentation

_MAX_SIDE = 1_000_000  # pixels


def number_of(value: object, what: str) -> float:
    """A finite number.

    Raises:
        InvalidSegmentation: it is none; a text that looks like one is none.

    >>> number_of(3, "width")
    3.0
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise InvalidSegmentation(f"The {what} is no number: {_shown(value)}.")


def numbers_of(values: object, what: str) -> list[float]:
    """A list of finite numbers.

    Raises:
        InvalidSegmentation: it is no list, or one of them is no number.
    """
    return [number_of(value, what) for value in list_of(values, what)]


def pairs_of(values: object, what: str) -> FloatArray:
    """A list of [x, y] pairs of numbers, as (N, 2) float64.

    Raises:
        InvalidSegmentation: it is no such list.

    >>> pairs_of([[1, 2], [3.5, 4]], "points").tolist()
    [[1.0, 2.0], [3.5, 4.0]]
    """
    points = list_of(values, what)
    if any(not isinstance(point, list) or len(point) != 2 for point in points):
        raise InvalidSegmentation(f"The {what} are no pairs of numbers.")
    flat = [number for point in points for number in point]  # type: ignore[attr-defined]
    if set(map(type, flat)) - {int, float}:
        raise InvalidSegmentation(f"The {what} are no pairs of numbers.")
    try:
        return np.array(flat, np.float64).reshape(-1, 2)
    except OverflowError as error:
        raise InvalidSegmentation(f"The {what} are beyond any image.") from error


def list_of(value: object, what: str) -> Sequence[object]:
    """A list.

    Raises:
        InvalidSegmentation: it is none.
    """
    if not isinstance(value, list | tuple):
        raise InvalidSegmentation(f"The {what} is no list: {_shown(value)}.")
    return value


def object_of(value: object, what: str) -> Mapping[str, object]:
    """An object with members.

    Raises:
        InvalidSegmentation: it is none.
    """
    if not isinstance(value, Mapping):
        raise InvalidSegmentation(f"The {what} is no object: {_shown(value)}.")
    return value


def text_of(value: object) -> str:
    """A text as it is, a whole number as text, "" for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    return value if isinstance(value, str) else ""


def int_of(value: object, default: int) -> int:
    """A whole number that a database can hold, or the default."""
    is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    return int(value) if is_whole else default  # type: ignore[call-overload]


def score_of(value: object) -> float | None:
    """A score; None for what is no number between 0 and 1."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else None  # type: ignore[arg-type, operator]


def said_score(value: object) -> float | None:
    """What stands where a score does, in its range or not, NaN for what is no number: whoever keeps it says so.

    >>> said_score(0.5), said_score(50), said_score("high"), said_score(None)
    (0.5, 50.0, nan, None)
    """
    if value is None:
        return None
    try:
        return number_of(value, "score")
    except InvalidSegmentation:
        return math.nan


def size_of(width: object, height: object) -> tuple[int, int] | None:
    """Width and height of an image in whole pixels; None where they are no such thing.

    >>> size_of(640, 480.0), size_of("640", 480), size_of(0, 480)
    ((640, 480), None, None)
    """
    sides = []
    for side in (width, height):
        if isinstance(side, bool) or not isinstance(side, int | float):
            return None
        if not 1 <= side <= _MAX_SIDE or side != int(side):
            return None
        sides.append(int(side))
    return sides[0], sides[1]


def _shown(value: object) -> str:
    return repr(value)[:60]
