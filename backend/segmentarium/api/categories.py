"""Categories of a project."""

from __future__ import annotations

from fastapi import APIRouter

from segmentarium.api import schemas
from segmentarium.api.deps import DbSession, OwnedCategory, OwnedProject, ViewedProject
from segmentarium.storage import categories
from segmentarium.storage.categories import Category

router = APIRouter(tags=["categories"])

_MAY_BE_NULL = {"hotkey"}


@router.get("/projects/{project_id}/categories")
def list_categories(project_id: ViewedProject, session: DbSession) -> schemas.CategoryList:
    """All categories, by position."""
    found = categories.list_categories(session, project_id)
    return schemas.CategoryList(
        items=[schemas.Category.model_validate(category) for category in found]
    )


@router.post("/projects/{project_id}/categories", status_code=201, response_model=schemas.Category)
def create_category(
    project_id: OwnedProject, body: schemas.CategoryCreate, session: DbSession
) -> Category:
    """Add a category."""
    return categories.create_category(session, project_id, **body.model_dump())


@router.patch("/categories/{category_id}", response_model=schemas.Category)
def update_category(
    category_id: OwnedCategory, body: schemas.CategoryUpdate, session: DbSession
) -> Category:
    """Change a category. `hotkey: null` takes its hotkey away; other nulls are as good as left out."""
    given = body.model_dump(exclude_unset=True)
    changes = {
        name: value for name, value in given.items() if value is not None or name in _MAY_BE_NULL
    }
    return categories.update_category(session, category_id, changes)


@router.delete("/categories/{category_id}", status_code=204)
def delete_category(category_id: OwnedCategory, session: DbSession) -> None:
    """Delete a category that no annotation has."""
    categories.delete_category(session, category_id)
