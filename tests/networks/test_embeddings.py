"""Embeddings: the encoder runs once for an image, ahead of the prompts, and gives way to them."""

import gc
import io
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from segmentarium.core.errors import PromptAbandoned
from segmentarium.engines.base import ImageRGB, Prompt, abandoned_when, check_options
from segmentarium.engines.sam import Sam
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.embeddings import EmbeddingCache
from segmentarium.services.engine_queue import Lane
from segmentarium.services.lanes import route_of
from segmentarium.services.networks import add_network
from segmentarium.services.pixels import PixelCache
from segmentarium.services.preparing import Preparation
from segmentarium.services.proposals import propose
from segmentarium.storage.blobs import BlobStore
from tests.networks import checkpoints

BOX = Prompt(bbox_xywh=(20, 15, 70, 55))
CLICK = Prompt(point_coords=((60, 40),), point_labels=(1,))
PLENTY = 10**9
USER = 1


class Runs:
    """Counts runs of the real encoder; gates hold them before their second layer: those ahead, and those of prompts."""

    def __init__(self, encoder: Any) -> None:
        self.finished = 0
        self.started = 0
        self.is_inside = threading.Event()
        self.gate, self.gate_ahead = threading.Event(), threading.Event()
        self.open_gates()
        encoder.register_forward_hook(self._finish)
        encoder.layers[0].register_forward_hook(self._pause)

    def open_gates(self) -> None:
        self.gate.set()
        self.gate_ahead.set()

    def close_gates(self) -> None:
        self.gate.clear()
        self.gate_ahead.clear()

    def _finish(self, *_: object) -> None:
        self.finished += 1

    def _pause(self, *_: object) -> None:
        self.started += 1
        self.is_inside.set()
        is_ahead = threading.current_thread().name == "preparation"
        assert (self.gate_ahead if is_ahead else self.gate).wait(20)


class Watched(EmbeddingCache):
    """Tells when what reads ahead has given way."""

    def __init__(self) -> None:
        super().__init__(PLENTY)
        self.gave_way = threading.Event()

    def wait_for_prompts(self, timeout_s: float) -> None:
        self.gave_way.set()
        super().wait_for_prompts(timeout_s)


@pytest.fixture
def engine(networks: NetworkFolder, sam_folder: Path) -> Sam:
    add_network(networks, str(sam_folder))
    engine = Sam()
    engine.use_networks(networks, threads=1)
    return engine


@pytest.fixture
def runs(engine: Sam, picture: ImageRGB) -> Runs:
    """On the network that the engine has in memory."""
    read: Any = engine.embed(picture, check_options(engine, {}))
    return Runs(read.network.model.vision_encoder)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "data")


@pytest.fixture
def stored(blobs: BlobStore) -> list[str]:
    """Hashes of stored pictures of 120 × 90 pixels."""
    hashes = []
    for seed in range(12):
        noise = np.random.default_rng(seed).integers(0, 256, (90, 120, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        PIL.Image.fromarray(noise).save(buffer, "PNG")
        buffer.seek(0)
        hashes.append(blobs.put(buffer).sha256)
    return hashes


@pytest.fixture
def embeddings() -> Watched:
    return Watched()


@pytest.fixture
def pixels(blobs: BlobStore) -> PixelCache:
    return PixelCache(blobs, PLENTY)


@pytest.fixture
def preparation(
    pixels: PixelCache, embeddings: EmbeddingCache, engine: Sam
) -> Iterator[Preparation]:
    preparation = Preparation(pixels, embeddings, lambda: engine)
    yield preparation
    preparation.stop()


def test_the_second_prompt_on_an_image_does_not_read_it_again(
    engine: Sam, runs: Runs, embeddings: EmbeddingCache, picture: ImageRGB
) -> None:
    first = propose(engine, picture, BOX, {}, embeddings.of("a"))
    assert runs.finished == 1
    propose(engine, picture, CLICK, {}, embeddings.of("a"))
    propose(engine, picture, BOX, {"mask": "best"}, embeddings.of("a"))
    assert runs.finished == 1
    again = propose(engine, picture, BOX, {})
    assert runs.finished == 2
    assert np.array_equal(again.rle.counts, first.rle.counts)
    assert again.score == first.score


def test_another_image_and_another_checkpoint_are_read_on_their_own(
    engine: Sam,
    runs: Runs,
    embeddings: EmbeddingCache,
    picture: ImageRGB,
    networks: NetworkFolder,
    sam2_folder: Path,
) -> None:
    propose(engine, picture, BOX, {}, embeddings.of("a"))
    propose(engine, picture[:, ::-1], BOX, {}, embeddings.of("b"))
    assert runs.finished == 2
    add_network(networks, str(sam2_folder))
    other = propose(engine, picture, BOX, {"checkpoint": "tiny-sam2"}, embeddings.of("a"))
    same = propose(engine, picture, BOX, {"checkpoint": "tiny-sam"}, embeddings.of("a"))
    assert runs.finished == 2
    assert other.score != same.score


def test_many_prompts_at_once_read_the_image_once(
    engine: Sam, runs: Runs, embeddings: EmbeddingCache, picture: ImageRGB
) -> None:
    together = threading.Barrier(6)

    def ask(_: int) -> float:
        together.wait(20)
        return propose(engine, picture, BOX, {}, embeddings.of("a")).score

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(6)))) == 1
    assert runs.finished == 1


