"""Dependencies of the routes: context, session, user, and rows that the user may touch.

One request, one transaction: the session's dependency has the scope of the function, so it commits before the answer
is sent; with the default scope a commit that fails would come after a 200.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated, Any, cast

from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import Depends, Path, Query, Request
from sqlalchemy.orm import Session

from segmentarium.api.context import AppContext
from segmentarium.api.schemas import MAX_ID
from segmentarium.core.errors import NotFound
from segmentarium.storage.categories import project_of_category
from segmentarium.storage.images import LockedImage, get_image_of_member, lock_image_of_member
from segmentarium.storage.jobs import get_job
from segmentarium.storage.projects import Role, require_role
from segmentarium.storage.tables import ImageRow, JobRow
from segmentarium.storage.users import User

_READING = {"GET", "HEAD"}


async def get_context(request: Request) -> AppContext:
    """The application's parts. Async, as it waits for nothing: a sync dependency costs a hop to a thread."""
    return cast("AppContext", request.app.state.context)


Context = Annotated[AppContext, Depends(get_context)]


async def get_session(request: Request, context: Context) -> AsyncIterator[Session]:
    """The request's transaction: a read for GET, else a write that is committed when the route returns.

    Async, as a session waits for nothing until its first statement, and one that read waits for nothing at its end: a
    hop to a thread is left where there is something to commit or to roll back.
    """
    if request.method in _READING:
        with context.database.read() as session:
            yield session
        return
    transaction = context.database.write()

    async def end(*error: Any) -> None:
        # Not one of the threads that routes run in: those may all be waiting for a connection that this gives back.
        with CancelScope(shield=True):
            await to_thread.run_sync(transaction.__exit__, *error, limiter=CapacityLimiter(1))

    async with AsyncExitStack() as stack:
        stack.push_async_exit(end)
        yield transaction.__enter__()


DbSession = Annotated[Session, Depends(get_session, scope="function")]


async def get_user(request: Request) -> User:
    """Who asks; the guard has seen to it that there is somebody."""
    return cast("User", request.state.user)


CurrentUser = Annotated[User, Depends(get_user)]
Limit = Annotated[int, Query(ge=1, le=500)]
Id = Annotated[int, Path(ge=1, le=MAX_ID)]
After = Annotated[int, Query(ge=0, le=MAX_ID, description="the last id of the page before")]


class InProject:
    """A dependency: the id of the project in the path, once the user is known to be at least `role` in it."""

    def __init__(self, role: Role) -> None:
        self._role = role

    def __call__(self, project_id: Id, session: DbSession, user: CurrentUser) -> int:
        """Raises NotFound or Forbidden."""
        require_role(session, user, project_id, self._role)
        return project_id


class InCategory:
    """A dependency: the id of the category in the path."""

    def __init__(self, role: Role) -> None:
        self._role = role

    def __call__(self, category_id: Id, session: DbSession, user: CurrentUser) -> int:
        """Raises NotFound or Forbidden."""
        project_id = project_of_category(session, category_id)
        missing = f"There is no category {category_id}."
        _same_message(session, user, project_id, self._role, missing)
        return category_id


class OnImage:
    """A dependency: the row of the image in the path."""

    def __init__(self, role: Role) -> None:
        self._role = role

    def __call__(self, image_id: Id, session: DbSession, user: CurrentUser) -> ImageRow:
        """Raises NotFound or Forbidden."""
        return get_image_of_member(session, user, image_id, self._role)


def image_to_read(image_id: Id, context: Context, user: CurrentUser) -> ImageRow:
    """The row of the image in the path, for a POST that writes nothing: no transaction stays open while it is answered.

    Raises NotFound or Forbidden.
    """
    with context.database.read() as session:
        return OnImage("viewer")(image_id, session, user)


class OnLockedImage:
    """A dependency: the image in the path, locked until the request's transaction ends."""

    def __init__(self, role: Role) -> None:
        self._role = role

    def __call__(self, image_id: Id, session: DbSession, user: CurrentUser) -> LockedImage:
        """Raises NotFound or Forbidden."""
        return lock_image_of_member(session, user, image_id, self._role)


class OnJob:
    """A dependency: the row of the job in the path."""

    def __init__(self, role: Role) -> None:
        self._role = role

    def __call__(self, job_id: Id, session: DbSession, user: CurrentUser) -> JobRow:
        """Raises NotFound or Forbidden."""
        job = get_job(session, job_id)
        missing = f"There is no job {job_id}."
        if job.project_id is None:
            raise NotFound(missing)
        _same_message(session, user, job.project_id, self._role, missing)
        return job


def job_to_cancel(job_id: Id, session: DbSession, user: CurrentUser) -> JobRow:
    """The row of the job in the path; who started it may end it, whatever the role.

    Raises NotFound or Forbidden.
    """
    job = OnJob("viewer")(job_id, session, user)
    return job if job.user_id == user.id else OnJob("annotator")(job_id, session, user)


def _same_message(session: Session, user: User, project_id: int, role: Role, missing: str) -> None:
    # What a stranger may not see is answered like what is not there.
    try:
        require_role(session, user, project_id, role)
    except NotFound:
        raise NotFound(missing) from None


ViewedProject = Annotated[int, Depends(InProject("viewer"))]
AnnotatedProject = Annotated[int, Depends(InProject("annotator"))]
OwnedProject = Annotated[int, Depends(InProject("owner"))]
OwnedCategory = Annotated[int, Depends(InCategory("owner"))]
ViewedImage = Annotated[ImageRow, Depends(OnImage("viewer"))]
ImageToRead = Annotated[ImageRow, Depends(image_to_read)]
EditedImage = Annotated[LockedImage, Depends(OnLockedImage("annotator"))]
OwnedImage = Annotated[ImageRow, Depends(OnImage("owner"))]
ViewedJob = Annotated[JobRow, Depends(OnJob("viewer"))]
CancellableJob = Annotated[JobRow, Depends(job_to_cancel)]
