"""Projects."""

from __future__ import annotations

from fastapi import APIRouter

from segmentarium.api import schemas
from segmentarium.api.deps import After, CurrentUser, DbSession, Limit, OwnedProject, ViewedProject
from segmentarium.storage import projects
from segmentarium.storage.projects import Project

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("")
def list_projects(
    session: DbSession, user: CurrentUser, after: After = 0, limit: Limit = 50
) -> schemas.ProjectPage:
    """The projects of the user."""
    found = projects.list_projects(session, user, after, limit + 1)
    more = len(found) > limit
    items = [schemas.Project.model_validate(project) for project in found[:limit]]
    return schemas.ProjectPage(items=items, next=items[-1].id if more else None)


@router.post("", status_code=201, response_model=schemas.Project)
def create_project(body: schemas.ProjectCreate, session: DbSession, user: CurrentUser) -> Project:
    """Make a project."""
    project_id = projects.create_project(session, user, body.name, body.description)
    return projects.get_project(session, user, project_id)


@router.get("/{project_id}", response_model=schemas.Project)
def get_project(project_id: ViewedProject, session: DbSession, user: CurrentUser) -> Project:
    """One project with its counts."""
    return projects.get_project(session, user, project_id)


@router.patch("/{project_id}", response_model=schemas.Project)
def update_project(
    project_id: OwnedProject, body: schemas.ProjectUpdate, session: DbSession, user: CurrentUser
) -> Project:
    """Rename or describe a project."""
    projects.update_project(session, project_id, body.name, body.description)
    return projects.get_project(session, user, project_id)


@router.delete("/{project_id}", status_code=204)
def delete_project(project_id: OwnedProject, session: DbSession) -> None:
    """Delete a project with its images and annotations."""
    projects.delete_project(session, project_id)
