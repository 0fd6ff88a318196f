"""Reading ahead: what a prompt on an image will need is made when the image is opened, and for the next image too."""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from segmentarium.core.errors import AppError, InvalidOption, NotFound, PromptAbandoned
from segmentarium.engines import ENGINES
from segmentarium.engines.base import (
    EmbeddingEngine,
    OptionValue,
    abandoned_when,
    check_options,
)
from segmentarium.services.embeddings import EmbeddingCache, EmbeddingKey
from segmentarium.services.pixels import PixelCache
from segmentarium.storage.database import Database
from segmentarium.storage.images import get_image

_MOST_WAITING = 8  # images; whoever leafs through a project leaves the older ones behind
_MOST_USERS = 1000  # whose last engine is remembered
_NICENESS = 10  # of the thread that reads ahead, where threads have one: a prompt gets nine tenths of the cores


class Preparation:
    """Reads opened images ahead, one at a time, in a thread of its own that starts when it is first needed.

    A prompt that needs another embedding stops it between two layers of the network; it begins again afterwards.
    """

    def __init__(
        self,
        pixels: PixelCache,
        embeddings: EmbeddingCache,
        engine: Callable[[], EmbeddingEngine | None] | None = None,
    ) -> None:
        """`engine` says whose embeddings are made for users who asked none yet; the best available one by default."""
        self._pixels = pixels
        self._embeddings = embeddings
        self._engine = engine or best_embedding_engine
        self._waiting: deque[tuple[str, int]] = deque()
        self._asked: OrderedDict[int, tuple[EmbeddingEngine, Mapping[str, OptionValue]]] = (
            OrderedDict()
        )
        self._changed = threading.Condition()
        self._is_stopped = False
        self._is_working = False
        self._thread: threading.Thread | None = None

    def asked(
        self, user_id: int, engine: EmbeddingEngine, options: Mapping[str, OptionValue]
    ) -> None:
        """A user prompted an engine with these options: it is the one to read ahead for them from now on."""
        with self._changed:
            self._asked[user_id] = engine, dict(options)
            self._asked.move_to_end(user_id)
            while len(self._asked) > _MOST_USERS:
                self._asked.popitem(last=False)

    def open(
        self, user_id: int, sha256: str, following: Callable[[], str | None] = lambda: None
    ) -> None:
        """A user opened an image, and `following` says which may be next; both by the SHA-256 of their file.

        Decodes the opened one before it returns; whatever is wrong with it, the prompt that needs it will say.
        """
        try:
            self._pixels.get(sha256)
        except (AppError, OSError, MemoryError):
            return
        if self._reader(user_id) is not None:
            after = following()
            self._put(user_id, [sha256] if after is None else [sha256, after])

    def wait(self, timeout_s: float) -> bool:
        """Until everything asked for was made; whether it was."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._is_working, timeout_s
            )

    def stop(self) -> None:
        """End the thread, at the next layer of what it reads."""
        with self._changed:
            self._is_stopped = True
            self._waiting.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _reader(self, user_id: int) -> tuple[EmbeddingEngine, dict[str, OptionValue]] | None:
        """What reads images for a user: the engine, and its options."""
        with self._changed:
            last = self._asked.get(user_id)
        if last is not None and last[0].unavailable_reason() is None:
            try:
                return last[0], check_options(*last)
            except InvalidOption:
                pass  # its checkpoint was removed since
        engine = self._engine()
        return None if engine is None else (engine, check_options(engine, {}))

    def _put(self, user_id: int, images: Iterable[str]) -> None:
        with self._changed:
            if self._is_stopped:
                return
            for sha256 in reversed(list(images)):
                if (sha256, user_id) in self._waiting:
                    self._waiting.remove((sha256, user_id))
                self._waiting.appendleft((sha256, user_id))
            while len(self._waiting) > _MOST_WAITING:
                self._waiting.pop()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="preparation", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _run(self) -> None:
        if sys.platform == "linux":
            # Threads that PyTorch starts from this one take it over.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while True:
            with self._changed:
                self._is_working = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._is_stopped)
                if self._is_stopped:
                    return
                sha256, user_id = self._waiting.popleft()
                self._is_working = True
            try:
                self._prepare(sha256, user_id)
            except PromptAbandoned:
                self._put_back(sha256, user_id)
                self._embeddings.wait_for_prompts(timeout_s=1.0)
            except (AppError, RuntimeError, MemoryError, OSError, ValueError):
                continue  # the prompt that needs it will say what is wrong

    def _prepare(self, sha256: str, user_id: int) -> None:
        reader = self._reader(user_id)
        if reader is None:
            return
        engine, options = reader
        key = self._embeddings.key(sha256, engine, options)
        if self._embeddings.has(key):
            return
        pixels = self._pixels.get(sha256)
        with abandoned_when(lambda: self._must_give_way(key)):
            self._embeddings.get(key, engine, pixels, options)

    def _must_give_way(self, key: EmbeddingKey) -> bool:
        return self._is_stopped or self._embeddings.is_prompt_waiting(besides=key)

    def _put_back(self, sha256: str, user_id: int) -> None:
        with self._changed:
            if not self._is_stopped and (sha256, user_id) not in self._waiting:
                self._waiting.appendleft((sha256, user_id))


def best_embedding_engine() -> EmbeddingEngine | None:
    """The engine of the highest rank that reads images ahead and can run here."""
    fit = [
        engine
        for engine in ENGINES.values()
        if isinstance(engine, EmbeddingEngine)
        and engine.rank >= 0
        and engine.unavailable_reason() is None
    ]
    return max(fit, key=lambda engine: engine.rank, default=None)


def hash_of_image(database: Database, image_id: int | None) -> str | None:
    """The SHA-256 of an image's file; None when there is no such image any more."""
    if image_id is None:
        return None
    with database.read() as session:
        try:
            return get_image(session, image_id).sha256
        except (NotFound, SQLAlchemyError):
            return None
