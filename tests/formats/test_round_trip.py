"""Every format read back is what was written, but for what it says it loses; and that it does lose."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from segmentarium.core.annotation import Annotation, Category, Polygons
from segmentarium.core.segment_map import annotations_to_category_map
from segmentarium.formats import FORMATS
from segmentarium.formats.base import Dataset, DatasetImage, Format
from segmentarium.formats.support.changes import Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.policies import seen
from segmentarium.formats.support.reading import box_polygon
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import CATEGORIES, HEIGHT, SPLITS, WIDTH, dataset, picture
from tests.formats.round_trip import Read, iou, mask_of, read_files, write_files

formats = pytest.mark.parametrize("format_", FORMATS.values(), ids=lambda one: one.name)
Check: TypeAlias = Callable[[Format, Read], bool]

WRITTEN = {image.file_name: image for image in dataset(has_splits=True).images}
NAMES = {category.id: category.name for category in CATEGORIES}
NEAR_PX = 0.02  # of a vertex, after being written in percent or the like


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Format], Read]:
    """Each format's round trip, made once."""
    made: dict[str, Read] = {}

    def of(format_: Format) -> Read:
        if format_.name not in made:
            folder = tmp_path_factory.mktemp(format_.name)
            write_files(format_, dataset(has_splits=True), folder)
            made[format_.name] = read_files(format_, folder)
        return made[format_.name]

    return of


def expected(format_: Format) -> dict[str, tuple[Annotation, ...]]:
    """The annotations by image: whole, or what is seen of them where a format keeps no more."""
    if Feature.OVERLAPS not in format_.loses:
        return {name: image.annotations for name, image in WRITTEN.items()}
    return {
        name: tuple(seen(image, {"overlaps": "z-order", "hidden": "drop"}, Changes()))
        for name, image in WRITTEN.items()
    }


def pairs(format_: Format, read: Read) -> list[tuple[Annotation, Annotation | None]]:
    """What was written with what was read of it: the one of its category that looks most like it, if it does."""
    found: list[tuple[Annotation, Annotation | None]] = []
    wanted_of = expected(format_)
    for name, image in WRITTEN.items():
        left = list(read.images[name].annotations) if name in read.images else []
        for annotation in wanted_of[name]:
            wanted = mask_of(annotation, image)
            best = max(
                (one for one in left if read.category_name(one) == NAMES[annotation.category_id]),
                key=lambda one: iou(mask_of(one, image), wanted),
                default=None,
            )
            if best is not None and iou(mask_of(best, image), wanted) < 0.5:
                best = None
            if best is not None:
                left.remove(best)
            found.append((annotation, best))
    return found


def every(
    same: Callable[[Annotation, Annotation, DatasetImage], bool],
) -> Check:
    """Of all annotations."""

    def check(format_: Format, read: Read) -> bool:
        image = next(iter(WRITTEN.values()))  # all are of one size
        return all(
            other is not None and same(one, other, image) for one, other in pairs(format_, read)
        )

    return check


def keeps_category(same: Callable[[Category, Category], bool]) -> Check:
    """Of the categories that were read at all."""

    def check(_format: Format, read: Read) -> bool:
        written = {category.name: category for category in CATEGORIES}
        return all(same(written[one.name], one) for one in read.categories)

    return check


def same_vertices(one: Annotation, other: Annotation, _image: DatasetImage) -> bool:
    if not isinstance(one.segmentation, Polygons):
        return True
    if not isinstance(other.segmentation, Polygons):
        return False
    drawn = np.concatenate([ring for part in one.segmentation.parts for ring in part])
    got = np.concatenate([ring for part in other.segmentation.parts for ring in part])
    steps = np.linalg.norm(drawn[:, None] - got[None], axis=2).min(axis=1)
    return bool(steps.max() < NEAR_PX)


def same_order(format_: Format, read: Read) -> bool:
    """Of the annotations of the first image, whatever numbers say it."""
    first = len(expected(format_)[next(iter(WRITTEN))])
    ranks = [-1 if other is None else other.z_order for _, other in pairs(format_, read)[:first]]
    return ranks == sorted(set(ranks))


def same_splits(_format: Format, read: Read) -> bool:
    return all(image.split == SPLITS[name] for name, image in read.images.items())


