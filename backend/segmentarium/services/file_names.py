"""Names of files that can be unpacked on every system, no two the same even where case does not count."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from pathlib import PurePosixPath

_NOT_ON_WINDOWS = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)),
}
_MAX_NAME_BYTES = 230  # file systems take 255, formats put something behind


class UniqueNames:
    """Gives names, one after the other."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, wanted: str, number: int, suffix: str | None = None) -> str:
        """The name, or one with the number where it is taken; with another suffix where one is given."""
        stem, own_suffix = _portable(wanted)
        suffix = own_suffix if suffix is None else suffix
        name = f"{stem}{suffix}"
        for again in count(number):
            if name.casefold() not in self._taken:
                break
            name = f"{stem}-{again}{suffix}"
        self._taken.add(name.casefold())
        return name


def exported_names(images: Iterable[tuple[int, str, bool]]) -> dict[int, str]:
    """By id, the names under which a project's images are exported; of one that is turned, that of its upright PNG.

    Args:
        images: id, name, and whether it is upright, in the order of the ids.

    >>> exported_names([(1, "a.jpg", True), (2, "A.jpg", True), (3, "b.jpg", False)])
    {1: 'a.jpg', 2: 'A-2.jpg', 3: 'b.png'}
    """
    names = UniqueNames()
    return {
        id_: names.name(name, id_, None if is_upright else ".png")
        for id_, name, is_upright in images
    }


def _portable(name: str) -> tuple[str, str]:
    """Stem and suffix of a name that can be unpacked on every system, with room left for what formats put behind it.

    Source:
        Microsoft, "Naming Files, Paths, and Namespaces".
    """
    path = PurePosixPath(name.translate(_NOT_ON_WINDOWS).rstrip(". ") or "image")
    stem = path.stem.encode()[: _MAX_NAME_BYTES - len(path.suffix.encode())].decode(errors="ignore")
    if stem.partition(".")[0].rstrip().casefold() in _DEVICES:
        stem = f"_{stem}"
    return stem, path.suffix
