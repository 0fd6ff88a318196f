"""JSON walked in blocks: the same elements as the standard library finds, wherever the blocks end."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentarium.core.errors import MalformedFile
from segmentarium.formats.support import json_stream
from segmentarium.formats.support.json_stream import walk_json
from segmentarium.storage.dataset_files import FolderFiles

texts = st.text(alphabet='ab"\\{}[]é,: \n', max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
documents = st.lists(values, max_size=6) | st.dictionaries(texts, values, max_size=6)


def elements(document: Any) -> list[Any]:
    """What is walked: objects and lists in lists, and objects at keys."""
    if isinstance(document, list):
        return [one for one in document if isinstance(one, list | dict)]
    found = []
    for value in document.values():
        if isinstance(value, list):
            found += [one for one in value if isinstance(one, list | dict)]
        elif isinstance(value, dict):
            found.append(value)
    return found


def scalars(document: Any) -> int:
    """What stands in lists and is not walked."""
    lists = [document] if isinstance(document, list) else document.values()
    return sum(
        not isinstance(one, list | dict)
        for value in lists
        if isinstance(value, list)
        for one in value
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents, st.integers(1, 60), st.sampled_from([None, 1]), st.booleans())
def test_the_elements_are_those_of_the_document(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    document: Any,
    block_bytes: int,
    indent: int | None,
    is_ascii: bool,
) -> None:
    monkeypatch.setattr(json_stream, "_BLOCK_BYTES", block_bytes)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document, indent=indent, ensure_ascii=is_ascii))
    blocks = list(walk_json(FolderFiles(path.parent), path.name))
    found = [
        json.loads(block.data[start:end])
        for block in blocks
        for start, end in zip(block.starts.tolist(), block.ends.tolist(), strict=True)
    ]
    assert found == elements(document)
    assert sum(block.others for block in blocks) == scalars(document)


def test_keys_numbers_and_places_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_BLOCK_BYTES", 16)
    path = tmp_path / "a.json"
    text = '{"info": {"x": 1}, "images": [{"id": 7}, {"id": 8}], "empty": [], "n": 3}'
    path.write_text(text)
    found = [
        (block.key, block.first + at, text[block.offset + start : block.offset + end])
        for block in walk_json(FolderFiles(path.parent), path.name)
        for at, (start, end) in enumerate(
            zip(block.starts.tolist(), block.ends.tolist(), strict=True)
        )
    ]
    assert found == [
        ("info", 0, '{"x": 1}'),
        ("images", 0, '{"id": 7}'),
        ("images", 1, '{"id": 8}'),
    ]


def test_one_bad_element_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"id": 1}, {"id": nonsense}, {"id": 3}]')
    (block,) = walk_json(FolderFiles(path.parent), path.name)
    first, second, third = block.decoded(msgspec.json.Decoder())
    assert (first, third) == ({"id": 1}, {"id": 3})
    assert isinstance(second, msgspec.DecodeError)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf[{"id": 1}]')
    (block,) = walk_json(FolderFiles(path.parent), path.name)
    assert block.decoded(msgspec.json.Decoder()) == [{"id": 1}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("hello", "not JSON"),
        ('{"a": [{"b": 1}', "ends in the middle"),
        ('[{"b": "', "ends in the middle"),
        ("[]]", "closes nothing"),
        ("[{}] []", "goes on after its end"),
        ("[" * 100_000, "nested deeper than 64"),
        ('{"a":' * 100_000, "nested deeper than 64"),
    ],
)
def test_what_is_no_json_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(MalformedFile, match=said):
        list(walk_json(FolderFiles(path.parent), path.name))


def test_an_endless_element_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "_BLOCK_BYTES", 1_000)
    monkeypatch.setattr(json_stream, "MAX_ELEMENT_BYTES", 10_000)
    path = tmp_path / "a.json"
    path.write_text('[{"a": "' + "x" * 1_000_000 + '"}]')
    with pytest.raises(MalformedFile, match="element of over"):
        list(walk_json(FolderFiles(path.parent), path.name))