def test_the_cache_forgets_what_was_used_least_lately(
    engine: Sam, runs: Runs, picture: ImageRGB
) -> None:
    size = engine.embed(picture, check_options(engine, {})).nbytes
    assert size == 32 * 8 * 8 * 4
    cache = EmbeddingCache(2 * size)
    runs.finished = 0
    for name in ("a", "b", "a", "c", "a"):
        propose(engine, picture, BOX, {}, cache.of(name))
    assert runs.finished == 3
    propose(engine, picture, BOX, {}, cache.of("b"))
    assert runs.finished == 4


def test_a_held_embedding_serves_its_prompt_though_the_cache_has_let_it_go(
    engine: Sam, runs: Runs, picture: ImageRGB
) -> None:
    cache = EmbeddingCache(0)
    assert route_of(engine, {}, cache.of("a")).lane is Lane.READING
    first = propose(engine, picture, BOX, {}, cache.of("a"))
    route = route_of(engine, {}, cache.of("a"))
    assert route.lane is Lane.FAST
    propose(engine, picture, BOX, {}, cache.of("b"))
    assert route_of(engine, {}, cache.of("a")).lane is Lane.READING
    runs.finished = 0
    assert propose(engine, picture, BOX, {}, route.embeddings).score == first.score
    assert runs.finished == 0


def test_what_is_held_for_one_checkpoint_is_not_taken_for_another(
    engine: Sam,
    embeddings: EmbeddingCache,
    picture: ImageRGB,
    networks: NetworkFolder,
    sam2_folder: Path,
) -> None:
    propose(engine, picture, BOX, {}, embeddings.of("a"))
    held = route_of(engine, {}, embeddings.of("a")).embeddings
    add_network(networks, str(sam2_folder))
    assert route_of(engine, {}, embeddings.of("a")).lane is Lane.READING
    other = propose(engine, picture, BOX, {"checkpoint": "tiny-sam2"}, held)
    assert other.score == propose(engine, picture, BOX, {"checkpoint": "tiny-sam2"}).score


def test_who_gives_up_stops_the_reading_and_who_still_waits_goes_on_with_it(
    engine: Sam, runs: Runs, embeddings: EmbeddingCache, picture: ImageRGB
) -> None:
    has_left = threading.Event()

    def ask_and_leave() -> None:
        with abandoned_when(has_left.is_set):
            propose(engine, picture, BOX, {}, embeddings.of("a"))

    runs.close_gates()
    with ThreadPoolExecutor(2) as pool:
        leaving = pool.submit(ask_and_leave)
        assert runs.is_inside.wait(20)
        staying = pool.submit(propose, engine, picture, BOX, {}, embeddings.of("a"))
        has_left.set()
        runs.open_gates()
        with pytest.raises(PromptAbandoned):
            leaving.result(20)
        assert staying.result(20).score > 0
    assert (runs.started, runs.finished) == (2, 1)


def test_an_opened_image_and_the_next_are_read_before_anybody_asks(
    preparation: Preparation,
    runs: Runs,
    engine: Sam,
    pixels: PixelCache,
    embeddings: EmbeddingCache,
    stored: list[str],
) -> None:
    preparation.open(USER, stored[0], lambda: stored[1])
    assert preparation.wait(20)
    assert runs.finished == 2
    for sha256 in stored[:2]:
        propose(engine, pixels.get(sha256), BOX, {}, embeddings.of(sha256))
    assert runs.finished == 2


def test_a_prompt_on_another_image_does_not_wait_for_what_is_read_ahead(
    preparation: Preparation,
    runs: Runs,
    engine: Sam,
    pixels: PixelCache,
    embeddings: Watched,
    stored: list[str],
) -> None:
    other = pixels.get(stored[5])
    runs.close_gates()
    preparation.open(USER, stored[0])
    assert runs.is_inside.wait(20)
    runs.is_inside.clear()
    with ThreadPoolExecutor(1) as pool:
        prompt = pool.submit(propose, engine, other, BOX, {}, embeddings.of(stored[5]))
        assert runs.is_inside.wait(20)  # the prompt's own reading has begun beside the other
        runs.gate_ahead.set()
        assert embeddings.gave_way.wait(20)
        runs.open_gates()
        assert prompt.result(20).score > 0
    assert preparation.wait(20)
    # What was given up between two layers was begun again.
    assert (runs.started, runs.finished) == (3, 2)


