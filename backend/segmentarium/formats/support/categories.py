"""The categories of a dataset as it is read: by name, each once, with a colour of its own."""

from __future__ import annotations

import colorsys
import re

from segmentarium.core.annotation import Category
from segmentarium.core.names import visible

_HEX = re.compile(r"#?([0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?$")
_GOLDEN = 0.618_033_988_75  # of a turn: hues that stay apart however many there are
MAX_NAME = 200


class CategoryTable:
    """Gives ids to names, in the order in which they come; what is said first of a category holds."""

    def __init__(self) -> None:
        self._by_name: dict[str, Category] = {}

    @property
    def categories(self) -> tuple[Category, ...]:
        """All of them, in order."""
        return tuple(self._by_name.values())

    def id_of(
        self, name: str, *, color: str | None = None, isthing: bool = True, supercategory: str = ""
    ) -> int:
        """The id of the category of a name, which is made if it is new."""
        name = clean_name(name)
        found = self._by_name.get(name)
        if found is None:
            number = len(self._by_name) + 1
            found = Category(
                number,
                name,
                color or hue(number),
                isthing,
                visible(supercategory).strip()[:MAX_NAME],
            )
            self._by_name[name] = found
        return found.id


def clean_name(name: str) -> str:
    r"""A category's name as the table has it, which is as it was but for what no name may have.

    >>> clean_name(" traffic\n light"), clean_name("\u202etac"), clean_name("")
    ('traffic  light', 'tac', 'unnamed')
    """
    return visible(name).strip()[:MAX_NAME].strip() or "unnamed"


def hue(number: int) -> str:
    """A colour for category `number`, unlike those of the numbers near it."""
    red, green, blue = colorsys.hsv_to_rgb(number * _GOLDEN % 1, 0.6, 0.95)
    return rgb_to_hex(round(red * 255), round(green * 255), round(blue * 255))


def color_of(value: object) -> str | None:
    """#rrggbb of what a file says: [r, g, b] or a text; None where that is no colour.

    >>> color_of([255, 128, 0]), color_of("FF8000"), color_of("rgb")
    ('#ff8000', '#ff8000', None)
    """
    if isinstance(value, list | tuple) and len(value) >= 3:
        channels = [one for one in value[:3] if isinstance(one, int) and 0 <= one <= 255]
        return rgb_to_hex(*channels) if len(channels) == 3 else None
    found = _HEX.match(value) if isinstance(value, str) else None
    return None if found is None else f"#{found[1].lower()}"


def rgb_to_hex(red: int, green: int, blue: int) -> str:
    """The colour as text.

    >>> rgb_to_hex(255, 128, 0)
    '#ff8000'
    """
    return f"#{red:02x}{green:02x}{blue:02x}"
