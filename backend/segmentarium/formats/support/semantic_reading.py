"""Folders of maps of category numbers, ours and those of others, with or without a table that explains them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import count
from pathlib import PurePosixPath

import numpy as np

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable, rgb_to_hex
from segmentarium.formats.support.category_file import (
    CategoryNumbers,
    find_category_file,
    read_category_file,
)
from segmentarium.formats.support.maps import RGB, IntegerMap, colors_to_numbers, map_to_rles
from segmentarium.formats.support.number_tables import NumberTable, is_void, number_tables
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.png import palette_of, png_color_type, read_map
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import read_text, split_of
from segmentarium.formats.support.splits import folder_split
from segmentarium.formats.support.stems import FileNames

IMAGE_TABLE = "images.csv"
MAPS_FOLDER = "masks"
_NAME = "semantic"
_FOLDER = re.compile(
    r"(.*[_-])?(masks?|labels?|annotations?|annot|ann_dir|gt|ground_?truth|labelids|seg|segmentations?"
    r"|semantic(_?seg(mentation)?)?|stuffthingmaps|pixelmaps?)|(train|val|test)annot"
)
_ENDING = re.compile(
    r"[_-](mask|masks|label|labels|labelids|seg|segmentation|gt|l)$", re.IGNORECASE
)
_OTHERS = {"segmentationclass", "segmentationobject", "gtfine", "instance", "instances"}
_OF_OTHERS = {".json", ".xml", ".npz", ".csv"}
_GREY_OR_INDEXED = {0, 3, 4}
_VOID_8, _VOID_16 = 255, 65_535


def is_semantic(files: Files) -> bool:
    """Whether there is our table, or a folder of index maps and nothing that another format would explain."""
    if find_category_file(files, _NAME) is not None:
        return True
    for name in files.names:
        path = PurePosixPath(name.lower())
        if path.suffix in _OF_OTHERS or not _OTHERS.isdisjoint(path.parts):
            return False
    first = next(iter(_in_folders(files)), None)
    return first is not None and png_color_type(files, first) in _GREY_OR_INDEXED


def read_semantic(files: Files, problems: Problems) -> Dataset:
    """An annotation for each category of each map.

    Raises:
        MalformedFile: there are no maps.
    """
    maps = _in_folders(files) or [
        name
        for name in files.names
        if name.lower().endswith(".png") and png_color_type(files, name) in _GREY_OR_INDEXED
    ]
    if not maps and find_category_file(files, _NAME) is None:
        raise MalformedFile("There are no PNG maps of numbers.")
    table = CategoryTable()
    numbers, colors = _meaning(files, maps, table, problems)
    images = _images(files, maps, numbers, colors, problems)
    return Dataset("semantic", table.categories, images, len(maps))


def _in_folders(files: Files) -> list[str]:
    return [
        name
        for name in files.names
        if name.lower().endswith(".png")
        and any(_FOLDER.fullmatch(part) for part in PurePosixPath(name.lower()).parts[:-1])
    ]


def _meaning(
    files: Files, maps: list[str], table: CategoryTable, problems: Problems
) -> tuple[CategoryNumbers, dict[RGB, int]]:
    """What the numbers mean, and the numbers that colours stand for."""
    ours = find_category_file(files, _NAME)
    if ours is not None:
        return read_category_file(files, ours, table, problems), {}
    for found in number_tables(files):
        return _told(files, maps, found, table), {color: at for at, color in found.colors.items()}
    return _counted(files, maps, table, problems), {}


def _told(
    files: Files, maps: list[str], found: NumberTable, table: CategoryTable
) -> CategoryNumbers:
    palette: list[RGB] = []
    if maps and png_color_type(files, maps[0]) == 3:
        palette = palette_of(files, maps[0])
    ids = {}
    for number, name in found.names.items():
        color = found.colors.get(number, palette[number] if number < len(palette) else None)
        if not is_void(name):
            ids[number] = table.id_of(name, color=None if color is None else rgb_to_hex(*color))
    voids = {_VOID_8, _VOID_16, 0, *(at for at, name in found.names.items() if is_void(name))}
    return CategoryNumbers(ids, frozenset(voids - set(ids)))


def _counted(
    files: Files, maps: list[str], table: CategoryTable, problems: Problems
) -> CategoryNumbers:
    """Without a table every map is looked through for its numbers, which become the categories' names."""
    found: set[int] = set()
    for name in maps:
        try:
            found |= {number - 1 for number in map_to_rles(_one_channel(files, name, {}), name)}
        except MalformedFile:
            continue  # said when the images are read
    voids = {0, _VOID_8, _VOID_16}
    if found <= {0, _VOID_8}:
        voids.remove(_VOID_8)  # not many categories and void, but one: white on black
    problems.notice(
        "",
        "",
        f"There is no table of categories: they are called by their numbers; {min(voids)} is void.",
    )
    ids = {number: table.id_of(f"category {number}") for number in sorted(found - voids)}
    return CategoryNumbers(ids, frozenset(voids))


