"""Documents of which a little becomes much: refused before it does."""

from pathlib import Path

import pytest

from segmentarium.core.errors import MalformedFile
from segmentarium.formats import format_named
from segmentarium.formats.support import json_stream, reading
from segmentarium.formats.support.problems import Problem, Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.folders import folder_of

HEAD = b'{"images":[{"id":1,"file_name":"a.png","width":9,"height":9}],"annotations":'


def documents(root: Path, **files: bytes) -> FolderFiles:
    return FolderFiles(folder_of(root, dict(files)))


def test_json_of_millions_of_empty_lists_is_refused_unread(tmp_path: Path) -> None:
    files = documents(tmp_path, json=b"[" + b"[]," * 2_500_000 + b"[]]")
    with pytest.raises(MalformedFile, match="too many values"):
        reading.read_json(files, "json")


def test_an_element_that_would_be_millions_of_values_is_a_problem(tmp_path: Path) -> None:
    huge = b'{"image_id":1,"category_id":1,"segmentation":[' + b"[]," * 2_700_000 + b"[]]}"
    assert len(huge) > json_stream.MAX_ELEMENT_BYTES / 8
    good = b'{"image_id":1,"category_id":1,"segmentation":[[1,1,5,1,5,5]]}'
    document = HEAD + b"[" + good + b"," + huge + b"," + good + b"]}"
    told: list[Problem] = []
    found = format_named("coco").read(
        documents(tmp_path, **{"a.json": document}), Problems(told.append)
    )
    assert [len(image.annotations) for image in found.images] == [2]
    problems = [(one.position, one.detail) for one in told if not one.is_notice]
    assert problems == [("annotations[1]", "It has too many values to be read.")]


@pytest.mark.parametrize("content", [b"<a>" * 65 + b"</a>" * 65, b"<b/>" * 2_000_000])
def test_xml_that_is_deep_or_of_millions_of_elements_is_refused(
    tmp_path: Path, content: bytes
) -> None:
    files = documents(tmp_path, xml=b"<annotation>" + content + b"</annotation>")
    with pytest.raises(MalformedFile, match=r"too many values|deeper than 64"):
        reading.read_xml(files, "xml")


def test_an_element_that_is_walked_may_not_have_millions_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_XML_MARKS", 10_000)
    monkeypatch.setattr(reading, "_PIECE_BYTES", 100)
    small, large = b"<image>" + b"<a/>" * 10 + b"</image>", b"<image>" + b"<a/>" * 20_000
    walked = reading.walk_xml(
        documents(tmp_path, xml=b"<r>" + small * 5_000 + large), "xml", "image"
    )
    count = 0
    with pytest.raises(MalformedFile, match="too many values"):
        for count, _ in enumerate(walked, start=1):  # noqa: B007
            pass
    assert count == 5_000


def test_a_long_text_is_not_parsed_over_and_over(tmp_path: Path) -> None:
    # The parser looks through an open text from its beginning whenever it gets another piece.
    folder_of(tmp_path, {"xml": b'<a b="' + b"x" * 3_000_000 + b'"/>'})
    pieces: list[None] = []
    files = FolderFiles(tmp_path, watch=lambda: pieces.append(None))
    assert list(reading.walk_xml(files, "xml", "image")) == []
    assert len(pieces) < 50
