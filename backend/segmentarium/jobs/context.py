"""What a job function gets: its parameters, the stores, and where to report."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segmentarium.core.errors import JobCancelled
from segmentarium.storage.blobs import Blob, BlobStore
from segmentarium.storage.database import Database
from segmentarium.storage.jobs import is_running, report_progress
from segmentarium.storage.users import User

_REPORT_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job did: counts, a file if it made one, what it found out."""

    counts: Mapping[str, int]
    blob: Blob | None = None
    file_name: str | None = None
    report: Mapping[str, object] | None = None


@dataclass(slots=True)
class JobContext:
    """One running job."""

    id: int
    parameters: Mapping[str, Any]
    database: Database
    blobs: BlobStore
    source_sha256: str | None = None
    user: User | None = None
    _reported_at: float = field(default=0.0, init=False)
    _asked_at: float = field(default=0.0, init=False)

    def check(self) -> None:
        """Often called where there is nothing to report; seldom asks.

        Raises:
            JobCancelled: somebody cancelled the job.
        """
        now = time.monotonic()
        if now - self._asked_at < _REPORT_EVERY_S:
            return
        self._asked_at = now
        with self.database.read() as session:
            if not is_running(session, self.id):
                raise JobCancelled("The job was cancelled.")

    def report(self, progress: float, message: str, counts: Mapping[str, int]) -> None:
        """Note how far the job is; often called, seldom written.

        Raises:
            JobCancelled: somebody cancelled the job.
        """
        now = time.monotonic()
        if now - self._reported_at < _REPORT_EVERY_S:
            return
        self._reported_at = now
        with self.database.write() as session:
            if not report_progress(session, self.id, progress, message, counts):
                raise JobCancelled("The job was cancelled.")
