"""What other tools wrote: read, with counts made by looking into the files, or refused for a stated reason."""

import base64
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from segmentarium.core.annotation import Polygons
from segmentarium.core.raster import segmentation_area_and_bbox
from segmentarium.core.rle import RLE, rle_area
from segmentarium.formats import FORMATS, format_named
from segmentarium.formats.base import DatasetImage
from segmentarium.formats.support.problems import Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.round_trip import Read, read_files
from tests.formats.test_brush_rle import unpacked

INTEROP = Path(__file__).resolve().parents[2].parent / "shared/data/interop"

# Folder, format; images, annotations, categories, pictures at hand, problems, notices.
CASES = [
    ("yolo_seg/coco128_train2017", "yolo", (8, 30, 80, 8, 0, 0)),
    ("yolo_det/datumaro/annotations", "yolo", (1, 2, 10, 1, 0, 1)),
    ("yolo_det/datumaro/labels", "yolo", (2, 4, 10, 2, 0, 2)),
    ("yolo_det/datumaro/strict", "yolo", (1, 2, 10, 1, 0, 1)),
    ("yolo_det/labelstudio/test_import_yolo_data_unif_dims", "yolo", (5, 19, 4, 5, 0, 5)),
    # Of eight shapes a line, a strip of lines and a point cover nothing.
    ("labelme_json/primitives", "labelme", (1, 5, 7, 1, 0, 3)),
    # 18 shapes; two of one person, and four of one sofa, are grouped.
    ("labelme_json/instance_segmentation", "labelme", (3, 14, 21, 3, 0, 0)),
    ("labelme_json/embedded_imagedata", "labelme", (1, 4, 4, 1, 0, 0)),
    ("cvat_xml/datumaro/for_images/export_project", "cvat", (6, 6, 2, 6, 0, 6)),
    # A polygon has no label.
    ("cvat_xml/datumaro/for_images/export_task", "cvat", (2, 1, 2, 2, 1, 2)),
    # Of three tracks one is of boxes, and one box of it is on the picture.
    ("cvat_xml/datumaro/for_video", "cvat", (3, 1, 3, 3, 0, 2)),
    ("cvat_xml/docs_example", "cvat", (1, 3, 5, 0, 0, 5)),
    # Labels of whole images only.
    ("datumaro_json/legacy", "datumaro", (4, 0, 4, 4, 0, 7)),
    # Each has a box, an ellipse, a polygon and a mask; a keypoint, a line and a tag cover nothing.
    ("darwin_json/basic/image_new_annotations_with_properties", "darwin", (8, 32, 4, 0, 0, 24)),
    ("darwin_json/basic/image_new_basic_annotations", "darwin", (8, 32, 4, 0, 0, 24)),
    # Nobody annotated it, and it names no image.
    ("label_studio/brush_rle", "label-studio", (1, 3, 1, 1, 0, 2)),
    ("label_studio/exports/test_export_yolo", "label-studio", (1, 1, 2, 0, 0, 0)),
    ("label_studio/exports/test_export_coco", "label-studio", (1, 2, 2, 0, 0, 2)),
    ("label_studio/exports/test_export_json_min", "label-studio", (1, 1, 2, 0, 0, 0)),
    ("coco_instances/coco2014_subset", "coco", (14, 187, 80, 14, 0, 0)),
    ("coco_instances/fruits_nuts", "coco", (18, 165, 3, 4, 0, 0)),
    # A box, a polygon and a crowd; captions, labels, keypoints, stuff and panoptic maps are not read beside them.
    ("coco_instances/datumaro_mini", "coco", (2, 3, 3, 2, 0, 13)),
    ("coco_instances/labelme2coco", "coco", (3, 12, 21, 3, 0, 0)),
    ("coco_instances/no_images", "coco", (100, 839, 80, 0, 0, 1)),
    # People by their boxes.
    ("coco_keypoints", "coco", (1, 14, 1, 0, 0, 15)),
]
cases = pytest.mark.parametrize(("folder", "name", "counts"), CASES, ids=[one[0] for one in CASES])


def folder_at(path: str) -> Path:
    folder = INTEROP / path
    if not folder.is_dir():
        pytest.skip(f"{folder} is not at hand")
    return folder


@pytest.fixture(scope="module")
def read() -> Callable[[str, str], Read]:
    """A folder of the interop data, read once."""
    made: dict[str, Read] = {}

    def of(path: str, name: str) -> Read:
        if path not in made:
            made[path] = read_files(format_named(name), folder_at(path))
        return made[path]

    return of


@cases
def test_one_format_alone_recognizes_it(folder: str, name: str, counts: tuple[int, ...]) -> None:
    files = FolderFiles(folder_at(folder))
    shapes = {one for _, one, _ in CASES}
    found = [one for one in FORMATS if one in shapes and FORMATS[one].recognizes(files)]
    assert found == [name]


