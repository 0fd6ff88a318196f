"""Outcomes → a folder with `table.md`, `objects.csv` and `worst.jpg`, whole or not at all."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from segmentarium.core.errors import Conflict
from segmentarium.services.evaluation.run import REACHED_IOU, Outcome
from segmentarium.services.evaluation.sheet import worst_sheet
from segmentarium.services.evaluation.tables import (
    NOTHING,
    calibration_table,
    domain_table,
    overall_table,
)

TABLE, OBJECTS, WORST = "table.md", "objects.csv", "worst.jpg"
_JPEG_QUALITY = 90

CSV_COLUMNS = (
    "id",
    "image",
    "domain",
    "engine",
    "answered_by",
    "x",
    "y",
    "w",
    "h",
    "iou",
    "boundary_iou",
    "polygons_iou",
    "clicks",
    "reached",
    "ms",
    "opening_ms",
    "score",
    "fallback",
    "failure",
)

_EXPLAINED = """\
- **mean IoU**, **boundary IoU** (a band of 2% of the image's diagonal): the engine's mask against the truth; a failure
  counts as 0. **polygons' IoU**: the same for the polygons that are stored.
- **p50 ms**, **p95 ms**: from the box to the proposal, of the answers. **opening ms**: mean of what is done once for an
  image, before the first prompt.
- **Pearson**, **Spearman**: correlation of the engine's own score with the IoU, over the answers."""
_CLICKS = f"""\
- **clicks to {REACHED_IOU}**: mean of how many corrections it takes after the box, 0 where the box is enough and
  {{most}} where {{most}} do not reach it; **reached**: the share that is reached. A click goes to the middle of the
  largest error, and the engine is asked again with the box, all clicks and, where it takes one, the present mask.
  {NOTHING}: it takes no points."""
_NO_CLICKS = f"- **clicks to {REACHED_IOU}**: not simulated."


@dataclass(frozen=True, slots=True)
class About:
    """What was measured, for the head of the table."""

    title: str
    jitter: float
    clicks: int
    notes: tuple[str, ...] = ()


@contextmanager
def new_folder(target: Path, *, force: bool) -> Iterator[Path]:
    """A folder to write into, which becomes `target` at the end, or vanishes when an exception comes out.

    Raises:
        Conflict: `target` is there and `force` is not given, or it holds anything but an evaluation.
        OSError: it cannot be made there.
    """
    _check_free(target, force=force)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        # Within, so that Ctrl-C the moment it is made leaves nothing either.
        partial.mkdir()
        yield partial
        if target.exists():
            _check_free(target, force=force)
            shutil.rmtree(target)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_report(folder: Path, outcomes: Sequence[Outcome], about: About, worst: int) -> None:
    """Write the three files; the sheet shows the `worst` answers of each engine."""
    (folder / TABLE).write_text(_page(outcomes, about), encoding="utf-8")
    with (folder / OBJECTS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        writer.writerows(_csv_row(one) for one in outcomes)
    worst_sheet(outcomes, worst).save(folder / WORST, quality=_JPEG_QUALITY)


def _check_free(target: Path, *, force: bool) -> None:
    if not target.exists() and not target.is_symlink():
        return
    if not force:
        raise Conflict(f"{target} is there already; --force writes it anew.")
    others = (
        sorted({path.name for path in target.iterdir()} - {TABLE, OBJECTS, WORST})
        if target.is_dir() and not target.is_symlink()
        else [target.name]
    )
    if others:
        raise Conflict(
            f"{target} holds {others[0]}, which is no evaluation's; choose another folder."
        )


def _page(outcomes: Sequence[Outcome], about: About) -> str:
    objects = len({one.target.id for one in outcomes})
    boxes = (
        f"their sides moved by a normal deviation of {about.jitter:.0%} of the side"
        if about.jitter
        else "as given"
    )
    lines = [f"# Engines on {about.title}", "", f"{objects} objects. Boxes: {boxes}."]
    lines += [line for note in about.notes for line in ("", note)]
    for table in (overall_table(outcomes), domain_table(outcomes), calibration_table(outcomes)):
        lines += ["", table.to_markdown()]
    lines += ["", _EXPLAINED, _CLICKS.format(most=about.clicks) if about.clicks else _NO_CLICKS]
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula: images and categories are named by whoever uploads them."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def _csv_row(one: Outcome) -> tuple[str, ...]:
    corrections = one.corrections
    return (
        *map(_plain, (one.target.id, one.target.image, one.target.domain)),
        one.contender,
        one.answered_by or "",
        *(f"{value:.10g}" for value in one.target.bbox_xywh),
        *(f"{value:.4f}" for value in (one.iou, one.boundary_iou, one.polygons_iou)),
        "" if corrections is None else str(corrections.clicks),
        "" if corrections is None else ("true" if corrections.is_reached else "false"),
        *("" if ms is None else f"{ms:.2f}" for ms in (one.ms, one.opening_ms)),
        "" if one.score is None else f"{one.score:.4f}",
        one.fallback or "",
        one.trouble or "",
    )
