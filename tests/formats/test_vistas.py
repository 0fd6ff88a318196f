"""Mapillary Vistas: plain arithmetic on its maps, and versions beside each other."""

import io
import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.errors import Invalid
from segmentarium.core.rle import mask_to_rle
from segmentarium.core.segment_map import annotations_to_category_map
from segmentarium.formats import FORMATS, format_named
from segmentarium.formats.base import Dataset, DatasetImage, check_options
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import ANNOTATIONS, CATEGORIES, HEIGHT, WIDTH, dataset
from tests.formats.round_trip import joined, read_files, write_files

FORMAT = format_named("vistas")


def test_a_pixel_is_its_label_times_256_and_its_instance() -> None:
    written = FORMAT.write(dataset(has_splits=True), check_options(FORMAT, {}), Changes())
    files = {path: joined(content) for path, content in written}
    maps = [files[f"training/v2.0/{kind}/cat 1.png"] for kind in ("instances", "labels")]
    instances, labels = (np.asarray(PIL.Image.open(io.BytesIO(data))) for data in maps)
    order = [category.id for category in CATEGORIES]
    own = annotations_to_category_map(ANNOTATIONS, order, HEIGHT, WIDTH)
    assert np.array_equal(labels, np.where(own == 0, len(order), own - 1))
    assert np.array_equal(instances // 256, labels)
    assert set(np.unique(instances % 256).tolist()) == {0, 1}  # two cats
    names = [one["name"] for one in json.loads(files["config_v2.0.json"])["labels"]]
    assert names == [*(category.name for category in CATEGORIES), "void--unlabeled"]


def test_the_257th_instance_of_a_label_becomes_one_with_the_256th(tmp_path: Path) -> None:
    annotations = []
    for number in range(258):
        mask = np.zeros((HEIGHT, WIDTH), bool)
        mask.ravel()[number] = True
        annotations.append(Annotation(f"n{number}", 30, mask_to_rle(mask), z_order=number))
    image = DatasetImage(1, "a.jpg", WIDTH, HEIGHT, tuple(annotations))
    changes = write_files(FORMAT, Dataset("Many", CATEGORIES, iter([image])), tmp_path)
    assert [(one.kind, one.annotation_id) for one in changes] == [
        (ChangeKind.MERGED, "n256"),
        (ChangeKind.MERGED, "n257"),
    ]
    assert len(read_files(FORMAT, tmp_path).images["a.jpg"].annotations) == 256


def test_more_categories_than_the_map_can_hold_are_refused() -> None:
    categories = tuple(Category(k, f"c{k}", "#000000") for k in range(256))
    with pytest.raises(Invalid, match="255 categories"):
        list(FORMAT.write(Dataset("", categories, iter(())), check_options(FORMAT, {}), Changes()))


def save(path: Path, values: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(np.array(values, np.uint16)).save(path)


def config(path: Path, *names: str) -> None:
    path.write_text(json.dumps({"labels": [{"name": name, "instances": True} for name in names]}))


def test_the_newest_version_is_read(tmp_path: Path) -> None:
    for version, names in (("v1.2", ["old"]), ("v10.0", ["new"]), ("v2.0", ["middle"])):
        config(tmp_path / f"config_{version}.json", *names)
        save(tmp_path / f"training/{version}/instances/a.png", [[0, 1]])
    read = read_files(FORMAT, tmp_path)
    assert [one.name for one in read.categories] == ["new"]
    assert (len(read.images["a.jpg"].annotations), read.images["a.jpg"].split) == (2, "train")


def test_a_number_without_a_label_is_a_problem(tmp_path: Path) -> None:
    config(tmp_path / "config.json", "object--car", "void--unlabeled")
    save(tmp_path / "validation/instances/a.png", [[0, 256, 512]])
    read = read_files(FORMAT, tmp_path)
    assert [one.position for one in read.problems] == ["number 512"]
    assert [one.supercategory for one in read.categories] == ["object"]
    assert len(read.images["a.jpg"].annotations) == 1


def test_panoptic_maps_beside_it_do_not_make_it_two_formats(tmp_path: Path) -> None:
    config(tmp_path / "config_v2.0.json", "car")
    save(tmp_path / "training/v2.0/instances/a.png", [[0]])
    panoptic = tmp_path / "training/v2.0/panoptic"
    panoptic.mkdir()
    (panoptic / "panoptic_2020.json").write_text('{"annotations": [{"segments_info": []}]}')
    files = FolderFiles(tmp_path)
    assert [one.name for one in FORMATS.values() if one.recognizes(files)] == ["vistas"]
