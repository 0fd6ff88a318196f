"""Tables of figures, for a terminal and for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import rich.table
from numpy.typing import NDArray

Milliseconds = NDArray[np.float64]


class Skipped(Exception):
    """A benchmark cannot be run here; the text says why."""


@dataclass(frozen=True, slots=True)
class Table:
    """Figures side by side; the first column says what was measured, the others are numbers."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()

    def to_rich(self) -> rich.table.Table:
        """For a terminal."""
        shown = rich.table.Table(
            title=self.title, caption="\n".join(self.notes) or None, title_justify="left"
        )
        for index, column in enumerate(self.columns):
            shown.add_column(column, justify="right" if index else "left")
        for row in self.rows:
            shown.add_row(*row)
        return shown

    def to_markdown(self) -> str:
        """For the documentation."""
        lines = [f"**{self.title}**", ""]
        lines += [_row(self.columns), _row(("---", *("--:" for _ in self.columns[1:])))]
        lines += [_row(row) for row in self.rows]
        for note in self.notes:
            lines += ["", note]
        return "\n".join(lines)


def percentiles(times: Milliseconds, *which: float) -> tuple[str, ...]:
    """Percentiles of times, as they are shown."""
    return tuple(shown(float(value)) for value in np.percentile(times, which))


def shown(value: float) -> str:
    """A figure with three digits that mean something.

    >>> [shown(value) for value in (0.0712, 8.431, 84.31, 84310.4)]
    ['0.07', '8.43', '84.3', '84,310']
    """
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
