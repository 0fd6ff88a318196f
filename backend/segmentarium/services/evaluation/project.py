"""A project's annotations → targets: what was annotated is the truth, its tight box the prompt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy.orm import Session

from segmentarium.core.annotation import Segmentation
from segmentarium.core.errors import NotFound
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import Mask
from segmentarium.services.evaluation.targets import Source, Target
from segmentarium.storage.annotations import Annotation, core_annotation, iterate_annotations
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.categories import core_categories
from segmentarium.storage.images import all_images
from segmentarium.storage.tables import ImageRow

_BY_HAND = "manual"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which annotations are asked for."""

    min_area_px: int = 100
    with_stuff: bool = False
    only_by_hand: bool = False


def read_project(
    session: Session, blobs: BlobStore, project_id: int, project_name: str, choice: Choice
) -> Source:
    """The annotations of a project, image by image; groups (iscrowd) are left out, and what is left out is counted.

    Raises:
        NotFound: no annotation is left, or the file of an image is gone.
    """
    images = {image.id: image for image in all_images(session, project_id)}
    categories = {category.id: category for category in core_categories(session, project_id)}
    targets: list[Target] = []
    skipped: Counter[str] = Counter()
    proposed: Counter[str] = Counter()
    for image_id, stored in iterate_annotations(session, list(images)):
        for annotation in stored:
            category = categories[annotation.category_id]
            reason = _left_out(annotation, category.isthing, choice)
            if reason is not None:
                skipped[reason] += 1
                continue
            if annotation.source != _BY_HAND:
                proposed[annotation.source] += 1
            targets.append(_target(blobs, images[image_id], annotation, category.name))
    notes = [f"Left out: {_counted(skipped)}."] if skipped else []
    if not targets:
        raise NotFound(f"{project_name} has no annotation to ask for. {' '.join(notes)}".strip())
    if proposed:
        notes.append(
            f"Of the annotations, these began as proposals: {_counted(proposed)}. The figures favour such engines."
        )
    return Source(f"project {project_name}", tuple(targets), tuple(notes))


def _left_out(annotation: Annotation, isthing: bool, choice: Choice) -> str | None:
    if annotation.iscrowd:
        return "groups"
    if not isthing and not choice.with_stuff:
        return "stuff"
    if annotation.area < choice.min_area_px:
        return f"under {choice.min_area_px} pixels"
    if choice.only_by_hand and annotation.source != _BY_HAND:
        return "begun as proposals"
    return None


def _target(blobs: BlobStore, image: ImageRow, annotation: Annotation, domain: str) -> Target:
    segmentation: Segmentation = core_annotation(annotation).segmentation
    height, width = image.height, image.width
    try:
        path = blobs.path(image.sha256)
    except NotFound as error:
        raise NotFound(f"{image.name}: {error.detail}") from error

    def read_truth() -> Mask:
        return segmentation_to_mask(segmentation, height, width)

    return Target(
        id=str(annotation.id),
        image=image.name,
        image_path=path,
        domain=domain,
        bbox_xywh=annotation.bbox_xywh,
        width=width,
        height=height,
        read_truth=read_truth,
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
