"""Decoded pixels of images, shared by all requests on an image and bounded in bytes."""

from __future__ import annotations

from segmentarium.services.caching import BoundedCache
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.pictures import ImageRGB, read_rgb


class PixelCache:
    """Upright RGB arrays by the SHA-256 of their file; the ones used least lately go first."""

    def __init__(self, blobs: BlobStore, max_bytes: int) -> None:
        self._blobs = blobs
        self._kept: BoundedCache[str, ImageRGB] = BoundedCache(max_bytes)

    def get(self, sha256: str) -> ImageRGB:
        """The (H, W, 3) uint8 pixels; decoded once however many ask at the same time. Read-only.

        Raises:
            NotFound, UnreadableImage: the file is missing or damaged.
        """
        return self._kept.get(sha256, lambda: read_rgb(self._blobs.path(sha256)))
