"""What cannot be read of a dataset: bad records are listed and left out, the good ones go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from segmentarium.core.errors import MalformedFile

_LONGEST = 500  # characters


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, and where: a line, or a path such as annotations[17].segmentation.

    A `notice` is something that was read, but not as it stands there.
    """

    file: str
    position: str
    detail: str
    is_notice: bool = False


class Problems:
    """Counts problems and tells each to whoever listens. Strict, the first one that is no notice ends the reading."""

    def __init__(
        self, listen: Callable[[Problem], None] = lambda _: None, *, is_strict: bool = False
    ) -> None:
        self.count = 0
        self.notices = 0
        self._listen = listen
        self._is_strict = is_strict

    def add(self, file: str, position: str, detail: str) -> None:
        """A record that is left out.

        Raises:
            MalformedFile: in strict reading.
        """
        self.count += 1
        file, position, detail = _short(file), _short(position), _short(detail)
        self._listen(Problem(file, position, detail))
        if self._is_strict:
            raise MalformedFile(f"{file}, {position}: {detail}", file=file, position=position)

    def notice(self, file: str, position: str, detail: str) -> None:
        """A record that is read in another form than it has."""
        self.notices += 1
        self._listen(Problem(_short(file), _short(position), _short(detail), is_notice=True))


def _short(text: str) -> str:
    """What a database and a screen can show of a text from outside."""
    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
