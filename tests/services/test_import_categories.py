"""Categories of a dataset that comes in, and those that the project has."""

from pathlib import Path
from typing import Any

from segmentarium.storage.categories import create_category
from tests.services.importing import Project, edited


def test_categories_that_the_project_writes_otherwise_are_told_once_each(
    project: Project, coco: Path
) -> None:
    with project.database.write() as session:
        create_category(session, project.id, "größe, „quoted“")
        create_category(session, project.id, "Cat")

    def change(document: dict[str, Any]) -> None:
        for one in document["categories"]:
            one["name"] = {"grass": "CAT"}.get(one["name"], one["name"])

    edited(coco, change)
    result = project.take(coco)
    said = [(one["position"], one["detail"]) for one in result.as_json()["notices"]]  # type: ignore[attr-defined]
    detail = "It is taken for the project's category 'Cat'."
    assert said == [("category 'cat'", detail), ("category 'CAT'", detail)]
    assert project.categories() == ["größe, „quoted“", "Cat", "never seen"]
