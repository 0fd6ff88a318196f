"""Liveness."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from segmentarium import __version__
from segmentarium.api.deps import Context
from segmentarium.api.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/health")
def health(request: Request, context: Context) -> Health:
    """Whether the server can work. The parts are told to those signed in only."""
    parts = {"database": _database(context), "data_folder": _data_folder(context)}
    healthy = all(state == "ok" for state in parts.values())
    signed_in = request.state.user is not None
    return Health(
        status="ok" if healthy else "degraded",
        version=__version__,
        parts=parts if signed_in else None,
    )


def _database(context: Context) -> str:
    try:
        with context.database.read() as session:
            session.execute(text("select 1"))
    except SQLAlchemyError:
        return "unreachable"
    return "ok"


def _data_folder(context: Context) -> str:
    try:
        with context.blobs.workspace():
            return "ok"
    except OSError:
        return "not writable"