@cases
def test_everything_is_read_or_said_not_to_be(
    folder: str, name: str, counts: tuple[int, ...]
) -> None:
    problems: list[bool] = []
    found = format_named(name).read(
        FolderFiles(folder_at(folder)), Problems(lambda one: problems.append(one.is_notice))
    )
    images: list[DatasetImage] = list(found.images)
    assert (
        len(images),
        sum(len(image.annotations) for image in images),
        len(found.categories),
        sum(image.read_bytes is not None for image in images),
        problems.count(False),
        problems.count(True),
    ) == counts
    assert len({image.file_name for image in images}) == len(images)


@cases
def test_every_annotation_can_be_painted(
    folder: str, name: str, counts: tuple[int, ...], read: Callable[[str, str], Read]
) -> None:
    for image in read(folder, name).images.values():
        for annotation in image.annotations:
            segmentation_area_and_bbox(annotation.segmentation, image.height, image.width)


def test_a_group_of_labelme_is_one_annotation(read: Callable[[str, str], Read]) -> None:
    found = read("labelme_json/instance_segmentation", "labelme")
    image = found.images["2011_000006.jpg"]
    sofas = [one for one in image.annotations if found.category_name(one) == "sofa"]
    assert [
        len(one.segmentation.parts) for one in sofas if isinstance(one.segmentation, Polygons)
    ] == [4]


def test_the_octagon_of_labelme_has_its_pixels(read: Callable[[str, str], Read]) -> None:
    found = read("labelme_json/primitives", "labelme")
    (octagon,) = (
        one
        for one in found.images["primitives.jpg"].annotations
        if isinstance(one.segmentation, RLE)
    )
    area, bbox = segmentation_area_and_bbox(octagon.segmentation, 450, 560)
    assert bbox == (417, 305, 100, 100)
    document = json.loads((INTEROP / "labelme_json/primitives/primitives.json").read_text())
    with PIL.Image.open(io.BytesIO(base64.b64decode(document["shapes"][-1]["mask"]))) as mask:
        assert area == np.count_nonzero(np.asarray(mask))


def test_the_mask_of_cvats_documentation_has_its_runs(read: Callable[[str, str], Read]) -> None:
    image = read("cvat_xml/docs_example", "cvat").images["filename000.jpg"]
    (mask,) = (one for one in image.annotations if isinstance(one.segmentation, RLE))
    assert segmentation_area_and_bbox(mask.segmentation, 1200, 1600) == (149, (707, 888, 13, 15))


def test_cvat_keeps_attributes_with_their_types(read: Callable[[str, str], Read]) -> None:
    image = read("cvat_xml/datumaro/for_images/export_task", "cvat").images["img0.jpg"]
    (box,) = image.annotations
    assert box.attributes == {"occluded": True, "a1": True, "a2": "v3", "a3": "0003", "a4": 2.4}


def test_subsets_are_splits(read: Callable[[str, str], Read]) -> None:
    found = read("datumaro_json/legacy", "datumaro")
    assert {name: image.split for name, image in found.images.items()} == {
        "a.jpg": "train",
        "b.jpg": "train",
        "c.jpg": "test",
        "d.jpg": "val",
    }


def test_darwins_masks_have_the_pixels_of_their_layer(read: Callable[[str, str], Read]) -> None:
    path = "darwin_json/basic/image_new_basic_annotations"
    for name, image in read(path, "darwin").images.items():
        document = json.loads((INTEROP / path / name).with_suffix(".json").read_text())
        (layer,) = (one["raster_layer"] for one in document["annotations"] if "raster_layer" in one)
        runs = layer["dense_rle"]
        pixels: Counter[int] = Counter()
        for value, length in zip(runs[::2], runs[1::2], strict=True):
            pixels[value] += length
        for annotation in image.annotations:
            if isinstance(annotation.segmentation, RLE):
                number = layer["mask_annotation_ids_mapping"][annotation.id]
                assert rle_area(annotation.segmentation) == pixels[number]


def test_brushes_have_the_pixels_that_unpacking_bit_by_bit_gives(
    read: Callable[[str, str], Read],
) -> None:
    image = read("label_studio/brush_rle", "label-studio").images["car.jpg"]
    (task,) = json.loads((INTEROP / "label_studio/brush_rle/test_brush_labels.json").read_text())
    assert [one.score for one in image.annotations] == [one["score"] for one in task["result"]]
    for annotation, result in zip(image.annotations, task["result"], strict=True):
        alphas = unpacked(result["value"]["rle"])[3::4]
        assert isinstance(annotation.segmentation, RLE)
        assert rle_area(annotation.segmentation) == sum(alpha >= 128 for alpha in alphas)


def test_sparse_classes_of_yolo_keep_their_names(read: Callable[[str, str], Read]) -> None:
    found = read("yolo_seg/coco128_train2017", "yolo")
    names = {found.category_name(one) for one in found.images["000000000009.jpg"].annotations}
    assert names == {"bowl", "broccoli", "orange"}
