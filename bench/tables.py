"""Tables of figures, as the product's own evaluation makes them, and what benchmarks put into them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmentarium.services.evaluation.tables import Table, shown

__all__ = ["Milliseconds", "Skipped", "Table", "percentiles", "shown"]

Milliseconds = NDArray[np.float64]


class Skipped(Exception):
    """A benchmark cannot be run here; the text says why."""


def percentiles(times: Milliseconds, *which: float) -> tuple[str, ...]:
    """Percentiles of times, as they are shown."""
    return tuple(shown(float(value)) for value in np.percentile(times, which))
