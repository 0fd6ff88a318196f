"""COCO panoptic as an independent decoder reads it: plain arithmetic on the PNG's bytes."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import MalformedFile
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import Mask, mask_to_rle
from segmentarium.formats import FORMATS, format_named
from segmentarium.formats.base import Dataset, DatasetImage, check_options
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import ANNOTATIONS, CATEGORIES, HEIGHT, IMAGES, WIDTH, dataset
from tests.formats.round_trip import joined, mask_of, read_files, write_files

FORMAT = format_named("panoptic")


def decoded(data: bytes) -> dict[int, Mask]:
    """The segments of a map, as panopticapi's rgb2id has them."""
    with PIL.Image.open(io.BytesIO(data)) as image:
        channels = np.asarray(image).astype(np.uint32)
    ids = channels[:, :, 0] + 256 * channels[:, :, 1] + 256 * 256 * channels[:, :, 2]
    return {int(number): ids == number for number in np.unique(ids) if number}


def visible() -> list[Mask]:
    """What is seen of each annotation, from the topmost down."""
    masks = [segmentation_to_mask(one.segmentation, HEIGHT, WIDTH) for one in ANNOTATIONS]
    return [
        mask & ~np.any(masks[place + 1 :], axis=0) if masks[place + 1 :] else mask
        for place, mask in enumerate(masks)
    ]


def written(data: Dataset | None = None) -> dict[str, bytes]:
    files = FORMAT.write(data or dataset(), check_options(FORMAT, {}), Changes())
    return {path: joined(content) for path, content in files}


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    """The record of the first image."""
    document = json.loads(written()["annotations/panoptic.json"])
    (found,) = (one for one in document["annotations"] if one["image_id"] == 11)
    return dict(found)


def test_another_decoder_finds_the_visible_pixels_of_every_segment(record: dict[str, Any]) -> None:
    segments = decoded(written()[f"annotations/panoptic/{record['file_name']}"])
    for entry, mask in zip(record["segments_info"], visible(), strict=True):
        assert np.array_equal(segments.pop(entry["id"]), mask)
    assert segments == {}


def test_areas_boxes_and_categories_are_those_of_the_decoded_segments(
    record: dict[str, Any],
) -> None:
    segments = decoded(written()[f"annotations/panoptic/{record['file_name']}"])
    for entry, annotation in zip(record["segments_info"], ANNOTATIONS, strict=True):
        rows, columns = np.nonzero(segments[entry["id"]])
        x, y, w, h = entry["bbox"]
        assert entry["area"] == len(rows)
        assert (x, x + w, y, y + h) == (
            *(columns.min(), columns.max() + 1),
            *(rows.min(), rows.max() + 1),
        )
        assert entry["category_id"] == annotation.category_id
        assert entry["iscrowd"] == int(annotation.iscrowd)


def test_every_image_has_a_record_and_a_map_of_its_size() -> None:
    files = written()
    document = json.loads(files["annotations/panoptic.json"])
    assert [one["image_id"] for one in document["annotations"]] == [
        number for number, _ in IMAGES.values()
    ]
    for one in document["annotations"]:
        with PIL.Image.open(io.BytesIO(files[f"annotations/panoptic/{one['file_name']}"])) as image:
            assert (image.size, image.mode) == ((WIDTH, HEIGHT), "RGB")


def test_panopticapi_takes_document_and_maps_as_they_are(tmp_path: Path) -> None:
    """What `pq_compute` and its converters do: the folder is the document's path without .json."""
    write_files(FORMAT, dataset(has_splits=True), tmp_path, images=False)
    documents = sorted((tmp_path / "annotations").glob("*.json"))
    assert [path.name for path in documents] == ["panoptic_train.json", "panoptic_val.json"]
    for path in documents:
        folder = Path(str(path).replace(".json", ""))
        document = json.loads(path.read_text())
        images = {one["id"] for one in document["images"]}
        categories = {one["id"]: one["isthing"] for one in document["categories"]}
        records = {one["image_id"]: one for one in document["annotations"]}
        assert records.keys() == images
        for record in records.values():
            assert record["file_name"] == Path(record["file_name"]).name
            segments = decoded((folder / record["file_name"]).read_bytes())
            told = {one["id"]: one for one in record["segments_info"]}
            assert told.keys() == segments.keys()
            for number, one in told.items():
                assert one["category_id"] in categories
                assert one["iscrowd"] in {0, 1}
                assert one["area"] == np.count_nonzero(segments[number])
        assert sorted(one.name for one in folder.iterdir()) == sorted(
            one["file_name"] for one in records.values()
        )


