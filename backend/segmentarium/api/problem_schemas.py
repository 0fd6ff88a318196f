"""Bodies of answers that tell what went wrong."""

from __future__ import annotations

from segmentarium.api.schemas import Annotation, Answer, DeletedAnnotation


class Problem(Answer):
    """RFC 9457 problem: what happened, as `application/problem+json`."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[PointedError] | None = None


class PointedError(Answer):
    """One fault of a request body and where it stands (a JSON pointer)."""

    pointer: str
    detail: str


class StaleProblem(Problem):
    """The problem of stale edits: all of these annotations as they are now."""

    current: list[Annotation | DeletedAnnotation]
