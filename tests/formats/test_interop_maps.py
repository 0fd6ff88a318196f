"""Files of other tools in the formats of maps: all of them are read, or refused for the reason that is stated here."""

import json
from collections import Counter
from pathlib import Path

import pytest

from segmentarium.core.annotation import Polygons
from segmentarium.formats import FORMATS, format_named
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.round_trip import Read, mask_of, read_files

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "interop"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the files of other tools are not here")


def read(format_name: str, folder: str) -> Read:
    return read_files(format_named(format_name), FOLDER / folder)


def counts(found: Read) -> dict[str, int]:
    """Annotations by image."""
    return {name: len(image.annotations) for name, image in found.images.items()}


def pixels(found: Read, name: str) -> Counter[str]:
    """Pixels by category."""
    image = found.images[name]
    areas: Counter[str] = Counter()
    for one in image.annotations:
        areas[found.category_name(one)] += int(mask_of(one, image).sum())
    return areas


def own_segments(document: Path) -> dict[str, int]:
    """Segments by image, as the document itself lists them."""
    content = json.loads(document.read_bytes())
    names = {one["id"]: one["file_name"] for one in content["images"]}
    return {names[one["image_id"]]: len(one["segments_info"]) for one in content["annotations"]}


RECOGNIZED = {
    "coco_panoptic/coco128_train2017": ["panoptic"],
    # It has the same data in two formats beside each other.
    "coco_panoptic/panopticapi_sample": ["coco", "panoptic"],
    "semantic_png/coco128_train2017": ["semantic"],
    "voc/datumaro_voc_dataset1": ["voc"],
    "voc/labelme_export": ["voc"],
    "cityscapes/datumaro/dataset": ["cityscapes"],
    "cityscapes/datumaro/train_dataset": ["cityscapes"],
    "cityscapes/polygons": ["cityscapes"],
    "mapillary_vistas": ["vistas"],
}


@pytest.mark.parametrize("folder", RECOGNIZED)
def test_a_dataset_of_another_tool_is_recognized(folder: str) -> None:
    files = FolderFiles(FOLDER / folder)
    names = sorted(one.name for one in FORMATS.values() if one.recognizes(files))
    assert names == RECOGNIZED[folder]


@pytest.mark.parametrize(
    ("folder", "document", "segments"),
    [
        ("coco128_train2017", "panoptic_train2017.json", 49),
        ("panopticapi_sample", "panoptic_examples.json", 50),
    ],
)
def test_coco_panoptic_has_every_segment_of_its_documents(
    folder: str, document: str, segments: int
) -> None:
    found = read("panoptic", f"coco_panoptic/{folder}")
    assert counts(found) == own_segments(FOLDER / "coco_panoptic" / folder / document)
    assert sum(counts(found).values()) == segments
    assert len(found.categories) == 133
    assert found.problems == []
    assert all(image.read_bytes is not None for image in found.images.values())


def test_panoptic_areas_are_those_of_the_document() -> None:
    """The document's areas were counted by panopticapi."""
    folder = FOLDER / "coco_panoptic" / "panopticapi_sample"
    content = json.loads((folder / "panoptic_examples.json").read_bytes())
    names = {one["id"]: one["file_name"] for one in content["images"]}
    found = read("panoptic", "coco_panoptic/panopticapi_sample")
    for record in content["annotations"]:
        image = found.images[names[record["image_id"]]]
        areas = {one.id: int(mask_of(one, image).sum()) for one in image.annotations}
        assert areas == {str(one["id"]): one["area"] for one in record["segments_info"]}


def test_the_detection_format_has_the_same_pixels() -> None:
    panoptic, detection = (
        read(name, "coco_panoptic/panopticapi_sample") for name in ("panoptic", "coco")
    )
    assert counts(panoptic) == counts(detection)
    for name in panoptic.images:
        assert pixels(panoptic, name) == pixels(detection, name)


