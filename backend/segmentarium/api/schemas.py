"""Bodies of requests and answers: what travels, field by field.

The frontend's types are generated from these (OpenAPI), so a name here is a name there. A number that is not finite
cannot arrive: `allow_inf_nan=False` answers 422 before a route is reached.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    StringConstraints,
    Tag,
)

from segmentarium.core.names import visible
from segmentarium.core.rle import MAX_RUNS


class Body(BaseModel):
    """A request body: unknown fields refused, no NaN, no infinity."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Answer(BaseModel):
    """An answer, read from rows or values by attribute."""

    model_config = ConfigDict(from_attributes=True)


# No control characters: PostgreSQL stores no NUL, and nobody means the others.
_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PLAIN)
]


def _category_name(text: str) -> str:
    """As a dataset's names are read: else an export would come in again under another name."""
    name = visible(text).strip()
    if not name:
        raise ValueError("A name has characters that can be seen.")
    return name


CategoryName = Annotated[Name, AfterValidator(_category_name)]
Supercategory = Annotated[str, StringConstraints(max_length=200, pattern=_PLAIN)]
Description = Annotated[str, StringConstraints(max_length=4000, pattern=_TEXT)]
Search = Annotated[str, StringConstraints(max_length=200, pattern=_PLAIN)]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$", max_length=7)]
Hotkey = Annotated[str, StringConstraints(pattern=r"^[1-9]$")]
Source = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
ImageState = Literal["new", "in_progress", "done", "skipped"]
MAX_ID = 2**31 - 1  # of an integer key in PostgreSQL
Role = Literal["owner", "annotator", "viewer"]

# A ring is flat, [x0, y0, x1, y1, ...], as in COCO; a part is its outer ring and then its holes.
Ring = Annotated[list[float], Field(min_length=6, max_length=200_000)]
Part = Annotated[list[Ring], Field(min_length=1, max_length=1000)]
PolygonsBody = Annotated[list[Part], Field(min_length=1, max_length=1000)]
# What is answered may have more parts than what is taken: an engine's mask can be all specks.
PolygonsAnswer = list[list[list[float]]]


class RLEBody(Body):
    """COCO RLE: column-major, zeros first; counts compressed (a string) or plain (a list)."""

    size: tuple[int, int] = Field(description="[height, width]")
    counts: str | Annotated[list[int], Field(max_length=MAX_RUNS)]


def _segmentation_kind(value: object) -> str:
    return "polygons" if isinstance(value, list) else "rle"


# Told apart by what it is, so that a fault in polygons is not also reported as a fault of an RLE.
Segmentation = Annotated[
    Annotated[PolygonsBody, Tag("polygons")] | Annotated[RLEBody, Tag("rle")],
    Discriminator(_segmentation_kind),
]


class UserAnswer(Answer):
    """Who is signed in."""

    id: int
    name: str


class SessionAnswer(UserAnswer):
    """Who is signed in, and to which database: what a browser keeps is kept apart by both."""

    instance: UUID


class SignIn(Body):
    """The one-time token of a sign-in URL."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Health(Answer):
    """Liveness; the parts are told only to those signed in."""

    status: Literal["ok", "degraded"]
    version: str
    parts: dict[str, str] | None = None


class ProjectCreate(Body):
    """A new project."""

    name: Name
    description: Description = ""


class ProjectUpdate(Body):
    """What changes; what is left out stays."""

    name: Name | None = None
    description: Description | None = None


class Project(Answer):
    """A project with its counts; `cover_image_ids` are its first images, for a card's thumbnails."""

    id: int
    name: str
    description: str
    role: Role
    image_count: int
    done_count: int
    annotation_count: int
    cover_image_ids: list[int]
    created_at: datetime


class ProjectPage(Answer):
    """Projects in order of id; `next` is the `after` of the next page, null at the end."""

    items: list[Project]
    next: int | None


class CategoryCreate(Body):
    """A new category; colour, hotkey and position are chosen when left out."""

    name: CategoryName
    color: Color | None = None
    supercategory: Supercategory = ""
    isthing: bool = True
    hotkey: Hotkey | None = None


class CategoryUpdate(Body):
    """What changes; what is left out stays. `hotkey: null` takes the hotkey away."""

    name: CategoryName | None = None
    color: Color | None = None
    supercategory: Supercategory | None = None
    isthing: bool | None = None
    hotkey: Hotkey | None = None
    position: Annotated[int, Field(ge=0, le=100_000)] | None = None


class Category(Answer):
    """A category of a project; `annotation_count` over all of its images."""

    id: int
    project_id: int
    name: str
    color: str
    supercategory: str
    isthing: bool
    hotkey: str | None
    position: int
    annotation_count: int


