"""Names of annotation files: those of their images without the suffix, each once."""

from __future__ import annotations

from pathlib import PurePosixPath

from segmentarium.formats.base import DatasetImage


class Stems:
    """Gives every image a stem of its own, in whatever split it is and also where case does not count.

    cat.jpg and cat.png cannot both be annotated in cat.txt: the second one gets its id behind the name.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def stem(self, image: DatasetImage, without: str = "") -> str:
        """The stem for an image, with its folders; an ending that the format itself puts there is left out."""
        plain = PurePosixPath(plain_name(image.file_name)).with_suffix("").as_posix()
        plain = plain.removesuffix(without) or plain
        stem, number = plain, 0
        while stem.casefold() in self._taken:
            stem = f"{plain}_{image.id}" if number == 0 else f"{plain}_{image.id}_{number}"
            number += 1
        self._taken.add(stem.casefold())
        return stem


def plain_name(name: str) -> str:
    r"""A file name as a path that stays in its folder.

    >>> plain_name("..\\a/./b.jpg"), plain_name("/a.jpg")
    ('a/b.jpg', 'a.jpg')
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    return "/".join(parts) or "image"


class FileNames:
    """Names for the images of a dataset that is read, each once, also where case does not count.

    >>> names = FileNames()
    >>> names.of("a.jpg", "train/a.jpg"), names.of("a.jpg", "val/a.jpg")
    ('a.jpg', 'val/a.jpg')
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, *candidates: str) -> str:
        """The first of the names that no image has yet; the last one with a number behind it where all are taken."""
        names = [plain_name(name) for name in candidates]
        path, number = PurePosixPath(names[-1]), 2
        while names[0].casefold() in self._taken:
            if len(names) == 1:
                names.append(path.with_name(f"{path.stem}_{number}{path.suffix}").as_posix())
                number += 1
            del names[0]
        self._taken.add(names[0].casefold())
        return names[0]
