"""What lies beside the labels of YOLO's: names of classes, and lists and folders that tell the splits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import yaml

from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Files
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import named_split, read_text, split_of

UNSPLIT = (
    "unsplit"  # our own key for the folder of images without a split, beside others that have one
)
_NAME_FILES = {"obj.names", "classes.txt", "data.names", "predefined_classes.txt"}
_MAX_YAML_BYTES = 1_000_000
_MAX_CLASS = 100_000
_SPLIT_KEYS = {"train", "val", "valid", "test"}
_LABEL = re.compile(rb"\s*\d{1,6}(?:\.0*)?(?:[ \t]+[-+.\deE]+){4,}[ \t]*(?:\r?\n|$)")


@dataclass(slots=True)
class Names:
    """The names of the classes of the labels in a folder, by number, and the file that says so."""

    file: str = ""
    by_class: dict[int, str] = field(default_factory=dict)
    keypoint_numbers: int = 0  # behind the box of a line, where the labels are of poses


@dataclass(slots=True)
class Layout:
    """What the files beside the labels say: names by folder, and the split of a folder or of a picture."""

    names: dict[str, Names] = field(default_factory=dict)
    folders: list[tuple[str, str]] = field(default_factory=list)  # split, folder
    # By a picture's name: its path in a list, from the end, and that list's split.
    listed: dict[str, list[tuple[list[str], str]]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)  # texts that are no labels
    shared: set[str] = field(default_factory=set)  # names of several pictures

    def names_of(self, label: str) -> str:
        """The folder whose names are those of a label: the nearest one."""
        parts = _reversed(label)[:0:-1]
        return max(
            self.names,
            key=lambda folder: (_common(folder.split("/"), parts) if folder else 0, -len(folder)),
        )

    def split(self, picture: str) -> str:
        """The split of a picture."""
        path = _reversed(picture)
        told = self.listed.get(path[0], [])
        exact = [
            (one, split) for one, split in told if _common(one, path) == min(len(one), len(path))
        ]
        if not exact and path[0] not in self.shared:
            exact = told  # a list of another machine, with other folders
        longest = max((len(one) for one, _ in exact), default=0)
        splits = {split for one, split in exact if len(one) == longest}
        return splits.pop() if len(splits) == 1 else self._split_of_folder(picture)

    def _split_of_folder(self, picture: str) -> str:
        path = f"/{picture.casefold()}"
        within = [(split, folder) for split, folder in self.folders if f"/{folder}/" in path]
        nearest = max((len(folder) for _, folder in within), default=0)
        within = [(split, folder) for split, folder in within if len(folder) == nearest]
        # A folder may be named for several: for training there must be one.
        own = {
            split for split, folder in within if folder == f"images/{split}".rstrip("/").casefold()
        }
        said = own or {split for split, _ in within}
        return said.pop() if len(said) == 1 else split_of(str(PurePosixPath(picture).parent))


def read_layout(files: Files, pictures: Sequence[str], problems: Problems) -> Layout:
    """What the files say; where nothing names classes, the names are none, for all folders."""
    layout = Layout()
    counts = Counter(PurePosixPath(name).name.casefold() for name in pictures)
    layout.shared = {name for name, count in counts.items() if count > 1}
    lists: dict[str, Names] = {}
    for name in files.names:
        try:
            _take(files, name, pictures, layout, lists, problems)
        except MalformedFile as error:
            problems.add(name, "", error.detail)
    if not any(one.by_class for one in layout.names.values()):
        layout.names = lists or layout.names or {"": Names()}
    return layout


def _take(
    files: Files,
    name: str,
    pictures: Sequence[str],
    layout: Layout,
    lists: dict[str, Names],
    problems: Problems,
) -> None:
    file_name = PurePosixPath(name).name.lower()
    if is_list_of_names(name):
        if not _is_label_of_a_picture(files, name, pictures):
            layout.others.add(name)
            lines = read_text(files, name).splitlines()
            names = {at: one.strip() for at, one in enumerate(lines) if one.strip()}
            lists.setdefault(_folder(name), Names(name, names))
    elif has_names(files, name):
        _take_yaml(files, name, layout, problems)
    elif file_name.endswith(".data"):
        pairs = (line.partition("=") for line in read_text(files, name).splitlines())
        _take_splits(files, {key.strip(): value.strip() for key, _, value in pairs}, layout)


def _is_label_of_a_picture(files: Files, name: str, pictures: Sequence[str]) -> bool:
    stem = PurePosixPath(name).stem
    own = (one for one in pictures if PurePosixPath(one).stem == stem)
    return any(name in places(one) for one in own) and is_label(files, name)


def _take_yaml(files: Files, name: str, layout: Layout, problems: Problems) -> None:
    try:
        # The base loader leaves everything text: a class called `no` is not made false.
        content = yaml.load(read_text(files, name), yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MalformedFile(f"{name} is no YAML: {str(error)[:200]}", file=name) from error
    if not isinstance(content, dict):
        problems.add(name, "", "It is no object with names.")
        return
    names = content.get("names")
    pairs = list(enumerate(names)) if isinstance(names, list) else []
    if isinstance(names, dict):
        pairs = [(int(key), one) for key, one in names.items() if _is_number(key)]
    found = {at: one for at, one in pairs if isinstance(one, str) and at < _MAX_CLASS}
    if not found and names not in ([], {}):
        problems.add(name, "names", "It is no list of names, and no object of numbers and names.")
    shape = content.get("kpt_shape")  # points, and numbers of each
    keypoints = 0
    if isinstance(shape, list) and len(shape) == 2 and all(map(_is_number, shape)):
        keypoints = int(shape[0]) * int(shape[1])
    own = Names(name, found, keypoints)
    taken = layout.names.setdefault(_folder(name), own)
    if taken is not own and found and taken.by_class and found != taken.by_class:
        problems.add(name, "names", f"{taken.file} beside it has other names: those are taken.")
    elif not taken.by_class:
        layout.names[_folder(name)] = own
    _take_splits(files, content, layout)


def _take_splits(files: Files, said: Mapping[object, object], layout: Layout) -> None:
    for key, given in said.items():
        for place in given if isinstance(given, list) else [given]:
            if not (isinstance(key, str) and isinstance(place, str)):
                continue
            if place != f"images/{key}" and key not in {*_SPLIT_KEYS, UNSPLIT}:
                continue
            split = named_split(key, UNSPLIT)
            if place.lower().endswith(".txt"):
                _take_list(files, PurePosixPath(place).name, split, layout)
            else:
                parts = [part for part in place.split("/") if part not in {"", ".", ".."}]
                layout.folders.append((split, "/".join(parts).casefold()))


def _take_list(files: Files, wanted: str, split: str, layout: Layout) -> None:
    for name in files.names:
        if PurePosixPath(name).name == wanted:
            layout.others.add(name)
            for line in read_text(files, name).splitlines():
                if line.strip():
                    path = _reversed(line.strip())
                    layout.listed.setdefault(path[0], []).append((path, split))


def _is_number(key: object) -> bool:
    return isinstance(key, str) and key.isascii() and key.isdecimal() and len(key) < 10


def places(picture: str) -> Iterator[str]:
    """Where YOLO looks for a picture's labels: `labels` in the place of `images`, then beside it."""
    parts = PurePosixPath(picture).with_suffix(".txt").parts
    for at in range(len(parts) - 2, -1, -1):
        if parts[at].casefold() == "images":
            yield "/".join((*parts[:at], "labels", *parts[at + 1 :]))
    yield "/".join(parts)