def same_category_order(_format: Format, read: Read) -> bool:
    found = [category.name for category in read.categories]
    return found == [category.name for category in CATEGORIES if category.name in found]


CHECKS: dict[Feature, Check] = {
    Feature.PIXELS: every(lambda a, b, i: bool((mask_of(a, i) == mask_of(b, i)).all())),
    Feature.VERTICES: every(same_vertices),
    Feature.PARTS: lambda f, r: (
        sum(len(image.annotations) for image in r.images.values())
        == sum(map(len, expected(f).values()))
    ),
    Feature.Z_ORDER: same_order,
    Feature.CROWDS: every(lambda a, b, _: a.iscrowd == b.iscrowd),
    Feature.IDS: every(lambda a, b, _: a.id == b.id),
    Feature.SCORES: every(lambda a, b, _: a.score == b.score),
    Feature.ATTRIBUTES: every(lambda a, b, _: dict(a.attributes) == dict(b.attributes)),
    Feature.COLORS: keeps_category(lambda a, b: a.color == b.color),
    Feature.SUPERCATEGORIES: keeps_category(lambda a, b: a.supercategory == b.supercategory),
    Feature.STUFF: keeps_category(lambda a, b: a.isthing == b.isthing),
    Feature.CATEGORY_ORDER: same_category_order,
    Feature.UNUSED_CATEGORIES: lambda f, r: (
        {one.name for one in r.categories} == {one.name for one in CATEGORIES}
    ),
    Feature.EMPTY_IMAGES: lambda f, r: set(r.images) == set(WRITTEN) and r.count == len(WRITTEN),
    Feature.SPLITS: same_splits,
}
PARTLY = {Feature.VERTICES: {Feature.SOME_VERTICES}}
LOSSES = {**CHECKS, Feature.SOME_VERTICES: CHECKS[Feature.VERTICES]}
OF_ANNOTATIONS = set(list(CHECKS)[: list(CHECKS).index(Feature.COLORS)])


@formats
def test_reading_finds_nothing_to_complain_about(
    format_: Format, read: Callable[[Format], Read]
) -> None:
    assert read(format_).problems == []


@formats
@pytest.mark.parametrize("feature", CHECKS, ids=lambda feature: feature.name)
def test_what_is_not_lost_comes_back(
    format_: Format, feature: Feature, read: Callable[[Format], Read]
) -> None:
    if {feature, *PARTLY.get(feature, ())}.intersection(format_.loses):
        pytest.skip("it says that this is lost")
    if feature in OF_ANNOTATIONS and Feature.INSTANCES in format_.loses:
        pytest.skip("it has no annotations")
    assert CHECKS[feature](format_, read(format_))


@formats
def test_what_is_said_to_be_lost_is_lost(format_: Format, read: Callable[[Format], Read]) -> None:
    kept = [
        feature
        for feature in format_.loses
        if feature in LOSSES and LOSSES[feature](format_, read(format_))
    ]
    assert kept == []


@formats
def test_splits_of_any_name_come_back_or_are_said_to_be_lost(
    format_: Format, tmp_path: Path
) -> None:
    splits = dict(zip(WRITTEN, ("train", "holdout", ""), strict=True))
    images = (replace(image, split=splits[name]) for name, image in WRITTEN.items())
    write_files(format_, Dataset("Small", CATEGORIES, images), tmp_path)
    found = {name: image.split for name, image in read_files(format_, tmp_path).images.items()}
    assert (found == splits) == (Feature.OTHER_SPLITS not in format_.loses)


@formats
def test_attributes_that_are_called_as_something_of_ours_stay_attributes(
    format_: Format, tmp_path: Path
) -> None:
    if Feature.ATTRIBUTES in format_.loses:
        pytest.skip("it says that these are lost")
    names = ("score", "is_crowd", "iscrowd", "id", "occluded", "description", "attribute.score")
    attributes = {name: True if "crowd" in name else "high" for name in names}
    plain, crowd = (
        Annotation(f"n{at}", 30, box_polygon(4 + 9 * at, 2, 5, 5), bool(at), at, score, attributes)
        for at, score in enumerate((None, 0.5))
    )
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (plain, crowd), lambda: picture("a"))
    write_files(format_, Dataset("Names", CATEGORIES, iter([image])), tmp_path)
    found = read_files(format_, tmp_path)
    assert [
        (one.id, one.iscrowd, one.score, dict(one.attributes))
        for one in found.images["a.png"].annotations
    ] == [("n0", False, None, attributes), ("n1", True, 0.5, attributes)]
    assert found.problems == []


