"""Engines, found by scanning this folder: a file that has no `ENGINE` fails at start-up, not in use."""

from __future__ import annotations

import importlib
import pkgutil

from segmentarium.core.errors import NotFound
from segmentarium.engines.base import Engine

_NOT_ENGINES = {"base"}


def _scan() -> dict[str, Engine]:
    found: dict[str, Engine] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name in _NOT_ENGINES:
            continue
        engine: Engine = importlib.import_module(f"{__name__}.{module.name}").ENGINE
        found[engine.name] = engine
    return found


ENGINES = _scan()


def engine_named(name: str) -> Engine:
    """The engine of that name.

    Raises:
        NotFound: there is none.
    """
    engine = ENGINES.get(name)
    if engine is None:
        raise NotFound(f"There is no engine {name!r}; there are: {', '.join(sorted(ENGINES))}.")
    return engine
