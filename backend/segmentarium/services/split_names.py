"""Names of splits that can be folders, and fit their column."""

from __future__ import annotations

import re

_OTHERS = re.compile(r"[^\w.-]+")
_MAX_LENGTH = 40


def split_name(told: str) -> str:
    """What a dataset calls a split, as a name that is safe as a folder; "" for none.

    >>> split_name("train"), split_name("../../etc"), split_name("my split")
    ('train', 'etc', 'my-split')
    """
    return _OTHERS.sub("-", told).strip("-.")[:_MAX_LENGTH].rstrip("-.")
