"""What the routes share: settings, stores, runner. Made once in `main.create_app`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from segmentarium.jobs.runner import JobRunner
from segmentarium.services.ahead import DecodeAhead
from segmentarium.services.embeddings import EmbeddingCache
from segmentarium.services.engine_queue import EngineQueue
from segmentarium.services.pixels import PixelCache
from segmentarium.services.preparing import Preparation
from segmentarium.services.uploads import UploadLimits
from segmentarium.settings import Settings
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database
from segmentarium.storage.users import instance_id


@dataclass(frozen=True)
class AppContext:
    """The parts of a running application."""

    settings: Settings
    database: Database
    blobs: BlobStore
    pixels: PixelCache
    engine_queue: EngineQueue
    ahead: DecodeAhead
    embeddings: EmbeddingCache
    preparation: Preparation
    runner: JobRunner

    @property
    def upload_limits(self) -> UploadLimits:
        """What an upload may weigh."""
        return UploadLimits(self.settings.max_image_bytes, self.settings.max_image_pixels)

    @cached_property
    def session_cookie(self) -> str:
        """Name of the session's cookie. Cookies know no ports: two servers of one machine need two names."""
        with self.database.read() as session:
            return f"segmentarium_{instance_id(session).hex[:8]}"
