"""A JSON file of any size, walked without holding it: where the elements of its long lists lie, a block at a time.

Inside strings nothing counts; so the quotes are found first, then the brackets between them, all with NumPy, at some
hundred megabytes a second. What the elements say is left to msgspec.

Source:
    The order of the work is that of Langdale and Lemire: "Parsing Gigabytes of JSON per Second", VLDB Journal 2019.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Files
from segmentarium.formats.support.loose_json import decode_loosely
from segmentarium.formats.support.trees import MAX_DEPTH, MAX_TREE_MEMORY, json_memory

Positions: TypeAlias = NDArray[np.int64]

MAX_ELEMENT_BYTES = 64_000_000  # an RLE of noise all over a large picture has a tenth of it
_BLOCK_BYTES = 4_000_000
_LARGE = 2 * _BLOCK_BYTES  # looked through before it becomes values
_USUAL_BYTES = 32  # of commas and blanks between two elements
_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:\s*$')
_FIRST = re.compile(rb"\s*([\[{])")
_SCALARS = msgspec.json.Decoder(list[Any])
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Block:
    """Some elements, one after the other, of the list `key` ("" where the whole file is a list).

    `data` are bytes of the file from `offset` on; element number `first` + n lies at starts[n]:ends[n] of them.
    With `is_value` it is an object that is no element of a list but itself the value of the key. `others` counts what
    stands between the elements and is neither an object nor a list; there may be nothing else.
    """

    key: str
    first: int
    data: bytes
    offset: int
    starts: Positions
    ends: Positions
    is_value: bool = False
    others: int = 0

    def decoded(self, decoder: msgspec.json.Decoder[Any]) -> list[Any]:
        """All elements; one that cannot be decoded is the error of msgspec itself."""
        if not self.starts.size:
            return []
        whole = b"[" + self.data[int(self.starts[0]) : int(self.ends[-1])] + b"]"
        if len(whole) > _LARGE:
            return [self._one(decoder, at) for at in range(len(self.starts))]
        try:
            found: list[Any] = msgspec.json.decode(whole, type=list[decoder.type])  # type: ignore[name-defined]
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return [self._one(decoder, at) for at in range(len(self.starts))]
        return found

    def _one(self, decoder: msgspec.json.Decoder[Any], at: int) -> Any:
        data = self.data[int(self.starts[at]) : int(self.ends[at])]
        if len(data) > _LARGE and json_memory(data) > MAX_TREE_MEMORY:
            return msgspec.ValidationError("It has too many values to be read.")
        try:
            return decode_loosely(decoder, data)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            return error


def walk_json(files: Files, name: str) -> Iterator[Block]:
    """The objects and lists in the lists of a JSON object or list, and the objects at its keys; all else is left out.

    Args:
        files: where it is.
        name: of the file.

    Raises:
        MalformedFile: it is neither an object nor a list, nested too deep, not closed, or has an element that is too
            large. What stands before it has been given by then.
    """
    with files.open(name) as file:
        yield from _Walk(file, name).blocks()


class _Walk:
    """Reads on from the last bracket that was seen, or from the start of the element that is open there."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._rest, self._offset = b"", 0  # what is not done with, and where in the file it lies
        self._depth = 0  # where `_rest` begins
        self._level = 1  # the depth inside a list that is walked: 2 where lists hang at keys
        self._key, self._count = "", 0  # of the list or object that is open at that depth
        self._is_in_list = False
        self._value_at = 0

    def blocks(self) -> Iterator[Block]:
        self._begin()
        while chunk := self._file.read(_BLOCK_BYTES):
            yield from self._block(self._rest + chunk)
            if len(self._rest) > MAX_ELEMENT_BYTES:
                what = f"has an element of over {MAX_ELEMENT_BYTES / 1e6:.0f} MB"
                raise self._malformed(self._offset, what)
        if self._depth or self._rest.strip():
            raise self._malformed(self._offset, "ends in the middle, or goes on after its end")

    def _begin(self) -> None:
        start = self._file.read(1 << 16)
        skipped = len(_BOM) if start.startswith(_BOM) else 0
        first = _FIRST.match(start, skipped)
        if first is None:
            raise self._malformed(0, "is not JSON: it begins with neither { nor [")
        self._level = 1 if first[1] == b"[" else 2
        self._file.seek(skipped)
        self._offset = skipped

    def _block(self, data: bytes) -> Iterator[Block]:
        at, is_open = _brackets(data)
        if not at.size:
            self._rest = data
            return
        depth = self._depth + np.cumsum(np.where(is_open, 1, -1))
        self._check(at, depth)
        level = self._level
        low = begin = 0
        for event in np.flatnonzero(np.where(is_open, depth == level, depth == level - 1)).tolist():
            place = int(at[event])
            if is_open[event]:
                before = data[int(at[event - 1]) + 1 if event else 0 : place]
                self._key, self._count = _key_at_the_end_of(before), 0
                self._is_in_list = data[place] == ord("[")
                self._value_at = self._offset + place
                begin = place + 1
            elif self._is_in_list:
                inside = at[low:event], is_open[low:event], depth[low:event]
                yield from self._elements(data, *inside, begin, place)
                self._is_in_list = False
            else:
                yield self._value(self._offset + place + 1)
            low = event + 1
        rest, self._depth = int(at[-1]) + 1, int(depth[-1])
        if self._is_in_list:
            inside = at[low:], is_open[low:], depth[low:]
            if depth[-1] > level:
                rest = int(inside[0][inside[1] & (inside[2] == level + 1)][-1])
                self._depth = level
            yield from self._elements(data, *inside, begin, rest)
        self._rest = data[rest:]
        self._offset += rest

    def _elements(
        self,
        data: bytes,
        at: Positions,
        is_open: NDArray[np.bool_],
        depth: Positions,
        begin: int,
        end: int,
    ) -> Iterator[Block]:
        starts = at[is_open & (depth == self._level + 1)]
        ends = at[~is_open & (depth == self._level)] + 1
        others = _scalars_between(data, np.append(begin, ends), np.append(starts, end))
        if ends.size or others:
            starts = starts[: ends.size]  # the last one may be open
            yield Block(self._key, self._count, data, self._offset, starts, ends, others=others)
            self._count += ends.size

    def _value(self, end: int) -> Block:
        size = end - self._value_at
        if size > MAX_ELEMENT_BYTES:
            what = f"has a value of over {MAX_ELEMENT_BYTES / 1e6:.0f} MB"
            raise self._malformed(self._value_at, what)
        data = os.pread(self._file.fileno(), size, self._value_at)
        at = np.zeros(1, np.int64), np.array([size], np.int64)
        return Block(self._key, 0, data, self._value_at, *at, is_value=True)

    def _check(self, at: Positions, depth: Positions) -> None:
        if int(depth.max()) > MAX_DEPTH:
            deep = self._offset + int(at[np.argmax(depth > MAX_DEPTH)])
            raise self._malformed(deep, f"is nested deeper than {MAX_DEPTH}")
        if int(depth[:-1].min(initial=1)) < 1 or depth[-1] < 0:
            wrong = self._offset + int(at[np.argmax(depth < 1)])
            raise self._malformed(
                wrong, "has a bracket that closes nothing, or goes on after its end"
            )

    def _malformed(self, offset: int, what: str) -> MalformedFile:
        return MalformedFile(
            f"{self._name} {what} (byte {offset:,}).", file=self._name, position=f"byte {offset}"
        )


