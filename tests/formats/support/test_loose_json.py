"""JSON with NaN in it, and what only looks like it."""

from typing import Any

import msgspec
import pytest

from segmentarium.formats.support.loose_json import decode_loosely


@pytest.mark.parametrize("end", [b"", b"\\", b"NaN"])
def test_a_text_that_nothing_ends_is_looked_through_once(end: bytes) -> None:
    # Trying again from each quote takes a time that grows with the square of their number.
    data = b'{"shapes": "' + b'\\"' * 500_000 + end
    with pytest.raises(msgspec.DecodeError):
        decode_loosely(msgspec.json.Decoder(Any), data)
