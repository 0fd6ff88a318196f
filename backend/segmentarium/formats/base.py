"""The protocol of formats: dataset → files. The caller owns zip and disk; a writer streams, an image at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.errors import InvalidOption

OptionValue: TypeAlias = str | bool


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a format; with `choices` it is one of them, without it is true or false."""

    name: str
    title: str
    default: OptionValue
    choices: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DatasetImage:
    """An image of a dataset: upright size, a file name unique in the dataset, its annotations by z-order."""

    id: int
    file_name: str
    width: int
    height: int
    annotations: tuple[Annotation, ...]
    read_bytes: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset being written. `images` may be walked once; it loads as it goes."""

    name: str
    categories: tuple[Category, ...]
    images: Iterator[DatasetImage]


class Format(Protocol):
    """A way to write datasets. `loses` says what it cannot carry."""

    name: str
    title: str
    description: str
    loses: tuple[str, ...]
    options: tuple[Option, ...]

    def write(
        self, dataset: Dataset, options: Mapping[str, OptionValue]
    ) -> Iterator[tuple[str, bytes]]:
        """Files of the dataset: path and bytes. The options have been checked."""
        ...


def check_options(format_: Format, given: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
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
