"""What every format promises."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from segmentarium.core.errors import InvalidOption, NotFound
from segmentarium.formats import FORMATS, format_named
from segmentarium.formats.base import Dataset, Format, OptionValue, check_options
from segmentarium.formats.support.changes import Changes
from tests.formats.dataset import CATEGORIES, IMAGES, dataset, picture
from tests.formats.round_trip import joined

formats = pytest.mark.parametrize("format_", FORMATS.values(), ids=lambda format_: format_.name)


def written(format_: Format, **options: OptionValue) -> list[tuple[str, bytes]]:
    files = format_.write(dataset(), check_options(format_, options), Changes())
    return [(path, joined(content)) for path, content in files]


@formats
def test_the_same_dataset_gives_the_same_files(format_: Format) -> None:
    assert written(format_) == written(format_)


@formats
def test_no_path_is_written_twice_even_where_case_does_not_count(format_: Format) -> None:
    paths = [path.casefold() for path, _ in written(format_)]
    assert len(paths) == len(set(paths))


@formats
def test_every_path_stays_within_the_archive(format_: Format) -> None:
    for path, _ in written(format_):
        assert not PurePosixPath(path).is_absolute()
        assert ".." not in PurePosixPath(path).parts
        assert "\\" not in path


@formats
def test_images_are_written_as_they_are(format_: Format) -> None:
    contents = [content for _, content in written(format_)]
    assert all(picture(name) in contents for name in IMAGES)


@formats
def test_images_can_be_left_out(format_: Format) -> None:
    contents = [content for _, content in written(format_, images=False)]
    assert contents
    assert not any(picture(name) in contents for name in IMAGES)


@formats
def test_a_dataset_without_images_is_still_written(format_: Format) -> None:
    empty = Dataset("Empty", CATEGORIES, iter(()))
    assert list(format_.write(empty, check_options(format_, {}), Changes()))


@formats
def test_files_come_before_the_last_image_is_asked_for(format_: Format) -> None:
    whole = dataset()
    files = format_.write(whole, check_options(format_, {}), Changes())
    next(files)
    assert len(list(whole.images)) == len(IMAGES) - 1


@formats
def test_every_default_is_an_allowed_value(format_: Format) -> None:
    defaults = {option.name: option.default for option in format_.options}
    assert check_options(format_, defaults) == defaults


@formats
def test_an_unknown_option_is_refused(format_: Format) -> None:
    with pytest.raises(InvalidOption):
        check_options(format_, {"unknown": True})


@formats
def test_a_value_of_another_type_is_refused(format_: Format) -> None:
    with pytest.raises(InvalidOption):
        check_options(format_, {"images": "yes"})


def test_a_value_that_is_no_choice_is_refused() -> None:
    with pytest.raises(InvalidOption, match="exact, rle, polygons"):
        check_options(format_named("coco"), {"segmentation": "splines"})


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_found_by_its_name(name: str) -> None:
    assert format_named(name).name == name


def test_an_unknown_format_is_not_found() -> None:
    with pytest.raises(NotFound, match="coco"):
        format_named("no-such-format")


@formats
def test_names_that_differ_in_suffix_or_split_alone_have_paths_of_their_own(
    format_: Format,
) -> None:
    names = ("cat.jpg", "cat.png", "cat_leftImg8bit.png", "CAT.webp")
    given = [
        replace(image, id=number, file_name=name, split=("train", "val")[number % 2])
        for number, name in enumerate(names, start=1)
        for image in list(dataset().images)[:1]
    ]
    files = format_.write(
        Dataset("Names", CATEGORIES, iter(given)), check_options(format_, {}), Changes()
    )
    paths = [path.casefold() for path, _ in files]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize(
    "format_",
    [one for one in FORMATS.values() if "precision" in {option.name for option in one.options}],
    ids=lambda format_: format_.name,
)
def test_rounding_that_moves_pixels_is_told(format_: Format) -> None:
    kinds: set[str] = set()
    options: dict[str, OptionValue] = {"precision": "0"}
    if format_.name == "coco":
        options["segmentation"] = "polygons"
    changes = Changes(lambda change: kinds.add(change.kind))
    for _, content in format_.write(dataset(), check_options(format_, options), changes):
        joined(content)
    assert "rounded" in kinds