def test_two_documents_of_one_name_have_their_own_maps(tmp_path: Path) -> None:
    for name, x in (("first", 1), ("second", 9)):
        image = DatasetImage(1, f"{name}.png", WIDTH, HEIGHT, (square("a", 30, x),))
        write_files(FORMAT, Dataset("One", CATEGORIES, iter([image])), tmp_path / name)
        folder = tmp_path / name / "annotations"
        (folder / f"panoptic/{name}.png").rename(folder / "panoptic/same.png")
        document = (folder / "panoptic.json").read_text()
        renamed = document.replace(f'"{name}.png","segments', '"same.png","segments')
        (folder / "panoptic.json").write_text(renamed)
    images = read_files(FORMAT, tmp_path).images
    starts = {
        name: int(mask_of(one.annotations[0], one).any(axis=0).argmax())
        for name, one in images.items()
    }
    assert starts == {"first.png": 1, "second.png": 9}


def one_image(*annotations: Annotation) -> Dataset:
    return Dataset("One", CATEGORIES, iter([DatasetImage(1, "a.png", WIDTH, HEIGHT, annotations)]))


def square(id_: str, category_id: int, x: int, *, iscrowd: bool = False) -> Annotation:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[2:6, x : x + 4] = True
    return Annotation(id_, category_id, mask_to_rle(mask), iscrowd, attributes={"wet": True})


@pytest.mark.parametrize("iscrowd", [False, True])
def test_stuff_of_one_category_is_one_segment_and_the_report_says_so(
    iscrowd: bool, tmp_path: Path
) -> None:
    category_id = 30 if iscrowd else 12
    squares = [square(name, category_id, x, iscrowd=iscrowd) for name, x in (("a", 1), ("b", 9))]
    changes = write_files(FORMAT, one_image(*squares), tmp_path)
    assert [(one.kind, one.annotation_id) for one in changes] == [
        (ChangeKind.MERGED, "a"),
        (ChangeKind.ATTRIBUTES_LOST, "a"),
        (ChangeKind.MERGED, "b"),
        (ChangeKind.ATTRIBUTES_LOST, "b"),
    ]
    (annotation,) = read_files(FORMAT, tmp_path).images["a.png"].annotations
    assert annotation.iscrowd == iscrowd


def test_what_is_hidden_in_a_merged_segment_is_still_reported(tmp_path: Path) -> None:
    squares = [square("a", 12, 1), square("b", 12, 9), square("above", 30, 1)]
    changes = write_files(FORMAT, one_image(*squares), tmp_path)
    assert ("a", "16 pixels") in [
        (one.annotation_id, one.detail) for one in changes if one.kind is ChangeKind.HIDDEN
    ]


def test_two_images_that_differ_by_their_suffix_have_a_map_each(tmp_path: Path) -> None:
    images = [
        DatasetImage(number, name, WIDTH, HEIGHT, (square(name, 30, number),))
        for number, name in enumerate(("a.jpg", "a.png"), start=1)
    ]
    write_files(FORMAT, Dataset("Two", CATEGORIES, iter(images)), tmp_path)
    read = read_files(FORMAT, tmp_path)
    for image in images:
        (annotation,) = read.images[image.file_name].annotations
        assert np.array_equal(mask_of(annotation, image), mask_of(image.annotations[0], image))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(FORMAT, dataset(), tmp_path)
    return tmp_path


