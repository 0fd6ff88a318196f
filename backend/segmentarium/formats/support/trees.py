"""How much memory a document takes that is read whole, guessed before it is: some make many times their own bytes."""

from __future__ import annotations

MAX_TREE_MEMORY = 300_000_000  # bytes
MAX_XML_MARKS = 2_000_000  # see `xml_marks`
MAX_DEPTH = 64

# Measured as the growth of the process with millions of each: lists, objects, numbers, halves of short texts.
_JSON_BYTES = {b"[": 60, b"{": 150, b",": 64, b'"': 40}


def json_memory(data: bytes) -> int:
    """The bytes that the values of a JSON text take at most, roughly.

    >>> json_memory(b"[[1.5, 2.5], []]")
    308
    """
    return sum(data.count(mark) * size for mark, size in _JSON_BYTES.items())


def xml_marks(data: bytes) -> int:
    """What of a piece of XML becomes values: beginnings and ends of elements, and attributes, which take twice as much.

    Two millions took up to 300 MB.

    >>> xml_marks(b'<a b="1"><c/></a>')
    5
    """
    return data.count(b"<") + 2 * data.count(b"=")
