"""Imports: what comes in, what stays out, and that the same comes in once."""

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import PIL.Image
import pytest

from segmentarium.core.errors import Forbidden, JobCancelled, MalformedFile, UnknownFormat
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.formats import FORMATS, format_named
from segmentarium.services.exports import export_project
from segmentarium.storage.annotations import core_annotations
from segmentarium.storage.categories import create_category
from segmentarium.storage.dataset_files import unpack
from segmentarium.storage.edit_log import Content, Edit, list_edits
from segmentarium.storage.edits import apply_edits
from segmentarium.storage.images import all_images, lock_image
from segmentarium.storage.tables import MembershipRow
from segmentarium.storage.users import ensure_user
from tests.formats.dataset import CATEGORIES, IMAGES, dataset
from tests.formats.round_trip import write_files
from tests.services.importing import Project, edited, quiet, with_uuids
from tests.services.pictures import noise


def test_images_annotations_and_categories_come_in(project: Project, coco: Path) -> None:
    result = project.take(coco)
    assert (result.counts["new_images"], result.counts["new_annotations"]) == (3, 5)
    assert result.problems == []
    assert project.categories() == [category.name for category in CATEGORIES]
    masks = {name: [mask for _, _, mask in annotations] for name, annotations in project.state()}
    assert masks == {
        name: [segmentation_to_mask(one.segmentation, 24, 31).tobytes() for one in annotations]
        for name, (_, annotations) in IMAGES.items()
    }


def test_scores_attributes_crowds_and_splits_come_in(project: Project, coco: Path) -> None:
    project.take(coco)
    with project.database.read() as session:
        images = {image.name: image for image in all_images(session, project.id)}
        found = core_annotations(session, images["cat 1.jpg"].id)
    assert images["cat 1.jpg"].split == "train"
    assert images["cat.png"].split == "val"
    assert [one.score for one in found] == [None, 0.75, None, None]
    assert found[0].attributes == {"occluded": True, "view": "left"}
    assert [one.iscrowd for one in found] == [False, False, False, True]


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_importing_twice_changes_nothing(
    project: Project, tmp_path: Path, format_name: str
) -> None:
    folder = tmp_path / format_name
    write_files(format_named(format_name), with_uuids(), folder)
    first = project.take(folder)
    before = project.state()
    second = project.take(folder)
    assert project.state() == before
    assert second.counts["unchanged"] == first.counts["new_annotations"] > 0
    assert "new_annotations" not in second.counts


def test_what_was_changed_here_stays_as_it_is(project: Project, coco: Path) -> None:
    project.take(coco)
    image_id = project.images()["cat 1.jpg"]
    with project.database.write() as session:
        first, second = core_annotations(session, image_id)[:2]
        square = [[[2, 2, 12, 2, 12, 12, 2, 12]]]
        locked = lock_image(session, image_id)
        content = Content(first.category_id, square)
        edits = [
            Edit(UUID(int=1), "update", UUID(first.id), 1, content),
            Edit(UUID(int=2), "delete", UUID(second.id), 1, None),
        ]
        apply_edits(session, locked, project.user, edits)
    before = project.state()
    result = project.take(coco)
    assert project.state() == before
    assert (result.counts["changed_here"], result.counts["deleted_here"]) == (1, 1)


def test_attributes_stay_when_an_annotation_is_edited(project: Project, coco: Path) -> None:
    project.take(coco)
    image_id = project.images()["cat 1.jpg"]
    with project.database.write() as session:
        first = core_annotations(session, image_id)[0]
        content = Content(first.category_id, [[[2, 2, 12, 2, 12, 12, 2, 12]]])
        edit = Edit(UUID(int=1), "update", UUID(first.id), 1, content)
        apply_edits(session, lock_image(session, image_id), project.user, [edit])
    with project.database.read() as session:
        assert core_annotations(session, image_id)[0].attributes["view"] == "left"


def test_the_same_dataset_in_two_projects_gives_each_its_own_ids(
    project: Project, coco: Path
) -> None:
    other = Project(project.database, project.blobs, project.user, "Other")
    project.take(coco)
    other.take(coco)
    ids = [
        {key for _, annotations in one.state() for key, _, _ in annotations}
        for one in (project, other)
    ]
    assert len(ids[0]) == len(ids[1]) == 5
    assert not ids[0] & ids[1]
    before = other.state()
    other.take(coco)
    assert other.state() == before


