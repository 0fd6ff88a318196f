"""Which lane a prompt waits in: not the engine alone decides, but what is there already of what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segmentarium.engines.base import (
    EmbeddingEngine,
    Engine,
    NetworkEngine,
    OptionValue,
    check_options,
)
from segmentarium.services.embeddings import ImageEmbeddings
from segmentarium.services.engine_queue import Lane


@dataclass(frozen=True, slots=True)
class Route:
    """A lane, and the image's embeddings with the one held that this lane was chosen for."""

    lane: Lane
    embeddings: ImageEmbeddings


def route_of(
    engine: Engine, options: Mapping[str, OptionValue], embeddings: ImageEmbeddings
) -> Route:
    """Where a prompt on the image of these embeddings waits.

    A network that has read the image, or need not, answers as fast as the fast engines, and waits among them; one that
    must read it, or be loaded, waits in a lane of its own, behind no slow engine. Reads the folder of networks: not for
    the event loop.

    Raises:
        InvalidOption: an option cannot be.
    """
    if engine.unavailable_reason() is not None:
        return Route(Lane.FAST, embeddings)  # to be refused at once
    if isinstance(engine, EmbeddingEngine):
        held = embeddings.held(engine, check_options(engine, options))
        return Route(Lane.READING, embeddings) if held is None else Route(Lane.FAST, held)
    if isinstance(engine, NetworkEngine) and not engine.is_loaded(check_options(engine, options)):
        return Route(Lane.READING, embeddings)
    return Route(Lane.SLOW if engine.is_slow else Lane.FAST, embeddings)
