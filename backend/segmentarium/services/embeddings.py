"""What networks have read of images: read once, kept within a bound, and read ahead when nobody waits for anything."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

from segmentarium.engines.base import (
    Embedding,
    EmbeddingEngine,
    ImageRGB,
    OptionValue,
    raise_if_abandoned,
)
from segmentarium.services.caching import BoundedCache

# The image's SHA-256, the engine's name, and its own key for the weights and options that matter.
EmbeddingKey: TypeAlias = tuple[str, str, str]


class EmbeddingCache:
    """Embeddings by image and engine, bounded in bytes; those of networks that are no longer in memory are let go."""

    def __init__(self, max_bytes: int) -> None:
        # What is kept of a network keeps the network in memory too, which no bound here counts.
        self._kept: BoundedCache[EmbeddingKey, Embedding] = BoundedCache(
            max_bytes, is_stale=lambda embedding: not embedding.is_current
        )
        self._prompted: Counter[EmbeddingKey] = Counter()
        self._changed = threading.Condition()

    def of(self, sha256: str) -> ImageEmbeddings:
        """The embeddings of an image."""
        return ImageEmbeddings(self, sha256)

    def key(
        self, sha256: str, engine: EmbeddingEngine, options: Mapping[str, OptionValue]
    ) -> EmbeddingKey:
        """What an embedding is kept under."""
        return sha256, engine.name, engine.embedding_key(options)

    def has(self, key: EmbeddingKey) -> bool:
        """Whether it is kept."""
        return key in self._kept

    def kept(self, key: EmbeddingKey) -> Embedding | None:
        """The embedding, if it is kept."""
        return self._kept.peek(key)

    def get(
        self,
        key: EmbeddingKey,
        engine: EmbeddingEngine,
        image: ImageRGB,
        options: Mapping[str, OptionValue],
    ) -> Embedding:
        """The embedding of an (H, W, 3) uint8 RGB image, read once however many ask.

        Raises:
            PromptAbandoned: nobody waits for this answer any more; others who ask go on.
            NetworkRefused: the network cannot be loaded.
        """
        return self._kept.get(key, lambda: engine.embed(image, options), raise_if_abandoned)

    @contextmanager
    def prompted(self, key: EmbeddingKey) -> Iterator[None]:
        """While this lasts, a prompt waits for that embedding."""
        with self._changed:
            self._prompted[key] += 1
        try:
            yield
        finally:
            with self._changed:
                self._prompted[key] -= 1
                if not self._prompted[key]:
                    del self._prompted[key]
                self._changed.notify_all()

    def is_prompt_waiting(self, besides: EmbeddingKey) -> bool:
        """Whether a prompt waits for another embedding than this: reading ahead must then give way."""
        with self._changed:
            return any(key != besides for key in self._prompted)

    def wait_for_prompts(self, timeout_s: float) -> None:
        """Until no prompt waits, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: not self._prompted, timeout_s)


@dataclass(frozen=True, slots=True)
class ImageEmbeddings:
    """The embeddings of one image; one of them may be held, and is then there whatever the cache lets go."""

    cache: EmbeddingCache
    sha256: str
    _held: tuple[EmbeddingKey, Embedding] | None = None

    def held(
        self, engine: EmbeddingEngine, options: Mapping[str, OptionValue]
    ) -> ImageEmbeddings | None:
        """The same with this engine's held; None when it is not kept."""
        key = self.cache.key(self.sha256, engine, options)
        embedding = self.cache.kept(key)
        return None if embedding is None else replace(self, _held=(key, embedding))

    def get(
        self, engine: EmbeddingEngine, image: ImageRGB, options: Mapping[str, OptionValue]
    ) -> Embedding:
        """For a prompt: see `EmbeddingCache.get`."""
        key = self.cache.key(self.sha256, engine, options)
        if self._held is not None and self._held[0] == key:
            return self._held[1]
        with self.cache.prompted(key):
            return self.cache.get(key, engine, image, options)
