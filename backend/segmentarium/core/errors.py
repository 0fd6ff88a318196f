"""What can go wrong, as one tree; which HTTP status each has is decided in `api/problems.py`.

    AppError
    ├── NotFound
    ├── Conflict
    │   ├── StaleRevision        the annotation changed since the client loaded it
    │   ├── EditIdReused         one edit id, two different edits
    │   ├── NameTaken
    │   └── CategoryInUse
    ├── Unauthenticated
    │   ├── NotSignedIn
    │   └── SignInTokenInvalid
    ├── Forbidden
    │   ├── ForeignOrigin        a page from elsewhere asked
    │   └── UnknownHost          the Host header is not ours
    ├── Invalid
    │   ├── InvalidAnnotation
    │   ├── InvalidSegmentation
    │   ├── InvalidPrompt
    │   ├── NothingFound         an engine sees no object where the prompt points
    │   ├── InvalidOption
    │   ├── MalformedFile        a file is not what its format says
    │   └── UnknownFormat        no format recognizes the files
    ├── ArchiveRefused           an archive that is not safe to unpack, or over the limits
    ├── ImageRefused
    │   ├── UnsupportedFormat
    │   ├── UnreadableImage
    │   └── ImageTooLarge
    ├── RequestTooLarge
    ├── EngineUnavailable
    │   ├── NetworkRefused       damaged, of an unknown kind, or not safe to load
    │   └── OutOfMemory
    ├── EngineBusy               too many prompts wait for the engine
    ├── StorageFull              no room for what was to be stored
    ├── PromptAbandoned          the client went away
    └── JobCancelled

Every class has a `slug`, the last part of the problem's `type`, described in docs/errors.md, and a `title`.
"""

from __future__ import annotations

from typing import ClassVar


def problem_type(slug: str) -> str:
    """Where a kind of problem is described, as a reference within the server."""
    return f"/docs/errors#{slug}"


class AppError(Exception):
    """Base of all expected errors: `detail` is for people, `members` travel with it."""

    slug: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members

    def as_problem(self) -> dict[str, object]:
        """The parts of an RFC 9457 problem that are no matter of HTTP; `type` is a page of the documentation."""
        return {
            "type": problem_type(self.slug),
            "title": self.title,
            "detail": self.detail,
            **self.members,
        }


class NotFound(AppError):
    """There is no such thing, or none that this user may see."""

    slug, title = "not-found", "Not found"


class Conflict(AppError):
    """The request does not fit the present state."""

    slug, title = "conflict", "The request conflicts with the present state"


class StaleRevision(Conflict):
    """An edit was made on a revision that is no longer the current one."""

    slug, title = "stale-revision", "The annotation changed since you loaded it"


class EditIdReused(Conflict):
    """An edit id came a second time with another edit."""

    slug, title = "edit-id-reused", "This edit id was used for another edit"


class NameTaken(Conflict):
    """Names are unique within their project."""

    slug, title = "name-taken", "The name is taken"


class CategoryInUse(Conflict):
    """A category with annotations cannot be deleted."""

    slug, title = "category-in-use", "The category has annotations"


class Unauthenticated(AppError):
    """Nobody, or nobody known, asked."""

    slug, title = "unauthenticated", "Sign in first"


class NotSignedIn(Unauthenticated):
    """No session cookie and no token came with the request, or one that is no longer valid."""

    slug, title = "not-signed-in", "You are not signed in"


class SignInTokenInvalid(Unauthenticated):
    """A sign-in URL works once and for a limited time."""

    slug, title = "sign-in-token-invalid", "The sign-in link is used or out of date"


class Forbidden(AppError):
    """Known, but not allowed."""

    slug, title = "forbidden", "You may not do this"


class ForeignOrigin(Forbidden):
    """A web page from another origin made the request."""

    slug, title = "foreign-origin", "The request came from another site"


class UnknownHost(Forbidden):
    """The Host header names a host that this server does not answer for."""

    slug, title = "unknown-host", "This server does not answer for that host name"


class Invalid(AppError):
    """The request is understood, and wrong."""

    slug, title = "invalid", "The request is not valid"


class InvalidAnnotation(Invalid):
    """An annotation that cannot be: no pixel, a vertex outside the image, a foreign category."""

    slug, title = "invalid-annotation", "The annotation is not valid"


class InvalidSegmentation(InvalidAnnotation):
    """Polygons or RLE that are malformed."""

    slug, title = "invalid-segmentation", "The segmentation is not valid"


class InvalidPrompt(Invalid):
    """A prompt that no engine could answer."""

    slug, title = "invalid-prompt", "The prompt is not valid"


class NothingFound(Invalid):
    """A prompt that an engine understood, and to which it has nothing to answer."""

    slug, title = "nothing-found", "No object was found"


class InvalidOption(Invalid):
    """An option that the engine or format does not have, or a value out of its range."""

    slug, title = "invalid-option", "The option is not valid"


class MalformedFile(Invalid):
    """A file of a dataset that is not what its format says; the members `file` and `position` say where."""

    slug, title = "malformed-file", "A file of the dataset cannot be read"


class UnknownFormat(Invalid):
    """Files that no format recognizes."""

    slug, title = "unknown-format", "The format of the dataset is not known"


class ArchiveRefused(AppError):
    """An archive with paths that leave it, with links, or over the limits."""

    slug, title = "archive-refused", "The archive was refused"


class ImageRefused(AppError):
    """A file that cannot become an image of a project."""

    slug, title = "image-refused", "The file was refused"


class UnsupportedFormat(ImageRefused):
    """Not one of the formats taken."""

    slug, title = "unsupported-format", "The file is not in a supported image format"


class UnreadableImage(ImageRefused):
    """The right kind of file, but damaged."""

    slug, title = "unreadable-image", "The image is damaged"


class ImageTooLarge(ImageRefused):
    """Over the limits on bytes or pixels."""

    slug, title = "image-too-large", "The image is too large"


class RequestTooLarge(AppError):
    """The body is over the limit."""

    slug, title = "request-too-large", "The request is too large"


class EngineUnavailable(AppError):
    """The engine cannot run here."""

    slug, title = "engine-unavailable", "The engine cannot run here"


class NetworkRefused(EngineUnavailable):
    """A network that cannot be installed or loaded: damaged, of an unknown kind, or not safe."""

    slug, title = "network-refused", "The network cannot be used"


class OutOfMemory(EngineUnavailable):
    """The engine needs more memory than there is, here or on the graphics card."""

    slug, title = "out-of-memory", "There is not enough memory"


class EngineBusy(AppError):
    """Too many prompts wait already; `retry_after_s` says when to ask again."""

    slug, title = "engine-busy", "The engine is busy"


class StorageFull(AppError):
    """The disk is full, or a limit on it is reached; `retry_after_s` says when to send the same again."""

    slug, title = "storage-full", "The server's disk is full"


class PromptAbandoned(AppError):
    """The client that asked has gone, so the engine stopped."""

    slug, title = "prompt-abandoned", "The prompt was given up"


class JobCancelled(AppError):
    """Raised inside a job that was cancelled."""

    slug, title = "job-cancelled", "The job was cancelled"
