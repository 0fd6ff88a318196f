"""JSON as Python's own writer makes it: with NaN and Infinity, which are no JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

# What is in quotes is passed over as a whole; possessive, or long texts would fill the memory. A text that does not end
# is all of the rest: else each of its quotes would be tried as the start of another.
_CONSTANT = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z))|-?(?:NaN|Infinity)', re.DOTALL)


def decode_loosely(decoder: msgspec.json.Decoder[Any], data: bytes) -> Any:
    """What the decoder makes of it; where it refuses NaN and Infinity alone, these are floats.

    Raises:
        DecodeError: it is not JSON for another reason, or not of the decoder's type.
        UnicodeDecodeError: a text is no UTF-8.
        RecursionError: it is nested too deep.

    >>> decode_loosely(msgspec.json.Decoder(), b'{"NaN": [NaN, -Infinity]}')
    {'NaN': [nan, -inf]}
    """
    try:
        return decoder.decode(data)
    except msgspec.DecodeError:
        plain, count = _CONSTANT.subn(lambda found: found[1] or b"0", data)
        if not count or plain == data:
            raise
    # Strict about all else; Python's reader is not.
    decoder.decode(plain)
    return msgspec.convert(_with_raw(json.loads(data), decoder.type), decoder.type)


def _with_raw(value: Any, type_: Any) -> Any:
    """The members that the type leaves undecoded, as the bytes that they were."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct) and isinstance(value, dict):
        for field in msgspec.structs.fields(type_):
            if field.type is msgspec.Raw and field.encode_name in value:
                text = json.dumps(value[field.encode_name], ensure_ascii=False)
                value[field.encode_name] = msgspec.Raw(text.encode("utf-8", "surrogatepass"))
    return value
