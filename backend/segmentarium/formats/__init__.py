"""Formats, found by scanning this folder: a file that has no `FORMAT` fails at start-up, not in use."""

from __future__ import annotations

import importlib
import pkgutil

from segmentarium.core.errors import NotFound
from segmentarium.formats.base import Format


def _scan() -> dict[str, Format]:
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name == "base" or module.ispkg:
            continue
        format_: Format = importlib.import_module(f"{__name__}.{module.name}").FORMAT
        found[format_.name] = format_
    return found


FORMATS = _scan()


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        NotFound: there is none.
    """
    format_ = FORMATS.get(name)
    if format_ is None:
        raise NotFound(f"There is no format {name!r}; there are: {', '.join(sorted(FORMATS))}.")
    return format_