def is_text(name: str) -> bool:
    """Whether it may be labels."""
    return name.lower().endswith(".txt")


def is_list_of_names(name: str) -> bool:
    """Whether it is called as lists of names are; a picture may be, too."""
    file_name = PurePosixPath(name).name.lower()
    return file_name in _NAME_FILES or file_name.endswith(".names")


def has_names(files: Files, name: str) -> bool:
    """Whether it is YAML with names of classes."""
    return name.lower().endswith((".yaml", ".yml")) and b"names:" in _head(files, name)


def _head(files: Files, name: str) -> bytes:
    if files.size(name) > _MAX_YAML_BYTES:
        return b""
    with files.open(name) as file:
        return file.read(_MAX_YAML_BYTES)


def is_label(files: Files, name: str) -> bool:
    """Whether it begins with a line of YOLO's, or is empty in a folder of labels: an image without objects."""
    if not files.size(name):
        return any(part.casefold() == "labels" for part in PurePosixPath(name).parent.parts)
    with files.open(name) as file:
        return _LABEL.match(file.read(1 << 16)) is not None


def _folder(name: str) -> str:
    return "/".join(_reversed(name)[:0:-1])


def _reversed(path: str) -> list[str]:
    """The parts of a path from its end, without case; one at least."""
    parts = [
        part for part in path.replace("\\", "/").casefold().split("/") if part not in {"", "."}
    ]
    return parts[::-1] or [""]


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many are equal from the start."""
    return next(
        (at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other),
        min(len(a), len(b)),
    )
