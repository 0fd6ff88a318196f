"""Contenders × targets → outcomes: each is asked for a box, and then corrected by simulated clicks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from segmentarium.core.corrections import Click, next_click
from segmentarium.core.errors import AppError, ImageRefused, UnreadableImage
from segmentarium.core.metrics import boundary_iou, mask_iou
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import RLE, Mask, mask_to_rle, rle_to_mask
from segmentarium.engines.base import EmbeddingEngine, OptionValue, Prompt, check_options
from segmentarium.services.embeddings import EmbeddingCache, ImageEmbeddings
from segmentarium.services.evaluation.contenders import Contender
from segmentarium.services.evaluation.targets import Target
from segmentarium.services.proposals import Proposal, propose
from segmentarium.storage.pictures import ImageRGB, read_rgb

REACHED_IOU = 0.9
_EMBEDDING_BYTES = 1_000_000_000  # of one image, from all engines

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Corrections:
    """How many clicks after the box it took to an IoU of 0.9, or that it was not reached in as many as were allowed.

    `failure` is the first that a click met with; the answer before it stayed then.
    """

    clicks: int
    is_reached: bool
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one contender did on one target.

    Attributes:
        contender: its name.
        target: what was asked for.
        answered_by: the engine; with `auto` not the contender's name.
        answer: the engine's mask; empty when it failed.
        iou: of that mask with the truth; 0 when it failed.
        boundary_iou: likewise.
        polygons_iou: of the polygons that an annotation would have.
        ms: from the prompt to the proposal, polygons included, on an image that is open.
        opening_ms: what the engine needed to read the image before, where it was done for this target.
        score: the engine's own estimate.
        fallback: what the engine answered instead of its work.
        failure: what it raised.
        corrections: None when they were not asked for, or nobody takes points.
    """

    contender: str
    target: Target
    answered_by: str | None
    answer: RLE
    iou: float = 0.0
    boundary_iou: float = 0.0
    polygons_iou: float = 0.0
    ms: float | None = None
    opening_ms: float | None = None
    score: float | None = None
    fallback: str | None = None
    failure: str | None = None
    corrections: Corrections | None = None

    @property
    def trouble(self) -> str | None:
        """What the engine raised, for the box or when it was corrected."""
        if self.failure is not None or self.corrections is None:
            return self.failure
        why = self.corrections.failure
        return None if why is None else f"when corrected: {why}"


def evaluate(
    contenders: Sequence[Contender],
    targets: Sequence[Target],
    clicks: int,
    report: Report = lambda _done, _all: None,
) -> list[Outcome]:
    """Ask every contender for every target; deterministic but for times.

    A failure is an outcome and ends nothing. Before the first target each contender is asked once without being timed:
    what is loaded at the first use is loaded then. Targets of one image should stand beside each other: it is decoded
    once.

    Args:
        contenders: who is asked.
        targets: for what.
        clicks: how many corrections are simulated at most; 0 for none.
        report: called with how many of how many outcomes there are, also while none is; what it raises ends it.

    Raises:
        Invalid: a true mask is empty.
        UnreadableImage: an image is damaged.
    """
    # What is damaged in the last of them is better known before the first.
    image = _Image(targets[0])
    for target in targets:
        report(0, len(targets) * len(contenders))
        image = image.at(target)
        target.read_truth()
    image = _Image(targets[0])
    for contender in contenders:
        image.ask(contender, Prompt(bbox_xywh=targets[0].bbox_xywh))
    outcomes = []
    image = _Image(targets[0])
    for target in targets:
        image = image.at(target)
        truth = target.read_truth()
        for contender in contenders:
            outcomes.append(_outcome(contender, target, image, truth, clicks))
            report(len(outcomes), len(targets) * len(contenders))
    return outcomes


@dataclass(frozen=True, slots=True)
class _Answer:
    """A proposal, or why there is none; and what reading the image took, if it was read now."""

    proposal: Proposal | None
    failure: str | None
    opening_ms: float | None


