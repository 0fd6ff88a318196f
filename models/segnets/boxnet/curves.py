"""A run's log as a picture."""

from __future__ import annotations

import csv
from pathlib import Path

_WIDTH, _HEIGHT, _EDGE = 720, 300, 40
_SHOWN = {"iou": "#4c6ef5", "measured_iou": "#e8590c"}


def draw_curves(log: Path, path: Path) -> None:
    """Mean IoU over samples, of what is trained on and of what is held back, as SVG."""
    with log.open(newline="") as file:
        rows = list(csv.DictReader(file))
    longest = max((float(row["samples"]) for row in rows), default=1.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}">',
        "<style>text{font:11px sans-serif}</style>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for tenth in range(5, 11):
        y = _y(tenth / 10)
        parts.append(f'<path d="M{_EDGE} {y:.1f}H{_WIDTH - 10}" stroke="#dee2e6"/>')
        parts.append(f'<text x="8" y="{y + 4:.1f}">{tenth / 10:.1f}</text>')
    for index, (name, color) in enumerate(_SHOWN.items()):
        points = [(float(row["samples"]) / longest, float(row[name])) for row in rows if row[name]]
        line = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="1.5"/>')
        label = "IoU, trained on" if name == "iou" else "IoU, held back"
        parts.append(
            f'<text x="{_WIDTH - 130}" y="{20 + 16 * index}" fill="{color}">{label}</text>'
        )
    parts.append(f'<text x="{_EDGE}" y="{_HEIGHT - 8}">0 to {longest:,.0f} samples</text></svg>')
    path.write_text("\n".join(parts) + "\n")


def _x(share: float) -> float:
    return _EDGE + share * (_WIDTH - _EDGE - 10)


def _y(iou: float) -> float:
    return 10 + (1 - min(max(iou, 0.5), 1.0)) / 0.5 * (_HEIGHT - 40)