def _key_at_the_end_of(text: bytes) -> str:
    found = _KEY.search(text)
    return "" if found is None else found[1].decode("utf-8", "replace")


def _scalars_between(data: bytes, lows: Positions, highs: Positions) -> int:
    """How many values the texts from `lows` to `highs` have; of these there may be one too many, open, at the end."""
    count = min(lows.size, highs.size)
    lows, highs = lows[:count], highs[:count]
    # Nearly always the same commas and blanks everywhere, which are compared at once.
    size = int(highs[1] - lows[1]) if count > 2 else _USUAL_BYTES + 1
    if size <= _USUAL_BYTES and (highs[1:-1] - lows[1:-1] == size).all():
        texts = np.frombuffer(data, np.uint8)[lows[1:-1, None] + np.arange(size)]
        if (texts == texts[0]).all():
            usual = (count - 2) * _scalars(texts[0].tobytes())
            return usual + sum(_scalars(data[lows[at] : highs[at]]) for at in (0, -1))
    return sum(
        _scalars(data[low:high]) for low, high in zip(lows.tolist(), highs.tolist(), strict=True)
    )


def _scalars(text: bytes) -> int:
    """How many values a text between brackets has."""
    text = text.strip(b" \t\r\n,")
    if not text:
        return 0
    try:
        return len(decode_loosely(_SCALARS, b"[" + text + b"]"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 1


def _brackets(data: bytes) -> tuple[Positions, NDArray[np.bool_]]:
    """Places of the brackets outside strings, and which of them open. `data` begins outside a string."""
    values = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(values == ord('"'))
    backslashes = np.flatnonzero(values == ord("\\"))
    if backslashes.size:
        begins = np.flatnonzero(np.diff(backslashes, prepend=-2) != 1)
        lengths = np.diff(begins, append=backslashes.size)
        # An odd run of backslashes takes the quote behind it for a part of the text.
        behind = backslashes[begins] + lengths
        quotes = np.setdiff1d(quotes, behind[lengths % 2 == 1], assume_unique=True)
    # { and [ are 0x7b and 0x5b, } and ] 0x7d and 0x5d: bit 0x20 apart.
    folded = values | 0x20
    at = np.flatnonzero((folded == ord("{")) | (folded == ord("}")))
    at = at[np.searchsorted(quotes, at) % 2 == 0]
    return at, folded[at] == ord("{")