def test_an_export_imported_elsewhere_exports_to_the_same_bytes(
    project: Project, coco: Path, tmp_path: Path
) -> None:
    """But for the ids of images and annotations, which are the project's own."""
    project.take(coco)
    again = Project(project.database, project.blobs, project.user, "Again")
    for source, target in ((project, "a.zip"), (again, "b.zip")):
        if source is again:
            folder = tmp_path / "unpacked"
            folder.mkdir()
            unpack(tmp_path / "a.zip", folder)
            again.take(folder)
        with source.database.read() as session:
            export_project(
                session,
                source.blobs,
                source.id,
                "Same",
                FORMATS["masks"],
                {},
                tmp_path / target.replace(".zip", "-masks.zip"),
                quiet,
            )
            export_project(
                session,
                source.blobs,
                source.id,
                "Same",
                FORMATS["coco"],
                {},
                tmp_path / target,
                quiet,
            )
    with (
        zipfile.ZipFile(tmp_path / "a-masks.zip") as one,
        zipfile.ZipFile(tmp_path / "b-masks.zip") as other,
    ):
        pictures = [name for name in one.namelist() if name.endswith(".png")]
        assert pictures
        assert all(one.read(name) == other.read(name) for name in pictures)


def test_the_log_names_who_imported(project: Project, coco: Path) -> None:
    project.take(coco)
    with project.database.read() as session:
        entries = list_edits(session, project.images()["cat 1.jpg"], None, 10)
    assert {(entry.row.op, entry.user and entry.user.name) for entry in entries} == {
        ("create", "ada")
    }


def test_a_dry_run_tells_and_changes_nothing(project: Project, coco: Path, tmp_path: Path) -> None:
    result = project.take(coco, is_dry_run=True)
    assert (result.counts["new_images"], result.counts["annotations"]) == (3, 5)
    assert result.new_categories == tuple(category.name for category in CATEGORIES)
    assert (project.images(), project.categories()) == ({}, [])
    assert not [path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file()]


def test_categories_are_matched_by_name_even_where_case_differs(
    project: Project, coco: Path
) -> None:
    with project.database.write() as session:
        create_category(session, project.id, "CAT")
    result = project.take(coco)
    assert "cat" not in project.categories()
    assert result.counts["new_categories"] == len(CATEGORIES) - 1


def test_pictures_that_are_there_are_found_by_name(project: Project, coco: Path) -> None:
    project.take(coco)
    with project.database.write() as session:
        for image_id in project.images().values():
            for one in core_annotations(session, image_id):
                edit = Edit(UUID(one.id), "delete", UUID(one.id), 1, None)
                apply_edits(session, lock_image(session, image_id), project.user, [edit])
    for path in (coco / "images").rglob("*.*"):
        path.unlink()
    edited(coco, lambda document: [one.pop("uuid") for one in document["annotations"]])
    result = project.take(coco)
    assert (result.counts["new_annotations"], len(project.images())) == (5, 3)


def test_a_picture_that_is_nowhere_is_named(project: Project, coco: Path) -> None:
    (coco / "images" / "val" / "cat.png").unlink()
    result = project.take(coco)
    assert [problem.file for problem in result.problems] == ["cat.png"]
    assert sorted(project.images()) == ["cat 1.jpg", "Ünïcode 图.webp"]


