"""Splits of any name, where a layout of ours tells them; elsewhere a folder of another name may mean anything."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import msgspec

from segmentarium.formats.support.json_stream import Block
from segmentarium.formats.support.reading import split_of


class _Info(msgspec.Struct):
    split: Any = None


_INFO = msgspec.json.Decoder(_Info)


def info_of(description: str, split: str) -> dict[str, str]:
    """The `info` of a COCO document; its split is a field of our own."""
    info = {"description": description, "version": "1.0"}
    return {**info, "split": split} if split else info


def told_split(block: Block) -> str:
    """The split that the `info` of a document names; "" where it names none."""
    split = getattr(block.decoded(_INFO)[0], "split", None) if block.is_value else None
    return split if isinstance(split, str) else ""


def document_split(name: str, are_many: bool) -> str:
    """The split that a document's own name tells; where there are several also the folder that it lies in.

    >>> document_split("val/instances.json", False), document_split("val/instances.json", True)
    ('', 'val')
    """
    return split_of(name if are_many else PurePosixPath(name).name)


def folder_split(path: str, base: str) -> str:
    """The split of a file that we wrote into a folder `base`, or into one below it that is called as the split.

    >>> (
    ...     folder_split("a/masks/holdout/cat.png", "a/masks"),
    ...     folder_split("a/masks/cat.png", "a/masks"),
    ... )
    ('holdout', '')
    """
    folder = PurePosixPath(path).parent
    if not folder.is_relative_to(base):
        return split_of(str(folder))
    below = folder.relative_to(base).parts
    return below[0] if len(below) == 1 else split_of("/".join(below))
