"""Engines and their proposals. A proposal stores nothing."""

from __future__ import annotations

from fastapi import APIRouter

from segmentarium.api import schemas, work_schemas
from segmentarium.api.deps import Context, DbSession, ViewedImage
from segmentarium.core.annotation import polygons_to_json, rle_to_json
from segmentarium.engines import ENGINES, engine_named
from segmentarium.engines.base import Prompt
from segmentarium.services.proposals import propose

router = APIRouter(tags=["engines"])


@router.get("/engines")
def list_engines() -> work_schemas.EngineList:
    """All engines: what they take, their options, and why one cannot run here."""
    items = []
    for engine in ENGINES.values():
        reason = engine.unavailable_reason()
        items.append(
            work_schemas.Engine(
                name=engine.name,
                title=engine.title,
                prompts=list(engine.prompts),
                options=[
                    work_schemas.EngineOption.model_validate(option) for option in engine.options
                ],
                available=reason is None,
                reason=reason,
            )
        )
    return work_schemas.EngineList(items=items)


@router.post("/images/{image_id}/auto-annotate")
def auto_annotate(
    image: ViewedImage, body: schemas.AutoAnnotate, session: DbSession, context: Context
) -> schemas.Proposal:
    """Ask an engine for a proposal."""
    # Nothing is written: the transaction ends here, so that no writer waits for the engine.
    sha256 = image.sha256
    session.rollback()
    pixels = context.pixels.get(sha256)
    prompt = Prompt(
        bbox_xywh=body.prompt.bbox_xywh,
        point_coords=tuple(body.prompt.point_coords or ()),
        point_labels=tuple(body.prompt.point_labels or ()),
    )
    proposal = propose(engine_named(body.engine), pixels, prompt, body.options)
    return schemas.Proposal(
        segmentation=polygons_to_json(proposal.segmentation),
        bbox_xywh=proposal.bbox_xywh,
        area=proposal.area,
        score=proposal.score,
        engine=proposal.engine,
        elapsed_ms=proposal.elapsed_ms,
        rle=schemas.RLEBody.model_validate(rle_to_json(proposal.rle)),
        simplification=schemas.Simplification.model_validate(proposal.simplification),
        fallback=proposal.fallback,
    )
