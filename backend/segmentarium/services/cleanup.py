"""Files that no row refers to any more, and what killed processes left behind, are removed while the server runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database
from segmentarium.storage.sources import release_sources
from segmentarium.storage.tables import ImageRow, JobRow, utc_now
from segmentarium.storage.users import instance_id

# An upload writes its file before its row; no upload and no export takes as long as this.
GRACE_S = 24 * 3600.0

# A dry run's files are kept as long for the import that may follow.
DRY_RUN_KEPT_S = 24 * 3600.0

_BATCH = 500
_log = logging.getLogger(__name__)


def remove_unreferenced(
    database: Database,
    blobs: BlobStore,
    grace_s: float = GRACE_S,
    stop: threading.Event | None = None,
) -> int:
    """Remove files older than the grace that no image and no job refers to; how many went.

    Nothing is removed from a folder that another database uses or used: what it refers to is not known here.
    """
    with database.read() as session:
        owner = str(instance_id(session))
    if not blobs.claim(owner):
        _log.info("the data folder serves several databases: files without a reference are left")
        return 0

    def referenced(hashes: Sequence[str]) -> set[str]:
        found: set[str] = set()
        with database.read() as session:
            for start in range(0, len(hashes), _BATCH):
                part = hashes[start : start + _BATCH]
                for column in (ImageRow.sha256, JobRow.file_sha256, JobRow.source_sha256):
                    found |= {
                        str(sha256)
                        for sha256 in session.scalars(select(column).where(column.in_(part)))
                    }
        return found

    return blobs.sweep(referenced, grace_s, lambda: stop is not None and stop.is_set())


def remove_sources(database: Database, blobs: BlobStore) -> int:
    """Remove the files of imports that ended, a dry run's after a while; how many went."""
    with database.write() as session:
        owner = str(instance_id(session))
        gone = release_sources(session, utc_now() - timedelta(seconds=DRY_RUN_KEPT_S))
    if not gone or not blobs.claim(owner):  # another database may refer to them
        return 0
    return sum(blobs.discard(sha256, asked.timestamp()) for sha256, asked in gone.items())


class Cleaner:
    """Removes all of that once, in a thread of its own: with a million files it takes a while."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(database, blobs), name="cleaner", daemon=True
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End soon, done or not; the next start goes on."""
        self._stop.set()
        self._thread.join()

    def _run(self, database: Database, blobs: BlobStore) -> None:
        try:
            gone = remove_sources(database, blobs)
            gone += remove_unreferenced(database, blobs, stop=self._stop)
        except (OSError, SQLAlchemyError):
            _log.exception("files that nothing refers to could not be removed")
            return
        if gone:
            _log.info("removed %d files that nothing refers to", gone)
