"""Texts that go into XML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

# What XML 1.0 has no way to write.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def has_place_in_xml(value: str) -> bool:
    """Whether XML can hold all of a text's characters."""
    return _FORBIDDEN.search(value) is None


def xml_text(value: str) -> str:
    """A text between tags; a reader would make a bare carriage return a line feed."""
    return escape(_FORBIDDEN.sub("\ufffd", value), {"\r": "&#13;"})


def xml_attributes(values: Mapping[str, object]) -> str:
    """Attributes of a tag, a blank before each.

    >>> xml_attributes({"label": "a < b", "z_order": 3})
    ' label="a &lt; b" z_order="3"'
    """
    plain = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    return "".join(
        f" {key}={quoteattr(_FORBIDDEN.sub('�', str(value)), plain)}"
        for key, value in values.items()
    )