def _one_channel(
    files: Files, name: str, colors: dict[RGB, int], size: tuple[int, int] | None = None
) -> IntegerMap:
    """The numbers of a map, each one more than in the file, so that 0 can be told from nothing."""
    array = read_map(files, name, size)
    if array.ndim == 3 and (array[..., :1] == array[..., 1:3]).all():
        array = array[..., 0]  # grey, saved as RGB
    if array.ndim == 3:
        if not colors:
            raise MalformedFile(f"{name} is in colour, and no table says what the colours mean.")
        array, unknown = colors_to_numbers(array, colors, name)
        if unknown:
            raise MalformedFile(f"{name} has the colour {unknown[0]}, which no table explains.")
    return array.astype(np.int32) + 1


def _images(
    files: Files,
    maps: list[str],
    numbers: CategoryNumbers,
    colors: dict[RGB, int],
    problems: Problems,
) -> Iterator[DatasetImage]:
    in_maps = set(maps)
    pictures = Pictures(files, in_maps.__contains__)
    ours = find_category_file(files, _NAME)
    told = _file_names(files, ours, problems)
    ids = count(1)
    names = FileNames()
    for name in maps:
        split = split_of(str(PurePosixPath(name).parent))
        if ours is not None:
            split = folder_split(name, str(PurePosixPath(ours).parent / MAPS_FOLDER))
        picture = _picture(pictures, name, split, told.get(name))
        try:
            array = _one_channel(files, name, colors, pictures.known_size(picture))
            rles = map_to_rles(array, name)
        except MalformedFile as error:
            problems.add(name, "", error.detail)
            continue
        height, width = array.shape
        annotations: list[Annotation] = []
        for number, rle in ((at - 1, rle) for at, rle in rles.items()):
            if number in numbers.ids:
                annotation = Annotation("", numbers.ids[number], rle, z_order=len(annotations))
                annotations.append(annotation)
            elif number not in numbers.voids:
                problems.add(name, f"number {number}", "No table says what category it is.")
        file_name = told.get(name) or PurePosixPath(picture or name).name
        yield DatasetImage(
            next(ids),
            names.of(file_name, f"{split}/{file_name}"),
            width,
            height,
            tuple(annotations),
            pictures.reader(picture),
            split,
        )


def _picture(pictures: Pictures, name: str, split: str, file_name: str | None) -> str | None:
    folder = f"{split}/" if split else ""
    if file_name is not None:
        return pictures.find(f"{folder}{file_name}", name)
    stem = PurePosixPath(name).stem
    return pictures.find_stem(f"{folder}{stem}", name) or pictures.find_stem(
        f"{folder}{_ENDING.sub('', stem)}", name
    )


def _file_names(files: Files, ours: str | None, problems: Problems) -> dict[str, str]:
    """The images' names by their maps, where our table tells them."""
    root = PurePosixPath(ours or "").parent
    path = str(root / IMAGE_TABLE)
    if ours is None or path not in files.names:
        return {}
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(files, path), newline="")))
    except (csv.Error, MalformedFile) as error:
        problems.add(path, "", str(error))
        return {}
    return {
        str(root / row["map"]): row["file_name"]
        for row in rows
        if row.get("map") and row.get("file_name")
    }
