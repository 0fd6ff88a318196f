"""Picture files of a dataset, found by the names that annotation files give them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import BinaryIO

import PIL.Image

from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Files
from segmentarium.formats.support.reading import split_of

MAX_PICTURE_BYTES = 500_000_000
MAX_PICTURE_PIXELS = 300_000_000
SUFFIXES = {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff"),
    *(".bmp", ".gif", ".avif", ".jp2", ".ppm", ".pgm", ".heic"),
}
_ORIENTATION = 0x0112
_TAIL_BYTES = 1 << 16
_MANY = 20  # pictures of one name
_TURNED = {5, 6, 7, 8}  # EXIF: on its side


class Pictures:
    """An index of the picture files by name; what is in `besides` is none of them (maps, masks).

    Where several paths are `told` of one name, a picture in the folder of another one is not taken.
    """

    def __init__(
        self,
        files: Files,
        besides: Callable[[str], bool] = lambda _: False,
        told: ToldNames | None = None,
    ) -> None:
        self._files, self._told = files, told
        self.names = tuple(
            name
            for name in files.names
            if PurePosixPath(name).suffix.lower() in SUFFIXES and not besides(name)
        )
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for name in self.names:
            path = PurePosixPath(name)
            self._by_name.setdefault(path.name.casefold(), []).append(name)
            self._by_stem.setdefault(path.stem.casefold(), []).append(name)
        self._by_folder: dict[str, dict[str, list[str]]] = {}
        self.size = lru_cache(4096)(self._size)

    def find(self, wanted: str, near: str = "") -> str | None:
        """The picture that an annotation file calls `wanted`, a name or a path of whatever machine.

        Among several of one name that whose path ends most like the wanted one, then the one nearest to the
        annotation file `near`, then the one of the split that this tells, then the one whose case is the same.
        """
        parts = _parts(wanted)
        if not parts:
            return None
        found = self._candidates(parts)
        if self._told is not None and self._told.is_shared(parts[-1]):
            found = self._told.meant(found, parts, near)
        return self._best(found, parts, near, wanted)

    def _candidates(self, parts: list[str]) -> list[str]:
        """Pictures of the name; of many of them only those that lie in the wanted folder, if any do."""
        found = self._by_name.get(parts[-1], [])
        if len(found) <= _MANY or len(parts) == 1:
            return found
        folders = self._by_folder.setdefault(parts[-1], {})
        if not folders:
            for name in found:
                folders.setdefault("".join(_parts(name)[-2:-1]), []).append(name)
        return folders.get(parts[-2], found)

    def find_stem(self, wanted: str, near: str = "") -> str | None:
        """The same by a name without its suffix."""
        parts = _parts(wanted)
        if not parts:
            return None
        return self._best(self._by_stem.get(parts[-1], []), parts, near, wanted)

    def reader(self, name: str | None) -> Callable[[], bytes] | None:
        """What reads the bytes of a picture; None for none."""
        return None if name is None else partial(self._read, name)

    def _read(self, name: str) -> bytes:
        size = self._files.size(name)
        if size > MAX_PICTURE_BYTES:
            raise MalformedFile(
                f"{name} has {size / 1e6:,.0f} MB; at most {MAX_PICTURE_BYTES / 1e6:,.0f} are read.",
                file=name,
            )
        with self._files.open(name) as file:
            return file.read()

    def _best(self, found: list[str], parts: list[str], near: str, wanted: str) -> str | None:
        beside, split = _parts(near)[:-1], split_of(near)
        *folders, last = wanted.replace("\\", "/").split("/")
        return max(
            found,
            key=lambda name: (
                _common(_parts(name)[-2::-1], parts[-2::-1]),
                _common(_parts(name)[:-1], beside),
                split != "" and split_of(name) == split,
                PurePosixPath(name).name.startswith(last),
                _common(name.split("/")[-2::-1], folders[::-1]),
                -len(name),
            ),
            default=None,
        )

    def known_size(self, name: str | None) -> tuple[int, int] | None:
        """Width and height, upright; None for none, or for a picture that cannot be read."""
        try:
            return None if name is None else self.size(name)
        except MalformedFile:
            return None

    def _size(self, name: str) -> tuple[int, int]:
        """Width and height, upright.

        Raises:
            MalformedFile: it is no picture that can be read.
        """
        with self._files.open(name) as file:
            return upright_size(file, name)


def upright_size(file: BinaryIO, name: str) -> tuple[int, int]:
    """Width and height of a picture, upright, without decoding its pixels.

    Raises:
        MalformedFile: it is no picture that can be read.
    """
    try:
        with PIL.Image.open(file) as picture:
            width, height = picture.size
            if width * height > MAX_PICTURE_PIXELS:
                raise MalformedFile(f"{name} is too large: {width} × {height} pixels.", file=name)
            # Pillow decodes a whole PNG to see whether its EXIF stands behind the pixels.
            is_plain = picture.format == "PNG" and "exif" not in picture.info
            is_told = not is_plain or _has_late_exif(file)
            is_turned = is_told and picture.getexif().get(_ORIENTATION) in _TURNED
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise MalformedFile(f"{name} is no picture that can be read.", file=name) from error
    return (height, width) if is_turned else (width, height)


def _has_late_exif(file: BinaryIO) -> bool:
    """Whether a PNG seems to have EXIF among its last bytes."""
    place = file.tell()
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - _TAIL_BYTES))
    found = b"eXIf" in file.read()
    file.seek(place)
    return found


class ToldNames:
    """Which names of pictures documents tell in several folders: there the folder tells which is which."""

    def __init__(self, told: Iterable[tuple[str, str]]) -> None:
        """Looks through documents, one after the other: its name and each path that it tells."""
        # By name and the last folder of each path, so that of thousands only a few are compared.
        self._folders: dict[str, dict[str, set[str]]] = {}
        self._within: set[tuple[str, str]] = set()  # documents and names that they have in several
        first: dict[str, str] = {}
        own: dict[str, str] = {}
        before = ""
        for document, path in told:
            if document != before:
                own, before = {}, document
            *folders, name = _parts(path) or [""]
            folder = "/".join(folders)
            if own.setdefault(name, folder) != folder:
                self._within.add((document, name))
            if first.setdefault(name, folder) != folder:
                self._add(name, first[name])
                self._add(name, folder)

    def is_shared(self, name: str) -> bool:
        """Whether a name, without case, is told in several folders."""
        return name in self._folders

    def meant(self, found: list[str], parts: list[str], near: str) -> list[str]:
        """Those of the pictures that a path of a document `near` can mean."""
        if len(parts) == 1:
            return found
        exact = [name for name in found if self._can_mean(name, parts)]
        if exact or (near, parts[-1]) in self._within:
            return exact
        # Folders that nobody has here: then each of the documents has its split's.
        split = split_of(near)
        return [name for name in found if split and split_of(name) == split]

    def _add(self, name: str, folder: str) -> None:
        last = folder.rpartition("/")[2]
        self._folders.setdefault(name, {}).setdefault(last, set()).add(folder)

    def _can_mean(self, name: str, parts: list[str]) -> bool:
        """Whether all of the path's folders are there and no other path agrees further, or it alone agrees furthest."""
        own, wanted = _parts(name)[-2::-1], parts[-2::-1]
        common = _common(own, wanted)
        others = [
            one.split("/")[::-1] for one in self._folders[parts[-1]].get("".join(own[:1]), ())
        ]
        further = max((_common(own, other) for other in others if other != wanted), default=0)
        return further <= common if common == len(wanted) else further < common


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").casefold().split("/") if part not in {"", "."}]


def _common(a: list[str], b: list[str]) -> int:
    """How many are equal from the start."""
    count = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        count += 1
    return count