def change(folder: Path, edit: Any) -> None:
    path = folder / "annotations/panoptic.json"
    document = json.loads(path.read_bytes())
    edit(document)
    path.write_text(json.dumps(document))


def test_a_segment_without_pixels_is_a_problem_with_its_position(folder: Path) -> None:
    def edit(document: Any) -> None:
        document["annotations"][0]["segments_info"][1]["id"] = 99

    change(folder, edit)
    read = read_files(FORMAT, folder)
    assert [(one.position, one.detail) for one in read.problems] == [
        (
            "annotations[0].segments_info[1]",
            "annotations/panoptic/cat 1.png has no pixel of the id 99.",
        ),
        ("id 2", "annotations/panoptic.json does not say what it is."),
    ]
    assert len(read.images["cat 1.jpg"].annotations) == 3


def test_a_category_may_have_the_id_0(folder: Path) -> None:
    def edit(document: Any) -> None:
        document["categories"][0]["id"] = 0
        for segment in document["annotations"][0]["segments_info"]:
            segment["category_id"] = 0

    change(folder, edit)
    read = read_files(FORMAT, folder)
    names = [read.category_name(one) for one in read.images["cat 1.jpg"].annotations]
    assert (names, read.problems) == (["cat"] * 4, [])


@pytest.mark.parametrize(
    ("place", "record", "detail"),
    [
        (0, {"image_id": 999}, "not in the list"),
        (0, {"image_id": 11, "file_name": "no.png", "segments_info": []}, "no map"),
        (0, {"image_id": 11, "file_name": "cat 1.png"}, "list of segments"),
        (0, [], "object"),
        (1, {"image_id": 11, "file_name": "cat 1.png", "segments_info": []}, "already"),
    ],
)
def test_a_broken_record_is_a_problem_and_the_others_are_read(
    folder: Path, place: int, record: Any, detail: str
) -> None:
    change(folder, lambda document: document["annotations"].__setitem__(place, record))
    read = read_files(FORMAT, folder)
    assert any(
        one.position == f"annotations[{place}]" and detail in one.detail for one in read.problems
    )
    assert "Ünïcode 图.webp" in read.images


def test_a_map_of_another_size_than_its_image_is_a_problem(folder: Path) -> None:
    change(folder, lambda document: document["images"][0].update(width=WIDTH + 1))
    read = read_files(FORMAT, folder)
    assert [one.detail for one in read.problems] == [
        f"annotations/panoptic/cat 1.png is {WIDTH} × {HEIGHT} pixels large, not 32 × 24."
    ]
    assert "cat 1.jpg" not in read.images


def test_a_document_without_images_cannot_be_read(folder: Path) -> None:
    change(folder, lambda document: document.update(images=[]))
    with pytest.raises(MalformedFile, match="lists no images"):
        read_files(FORMAT, folder)


def test_a_document_with_a_megabyte_of_images_before_its_segments_is_still_recognized(
    folder: Path,
) -> None:
    def edit(document: Any) -> None:
        more = [{"id": number, "file_name": "x" * 200} for number in range(100, 6000)]
        document["images"] += more

    change(folder, edit)
    assert (folder / "annotations/panoptic.json").stat().st_size > 1 << 20
    files = FolderFiles(folder)
    assert [one.name for one in FORMATS.values() if one.recognizes(files)] == ["panoptic"]


def test_the_record_of_two_images_of_one_id_is_neithers(tmp_path: Path) -> None:
    write_files(FORMAT, dataset(), tmp_path)
    path = tmp_path / "annotations/panoptic.json"
    document = json.loads(path.read_text())
    document["images"].append(document["images"][0] | {"file_name": "other.jpg"})
    path.write_text(json.dumps(document))
    found = read_files(FORMAT, tmp_path)
    at = [one["image_id"] for one in document["annotations"]].index(document["images"][0]["id"])
    assert [one.position for one in found.problems] == ["images[3]", f"annotations[{at}]"]
    assert found.images[document["images"][0]["file_name"]].annotations == ()