@dataclass(slots=True)
class _Image:
    """An open image: its pixels, and what engines have read of it."""

    target: Target
    pixels: ImageRGB = field(init=False)
    _embeddings: ImageEmbeddings = field(init=False)

    def __post_init__(self) -> None:
        try:
            self.pixels = read_rgb(self.target.image_path)
        except ImageRefused as error:
            raise UnreadableImage(f"{self.target.image_path}: {error.detail}") from error
        self._embeddings = EmbeddingCache(_EMBEDDING_BYTES).of(str(self.target.image_path))

    def at(self, target: Target) -> _Image:
        """The image of a target: this one, where it is the same file."""
        same = target.image_path == self.target.image_path
        return self if same else _Image(target)

    def ask(self, contender: Contender, prompt: Prompt) -> _Answer:
        """Ask a contender."""
        opening_ms = None
        try:
            engine = contender.choose(prompt)
            options = contender.options_of(engine)
            if isinstance(engine, EmbeddingEngine):
                opening_ms = self._read(engine, check_options(engine, options))
            proposal = propose(engine, self.pixels, prompt, options, self._embeddings)
        except AppError as error:
            return _Answer(None, error.detail, opening_ms)
        return _Answer(proposal, None, opening_ms)

    def _read(self, engine: EmbeddingEngine, options: Mapping[str, OptionValue]) -> float | None:
        """Have the engine read the image; the milliseconds that took, None when it had read it before."""
        cache, key = self._embeddings.cache, None
        if engine.unavailable_reason() is None:
            key = cache.key(self._embeddings.sha256, engine, options)
        if key is None or cache.has(key):
            return None
        started = time.perf_counter()
        self._embeddings.get(engine, self.pixels, options)
        return (time.perf_counter() - started) * 1000


def _outcome(
    contender: Contender, target: Target, image: _Image, truth: Mask, clicks: int
) -> Outcome:
    answer = image.ask(contender, Prompt(bbox_xywh=target.bbox_xywh))
    proposal = answer.proposal
    if proposal is None:
        nothing = mask_to_rle(np.zeros(truth.shape, dtype=np.bool_))
        return Outcome(
            contender.name,
            target,
            None,
            nothing,
            failure=answer.failure,
            opening_ms=answer.opening_ms,
            corrections=_corrections(contender, target, image, truth, nothing, clicks),
        )
    mask = rle_to_mask(proposal.rle)
    polygons = segmentation_to_mask(proposal.segmentation, *truth.shape)
    return Outcome(
        contender.name,
        target,
        proposal.engine,
        proposal.rle,
        iou=mask_iou(mask, truth),
        boundary_iou=boundary_iou(mask, truth),
        polygons_iou=mask_iou(polygons, truth),
        ms=proposal.elapsed_ms,
        opening_ms=answer.opening_ms,
        score=proposal.score,
        fallback=proposal.fallback,
        corrections=_corrections(contender, target, image, truth, proposal.rle, clicks),
    )


def _corrections(
    contender: Contender,
    target: Target,
    image: _Image,
    truth: Mask,
    present: RLE,
    most: int,
) -> Corrections | None:
    """Click on the largest error, ask again, until the answer is good or `most` clicks are spent."""
    if not most or not contender.takes_points(target.bbox_xywh):
        return None
    given: list[Click] = []
    failure: str | None = None
    mask = rle_to_mask(present)
    while mask_iou(mask, truth) < REACHED_IOU and len(given) < most:
        click = next_click(truth, mask, given)
        if click is None:
            break
        given.append(click)
        prompt = Prompt(
            bbox_xywh=target.bbox_xywh,
            point_coords=tuple((click.x, click.y) for click in given),
            point_labels=tuple(click.label for click in given),
        )
        answer = image.ask(contender, contender.with_mask(prompt, present))
        if answer.proposal is None:  # what was there stays, and the annotator goes on
            failure = failure or answer.failure
            continue
        present = answer.proposal.rle
        mask = rle_to_mask(present)
    is_reached = mask_iou(mask, truth) >= REACHED_IOU
    return Corrections(len(given) if is_reached else most, is_reached, failure)
