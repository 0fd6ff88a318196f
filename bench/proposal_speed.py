"""Box → proposal, from the request to the answer, against cv2.grabCut as in its tutorial on the same boxes."""

from __future__ import annotations

import io
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import PIL.Image

from bench.peers import Box, tutorial_grabcut
from bench.photographs import object_boxes, photograph
from bench.server import segmentarium, times_of
from bench.tables import Milliseconds, Table, percentiles, shown
from bench.whole_box import whole_box
from segmentarium.engines.base import ImageRGB

TARGET_MS = 150.0


@dataclass(frozen=True, slots=True)
class Photograph:
    """One of scikit-image's, at a size, and on how many boxes the peer is tried: it takes up to minutes a box."""

    file: str
    width: int
    height: int
    peer_boxes: int


PHOTOGRAPHS = (
    Photograph("astronaut.png", 512, 512, 12),
    Photograph("coffee.png", 4000, 3000, 3),
    Photograph("coins.png", 4000, 3000, 0),
    Photograph("coffee.png", 10_000, 10_000, 0),
)


def run(quick: bool) -> list[Table]:
    """One row a photograph; and what a box over the whole of one costs."""
    count = 8 if quick else 60
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="segmentarium-bench-") as folder,
        segmentarium(Path(folder)) as client,
    ):
        project = client.post("/api/projects", json={"name": "photographs"}).json()["id"]
        for one in PHOTOGRAPHS:
            peer_boxes = (
                min(one.peer_boxes, 1 if one.width < 1000 else 0) if quick else one.peer_boxes
            )
            rows.append(_row(client, project, one, count, peer_boxes))
    table = Table(
        f"Box → proposal over HTTP, ms ({count} boxes a photograph)",
        (
            "photograph",
            "median",
            "p95",
            "max",
            "fell back",
            "median of the others",
            "target median",
            "first prompt",
            "cv2.grabCut, median (boxes)",
            "times as fast, box by box",
        ),
        rows,
    )
    return [table, whole_box(quick)]


def _row(
    client: httpx.Client, project: int, one: Photograph, count: int, peer_boxes: int
) -> tuple[str, ...]:
    jpeg = photograph(one.file, one.width, one.height)
    sent = client.post(
        f"/api/projects/{project}/images", files={"files": (one.file, jpeg, "image/jpeg")}
    )
    image_id = sent.raise_for_status().json()["images"][0]["id"]
    asked = object_boxes(one.file, one.width, one.height, count)
    requests = [_request(client, image_id, box) for box in asked]
    client.get(f"/api/images/{image_id}").raise_for_status()
    first = times_of(client, [(_request(client, image_id, asked[0]),)], 0)
    times = times_of(client, [(request,) for request in requests], 0)
    # An engine that gives up answers sooner: its times would flatter the median.
    fell_back = np.array(
        [client.send(request).json()["fallback"] is not None for request in requests]
    )
    peer, ratio = _peer(jpeg, asked[:peer_boxes], times)
    median = float(np.median(times))
    return (
        f"{one.width} × {one.height}, {one.file.partition('.')[0]}",
        *percentiles(times, 50, 95, 100),
        f"{np.count_nonzero(fell_back)}",
        "" if fell_back.all() else shown(float(np.median(times[~fell_back]))),
        shown(TARGET_MS) + ("" if median < TARGET_MS else " (missed)"),
        shown(float(first[0])),
        peer,
        ratio,
    )


def _request(client: httpx.Client, image_id: int, box: Box) -> httpx.Request:
    return client.build_request(
        "POST", f"/api/images/{image_id}/auto-annotate", json={"prompt": {"bbox_xywh": box}}
    )


def _peer(jpeg: bytes, asked: list[Box], ours: Milliseconds) -> tuple[str, str]:
    """The peer's median on the first boxes, pixels in hand and no HTTP, and the median ratio, box by box."""
    if not asked:
        return "", ""
    with PIL.Image.open(io.BytesIO(jpeg)) as opened:
        pixels: ImageRGB = np.asarray(opened)
    taken = []
    for box in asked:
        start = time.perf_counter()
        tutorial_grabcut(pixels, box)
        taken.append((time.perf_counter() - start) * 1000)
    ratios = np.array(taken) / ours[: len(asked)]
    return f"{shown(float(np.median(taken)))} ({len(asked)})", f"{float(np.median(ratios)):,.1f}×"
