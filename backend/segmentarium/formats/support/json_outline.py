"""Of what a JSON document is made, told by its first bytes: keys at the top, and keys of what its lists hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A text, a key where a colon follows it, or what opens and closes. Texts are taken whole, for they may hold braces;
# one that does not end is all of the rest, or each of its quotes would be tried as the start of another.
_TOKENS = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"(\s*+:)?|\\?\Z)|[{}\[\]]', re.DOTALL)


_TOPS = {
    "coco": {"images"},
    "labelme": {"shapes"},
    "datumaro": {"items"},
    "darwin": {"item"},
    "cityscapes": {"imgHeight"},
}
_COCO_ENTRY = {"image_id", "category_id"}


@dataclass(frozen=True, slots=True)
class JsonOutline:
    """The keys of the root object, and those of the objects in lists that lie in it or are the root."""

    is_object: bool
    top: frozenset[str]
    listed: frozenset[str]


def json_outline(head: bytes) -> JsonOutline:
    """What the first bytes tell; they may end anywhere.

    >>> found = json_outline(
    ...     b'{"images": [{"id": 1, "more": {"items": 2}}], "info": {"a": 1}, "anno'
    ... )
    >>> found.is_object, sorted(found.top), sorted(found.listed)
    (True, ['images', 'info'], ['id', 'more'])
    """
    opened: list[bytes] = []
    top: set[str] = set()
    listed: set[str] = set()
    for token in _TOKENS.finditer(head):
        text = token[0]
        if text in (b"{", b"["):
            opened.append(text)
        elif text in (b"}", b"]"):
            if opened:
                opened.pop()
            if not opened:
                break
        elif token[2] and opened and opened[-1] == b"{":
            if len(opened) == 1:
                top.add(token[1].decode("utf-8", "replace"))
            elif opened in ([b"{", b"[", b"{"], [b"[", b"{"]):
                listed.add(token[1].decode("utf-8", "replace"))
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return JsonOutline(begins == b"{", frozenset(top), frozenset(listed))


def is_of_another(head: bytes, own: str) -> bool:
    """Whether keys where they stand say that a document is of another format than `own`.

    A word alone does not: an attribute may be called `shapes`, too.

    >>> is_of_another(b'{"images": [], "annotations": [{"attributes": {"shapes": []}}]}', "labelme")
    True
    """
    found = json_outline(head)
    if own != "label-studio" and not found.is_object:
        return True
    told = {name for name, keys in _TOPS.items() if not keys.isdisjoint(found.top)}
    if found.is_object and not found.listed.isdisjoint(_COCO_ENTRY):
        told.add("coco")
    return bool(told - {own})
