"""What a written dataset does not carry as it was: noted by the format as it writes, annotation by annotation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What can become of an annotation; the texts are for people."""

    AS_RLE = "as-rle"
    TRACED = "traced"
    RASTERIZED = "rasterized"
    HOLES_BRIDGED = "holes-bridged"
    HOLES_FILLED = "holes-filled"
    PARTS_SEPARATED = "parts-separated"
    READ_DIFFERENTLY = "read-differently"
    ROUNDED = "rounded"
    PARTLY_HIDDEN = "partly-hidden"
    HIDDEN = "hidden"
    DROPPED = "dropped"
    MERGED = "merged"
    CROWD_LOST = "crowd-lost"
    ATTRIBUTES_LOST = "attributes-lost"

    @property
    def sentence(self) -> str:
        """In words."""
        return _SENTENCES[self]

    @property
    def is_loss(self) -> bool:
        """Whether something of the object is gone; the others are the same pixels in another form."""
        return self not in {ChangeKind.AS_RLE, ChangeKind.TRACED, ChangeKind.HOLES_BRIDGED}


_SENTENCES = {
    ChangeKind.AS_RLE: "written as RLE, because readers would fill the polygons otherwise",
    ChangeKind.TRACED: "mask written as polygons along its pixels' edges",
    ChangeKind.RASTERIZED: "vertices become pixels",
    ChangeKind.HOLES_BRIDGED: "holes joined to the outline by a cut without width",
    ChangeKind.HOLES_FILLED: "holes filled",
    ChangeKind.PARTS_SEPARATED: "parts become annotations of their own",
    ChangeKind.READ_DIFFERENTLY: "other tools fill its polygons with other pixels",
    ChangeKind.ROUNDED: "vertices rounded",
    ChangeKind.PARTLY_HIDDEN: "partly hidden by annotations above",
    ChangeKind.HIDDEN: "wholly hidden by annotations above",
    ChangeKind.DROPPED: "not written",
    ChangeKind.MERGED: "one with others of its category",
    ChangeKind.CROWD_LOST: "no longer marked as a crowd",
    ChangeKind.ATTRIBUTES_LOST: "attributes not written",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one annotation of one image."""

    kind: ChangeKind
    file_name: str
    annotation_id: str
    detail: str = ""


class Changes:
    """Counts what changed, and tells each change to whoever listens; keeps none, there may be millions."""

    def __init__(self, listen: Callable[[Change], None] = lambda _: None) -> None:
        self.counts: Counter[ChangeKind] = Counter()
        self._listen = listen

    def note(self, kind: ChangeKind, file_name: str, annotation_id: str, detail: str = "") -> None:
        """Something became of an annotation."""
        self.counts[kind] += 1
        self._listen(Change(kind, file_name, annotation_id, detail))