def test_an_annotation_on_a_picture_of_another_size_stays_out(project: Project, coco: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        for image in document["images"]:
            image["width"] += 1

    edited(coco, change)
    result = project.take(coco)
    assert "new_annotations" not in result.counts
    assert result.counts["problems"] > 0


def test_bad_records_are_listed_and_the_good_ones_come_in(project: Project, coco: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        for one in document["annotations"]:
            if one["score" if "score" in one else "id"] == 0.75:
                one["segmentation"] = "nonsense"

    edited(coco, change)
    result = project.take(coco)
    assert result.counts["new_annotations"] == 3
    assert [problem.position for problem in result.problems] == [
        "annotations[1]",
        "annotations[4]",
    ]


def test_facts_that_cannot_be_kept_are_problems_and_the_annotation_comes_in(
    project: Project, coco: Path
) -> None:
    facts: list[dict[str, Any]] = [
        {"score": 50, "attributes": {}},
        {"score": "high", "attributes": {"iou": math.nan, "view": "left"}},
        {"attributes": {"notes": "x" * 64_001}},
        {"score": 1, "attributes": {"notes": "x" * 63_000}},
    ]

    def change(document: dict[str, Any]) -> None:
        for one, said in zip(document["annotations"], facts, strict=False):
            one.update(said)

    edited(coco, change)
    result = project.take(coco)
    assert result.counts["new_annotations"] == 5
    told = [one.detail.partition(":")[0] for one in result.problems if one.file == "cat 1.jpg"]
    assert told == [
        "Its score is no number from 0 to 1",
        "Its score is no number from 0 to 1",
        "Its attribute 'iou' has a value that JSON cannot say",
        "Its attributes have over 64 kB",
    ]
    with project.database.read() as session:
        found = core_annotations(session, project.images()["cat 1.jpg"])
    assert [one.score for one in found] == [None, None, None, 1]
    assert [sorted(one.attributes) for one in found] == [[], ["view"], [], ["notes"]]


def test_strict_nothing_comes_in_where_anything_is_wrong(project: Project, coco: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        if document["annotations"]:
            document["annotations"][-1]["category_id"] = 999

    edited(coco, change)
    with pytest.raises(MalformedFile, match=r"annotations\[4\]"):
        project.take(coco, is_strict=True)
    assert (project.images(), project.categories()) == ({}, [])


def test_vertices_outside_the_image_are_cut_off_and_it_is_said(
    project: Project, coco: Path
) -> None:
    def change(document: dict[str, Any]) -> None:
        for one in document["annotations"]:
            one["segmentation"] = [[-5.0, 2.0, 10.0, 2.0, 10.0, 9.0, -5.0, 9.0]]

    edited(coco, change)
    result = project.take(coco)
    assert result.counts["new_annotations"] == len(result.notices) == 5
    expected = np.zeros((24, 31), bool)
    expected[2:9, :10] = True
    assert project.state()[0][1][0][2] == expected.tobytes()


def test_an_import_that_is_cancelled_leaves_what_is_whole(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(60):
        values = rng.integers(0, 255, (8, 8, 3), np.uint8)
        PIL.Image.fromarray(values).save(folder / f"{number:02}.png")

    def cancel(progress: float, message: str, counts: Mapping[str, int]) -> None:
        if counts["images"] >= 50:
            raise JobCancelled("The job was cancelled.")

    with pytest.raises(JobCancelled):
        project.take(folder, report=cancel)
    assert len(project.images()) == 50
    project.take(folder)
    assert len(project.images()) == 60


def test_pictures_alone_are_a_dataset(project: Project, coco: Path) -> None:
    result = project.take(coco / "images")
    assert (result.format_name, result.counts["new_images"]) == ("images", 3)


def test_files_of_no_format_are_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "notes.txt").write_text("nothing")
    with pytest.raises(UnknownFormat, match="coco"):
        project.take(tmp_path / "texts")


def test_progress_rises_and_stays_below_the_end(project: Project, coco: Path) -> None:
    heard: list[float] = []
    project.take(coco, report=lambda progress, _message, _counts: heard.append(progress))
    assert heard == sorted(heard)
    assert 0 < heard[-1] < 1


def test_one_picture_under_two_names_keeps_the_objects_of_both(
    project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "yolo"
    write_files(format_named("yolo"), dataset(), folder)
    (labels,) = [path for path in folder.rglob("*.txt") if path.stem == "cat 1"]
    (image,) = [path for path in folder.rglob("*.jpg") if path.stem == "cat 1"]
    for path in (labels, image):
        path.with_stem("copy").write_bytes(path.read_bytes())
    result = project.take(folder)
    assert result.counts["new_annotations"] == 4 + 1 + 4
    before = project.state()
    assert project.take(folder).counts["unchanged"] == 9
    assert project.state() == before


def test_equal_numbers_in_two_files_are_two_objects(project: Project, coco: Path) -> None:
    def renumber(document: dict[str, Any]) -> None:
        for number, one in enumerate(document["annotations"], start=1):
            one["id"] = number
            one.pop("uuid")

    edited(coco, renumber)
    project.take(coco)

    def move(document: dict[str, Any]) -> None:
        for one in document["annotations"]:
            one["segmentation"] = [[1.0, 1.0, 5.0, 1.0, 5.0, 5.0, 1.0, 5.0]]

    edited(coco, move)
    result = project.take(coco)
    assert result.counts["new_annotations"] == 5
    assert "changed_here" not in result.counts


@pytest.mark.parametrize("is_strict", [True, False])
def test_a_torn_picture_is_seen_beforehand(project: Project, coco: Path, is_strict: bool) -> None:
    picture = coco / "images" / "val" / "cat.png"
    picture.write_bytes(picture.read_bytes()[:60])
    looked = project.take(coco, is_dry_run=True)
    assert [problem.file for problem in looked.problems] == ["cat.png"]
    if is_strict:
        with pytest.raises(MalformedFile, match=r"cat\.png"):
            project.take(coco, is_strict=True)
        assert project.images() == {}
    else:
        assert project.take(coco).counts["new_images"] == 2


def test_a_dry_run_knows_the_size_of_a_picture(project: Project, coco: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        for image in document["images"]:
            image["height"] += 1

    edited(coco, change)
    looked = project.take(coco, is_dry_run=True)
    assert "annotations" not in looked.counts
    assert looked.counts["problems"] > 0


def test_only_owners_make_categories_by_importing(project: Project, coco: Path) -> None:
    with project.database.write() as session:
        eve = ensure_user(session, "eve")
        session.add(MembershipRow(user_id=eve.id, project_id=project.id, role="annotator"))
    owner, project.user = project.user, eve
    with pytest.raises(Forbidden):
        project.take(coco)
    project.user = owner
    project.take(coco)
    project.user = eve
    assert project.take(coco).counts["unchanged"] == 5


@pytest.fixture
def turned(project: Project, tmp_path: Path) -> Path:
    """An export with one object of the project, whose only picture is a photograph on its side."""
    folder = tmp_path / "camera"
    folder.mkdir()
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    photo = PIL.Image.fromarray(np.ascontiguousarray(noise(24, 40)))
    photo.save(folder / "photo.jpg", exif=exif)
    project.take(folder)
    with project.database.write() as session:
        category = create_category(session, project.id, "cat")
        image = lock_image(session, project.images()["photo.jpg"])
        square = Content(category.id, [[[2, 2, 12, 2, 12, 30, 2, 30]]])
        apply_edits(
            session, image, project.user, [Edit(UUID(int=1), "create", UUID(int=2), 0, square)]
        )
    target = tmp_path / "export.zip"
    with project.database.read() as session:
        export_project(
            session, project.blobs, project.id, "Same", FORMATS["coco"], {}, target, quiet
        )
    (tmp_path / "unpacked").mkdir()
    unpack(target, tmp_path / "unpacked")
    return tmp_path / "unpacked"


@pytest.mark.parametrize("has_pictures", [True, False])
def test_a_turned_photograph_is_found_by_what_an_export_made_of_it(
    project: Project, turned: Path, has_pictures: bool
) -> None:
    (picture,) = (turned / "images").iterdir()
    assert picture.name == "photo.png"
    if not has_pictures:
        picture.unlink()
    for is_dry_run in (True, False):
        result = project.take(turned, is_dry_run=is_dry_run)
        assert (result.problems, result.counts["new_images"]) == ([], 0)
    assert (list(project.images()), result.counts["annotations"]) == (["photo.jpg"], 1)
    assert "new_annotations" not in result.counts


def test_another_picture_of_the_name_is_a_new_image(project: Project, turned: Path) -> None:
    (picture,) = (turned / "images").iterdir()
    PIL.Image.fromarray(np.ascontiguousarray(noise(40, 24, 9))).save(picture)
    assert project.take(turned).counts["new_images"] == 1


def test_one_name_in_two_folders_of_the_dataset_is_nobodys(project: Project, coco: Path) -> None:
    project.take(coco)
    for path in (coco / "images").rglob("*.*"):
        path.unlink()

    def change(document: dict[str, Any]) -> None:
        for image in document["images"]:
            image["file_name"] = "a/" + image["file_name"]
        (last,) = document["images"][-1:]
        if last["file_name"] == "a/cat.png":
            document["images"].append(last | {"id": 99, "file_name": "b/cat.png"})

    edited(coco, change)
    result = project.take(coco)
    assert [one.file for one in result.problems] == ["a/cat.png", "b/cat.png"]
    assert result.counts["unchanged"] == 5 - len(IMAGES["cat.png"][1])
