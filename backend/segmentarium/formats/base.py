"""The protocol of formats: dataset ↔ files. The caller owns zip and disk; both ways stream, an image at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.errors import InvalidOption
from segmentarium.formats.support.changes import Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.problems import Problems

OptionValue: TypeAlias = str | bool
Options: TypeAlias = Mapping[str, OptionValue]
Content: TypeAlias = bytes | Iterable[bytes]
WrittenFile: TypeAlias = tuple[str, Content]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a format; with `choices` it is one of them, without it is true or false."""

    name: str
    title: str
    default: OptionValue
    choices: tuple[str, ...] | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class DatasetImage:
    """An image of a dataset: upright size, a file name unique in the dataset, its annotations by z-order.

    `read_bytes` is None where the picture's file is not at hand; `split` is train, val, test, or another name, or "".
    """

    id: int
    file_name: str
    width: int
    height: int
    annotations: tuple[Annotation, ...]
    read_bytes: Callable[[], bytes] | None = None
    split: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset being written or read. `images` may be walked once; it loads as it goes.

    `image_count` is for showing progress, where it is known beforehand.
    """

    name: str
    categories: tuple[Category, ...]
    images: Iterator[DatasetImage]
    image_count: int | None = None


class Files(Protocol):
    """The files of a dataset that is read: a folder, or an archive that has been unpacked safely."""

    @property
    def names(self) -> Sequence[str]:
        """Paths relative to the dataset's root with forward slashes, sorted."""
        ...

    def size(self, name: str) -> int:
        """Bytes of a file."""
        ...

    def open(self, name: str) -> BinaryIO:
        """A file to read from; to be closed."""
        ...

    def path(self, name: str) -> Path:
        """Where it lies on the disk, to be read in any order."""
        ...


class Format(Protocol):
    """A way to write and read datasets. `loses` says what it cannot carry."""

    name: str
    title: str
    description: str
    loses: tuple[Feature, ...]
    options: tuple[Option, ...]

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """Files of the dataset: path and bytes, or chunks of bytes. The options have been checked.

        What becomes of an annotation that is not written as it is goes into `changes`.
        """
        ...

    def recognizes(self, files: Files) -> bool:
        """Whether files are of this format, by names and first bytes; cheap."""
        ...

    def read(self, files: Files, problems: Problems) -> Dataset:
        """The dataset of these files. What cannot be read goes into `problems`, with file and position.

        Raises:
            MalformedFile: nothing of it can be read.
        """
        ...


def check_options(format_: Format, given: Options) -> dict[str, OptionValue]:
    """The format's options with the given ones put in.

    Raises:
        InvalidOption: unknown name, or a value that is not among the choices.
    """
    known = {option.name: option for option in format_.options}
    values: dict[str, OptionValue] = {name: option.default for name, option in known.items()}
    for name, value in given.items():
        option = known.get(name)
        if option is None:
            raise InvalidOption(f"{format_.title} has no option {name!r}.")
        if option.choices is not None and value not in option.choices:
            raise InvalidOption(f"{name} must be one of {', '.join(option.choices)}.")
        if option.choices is None and not isinstance(value, bool):
            raise InvalidOption(f"{name} must be true or false.")
        values[name] = value
    return values
