"""Written files, damaged at random: a reader gives what is still right, problems, or its one error."""

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentarium.core.errors import MalformedFile
from segmentarium.core.rle import RLE
from segmentarium.formats import format_named
from segmentarium.formats.base import Format
from segmentarium.formats.support.problems import Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import IMAGES, dataset
from tests.formats.round_trip import read_files, write_files

Damage: TypeAlias = Callable[[bytes], bytes]

NAMES = ("coco", "cvat", "darwin", "datumaro", "label-studio", "labelme", "yolo")
TEXTS = {".json", ".xml", ".txt", ".yaml"}
formats = pytest.mark.parametrize("name", NAMES)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

VALUES: tuple[Any, ...] = (
    *(None, True, False, "", "x", "1", "../../x", -1, 0, 1, 2.5, 1e300, -1e300, 2**40, 10**30),
    *([], {}, [[]], [{}], [None], [1, 2, 3], {"": None}, ["x"] * 5, [[1, 2], [3, 4], [5, 6]]),
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each format's files."""
    made: dict[str, Path] = {}
    for name in NAMES:
        made[name] = tmp_path_factory.mktemp(name)
        write_files(format_named(name), dataset(has_splits=True), made[name])
    return made


def texts_of(folder: Path) -> list[Path]:
    """Everything but pictures."""
    return sorted(path for path in folder.rglob("*") if path.suffix in TEXTS and path.is_file())


@contextlib.contextmanager
def damaged(path: Path, damage: Damage) -> Iterator[None]:
    """A file that is damaged for a while."""
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    try:
        yield
    finally:
        path.write_bytes(whole)


def read_to_the_end(format_: Format, folder: Path) -> int:
    """How many images were read, each of them right in itself; −1 where all was refused."""
    files = FolderFiles(folder)
    format_.recognizes(files)
    try:
        found = format_.read(files, Problems())
        ids = {category.id for category in found.categories}
        count = 0
        for image in found.images:
            assert image.width > 0
            assert image.height > 0
            for annotation in image.annotations:
                assert annotation.category_id in ids
                assert annotation.score is None or isinstance(annotation.score, float)
                if isinstance(annotation.segmentation, RLE):
                    assert annotation.segmentation.size == (image.height, image.width)
            count += 1
    except MalformedFile:
        return -1
    return count


@pytest.mark.parametrize("name", ["darwin", "labelme", "cityscapes"])
def test_a_document_of_one_image_that_is_far_too_large_is_a_problem(
    name: str, tmp_path: Path
) -> None:
    write_files(format_named(name), dataset(), tmp_path)
    path = next(tmp_path.rglob("cat 1*.json"))
    content = path.read_bytes()
    place = content.index(b"[")
    path.write_bytes(content[: place + 1] + b" " * 66_000_000 + content[place + 1 :])
    found = read_files(format_named(name), tmp_path)
    assert [one.detail for one in found.problems if "66 MB; at most 64 are read" in one.detail]
    assert "cat.png" in found.images


@formats
def test_what_is_whole_is_read_whole(name: str, folders: dict[str, Path]) -> None:
    assert read_to_the_end(format_named(name), folders[name]) == len(IMAGES)


@st.composite
def bytes_damaged(draw: st.DrawFn) -> Damage:
    """Some bytes replaced, put in or cut out, or the end cut off."""
    place = draw(st.floats(0, 1))
    new = draw(st.binary(max_size=6) | st.sampled_from([b"{", b"]", b'"', b"<", b"-", b"9" * 400]))
    length = draw(st.integers(0, 12))
    is_cut = draw(st.booleans())

    def damage(whole: bytes) -> bytes:
        at = int(place * len(whole))
        return whole[:at] + new + (b"" if is_cut else whole[at + length :])

    return damage


def places_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where everything in a tree is."""
    if path:
        yield path
    keys = value.items() if isinstance(value, dict) else ()
    for key, inner in [*keys, *(enumerate(value) if isinstance(value, list) else ())]:
        yield from places_of(inner, (*path, key))


@st.composite
def trees_damaged(draw: st.DrawFn) -> Damage:
    """One or two values of a JSON tree replaced or left out."""
    changes = draw(
        st.lists(
            st.tuples(st.integers(0, 10**6), st.sampled_from(VALUES) | st.none(), st.booleans()),
            min_size=1,
            max_size=2,
        )
    )

    def damage(whole: bytes) -> bytes:
        tree = json.loads(whole)
        for which, value, is_left_out in changes:
            places = list(places_of(tree))
            if not places:
                continue
            *above, key = places[which % len(places)]
            inner = tree
            for step in above:
                inner = inner[step]
            if is_left_out:
                del inner[key]
            else:
                inner[key] = copy.deepcopy(value)
        return json.dumps(tree).encode()

    return damage


@formats
@quick
@given(st.integers(0, 100), bytes_damaged())
def test_damaged_bytes_end_in_nothing_worse(
    name: str, folders: dict[str, Path], which: int, damage: Damage
) -> None:
    texts = texts_of(folders[name])
    with damaged(texts[which % len(texts)], damage):
        read_to_the_end(format_named(name), folders[name])


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"cvat", "yolo"}])
@quick
@given(st.integers(0, 100), trees_damaged())
def test_damaged_trees_end_in_nothing_worse(
    name: str, folders: dict[str, Path], which: int, damage: Damage
) -> None:
    texts = [path for path in texts_of(folders[name]) if path.suffix == ".json"]
    with damaged(texts[which % len(texts)], damage):
        read_to_the_end(format_named(name), folders[name])


@quick
@given(
    st.integers(0, 10**6),
    st.sampled_from(["", "x", "-1", "1e999", "nan", "9" * 30, "1,2;3", "0, 4", "&#0;", "\u0663"]),
)
def test_damaged_attributes_of_xml_end_in_nothing_worse(
    folders: dict[str, Path], which: int, value: str
) -> None:
    def damage(whole: bytes) -> bytes:
        parts = whole.decode().split('"')
        parts[which * 2 % (len(parts) // 2 * 2) + 1] = value
        return '"'.join(parts).encode()

    with damaged(folders["cvat"] / "annotations.xml", damage):
        read_to_the_end(format_named("cvat"), folders["cvat"])


@formats
@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b'{"a":' * 100_000, b"<a>" * 100_000, b"\x00" * 1000, b"\xff\xfe", b""],
    ids=["lists", "objects", "tags", "zeros", "no UTF-8", "nothing"],
)
def test_every_text_may_be_rubbish(name: str, folders: dict[str, Path], content: bytes) -> None:
    with contextlib.ExitStack() as stack:
        for path in texts_of(folders[name]):
            stack.enter_context(damaged(path, lambda _: content))
        assert read_to_the_end(format_named(name), folders[name]) <= len(IMAGES)
