"""Which format reads the files of a dataset."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from segmentarium.core.errors import UnknownFormat
from segmentarium.formats import FORMATS, format_named
from segmentarium.formats.base import Dataset, Files
from segmentarium.formats.support import only_pictures
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.problems import Problems

Reader: TypeAlias = Callable[[Files, Problems], Dataset]


def find_reader(files: Files, format_name: str) -> tuple[str, Reader]:
    """The name of the format, and what reads it; "" finds out which format recognizes the files.

    Files that none recognizes are pictures without annotations, if there are pictures among them.

    Raises:
        NotFound: there is no format of this name.
        UnknownFormat: none recognizes the files, or several do.
    """
    if format_name == only_pictures.NAME:
        return format_name, only_pictures.read_pictures
    if format_name:
        return format_name, format_named(format_name).read
    found = [format_ for format_ in FORMATS.values() if format_.recognizes(files)]
    if len(found) == 1:
        return found[0].name, found[0].read
    if not found and Pictures(files).names:
        return only_pictures.NAME, only_pictures.read_pictures
    if not found:
        names = ", ".join(sorted(FORMATS))
        raise UnknownFormat(f"No format recognizes these files; they may be: {names}.")
    titles = " or ".join(format_.name for format_ in found)
    raise UnknownFormat(f"These files may be {titles}: say which.")
