"""Tables of other tools that say what the numbers and colours of maps mean: YAML, and texts of a line for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import yaml

from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Files
from segmentarium.formats.support.maps import RGB
from segmentarium.formats.support.reading import read_text

_TEXTS = (
    *("labelmap.txt", "label_map.txt", "labels.txt", "classes.txt", "class_names.txt"),
    *("label_colors.txt", "categories.txt"),
)
_MOST_BYTES = 1_000_000
_NUMBERED = re.compile(r"(\d{1,5})\s*[:,\t ]\s*(\S.*)")
_MAPPED = re.compile(r"([^:]+):\s*(?:(\d+)\s*,\s*(\d+)\s*,\s*(\d+))?\s*:[^:]*:[^:]*")
_COLORED = re.compile(r"(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\s+(\S.*)")
_VOID = {
    *("background", "_background_", "__background__", "unlabeled", "unlabelled", "void"),
    *("ignore", "_ignore_", "__ignore__", "ignored", "void--unlabeled"),
}


@dataclass(frozen=True, slots=True)
class NumberTable:
    """Names and, where told, colours by number."""

    name: str
    names: dict[int, str]
    colors: dict[int, RGB]


def is_void(name: str) -> bool:
    """Whether a name means that nothing is there."""
    return name.strip().casefold() in _VOID


def number_tables(files: Files) -> Iterator[NumberTable]:
    """The tables among the files, the outermost first.

    Raises:
        MalformedFile: one that should be a table is no text or no YAML.
    """
    texts = [name for name in files.names if name.lower().endswith((".txt", ".yaml", ".yml"))]
    for name in sorted(texts, key=lambda one: one.count("/")):
        is_text = name.lower().endswith(".txt")
        if is_text and PurePosixPath(name.lower()).name not in _TEXTS:
            continue
        if files.size(name) <= _MOST_BYTES:
            found = (_from_text if is_text else _from_yaml)(name, read_text(files, name))
            if found.names:
                yield found


def _from_text(name: str, text: str) -> NumberTable:
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    names: dict[int, str] = {}
    colors: dict[int, RGB] = {}
    for pattern in (_MAPPED, _COLORED, _NUMBERED):
        matches = [pattern.fullmatch(line) for line in lines]
        if lines and all(matches):
            break
    else:
        return NumberTable(name, dict(enumerate(lines)), colors)
    for place, match in enumerate(one for one in matches if one is not None):
        if pattern is _NUMBERED:
            names[int(match[1])] = match[2]
            continue
        names[place], *channels = (
            match.groups() if pattern is _MAPPED else (match[4], *match.groups()[:3])
        )
        if channels[0] is not None:
            red, green, blue = (min(int(one), 255) for one in channels)
            colors[place] = red, green, blue
    return NumberTable(name, names, colors)


def _from_yaml(name: str, text: str) -> NumberTable:
    try:
        # Everything stays text: a category called `no` is not made false.
        content = yaml.load(text, yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MalformedFile(f"{name} is no YAML: {str(error)[:200]}", file=name) from error
    if not isinstance(content, dict):
        return NumberTable(name, {}, {})
    given: object = content.get("classes") or content.get("names") or content.get("labels")
    pairs = given.items() if isinstance(given, dict) else enumerate(_list(given))
    names = {int(key): one for key, one in pairs if _is_index(key) and isinstance(one, str)}
    return NumberTable(name, names, {})


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_index(value: object) -> bool:
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) < 6
