"""Pictures without annotations, as a dataset."""

from __future__ import annotations

from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import split_of

NAME = "images"


def read_pictures(files: Files, problems: Problems) -> Dataset:
    """All files, whatever they are called: which of them are pictures, and of what size, shows when they are stored.

    Raises:
        MalformedFile: there is none.
    """
    del problems
    if not files.names:
        raise MalformedFile("There is no file to import.")
    pictures = Pictures(files)
    images = (
        DatasetImage(number, name, 0, 0, (), pictures.reader(name), split_of(name))
        for number, name in enumerate(files.names, start=1)
    )
    return Dataset("images", (), images, len(files.names))
