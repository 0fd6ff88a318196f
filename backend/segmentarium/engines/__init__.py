"""Engines, found by scanning this folder: a file that has no `ENGINE` fails at start-up, not in use."""

from __future__ import annotations

import importlib
import pkgutil

from segmentarium.core.errors import EngineUnavailable, InvalidPrompt, NotFound
from segmentarium.engines.base import Engine, NetworkEngine, Prompt, takes
from segmentarium.networks.folder import NetworkFolder

AUTO = "auto"

_NOT_ENGINES = {
    "answers",
    "base",
    "correction",
    "crops",
    "level_sets",
    "merging",
    "painting",
    "regions",
}


def _scan() -> dict[str, Engine]:
    found: dict[str, Engine] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name in _NOT_ENGINES:
            continue
        engine: Engine = importlib.import_module(f"{__name__}.{module.name}").ENGINE
        found[engine.name] = engine
    return found


ENGINES = _scan()


def use_networks(networks: NetworkFolder, threads: int) -> None:
    """Tell the engines that run networks where these are installed, and on how many threads to run them.

    Engines are the process's: of two applications in one process the one made last says where.
    """
    for engine in ENGINES.values():
        if isinstance(engine, NetworkEngine):
            engine.use_networks(networks, threads)


def engine_named(name: str) -> Engine:
    """The engine of that name.

    Raises:
        NotFound: there is none.
    """
    engine = ENGINES.get(name)
    if engine is None:
        raise NotFound(f"There is no engine {name!r}; there are: {', '.join(sorted(ENGINES))}.")
    return engine


def best_engine(prompt: Prompt) -> Engine:
    """The engine of the highest rank that can run here and takes all of the prompt: what `auto` means.

    Raises:
        InvalidPrompt: no engine takes it.
        EngineUnavailable: none of those that take it can run here.
    """
    fit = [engine for engine in ENGINES.values() if engine.rank >= 0 and takes(engine, prompt)]
    for engine in sorted(fit, key=lambda engine: (-engine.rank, engine.name)):
        if engine.unavailable_reason() is None:
            return engine
    given = ", ".join(prompt.kinds) or "nothing"
    if fit:
        raise EngineUnavailable(f"No engine that takes such a prompt ({given}) can run here.")
    raise InvalidPrompt(f"No engine takes such a prompt ({given}).")
