"""Decoded pixels of images, shared by all requests on an image and bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict

from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.pictures import ImageRGB, read_rgb


class PixelCache:
    """Upright RGB arrays by the SHA-256 of their file; the ones used least lately go first."""

    def __init__(self, blobs: BlobStore, max_bytes: int) -> None:
        self._blobs = blobs
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, ImageRGB] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._decoding: dict[str, threading.Lock] = {}

    def get(self, sha256: str) -> ImageRGB:
        """The (H, W, 3) uint8 pixels; decoded once however many ask at the same time. Read-only.

        Raises:
            NotFound, UnreadableImage: the file is missing or damaged.
        """
        with self._lock:
            kept = self._found(sha256)
            if kept is not None:
                return kept
            decoding = self._decoding.setdefault(sha256, threading.Lock())
        with decoding:
            with self._lock:
                kept = self._found(sha256)
            if kept is not None:
                return kept
            try:
                pixels = read_rgb(self._blobs.path(sha256))
                with self._lock:
                    self._keep(sha256, pixels)
            finally:
                with self._lock:
                    self._decoding.pop(sha256, None)
            return pixels

    def _found(self, sha256: str) -> ImageRGB | None:
        kept = self._kept.get(sha256)
        if kept is not None:
            self._kept.move_to_end(sha256)
        return kept

    def _keep(self, sha256: str, pixels: ImageRGB) -> None:
        self._kept[sha256] = pixels
        self._bytes += pixels.nbytes
        # The newest stays even when it alone is over the bound: its image is being worked on.
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.nbytes
