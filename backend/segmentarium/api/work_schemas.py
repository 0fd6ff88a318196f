"""Bodies of requests and answers about engines, formats and jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from segmentarium.api.schemas import Answer, Body


class EngineOption(Answer):
    """An option of an engine with its type, default and range."""

    name: str
    title: str
    type: Literal["number", "integer", "boolean", "choice"]
    default: float | int | bool | str
    minimum: float | None = None
    maximum: float | None = None
    choices: list[str] | None = None


class Engine(Answer):
    """An engine: what it takes, and if it cannot run here, why not and the remedy."""

    name: str
    title: str
    description: str
    prompts: list[Literal["bbox", "points", "strokes", "mask"]]
    starts_from: list[Literal["bbox", "points", "strokes", "mask"]]
    rank: int = Field(
        description="`auto` asks the highest that can run and takes the prompt; below 0 never"
    )
    is_slow: bool
    options: list[EngineOption]
    available: bool
    reason: str | None


class EngineList(Answer):
    """All engines."""

    items: list[Engine]


class FormatOption(Answer):
    """An option of a format."""

    name: str
    title: str
    default: str | bool
    choices: list[str] | None = None
    description: str = ""


class Format(Answer):
    """A format that datasets can be written in, and what it cannot carry."""

    name: str
    title: str
    description: str
    loses: list[str]
    options: list[FormatOption]


class FormatList(Answer):
    """All formats."""

    items: list[Format]


class ExportCreate(Body):
    """An export to be made by a job."""

    format: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    options: dict[str, str | bool] = Field(default_factory=dict)


class ChangeCount(Answer):
    """What becomes of annotations in an export, and of how many; `is_loss` where something of them is gone."""

    kind: str
    title: str
    is_loss: bool
    count: int


class Change(Answer):
    """What becomes of one annotation in an export."""

    kind: str
    file_name: str
    annotation_id: str
    detail: str


class FoundProblem(Answer):
    """What is wrong in a file of a dataset, and where."""

    file: str
    position: str
    detail: str


class FoundCategory(Answer):
    """A category of a dataset with the number of its annotations, and whether the project had it."""

    name: str
    annotations: int
    is_new: bool


class JobReport(Answer):
    """What a job found out: an export its changes (the first of each kind as examples), an import what there is."""

    format: str | None = None
    changes: list[ChangeCount] = Field(default_factory=list)
    examples: list[Change] = Field(default_factory=list)
    categories: list[FoundCategory] = Field(default_factory=list)
    problems: list[FoundProblem] = Field(default_factory=list)
    notices: list[FoundProblem] = Field(default_factory=list)


class JobParameters(Answer):
    """What was asked for: an import reads `file_name`, which `source_job`, where there is one, was sent."""

    format: str = ""
    options: dict[str, str | bool] = Field(default_factory=dict)
    file_name: str = ""
    source_job: int | None = None
    is_dry_run: bool = False
    is_strict: bool = False


class Job(Answer):
    """A job. `progress` runs from 0 to 1; `problem` is set when it failed, `file_name` when its file waits."""

    id: int
    project_id: int | None
    user_id: int | None
    kind: str
    parameters: JobParameters
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float
    message: str
    counts: dict[str, int]
    file_name: str | None
    file_bytes: int | None
    problem: dict[str, object] | None
    report: JobReport | None
    created_at: datetime
    finished_at: datetime | None


class JobList(Answer):
    """The project's latest jobs, newest first."""

    items: list[Job]