class CategoryList(Answer):
    """All categories of a project, by position."""

    items: list[Category]


class Image(Answer):
    """An image; width and height are upright (EXIF orientation applied), in pixels."""

    id: int
    project_id: int
    name: str
    width: int
    height: int
    format: str
    bytes: int
    sha256: str
    state: ImageState
    split: str | None
    annotation_count: int
    created_at: datetime


class ImageDetail(Image):
    """One image with its neighbours in the project's order, for next and previous."""

    previous_id: int | None
    next_id: int | None


class ImagePage(Answer):
    """Images in order of id; `next` is the `after` of the next page, null at the end."""

    items: list[Image]
    next: int | None
    total: int


class ImageUpdate(Body):
    """The state of work on an image; with `was`, only over one of those."""

    state: ImageState
    was: list[ImageState] | None = Field(default=None, min_length=1, max_length=4)


class RefusedFile(Answer):
    """A file that did not go in, by its place in the request and its name, and why."""

    index: int
    name: str
    type: str
    title: str
    detail: str


class DuplicateFile(Answer):
    """A file whose bytes the project already has, by its place in the request."""

    index: int
    name: str
    image_id: int


class UploadAnswer(Answer):
    """What became of each file of an upload."""

    images: list[Image]
    duplicates: list[DuplicateFile]
    refused: list[RefusedFile]


class AnnotationContent(Body):
    """What an edit writes."""

    category_id: Annotated[int, Field(ge=1, le=MAX_ID)]
    segmentation: Segmentation
    iscrowd: bool = False
    z_order: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)] | None = Field(
        default=None,
        description="who is seen where annotations overlap: higher is nearer; null: on top",
    )
    source: Source = Field(default="manual", description="`manual`, or the engine that proposed it")
    score: Annotated[float, Field(ge=0, le=1)] | None = None


class Annotation(Answer):
    """An annotation as stored. `bbox_xywh` and `area` are of the mask: the server computes them."""

    id: UUID
    image_id: int
    category_id: int
    segmentation: Segmentation
    bbox_xywh: tuple[int, int, int, int]
    area: int
    iscrowd: bool
    z_order: int
    source: str
    score: float | None
    attributes: dict[str, JsonValue] | None = Field(
        default=None, description="what an imported dataset says of it; edits leave it as it is"
    )
    revision: int
    updated_at: datetime


class AnnotationList(Answer):
    """All annotations of an image, by z-order."""

    items: list[Annotation]


class DeletedAnnotation(Answer):
    """An annotation that is deleted, with the revision that its deletion made."""

    id: UUID
    revision: int
    deleted: Literal[True]


class DeletedAnnotationList(Answer):
    """An image's deleted annotations, in order of id."""

    items: list[DeletedAnnotation]


class Edit(Body):
    """One change of one annotation.

    `base_revision` is the revision that the client saw: 0 for an annotation that never was. A `create` with the
    `base_revision` of a deleted annotation brings it back.
    """

    edit_id: UUID
    op: Literal["create", "update", "delete"]
    annotation_id: UUID
    base_revision: Annotated[int, Field(ge=0, le=MAX_ID)] = 0
    annotation: AnnotationContent | None = None


class EditBatch(Body):
    """Edits applied all or none, in order."""

    edits: Annotated[list[Edit], Field(min_length=1, max_length=1000)]


class EditResult(Answer):
    """What one edit left: the annotation's revision now, and the annotation unless deleted."""

    edit_id: UUID
    annotation_id: UUID
    revision: int
    annotation: Annotation | None


class EditBatchAnswer(Answer):
    """One result an edit, in the order sent; an edit sent again answers as it did the first time."""

    results: list[EditResult]


class LoggedContent(Answer):
    """What an annotation was before or after an edit."""

    category_id: int
    segmentation: Segmentation
    bbox_xywh: tuple[int, int, int, int]
    area: int
    iscrowd: bool
    z_order: int
    source: str
    score: float | None
    attributes: dict[str, JsonValue] | None = None


class HistoryEntry(Answer):
    """One applied edit: who, when, what was before and after (null: was not there)."""

    id: int
    edit_id: UUID
    annotation_id: UUID
    op: Literal["create", "update", "delete"]
    revision: int
    user: UserAnswer | None
    created_at: datetime
    before: LoggedContent | None
    after: LoggedContent | None


class HistoryPage(Answer):
    """Edits, newest first; `next` is the `before` of the next page, null at the end."""

    items: list[HistoryEntry]
    next: int | None
