"""Indices are read as they are meant, and refused with the file and the place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segmentarium.core.errors import AppError, Invalid
from segmentarium.services.evaluation.contenders import contender
from segmentarium.services.evaluation.index import NO_DOMAIN, read_index
from segmentarium.services.evaluation.run import evaluate
from tests.services.evaluation.engines import Filled
from tests.services.evaluation.indices import IndexFile, save_mask


def test_objects_are_read_with_their_masks(index: IndexFile) -> None:
    source = read_index(index.path)
    assert source.title == "small"
    assert {target.id: target.domain for target in source.targets} == {
        one["id"]: one["domain"] for one in index.objects
    }
    for target in source.targets:
        truth = target.read_truth()
        assert np.array_equal(truth, index.masks[target.id])
        assert (target.height, target.width) == truth.shape


def test_objects_of_one_image_stand_together(index: IndexFile) -> None:
    index.objects.insert(1, index.objects.pop())
    images = [target.image for target in read_index(index.write()).targets]
    assert images == sorted(images)


def test_an_object_without_a_domain_is_of_all(index: IndexFile) -> None:
    del index.objects[0]["domain"]
    domains = {target.id: target.domain for target in read_index(index.write()).targets}
    assert domains["coin 0"] == NO_DOMAIN


def test_members_that_nobody_knows_are_left_aside(index: IndexFile) -> None:
    index.objects[0]["solidity"] = 0.7
    assert len(read_index(index.write()).targets) == 5


Break = Callable[[IndexFile], Any]
BROKEN: dict[str, tuple[Break, str]] = {
    "no id": (lambda index: index.objects[3].pop("id"), "objects[3].id: Field required"),
    "a box of three": (lambda index: index.objects[2]["box"].pop(), "objects[2].box[3]"),
    "a box of words": (
        lambda index: index.objects[2].update(box=[1, 2, 3, "wide"]),
        "objects[2].box[3]",
    ),
    "no objects": (lambda index: index.objects.clear(), "objects: List should have at least 1"),
    "a missing image": (
        lambda index: index.objects[1].update(image="images/gone.png"),
        "objects[1] (coin 1): the image",
    ),
    "a missing mask": (
        lambda index: index.objects[4].update(mask="masks/gone.png"),
        "objects[4] (half): the mask",
    ),
    "a mask that is no picture": (
        lambda index: (index.path.parent / "masks" / "half.png").write_text("no picture"),
        "half.png: The file is not an image",
    ),
    "a mask of another size": (
        lambda index: save_mask(
            index.path.parent / "masks" / "half.png", np.ones((30, 61), np.bool_)
        ),
        "objects[4] (half): the mask is of 61 × 30 pixels, its image of 60 × 30.",
    ),
    "a box outside": (
        lambda index: index.objects[3].update(box=[41, 5, 20, 10]),
        "objects[3] (exact): the box [41, 5, 20, 10] is not within the image of 60 × 30 pixels.",
    ),
    "a box without width": (
        lambda index: index.objects[3].update(box=[10, 5, 0, 10]),
        "objects[3] (exact): the box",
    ),
    "one id twice": (
        lambda index: index.objects[4].update(id="coin 1"),
        "objects[4] (coin 1): objects[1] has this id already.",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_bad_index_is_refused_with_file_and_place(index: IndexFile, case: str) -> None:
    spoil, message = BROKEN[case]
    spoil(index)
    with pytest.raises(Invalid) as refused:
        read_index(index.write())
    assert message in refused.value.detail
    assert str(index.path.parent) in refused.value.detail
    assert len(refused.value.detail.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"objects": [\n  {"id" 3}]}', "line 2, column 9"),
        (b'{"objects": "\xff"}', "byte 13 is not UTF-8"),
        (b"[]", "must hold an object with `objects`"),
    ],
)
def test_what_is_no_index_at_all_is_refused(tmp_path: Path, text: bytes, message: str) -> None:
    path = tmp_path / "index.json"
    path.write_bytes(text)
    with pytest.raises(Invalid, match=message) as refused:
        read_index(path)
    assert str(path) in refused.value.detail


@pytest.mark.parametrize("name", ["images/plain.png", "masks/half.png"])
def test_a_damaged_picture_is_named_before_anybody_is_asked(index: IndexFile, name: str) -> None:
    path = index.path.parent / name
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes(4) + whole[middle + 4 :])
    engine = Filled()
    source = read_index(index.path)
    with pytest.raises(AppError, match=f"{name}: The image cannot be decoded"):
        evaluate([contender(engine)], source.targets, clicks=0)
    assert engine.asked == []


def test_an_empty_mask_is_refused_before_anybody_is_asked(index: IndexFile) -> None:
    index.objects[-1]["box"] = [0, 0, 60, 30]
    save_mask(index.path.parent / "masks" / "half.png", np.zeros((30, 60), np.bool_))
    engine = Filled()
    source = read_index(index.write())
    with pytest.raises(Invalid, match=r"objects\[4\] \(half\): the mask .* is empty"):
        evaluate([contender(engine)], source.targets, clicks=0)
    assert engine.asked == []
