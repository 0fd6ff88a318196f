"""Paths of the images in a CVAT XML, found without its being parsed: that is done once it is known which are whose."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from segmentarium.formats.base import Files

_CHUNK = 1 << 20
# No < stands within a tag.
_IMAGE = re.compile(rb"<image\s([^<]{1,10000})")
_ATTRIBUTE = re.compile(rb"""\b(name|subset)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def image_paths(files: Files, name: str) -> Iterator[str]:
    """Subset and name of each image, as far as they are found in a document in UTF-8."""
    with files.open(name) as file:
        rest = b""
        while chunk := file.read(_CHUNK):
            head, begun, rest = (rest + chunk).rpartition(b"<")
            rest = begun + rest if len(rest) < _CHUNK else b""
            yield from _paths(head)
        yield from _paths(rest)


def _paths(data: bytes) -> Iterator[str]:
    for image in _IMAGE.finditer(data):
        told = {key: double or single for key, double, single in _ATTRIBUTE.findall(image[1])}
        path = told.get(b"subset", b"") + b"/" + told.get(b"name", b"")
        yield html.unescape(path.decode("utf-8", "replace"))
