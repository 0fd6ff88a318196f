"""The files that imports read: kept as long as a job needs them, or may need them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from segmentarium.storage.jobs import ENDED
from segmentarium.storage.tables import ImageRow, JobRow


def release_sources(session: Session, before: datetime) -> dict[str, datetime]:
    """Let jobs that ended forget the files that they read.

    A dry run's are kept, however it ended, for another look or the import that may follow: until they are imported;
    but not those of before `before`.

    Returns:
        Hashes that neither a job nor an image refers to any more, each with the time when a job last asked for it.
    """
    statement = (
        select(
            JobRow.id,
            JobRow.project_id,
            JobRow.source_sha256,
            JobRow.state,
            JobRow.parameters,
            JobRow.created_at,
            JobRow.finished_at,
        )
        .where(JobRow.source_sha256.is_not(None))
        .order_by(JobRow.id)
        .with_for_update()
    )
    rows = session.execute(statement).all()
    ended = [row for row in rows if row.state in ENDED]
    imported: dict[tuple[int | None, str | None], int] = {}
    for row in ended:
        if row.state == "done" and not row.parameters.get("is_dry_run"):
            imported[row.project_id, row.source_sha256] = row.id
    released = [
        row
        for row in ended
        if not row.parameters.get("is_dry_run")
        or row.finished_at is None
        or row.finished_at < before
        or row.id < imported.get((row.project_id, row.source_sha256), 0)
    ]
    if not released:
        return {}
    ids = [row.id for row in released]
    session.execute(update(JobRow).where(JobRow.id.in_(ids)).values(source_sha256=None))
    asked = {str(row.source_sha256): row.created_at for row in released}
    kept = _referenced(session, asked)
    return {sha256: time for sha256, time in asked.items() if sha256 not in kept}


def _referenced(session: Session, hashes: Collection[str]) -> set[str]:
    found: set[str] = set()
    for column in (ImageRow.sha256, JobRow.file_sha256, JobRow.source_sha256):
        found |= {str(one) for one in session.scalars(select(column).where(column.in_(hashes)))}
    return found
