"""The folders of Pascal VOC datasets, the images in them, and what their numbers, colours and names mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Files
from segmentarium.formats.support.categories import CategoryTable, clean_name, rgb_to_hex
from segmentarium.formats.support.category_file import (
    CategoryNumbers,
    find_category_file,
    read_category_file,
)
from segmentarium.formats.support.maps import RGB
from segmentarium.formats.support.number_tables import is_void, number_tables
from segmentarium.formats.support.pictures import SUFFIXES
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import read_text, read_xml
from segmentarium.formats.support.voc_facts import (
    CLASS_NAMES,
    CLASSES,
    OBJECTS,
    PALETTE,
    PICTURES,
    VOID,
    XML,
    voc_label,
)
from segmentarium.formats.support.voc_xml import record_of

_NO_SPLIT = {"trainval", "default", "all"}
_OF_A_CLASS = re.compile(r"\s-?[01]$")  # cat_train.txt: whether there is a cat in the image


@dataclass(slots=True)
class VocRoot:
    """The files of one dataset, by the images' names."""

    path: str
    classes: dict[str, str] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    xml: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)  # for segmentation: names → splits
    detected: dict[str, str] = field(default_factory=dict)  # the same of the lists for detection

    def images(self) -> list[str]:
        """Those in the lists and those with maps; where there are no lists, all."""
        mapped = self.classes.keys() | self.objects.keys()
        others = self.listed or self.xml.keys() | self.pictures.keys() | self.detected.keys()
        return sorted(mapped.union(others))

    def left_out(self) -> int:
        """The number of images with a picture or XML, but neither in the lists nor with a map."""
        return len((self.xml.keys() | self.pictures.keys()).difference(self.images()))

    def split(self, stem: str) -> str:
        """The split of an image."""
        return self.listed.get(stem, "") or self.detected.get(stem, "")


@dataclass(frozen=True, slots=True)
class VocMeaning:
    """What numbers and colours in the maps of classes mean, and names in the XML."""

    numbers: CategoryNumbers
    colors: Mapping[RGB, int]
    labels: dict[str, list[int]]
    table: CategoryTable

    def called(self, label: str) -> list[int]:
        """The categories of a name of the XML: two that differ by a colon have one."""
        return self.labels.get(voc_label(clean_name(label)), [])


def is_voc(files: Files) -> bool:
    """Whether there are the folders of its maps, or of its XML and its pictures."""
    parts = {part for name in files.names for part in PurePosixPath(name).parts[-3:-1]}
    return CLASSES in parts or OBJECTS in parts or {XML, PICTURES} <= parts


def voc_roots(files: Files, problems: Problems) -> list[VocRoot]:
    """The datasets among the files, by their paths."""
    roots: dict[str, VocRoot] = {}
    lists: list[tuple[str, str, str]] = []
    for name in files.names:
        parts = PurePosixPath(name).parts
        for folder, suffixes in (
            (CLASSES, (".png",)),
            (OBJECTS, (".png",)),
            (XML, (".xml",)),
            (PICTURES, tuple(SUFFIXES)),
            ("ImageSets", (".txt",)),
        ):
            if folder not in parts[:-1] or not name.lower().endswith(suffixes):
                continue
            at = parts.index(folder)
            root = roots.setdefault("/".join(parts[:at]), VocRoot("/".join(parts[:at])))
            inside = PurePosixPath(*parts[at + 1 :])
            stem = inside.with_suffix("").as_posix()
            if folder == "ImageSets":
                lists.append((root.path, stem, name))
                continue
            fields = {CLASSES: root.classes, OBJECTS: root.objects, XML: root.xml}
            fields.get(folder, root.pictures)[stem] = name
    for path, stem, name in lists:
        purpose, _, split = stem.partition("/")
        if purpose == "Segmentation":
            _take_list(files, roots[path].listed, split, name, problems)
        elif purpose == "Main":
            _take_list(files, roots[path].detected, split, name, problems, _OF_A_CLASS)
    return [root for _, root in sorted(roots.items())]


def _take_list(
    files: Files,
    splits: dict[str, str],
    split: str,
    name: str,
    problems: Problems,
    besides: re.Pattern[str] | None = None,
) -> None:
    """Note which images are in a split; a list all of whose lines are like `besides` tells something else."""
    try:
        lines = read_text(files, name).splitlines()
    except MalformedFile as error:
        problems.add(name, "", error.detail)
        return
    lines = [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    if besides is not None and "_" in split and all(map(besides.search, lines)):
        return
    for line in lines:
        if split in _NO_SPLIT:
            splits.setdefault(line, "")
        else:
            splits[line] = split


def voc_meaning(files: Files, roots: list[VocRoot], problems: Problems) -> VocMeaning:
    """What numbers, colours and names mean: by our table, another tool's, or else VOC's.

    Raises:
        MalformedFile: the table cannot be read.
    """
    table = CategoryTable()
    void_color = {PALETTE[VOID]: VOID}
    by_palette = {color: index for index, color in enumerate(PALETTE)}
    ours = find_category_file(files, "voc")
    if ours is not None:
        numbers = read_category_file(files, ours, table, problems)
        numbers = CategoryNumbers(numbers.ids, numbers.voids | {0, VOID})
        return VocMeaning(numbers, by_palette, _labels(table), table)
    has_maps = any(root.classes for root in roots)
    names = dict(enumerate(CLASS_NAMES)) if has_maps else {}
    colors = dict(enumerate(PALETTE[: len(names)]))
    for found in number_tables(files):
        names, colors = found.names, found.colors
        break
    ids, voids = {}, {0, VOID}
    for number, name in names.items():
        if is_void(name):
            voids.add(number)
        else:
            color = colors.get(number, PALETTE[number % len(PALETTE)])
            ids[number] = table.id_of(name, color=rgb_to_hex(*color))
    ids = {number: id_ for number, id_ in ids.items() if number not in {0, VOID}}
    in_color = {color: number for number, color in colors.items()} or by_palette
    if not has_maps:
        _name_all(files, roots, table)
    return VocMeaning(
        CategoryNumbers(ids, frozenset(voids)), void_color | in_color, _labels(table), table
    )


def _name_all(files: Files, roots: list[VocRoot], table: CategoryTable) -> None:
    """Where there are no maps of classes, the names in the XML are all there is."""
    for root in roots:
        for name in root.xml.values():
            try:
                record = record_of(read_xml(files, name))
            except MalformedFile:
                continue  # said when the images are read
            for one in record.objects:
                if one.label:
                    table.id_of(one.label)


def _labels(table: CategoryTable) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for category in table.categories:
        found.setdefault(voc_label(category.name), []).append(category.id)
    return found
