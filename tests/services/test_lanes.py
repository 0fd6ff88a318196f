"""Which lane a prompt waits in, for engines that need nothing to be read; tests/networks has those that do."""

import numpy as np
import pytest

from segmentarium.core.errors import EngineUnavailable
from segmentarium.engines import ENGINES
from segmentarium.engines.base import NetworkEngine
from segmentarium.services.embeddings import EmbeddingCache
from segmentarium.services.engine_queue import Lane
from segmentarium.services.lanes import route_of
from tests.services.test_proposals import Fixed, ask

IMAGE = EmbeddingCache(0).of("an image")
classical = pytest.mark.parametrize(
    "name",
    [name for name, engine in ENGINES.items() if not isinstance(engine, NetworkEngine)],
)


@classical
def test_a_classical_engine_waits_among_its_like(name: str) -> None:
    engine = ENGINES[name]
    assert route_of(engine, {}, IMAGE).lane is (Lane.SLOW if engine.is_slow else Lane.FAST)


def test_an_engine_that_cannot_run_is_refused_at_once() -> None:
    missing = Fixed(np.ones((4, 4), bool), missing="Nothing is installed.", is_slow=True)
    assert route_of(missing, {"no": "such option"}, IMAGE).lane is Lane.FAST
    with pytest.raises(EngineUnavailable):
        ask(missing)