def test_semantic_maps_have_the_pixels_of_the_panoptic_ones() -> None:
    """Both were made of the same annotations."""
    semantic, panoptic = (
        read("semantic", "semantic_png/coco128_train2017"),
        read("panoptic", "coco_panoptic/coco128_train2017"),
    )
    assert (len(semantic.images), semantic.problems) == (8, [])
    for name in semantic.images:
        assert pixels(semantic, name) == pixels(panoptic, f"{Path(name).stem}.jpg")


def test_voc_of_labelme_has_its_objects_and_no_xml() -> None:
    found = read("voc", "voc/labelme_export")
    assert counts(found) == {"2011_000003.jpg": 3, "2011_000006.jpg": 6, "2011_000025.jpg": 3}
    assert pixels(found, "2011_000003.jpg") == {"person": 32_880, "bottle": 873}
    assert pixels(found, "2011_000025.jpg") == {"bus": 118_231, "car": 7_256}
    assert [one.name for one in found.categories[-2:]] == ["train", "tv/monitor"]
    assert found.problems == []


def test_voc_of_datumaro_has_one_object_in_colour_and_one_without_pixels() -> None:
    """Its maps are of one colour each, (0, 128, 0) and (128, 0, 0): class 2 and object 1."""
    found = read("voc", "voc/datumaro_voc_dataset1")
    assert counts(found) == {"2007_000001.jpg": 1, "2007_000002.jpg": 0}
    assert pixels(found, "2007_000001.jpg") == {"bicycle": 200}
    splits = {name: image.split for name, image in found.images.items()}
    assert splits == {"2007_000001.jpg": "train", "2007_000002.jpg": "test"}
    assert [(one.position, one.detail, one.is_notice) for one in found.problems] == [
        ("object[0]", "cat is of another category in the maps: that one is read.", True),
        ("object[1]", "person has no pixels in the maps.", False),
    ]


@pytest.mark.parametrize(
    ("folder", "trucks"), [("datumaro/dataset", 1), ("datumaro/train_dataset", 2)]
)
def test_cityscapes_of_datumaro_has_its_instances(folder: str, trucks: int) -> None:
    """In one the numbers are labels, in the other labels × 1000 and instances: 27001 and 27002 are two trucks."""
    found = read("cityscapes", f"cityscapes/{folder}")
    first = "defaultcity_000001_000031_leftImg8bit.png"
    assert counts(found) == {
        first: 1 + trucks,
        "defaultcity_000001_000032_leftImg8bit.png": 3,
        "defaultcity_000002_000045_leftImg8bit.png": 2,
        "defaultcity_000001_000019_leftImg8bit.png": 2,
    }
    assert pixels(found, first) == {"out of roi": 2, "truck": 3}
    assert Counter(one.split for one in found.images.values()) == {"test": 2, "train": 1, "val": 1}
    assert found.problems == []


def test_cityscapes_polygons_are_read_with_their_vertices() -> None:
    found = read("cityscapes", "cityscapes/polygons")
    image = found.images["bochum_000000_000000_leftImg8bit.png"]
    assert [found.category_name(one) for one in image.annotations] == ["sky", "road"]
    segmentations = [one.segmentation for one in image.annotations]
    assert [one.vertex_count for one in segmentations if isinstance(one, Polygons)] == [5, 6]


def test_mapillary_vistas_has_its_instances() -> None:
    """The train image's columns are 0, 256, 1, 257, 2: three birds and two barriers."""
    found = read("vistas", "mapillary_vistas")
    assert counts(found) == {"2.jpg": 5, "0.jpg": 2, "1.jpg": 3}
    assert pixels(found, "2.jpg") == {"animal--bird": 15, "construction--barrier--separator": 10}
    assert {name: image.split for name, image in found.images.items()} == {
        "2.jpg": "train",
        "0.jpg": "val",
        "1.jpg": "val",
    }
    assert found.problems == []
