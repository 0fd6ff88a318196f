"""Errors → RFC 9457 problems; the one table that knows which error has which HTTP status."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from segmentarium.core.errors import (
    AppError,
    ArchiveRefused,
    Conflict,
    EngineBusy,
    EngineUnavailable,
    Forbidden,
    ImageRefused,
    Invalid,
    NotFound,
    PromptAbandoned,
    RequestTooLarge,
    StorageFull,
    Unauthenticated,
    problem_type,
)
from segmentarium.storage.disk import as_storage_full
from segmentarium.storage.json_text import to_json

STATUS: dict[type[AppError], int] = {
    AppError: 500,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    RequestTooLarge: 413,
    Invalid: 422,
    ImageRefused: 422,
    ArchiveRefused: 422,
    EngineUnavailable: 503,
    EngineBusy: 503,
    PromptAbandoned: 503,
    StorageFull: 507,
}

_log = logging.getLogger(__name__)
_TITLES = {
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "Method not allowed"),
}


def status_of(error: AppError) -> int:
    """The status of an error: its own class's, or the nearest base's."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def problem_response(error: AppError, path: str) -> Response:
    """The answer for an expected error."""
    wait = error.members.get("retry_after_s")
    return _response(
        {**error.as_problem(), "status": status_of(error), "instance": path},
        None if wait is None else {"retry-after": str(wait)},
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of an application a problem."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for kind in (OSError, DBAPIError):
        app.add_exception_handler(kind, _on_failed_storage)
    app.add_exception_handler(Exception, _on_unexpected)


def _response(problem: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    # By the writer of the other answers: what a problem holds looks as it does elsewhere.
    return Response(
        to_json(problem),
        problem["status"],
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


async def _on_app_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, AppError):
        raise error
    return problem_response(error, request.url.path)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [
        {"pointer": _pointer(fault["loc"]), "detail": str(fault["msg"])}
        for fault in error.errors()[:50]
    ]
    return _response(
        {
            "type": problem_type("invalid"),
            "title": "The request is not valid",
            "status": 422,
            "detail": "; ".join(f"{fault['pointer']}: {fault['detail']}" for fault in errors[:3]),
            "instance": request.url.path,
            "errors": errors,
        }
    )


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    # FastAPI takes whatever fails while it reads a body for a fault of the body.
    cause = error.__cause__
    if cause is not None and not isinstance(cause, AppError):
        cause = as_storage_full(cause)
    if cause is not None:
        return problem_response(cause, request.url.path)
    slug, title = _TITLES.get(error.status_code, ("invalid", "The request cannot be answered"))
    return _response(
        {
            "type": problem_type(slug),
            "title": title,
            "status": error.status_code,
            "detail": str(error.detail),
            "instance": request.url.path,
        },
        error.headers,
    )


async def _on_failed_storage(request: Request, error: Exception) -> Response:
    full = as_storage_full(error)
    if full is None:
        raise error
    _log.error("%s %s: %s", request.method, request.url.path, error)
    return problem_response(full, request.url.path)


async def _on_unexpected(request: Request, error: Exception) -> Response:
    # Starlette logs the traceback; the answer tells nothing of the inside.
    return _response(
        {
            "type": problem_type("error"),
            "title": "Something went wrong",
            "status": 500,
            "detail": "The server met an error that it did not expect; its log says which.",
            "instance": request.url.path,
        }
    )


def _pointer(location: Sequence[str | int]) -> str:
    """A JSON pointer of a pydantic location; names of union members, which are no part of the body, left out."""
    where, *path = location
    parts = [str(part) for part in path if not (isinstance(part, str) and _is_union_member(part))]
    return ("#/" if where == "body" else f"{where}/") + "/".join(parts)


def _is_union_member(part: str) -> bool:
    return "[" in part or part in {"str", "int", "float", "bool", "polygons", "rle"}
