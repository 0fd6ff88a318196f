"""Answers of the routes that are asked most, written in the route's own thread.

FastAPI checks what a route returns once more, in another hop to a thread, and writes it on the event loop.
"""

from __future__ import annotations

from fastapi import Response

from segmentarium.api.schemas import Answer


def answer(value: Answer | str) -> Response:
    """A response of JSON: of a schema's object, or of its text."""
    text = value if isinstance(value, str) else value.model_dump_json()
    return Response(text, media_type="application/json")