def test_leafing_through_a_project_keeps_a_bounded_number_waiting_the_latest_first(
    preparation: Preparation, runs: Runs, embeddings: EmbeddingCache, engine: Sam, stored: list[str]
) -> None:
    runs.close_gates()
    preparation.open(USER, stored[0])
    assert runs.is_inside.wait(20)
    for sha256 in stored[1:]:
        preparation.open(USER, sha256)
    runs.open_gates()
    assert preparation.wait(30)
    options = check_options(engine, {})
    kept = [embeddings.has(embeddings.key(sha256, engine, options)) for sha256 in stored]
    assert kept == [True, False, False, False, *[True] * 8]


def test_what_is_read_ahead_is_read_by_the_checkpoint_that_the_user_asked_last(
    preparation: Preparation,
    engine: Sam,
    embeddings: EmbeddingCache,
    networks: NetworkFolder,
    sam2_folder: Path,
    stored: list[str],
) -> None:
    add_network(networks, str(sam2_folder))

    def names_of(sha256: str) -> list[str]:
        options = [{"checkpoint": name} for name in ("tiny-sam", "tiny-sam2")]
        return [
            one["checkpoint"]
            for one in options
            if embeddings.has(embeddings.key(sha256, engine, one))
        ]

    preparation.asked(USER, engine, {"checkpoint": "tiny-sam"})
    preparation.open(USER, stored[0], lambda: stored[1])
    preparation.open(USER + 1, stored[2])
    assert preparation.wait(20)
    assert [names_of(sha256) for sha256 in stored[:3]] == [
        ["tiny-sam"],
        ["tiny-sam"],
        ["tiny-sam2"],  # somebody else's: the default
    ]
    networks.remove("tiny-sam")
    preparation.open(USER, stored[3])
    assert preparation.wait(20)
    assert embeddings.has(embeddings.key(stored[3], engine, {"checkpoint": "tiny-sam2"}))


def test_embeddings_go_with_their_network_which_nothing_else_keeps_in_memory(
    engine: Sam,
    embeddings: EmbeddingCache,
    picture: ImageRGB,
    networks: NetworkFolder,
    sam2_folder: Path,
    tmp_path: Path,
) -> None:
    add_network(networks, str(sam2_folder))
    add_network(networks, str(checkpoints.save(checkpoints.sam(seed=1), tmp_path / "third")))
    image = embeddings.of("a")

    def ask(name: str) -> None:
        propose(engine, picture, BOX, {"checkpoint": name}, image)

    def is_kept(name: str) -> bool:
        return embeddings.has(embeddings.key("a", engine, {"checkpoint": name}))

    ask("tiny-sam2")
    read: Any = embeddings.kept(embeddings.key("a", engine, {"checkpoint": "tiny-sam2"}))
    network = weakref.ref(read.network)
    del read
    ask("tiny-sam")
    ask("tiny-sam2")  # what is prompted is in use, though it was read long ago
    ask("third")
    assert [is_kept(name) for name in ("tiny-sam2", "tiny-sam", "third")] == [True, False, True]
    ask("tiny-sam")
    assert not is_kept("tiny-sam2")
    gc.collect()
    assert network() is None


def test_stopping_ends_the_reading_between_two_layers(
    preparation: Preparation, runs: Runs, stored: list[str]
) -> None:
    runs.close_gates()
    preparation.open(USER, stored[0], lambda: stored[1])
    assert runs.is_inside.wait(20)
    stopping = threading.Thread(target=preparation.stop)
    stopping.start()
    runs.open_gates()
    stopping.join(20)
    assert not stopping.is_alive()
    assert runs.finished == 0


def test_a_missing_image_is_not_prepared_and_nothing_breaks(
    preparation: Preparation, runs: Runs, stored: list[str]
) -> None:
    preparation.open(USER, "0" * 64)
    preparation.open(USER, stored[0], lambda: "0" * 64)
    assert preparation.wait(20)
    assert runs.finished == 1


def test_without_an_engine_that_reads_ahead_no_thread_is_started(
    pixels: PixelCache, embeddings: EmbeddingCache, stored: list[str]
) -> None:
    before = threading.active_count()
    Preparation(pixels, embeddings, lambda: None).open(USER, stored[0], lambda: stored[1])
    assert threading.active_count() == before
