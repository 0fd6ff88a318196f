"""Outcomes → figures of a contender: means, shares, latency, calibration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from segmentarium.core.correlation import pearson, spearman
from segmentarium.services.evaluation.run import Outcome


@dataclass(frozen=True, slots=True)
class Figures:
    """What a contender achieved on some targets. A failure counts as IoU 0; the latency is that of the answers.

    What nobody has measured is None: latency without an answer, corrections that were not simulated.
    """

    objects: int
    failed: int
    fell_back: int
    iou: float
    boundary_iou: float
    polygons_iou: float
    share_over_80: float
    share_over_90: float
    clicks: float | None
    share_reached: float | None
    p50_ms: float | None
    p95_ms: float | None
    opening_ms: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well the engine's score tells the IoU, over the answers; None where there is no correlation."""

    answers: int
    score: float | None
    pearson: float | None
    spearman: float | None


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Figures of one or more outcomes of one contender."""
    ious = np.array([one.iou for one in outcomes])
    times = [one.ms for one in outcomes if one.ms is not None]
    corrected = [one.corrections for one in outcomes if one.corrections is not None]
    return Figures(
        objects=len(outcomes),
        failed=sum(one.failure is not None for one in outcomes),
        fell_back=sum(one.fallback is not None for one in outcomes),
        iou=float(ious.mean()),
        boundary_iou=float(np.mean([one.boundary_iou for one in outcomes])),
        polygons_iou=float(np.mean([one.polygons_iou for one in outcomes])),
        share_over_80=float((ious >= 0.8).mean()),
        share_over_90=float((ious >= 0.9).mean()),
        clicks=_mean(one.clicks for one in corrected),
        share_reached=_mean(one.is_reached for one in corrected),
        p50_ms=float(np.percentile(times, 50)) if times else None,
        p95_ms=float(np.percentile(times, 95)) if times else None,
        opening_ms=_mean(one.opening_ms for one in outcomes if one.opening_ms is not None),
    )


def calibration(outcomes: Sequence[Outcome]) -> Calibration:
    """How the scores of one contender's answers go with their IoUs."""
    pairs = [(one.score, one.iou) for one in outcomes if one.score is not None]
    scores, ious = [score for score, _ in pairs], [iou for _, iou in pairs]
    return Calibration(len(pairs), _mean(scores), pearson(scores, ious), spearman(scores, ious))


def by_contender(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes by contender, in the order in which they were asked."""
    grouped: dict[str, list[Outcome]] = {}
    for one in outcomes:
        grouped.setdefault(one.contender, []).append(one)
    return grouped


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return float(np.mean(listed)) if listed else None
