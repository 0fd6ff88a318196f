"""What an import brought in, or would."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from segmentarium.formats.support.problems import Problem


@dataclass(slots=True)
class ImportResult:
    """What came in, or would: counts, the annotations of each category, and the first problems."""

    format_name: str
    counts: dict[str, int]
    categories: dict[str, int] = field(default_factory=dict)
    new_categories: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """For the report of a job."""
        return {
            "format": self.format_name,
            "categories": [
                {"name": name, "annotations": count, "is_new": name in self.new_categories}
                for name, count in self.categories.items()
            ],
            "problems": [_problem_json(one) for one in self.problems],
            "notices": [_problem_json(one) for one in self.notices],
        }


def _problem_json(problem: Problem) -> dict[str, str]:
    name = PurePosixPath(problem.file).as_posix() if problem.file else ""
    return {"file": name, "position": problem.position, "detail": problem.detail}
