"""Exports: a project as a zip file, with names that are unique and pictures that are upright."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import uuid4

import numpy as np
import PIL.Image
import pytest

from segmentarium.core.errors import InvalidOption, JobCancelled
from segmentarium.formats import FORMATS, format_named
from segmentarium.formats.base import OptionValue
from segmentarium.services.exports import Report, export_project
from segmentarium.services.uploads import UploadLimits, store_image
from segmentarium.services.writing import WriteResult
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.categories import create_category
from segmentarium.storage.database import Database
from segmentarium.storage.edit_log import Content, Edit
from segmentarium.storage.edits import apply_edits
from segmentarium.storage.images import add_images, lock_image
from segmentarium.storage.projects import create_project
from segmentarium.storage.users import User, ensure_user
from tests.services.pictures import file_of, noise

PORTRAIT = noise(40, 30, 9)
SQUARE = [[[2, 2, 12, 2, 12, 12, 2, 12]]]


def quiet(progress: float, message: str, counts: Mapping[str, int]) -> None:
    """A report that nobody reads."""


@dataclass(frozen=True)
class Project:
    """A project that images can be put into."""

    database: Database
    blobs: BlobStore
    limits: UploadLimits
    user: User
    id: int
    category_id: int

    def add(self, name: str, file: io.BytesIO, annotations: int = 0) -> int:
        """An image with square annotations; its id."""
        stored = store_image(self.blobs, name, file, self.limits)
        with self.database.write() as session:
            ((row,), _) = add_images(session, self.id, [stored])
            content = Content(self.category_id, SQUARE)
            edits = [Edit(uuid4(), "create", uuid4(), 0, content) for _ in range(annotations)]
            if edits:
                apply_edits(session, lock_image(session, row.id), self.user, edits)
            return row.id

    def export(
        self,
        target: Path,
        format_name: str = "coco",
        options: Mapping[str, OptionValue] | None = None,
        report: Report = quiet,
    ) -> WriteResult:
        """Export it."""
        with self.database.read() as session:
            return export_project(
                session,
                self.blobs,
                self.id,
                "Street",
                format_named(format_name),
                options or {},
                target,
                report,
            )


@pytest.fixture
def project(database: Database, blobs: BlobStore, limits: UploadLimits) -> Project:
    """An empty project with one category."""
    with database.write() as session:
        user = ensure_user(session, "ada")
        project_id = create_project(session, user, "Street")
        category_id = create_category(session, project_id, "cat").id
    return Project(database, blobs, limits, user, project_id, category_id)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


def names_in(target: Path) -> list[str]:
    with zipfile.ZipFile(target) as archive:
        return archive.namelist()


def image_names(target: Path) -> list[str]:
    return [name.removeprefix("images/") for name in names_in(target) if "images/" in name]


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_makes_a_sound_zip_file(
    project: Project, target: Path, format_name: str
) -> None:
    project.add("a.png", file_of(noise(30, 40, 1)), annotations=2)
    project.add("b.jpg", file_of(noise(30, 40, 2), "JPEG", orientation=6))
    project.export(target, format_name)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None


@pytest.mark.parametrize("format_name", FORMATS)
def test_what_is_in_the_file_is_counted(project: Project, target: Path, format_name: str) -> None:
    project.add("a.png", file_of(noise(30, 40, 1)), annotations=3)
    project.add("b.png", file_of(noise(30, 40, 2)), annotations=1)
    counts = project.export(target, format_name).counts
    assert counts == {"images": 2, "annotations": 4, "files": len(names_in(target))}


@pytest.mark.parametrize("format_name", FORMATS)
def test_an_empty_project_is_exported(project: Project, target: Path, format_name: str) -> None:
    assert project.export(target, format_name).counts["images"] == 0
    assert names_in(target)


def test_an_upright_image_keeps_its_bytes(project: Project, target: Path) -> None:
    file = file_of(noise(30, 40, 1), "JPEG")
    project.add("a.jpg", file)
    project.export(target)
    with zipfile.ZipFile(target) as archive:
        assert archive.read("images/a.jpg") == file.getvalue()


def test_a_rotated_image_becomes_an_upright_png(project: Project, target: Path) -> None:
    stored = np.rot90(PORTRAIT)
    project.add("a.tiff", file_of(np.ascontiguousarray(stored), "TIFF", orientation=6))
    project.export(target)
    with (
        zipfile.ZipFile(target) as archive,
        PIL.Image.open(io.BytesIO(archive.read("images/a.png"))) as image,
    ):
        assert np.array_equal(np.asarray(image), PORTRAIT)


def test_the_size_told_is_that_of_the_picture_in_the_file(project: Project, target: Path) -> None:
    project.add("a.jpg", file_of(noise(30, 40, 1), "JPEG", orientation=6))
    project.export(target)
    with zipfile.ZipFile(target) as archive:
        (told,) = json.loads(archive.read("annotations/instances.json"))["images"]
        with PIL.Image.open(io.BytesIO(archive.read(f"images/{told['file_name']}"))) as image:
            assert image.size == (told["width"], told["height"]) == (30, 40)


def test_images_of_one_name_have_two_in_the_file(project: Project, target: Path) -> None:
    project.add("a.png", file_of(noise(30, 40, 1)))
    second = project.add("a.png", file_of(noise(30, 40, 2)))
    project.export(target)
    assert image_names(target) == ["a.png", f"a-{second}.png"]


def test_names_are_unique_even_where_case_does_not_count(project: Project, target: Path) -> None:
    for seed, name in enumerate(["Cat.png", "cat.PNG", "CAT.png"]):
        project.add(name, file_of(noise(30, 40, seed)))
    project.export(target)
    assert len({name.casefold() for name in image_names(target)}) == 3


def test_a_rotated_image_takes_no_name_of_another(project: Project, target: Path) -> None:
    project.add("a.png", file_of(noise(30, 40, 1)))
    project.add("a.jpg", file_of(noise(30, 40, 2), "JPEG", orientation=6))
    project.export(target)
    assert len(set(image_names(target))) == 2


def test_a_name_made_unique_is_no_name_of_another(project: Project, target: Path) -> None:
    first = project.add("a.png", file_of(noise(30, 40, 1)))
    project.add(f"A-{first + 2}.png", file_of(noise(30, 40, 2)))
    project.add("a.png", file_of(noise(30, 40, 3)))
    project.export(target)
    assert len({name.casefold() for name in image_names(target)}) == 3


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("<b>who?</b>.png", "b_.png"),
        ("12:30 *.png", "12_30 _.png"),
        ("con.png", "_con.png"),
        ("Nul.tar.png", "_Nul.tar.png"),
        ("console.png", "console.png"),
        (".png", ".png"),
        ("写真.png", "写真.png"),
    ],
)
def test_names_can_be_unpacked_on_every_system(
    project: Project, target: Path, name: str, packed: str
) -> None:
    project.add(name, file_of(noise(30, 40, 1)))
    project.export(target)
    assert image_names(target) == [packed]


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_longest_names_fit_a_file_system(
    project: Project, target: Path, format_name: str
) -> None:
    for seed in range(2):
        project.add("é" * 300 + ".png", file_of(noise(30, 40, seed)))
    project.export(target, format_name)
    with zipfile.ZipFile(target) as archive:
        names = [PurePosixPath(path).name for path in archive.namelist()]
    assert max(len(name.encode()) for name in names) <= 255
    assert len(set(archive.namelist())) == len(names)


def test_progress_rises_and_stays_below_the_end(project: Project, target: Path) -> None:
    for seed in range(3):
        project.add(f"{seed}.png", file_of(noise(30, 40, seed)))
    heard: list[float] = []
    project.export(target, report=lambda progress, _message, _counts: heard.append(progress))
    assert heard == sorted(heard)
    assert len(heard) == 3
    assert 0 < heard[0] < heard[-1] < 1


def test_a_cancelled_export_leaves_no_file(project: Project, tmp_path: Path) -> None:
    for seed in range(3):
        project.add(f"{seed}.png", file_of(noise(30, 40, seed)))
    before = sorted((tmp_path / "data").rglob("*"))

    def cancel(progress: float, message: str, counts: Mapping[str, int]) -> None:
        if counts["images"] == 2:
            raise JobCancelled("The job was cancelled.")

    def run() -> None:
        with project.blobs.workspace() as folder:
            project.export(folder / "export.zip", report=cancel)

    with pytest.raises(JobCancelled):
        run()
    assert sorted((tmp_path / "data").rglob("*")) == before


def test_an_unknown_option_is_refused_before_a_file_is_made(project: Project, target: Path) -> None:
    with pytest.raises(InvalidOption):
        project.export(target, options={"unknown": True})
    assert not target.exists()
