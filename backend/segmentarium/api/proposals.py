"""Engines and their proposals. A proposal stores nothing.

The route is asynchronous, unlike the others: while an engine works, it looks whether the client is still there.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from segmentarium.api import proposal_schemas, schemas, work_schemas
from segmentarium.api.deps import Context, CurrentUser, ImageToRead
from segmentarium.core.annotation import (
    polygons_to_json,
    rle_to_json,
    segmentation_from_json,
)
from segmentarium.core.errors import PromptAbandoned
from segmentarium.core.raster import segmentation_area_and_bbox, segmentation_to_rle
from segmentarium.core.rle import RLE
from segmentarium.engines import AUTO, ENGINES, best_engine, engine_named
from segmentarium.engines.base import EmbeddingEngine, Prompt, Stroke
from segmentarium.services.engine_queue import Ticket
from segmentarium.services.lanes import route_of
from segmentarium.services.proposals import Proposal, propose

router = APIRouter(tags=["engines"])

_LOOK_EVERY_S = 0.1  # whether the client is still there


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
                description=engine.description,
                prompts=list(engine.prompts),
                starts_from=list(engine.starts_from),
                rank=engine.rank,
                is_slow=engine.is_slow,
                options=[
                    work_schemas.EngineOption.model_validate(option) for option in engine.options
                ],
                available=reason is None,
                reason=reason,
            )
        )
    return work_schemas.EngineList(items=items)


@router.post("/images/{image_id}/auto-annotate")
async def auto_annotate(
    image: ImageToRead,
    body: proposal_schemas.AutoAnnotate,
    request: Request,
    context: Context,
    user: CurrentUser,
) -> proposal_schemas.Proposal:
    """Ask an engine for a proposal; when too many wait already, 503 with `Retry-After`."""
    sha256, height, width = image.sha256, image.height, image.width

    def begin() -> Ticket[proposal_schemas.Proposal]:
        prompt = _prompt(body.prompt, height, width)
        engine = best_engine(prompt) if body.engine == AUTO else engine_named(body.engine)
        route = route_of(engine, body.options, context.embeddings.of(sha256))
        if isinstance(engine, EmbeddingEngine):
            context.preparation.asked(user.id, engine, body.options)

        def work() -> proposal_schemas.Proposal:
            pixels = context.pixels.get(sha256)
            return _answer(propose(engine, pixels, prompt, body.options, route.embeddings))

        return context.engine_queue.submit(route.lane, work)

    # Large masks are filled, and the folder of networks is read: not on the event loop.
    ticket = await run_in_threadpool(begin)
    future = asyncio.wrap_future(ticket.future)
    try:
        while not (await asyncio.wait({future}, timeout=_LOOK_EVERY_S))[0]:
            if await request.is_disconnected():
                raise PromptAbandoned("The client went away before the engine had answered.")
        return future.result()
    finally:
        ticket.abandon()
        # Nobody will fetch what comes later, not even the news that it was given up.
        future.cancel()


def _answer(proposal: Proposal) -> proposal_schemas.Proposal:
    return proposal_schemas.Proposal(
        segmentation=polygons_to_json(proposal.segmentation),
        bbox_xywh=proposal.bbox_xywh,
        area=proposal.area,
        score=proposal.score,
        engine=proposal.engine,
        elapsed_ms=proposal.elapsed_ms,
        rle=schemas.RLEBody.model_validate(rle_to_json(proposal.rle)),
        simplification=proposal_schemas.Simplification.model_validate(proposal.simplification),
        fallback=proposal.fallback,
    )


def _prompt(body: proposal_schemas.Prompt, height: int, width: int) -> Prompt:
    return Prompt(
        bbox_xywh=body.bbox_xywh,
        point_coords=tuple(body.point_coords or ()),
        point_labels=tuple(body.point_labels or ()),
        strokes=tuple(
            Stroke(tuple(stroke.points), stroke.label, stroke.radius_px)
            for stroke in body.strokes or ()
        ),
        mask=_mask(body.mask, height, width),
    )


def _mask(body: schemas.Segmentation | None, height: int, width: int) -> RLE | None:
    if body is None:
        return None
    mask = segmentation_from_json(body if isinstance(body, list) else body.model_dump())
    segmentation_area_and_bbox(mask, height, width)  # refuses what is too long to be filled
    return segmentation_to_rle(mask, height, width)
