"""Names of categories: what of a text from outside may be in one."""

from __future__ import annotations

import unicodedata

_HIDDEN = {  # overrides and isolates of direction, and blanks without width
    *map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0x2060, 0x2065))),
    *("\u200b", "\ufeff", "\u180e"),
}


def visible(text: str) -> str:
    r"""Without control characters, marks that reorder or are nothing, and halves of characters.

    Others of Unicode's marks of format stay: Persian and emoji are written with joiners.

    >>> visible("traffic\nlight\u200b")
    'traffic light'
    """
    return "".join(
        " " if unicodedata.category(one) == "Cc" else one
        for one in text
        if unicodedata.category(one) != "Cs" and one not in _HIDDEN
    )