ATTRIBUTES: dict[str, object] = {
    "text": "left",
    "empty": "",
    "digits": "3",
    "true": "true",
    "lines": "a\n b ",
    "yes": True,
    "no": False,
    "whole": 3,
    "long": 2**53 + 1,
    "part": 0.1,
    "none": None,
    "list": [1, "a", None],
    "object": {"a": {"b": 1}},
}


@formats
def test_attributes_of_every_kind_come_back_or_are_noted(format_: Format, tmp_path: Path) -> None:
    if Feature.ATTRIBUTES in format_.loses:
        pytest.skip("it says that these are lost")
    one = Annotation("x", 1, box_polygon(4, 2, 5, 5), attributes=ATTRIBUTES)
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (one,), lambda: picture("a"))
    kinds = Dataset("Kinds", (Category(1, "cat", "#102030"),), iter([image]))
    changed = write_files(format_, kinds, tmp_path)
    (again,) = read_files(format_, tmp_path).images["a.png"].annotations
    lost = {key for key, value in ATTRIBUTES.items() if again.attributes.get(key, ...) != value}
    assert lost <= {one.detail.partition(":")[0] for one in changed}
    assert lost <= {"no", "whole", "long", "part", "none", "list", "object"}
    assert again.attributes.keys() == ATTRIBUTES.keys()


NAMED = (
    "background",
    "_background_",
    "void",
    "ignore",
    "unlabeled",
    "void--unlabeled",
    "\u0645\u06cc\u200c\u062e",
    "tv  old",
)


@formats
def test_a_category_keeps_its_name_also_where_others_call_void_so(
    format_: Format, tmp_path: Path
) -> None:
    categories = tuple(Category(at, name, "#102030") for at, name in enumerate(NAMED, start=1))
    annotations = tuple(
        Annotation(f"n{one.id}", one.id, box_polygon(3 * one.id, 2, 2, 3), z_order=one.id)
        for one in categories
    )
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, annotations, lambda: picture("a"))
    write_files(format_, Dataset("Named", categories, iter([image])), tmp_path)
    found = read_files(format_, tmp_path)
    assert [one.name for one in found.categories] == list(NAMED)
    (again,) = found.images.values()
    assert sorted(found.category_name(one) for one in again.annotations) == sorted(NAMED)
    assert found.problems == []


@formats
def test_what_is_seen_comes_back(format_: Format, read: Callable[[Format], Read]) -> None:
    """The category of every pixel, whatever else is lost."""
    if Feature.Z_ORDER in format_.loses and Feature.OVERLAPS not in format_.loses:
        pytest.skip("whole annotations without an order")
    order = {category.name: place for place, category in enumerate(CATEGORIES, start=1)}
    for name, image in read(format_).images.items():
        own = [one.id for one in CATEGORIES]
        before = annotations_to_category_map(
            WRITTEN[name].annotations, own, image.height, image.width
        )
        read_categories = read(format_).categories
        after = annotations_to_category_map(
            image.annotations, [one.id for one in read_categories], image.height, image.width
        )
        places = np.array([0, *(order[one.name] for one in read_categories)])
        assert np.count_nonzero(places[after] != before) <= (
            0 if Feature.PIXELS not in format_.loses else before.size * 0.05
        )


@formats
def test_pictures_come_back_byte_for_byte(format_: Format, read: Callable[[Format], Read]) -> None:
    for name, image in read(format_).images.items():
        written = WRITTEN[name]
        assert image.read_bytes is not None
        assert written.read_bytes is not None
        assert image.read_bytes() == written.read_bytes()


@formats
def test_its_files_are_recognized_by_it_alone(format_: Format, tmp_path: Path) -> None:
    write_files(format_, dataset(), tmp_path)
    files = FolderFiles(tmp_path)
    assert [other.name for other in FORMATS.values() if other.recognizes(files)] == [format_.name]


@formats
def test_an_empty_folder_is_not_recognized(format_: Format, tmp_path: Path) -> None:
    assert not format_.recognizes(FolderFiles(tmp_path))
