"""Tables of figures, for a terminal and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import rich.box
import rich.table
from rich.console import Console
from rich.markup import escape

from segmentarium.services.evaluation.figures import (
    Figures,
    by_contender,
    calibration,
    figures,
)
from segmentarium.services.evaluation.run import REACHED_IOU, Outcome

NOTHING = "—"
_WIDEST = 10_000  # characters of a line: no table is as wide
_COLUMNS = (
    "objects",
    "mean IoU",
    "boundary IoU",
    "polygons' IoU",
    "IoU ≥ 0.8",
    "IoU ≥ 0.9",
    f"clicks to {REACHED_IOU}",
    "reached",
    "p50 ms",
    "p95 ms",
    "opening ms",
    "fell back",
    "failed",
)


@dataclass(frozen=True, slots=True)
class Table:
    """Figures side by side; the first `labels` columns say what was measured, the others are numbers."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()
    labels: int = 1

    def print_on(self, console: Console) -> None:
        """Print it as wide as it is: in a narrower terminal rich would leave out what does not fit."""
        drawn = rich.table.Table(box=rich.box.SIMPLE_HEAD, pad_edge=False)
        for index, column in enumerate(self.columns):
            heading = "\n".join(
                column.rsplit(" ", 1)
            )  # narrow, so that a terminal has room for all
            drawn.add_column(escape(heading), justify="left" if index < self.labels else "right")
        for row in self.rows:
            drawn.add_row(*(escape(cell) for cell in row))
        needed = console.measure(drawn, options=console.options.update(max_width=_WIDEST)).maximum
        console.print(self.title, markup=False, style="bold")
        Console(file=console.file, highlight=False, width=needed).print(drawn)
        for note in self.notes:
            console.print(note, markup=False)

    def without_empty(self) -> Table:
        """Without the columns that have nothing to tell in any row."""
        kept = [
            index
            for index in range(len(self.columns))
            if index < self.labels or any(row[index] not in {NOTHING, "0"} for row in self.rows)
        ]
        return replace(
            self,
            columns=tuple(self.columns[index] for index in kept),
            rows=[tuple(row[index] for index in kept) for row in self.rows],
        )

    def to_markdown(self) -> str:
        """For a file or the documentation."""
        rules = ["---"] * self.labels + ["--:"] * (len(self.columns) - self.labels)
        lines = [f"**{self.title}**", "", _row(self.columns), f"| {' | '.join(rules)} |"]
        lines += [_row(row) for row in self.rows]
        for note in self.notes:
            lines += ["", note]
        return "\n".join(lines)


def shown(value: float) -> str:
    """A figure with three digits that mean something.

    >>> [shown(value) for value in (0.0712, 8.431, 84.31, 84310.4)]
    ['0.07', '8.43', '84.3', '84,310']
    """
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f}"


def overall_table(outcomes: Sequence[Outcome]) -> Table:
    """A row for each contender."""
    rows = [(name, *_cells(figures(given))) for name, given in by_contender(outcomes).items()]
    return Table("All objects", ("engine", *_COLUMNS), rows, _failures(outcomes))


def domain_table(outcomes: Sequence[Outcome]) -> Table:
    """A row for each domain and contender, the domains of most objects first."""
    grouped = by_contender(outcomes)
    rows = [
        (domain, name, *_cells(figures(given)))
        for domain, _ in _domains(outcomes)
        for name, all_given in grouped.items()
        if (given := [one for one in all_given if one.target.domain == domain])
    ]
    return Table("By domain", ("domain", "engine", *_COLUMNS), rows, labels=2)


def domain_iou_table(outcomes: Sequence[Outcome]) -> Table:
    """Mean IoU: a row for each domain, a column for each contender."""
    grouped = by_contender(outcomes)
    rows = []
    for domain, count in _domains(outcomes):
        means = [
            f"{np.mean([one.iou for one in given if one.target.domain == domain]):.3f}"
            for given in grouped.values()
        ]
        rows.append((domain, str(count), *means))
    return Table("Mean IoU by domain", ("domain", "objects", *grouped), rows)


def calibration_table(outcomes: Sequence[Outcome]) -> Table:
    """How well each contender's score tells the IoU."""
    rows = []
    for name, given in by_contender(outcomes).items():
        told = calibration(given)
        rows.append(
            (
                name,
                str(told.answers),
                *(_decimal(value) for value in (told.score, told.pearson, told.spearman)),
            )
        )
    return Table(
        "Score against IoU", ("engine", "answers", "mean score", "Pearson", "Spearman"), rows
    )


def _domains(outcomes: Sequence[Outcome]) -> list[tuple[str, int]]:
    """Domains with their targets, those of most first."""
    counts = Counter(domain for domain, _ in {(o.target.domain, o.target.id) for o in outcomes})
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _cells(measured: Figures) -> tuple[str, ...]:
    return (
        str(measured.objects),
        *(_decimal(v) for v in (measured.iou, measured.boundary_iou, measured.polygons_iou)),
        f"{measured.share_over_80:.0%}",
        f"{measured.share_over_90:.0%}",
        NOTHING if measured.clicks is None else f"{measured.clicks:.1f}",
        NOTHING if measured.share_reached is None else f"{measured.share_reached:.0%}",
        *(
            NOTHING if ms is None else shown(ms)
            for ms in (measured.p50_ms, measured.p95_ms, measured.opening_ms)
        ),
        str(measured.fell_back),
        str(measured.failed),
    )


def _decimal(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"


def _failures(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """What engines raised, for boxes and for corrections, and how often."""
    raised = Counter((one.contender, one.trouble) for one in outcomes if one.trouble)
    return tuple(
        f"{name} failed {count} time{'s' if count > 1 else ''}: {why}"
        for (name, why), count in raised.items()
    )


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
