"""Proposals of engines."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from segmentarium.core.annotation import rle_to_json, segmentation_from_json
from segmentarium.core.boxes import box_iou
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import mask_to_rle, rle_to_mask
from segmentarium.engines import ENGINES
from segmentarium.engines.base import (
    ImageRGB,
    OptionValue,
    Prediction,
    Prompt,
    PromptKind,
    raise_if_abandoned,
)
from segmentarium.services.engine_queue import Lane
from tests.api.client import Api, Scene, assert_problem, one_database
from tests.api.pictures import disk_png
from tests.services.test_proposals import Fixed

BOX = [40, 30, 80, 80]  # around the disk of radius 30 at (80, 70)


@pytest.fixture
def picture(api: Api) -> int:
    """An image of 160 × 140 pixels with a disk on it."""
    return api.image(api.project(), disk_png(160, 140, 80, 70, 30))


def _propose(api: Api, image: int, prompt: Any = None, **values: Any) -> Any:
    body = {"prompt": prompt or {"bbox_xywh": BOX}, **values}
    return api.owner.post(f"/api/images/{image}/auto-annotate", json=body)


def _mask(segmentation: Any) -> Any:
    return segmentation_to_mask(segmentation_from_json(segmentation), 140, 160)


@one_database
def test_polygons_differ_from_the_mask_by_the_stated_iou(api: Api, picture: int) -> None:
    answer = _propose(api, picture).json()
    drawn = _mask(answer["segmentation"])
    proposed = coco.decode(answer["rle"]).astype(bool)
    iou = (drawn & proposed).sum() / (drawn | proposed).sum()
    assert answer["simplification"]["iou"] == pytest.approx(iou, abs=1e-9)


@one_database
def test_box_and_area_are_those_of_the_polygons(api: Api, picture: int) -> None:
    answer = _propose(api, picture).json()
    drawn = _mask(answer["segmentation"])
    rows, columns = np.nonzero(drawn)
    x, y = int(columns.min()), int(rows.min())
    box = [x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y]
    assert (answer["area"], answer["bbox_xywh"]) == (int(drawn.sum()), box)


@one_database
def test_stated_number_of_vertices_is_that_of_the_polygons(api: Api, picture: int) -> None:
    answer = _propose(api, picture).json()
    rings = [ring for part in answer["segmentation"] for ring in part]
    assert answer["simplification"]["vertices"] == sum(len(ring) // 2 for ring in rings)


@one_database
def test_disk_in_the_box_is_found(api: Api, picture: int) -> None:
    rows, columns = np.mgrid[:140, :160]
    disk = (columns + 0.5 - 80) ** 2 + (rows + 0.5 - 70) ** 2 < 30**2
    # The box is a third wider than the disk: a network that knows boxes to be tight takes a little more.
    for engine, least in (("grabcut", 0.95), ("auto", 0.8)):
        answer = _propose(api, picture, engine=engine).json()
        drawn = _mask(answer["segmentation"])
        assert (drawn & disk).sum() / (drawn | disk).sum() > least
        assert answer["fallback"] is None


@one_database
def test_answer_names_its_engine_and_its_time(api: Api, picture: int) -> None:
    answers = [
        _propose(api, picture).json(),
        _propose(api, picture, engine="grabcut", options={"iterations": 1}).json(),
    ]
    assert [answer["engine"] for answer in answers] == ["boxnet", "grabcut"]
    for answer in answers:
        assert 0 <= answer["score"] <= 1
        assert answer["elapsed_ms"] > 0


@one_database
def test_box_that_reaches_over_the_border_is_clipped(api: Api, picture: int) -> None:
    x, y, w, h = _propose(api, picture, {"bbox_xywh": [-50, -50, 120, 120]}).json()["bbox_xywh"]
    assert x >= 0
    assert y >= 0
    assert box_iou((x, y, x + w, y + h), (0, 0, 70, 70)) > 0


def test_proposal_is_not_stored(api: Api, picture: int) -> None:
    before = api.owner.get(f"/api/images/{picture}").json()
    assert _propose(api, picture).status_code == 200
    assert api.annotations(picture) == []
    assert api.owner.get(f"/api/images/{picture}").json() == before


def test_proposal_can_be_sent_as_an_edit(api: Api, picture: int) -> None:
    answer = _propose(api, picture).json()
    project = api.owner.get(f"/api/images/{picture}").json()["project_id"]
    scene = Scene(project, api.category(project), picture)
    api.edit(picture, scene.create(answer["segmentation"], source="grabcut"))
    (stored,) = api.annotations(picture)
    assert (stored["area"], stored["bbox_xywh"]) == (answer["area"], answer["bbox_xywh"])


@one_database
@pytest.mark.parametrize(
    "box",
    [[200, 10, 20, 20], [-30, -30, 20, 20], [10, 10, 0, 20], [10, 10, 20, -5], [160, 0, 10, 10]],
)
def test_box_that_covers_nothing_is_refused(api: Api, picture: int, box: list[float]) -> None:
    assert_problem(_propose(api, picture, {"bbox_xywh": box}), 422, "invalid-prompt")


@one_database
@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "null", '"wide"'])
def test_box_that_is_no_box_of_numbers_is_pointed_at(api: Api, picture: int, number: str) -> None:
    body = json.dumps({"prompt": {"bbox_xywh": [10, 10, -7, 20]}}).replace("-7,", f"{number},")
    response = api.owner.post(
        f"/api/images/{picture}/auto-annotate",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    problem = assert_problem(response, 422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == ["#/prompt/bbox_xywh/2"]


@one_database
@pytest.mark.parametrize("prompt", [{"bbox_xywh": None}, {"point_coords": [[1, 2]]}])
def test_prompt_that_the_engine_does_not_take_is_refused(
    api: Api, picture: int, prompt: object
) -> None:
    assert_problem(_propose(api, picture, prompt, engine="grabcut"), 422, "invalid-prompt")


@one_database
def test_unknown_engine_is_not_found(api: Api, picture: int) -> None:
    assert_problem(_propose(api, picture, engine="oracle"), 404, "not-found")


@one_database
@pytest.mark.parametrize(
    "options",
    [{"magic": 1}, {"iterations": 0}, {"iterations": 2.5}, {"iterations": "3"}, {"margin": True}],
)
def test_option_that_cannot_be_is_refused(api: Api, picture: int, options: object) -> None:
    assert_problem(_propose(api, picture, options=options), 422, "invalid-option")


@one_database
def test_option_beyond_64_bits_is_refused(api: Api, picture: int) -> None:
    response = _propose(api, picture, options={"iterations": 2**70})
    assert_problem(response, 422, "invalid-option")


@one_database
def test_picture_missing_from_the_disk_is_not_found(api: Api) -> None:
    image = api.image(api.project(), disk_png(160, 140, 80, 70, 30))
    (file,) = (api.context.settings.data_dir / "blobs").glob("*/*")
    file.unlink()
    assert_problem(_propose(api, image), 404, "not-found")


@one_database
def test_engines_are_listed_with_their_options(api: Api) -> None:
    items = {item["name"]: item for item in api.owner.get("/api/engines").json()["items"]}
    assert set(items) == set(ENGINES)
    for name, engine in ENGINES.items():
        assert [option["name"] for option in items[name]["options"]] == [
            option.name for option in engine.options
        ]


@one_database
def test_grabcut_is_available_everywhere(api: Api) -> None:
    items = {item["name"]: item for item in api.owner.get("/api/engines").json()["items"]}
    assert (items["grabcut"]["available"], items["grabcut"]["reason"]) == (True, None)


@pytest.fixture
def crowded(make_api: Callable[..., Api]) -> Iterator[Api]:
    """An application whose only thread for fast engines is taken, and where none may wait."""
    api = make_api(engine_threads=1, engine_most_waiting=0)
    done = threading.Event()
    api.context.engine_queue.submit(Lane.FAST, lambda: done.wait(20))
    yield api
    done.set()


@one_database
def test_too_many_prompts_are_told_when_to_come_back(crowded: Api) -> None:
    image = crowded.image(crowded.project(), disk_png(160, 140, 80, 70, 30))
    answer = _propose(crowded, image)
    problem = assert_problem(answer, 503, "engine-busy")
    assert answer.headers["retry-after"] == str(problem["retry_after_s"])
    assert int(answer.headers["retry-after"]) >= 1


@dataclass
class Patient(Fixed):
    """An engine that works until nobody waits."""

    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        self.begun.set()
        try:
            while True:
                raise_if_abandoned()
                time.sleep(0.01)
        finally:
            self.ended.set()


@one_database
def test_an_engine_stops_when_its_client_goes_away(
    api: Api, picture: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = Patient(np.ones((4, 4), bool), name="patient")
    monkeypatch.setitem(ENGINES, "patient", patient)
    body = json.dumps({"engine": "patient", "prompt": {"bbox_xywh": BOX}}).encode()
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(messages, None)
        if message is not None:
            return message
        while not patient.begun.is_set():
            await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def send(_message: MutableMapping[str, Any]) -> None:
        pass

    headers = {
        "host": "127.0.0.1",
        "content-type": "application/json",
        "authorization": f"Bearer {api.secret('token')}",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/api/images/{picture}/auto-annotate",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "app": api.app,
    }
    asyncio.run(asyncio.wait_for(api.app(scope, receive, send), 20))
    assert patient.ended.wait(20)


@dataclass
class OnSlowDisk(Fixed):
    """An engine that needs long to say whether it can run."""

    asked: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)

    def unavailable_reason(self) -> str | None:
        self.asked.set()
        assert self.goes_on.wait(20)
        return None


@one_database
def test_other_requests_are_answered_while_an_engine_looks_for_its_network(
    api: Api, picture: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = OnSlowDisk(np.ones((4, 4), bool), name="far", rank=1000)
    monkeypatch.setitem(ENGINES, "far", engine)
    with ThreadPoolExecutor(1) as pool:
        proposal = pool.submit(_propose, api, picture)
        assert engine.asked.wait(20)
        assert api.owner.get("/api/projects").status_code == 200
        assert not proposal.done()
        engine.goes_on.set()
        assert proposal.result(20).json()["engine"] == "far"


@one_database
def test_an_image_that_was_opened_is_decoded_before_the_first_prompt(
    api: Api, picture: int
) -> None:
    sha256 = api.owner.get(f"/api/images/{picture}").json()["sha256"]
    time.sleep(1.5)
    # What was decoded needs no file.
    api.context.blobs.path(sha256).unlink()
    assert _propose(api, picture).status_code == 200


@dataclass
class Mirror(Fixed):
    """An engine that answers the mask it was given."""

    prompts: tuple[PromptKind, ...] = ("mask",)
    starts_from: tuple[PromptKind, ...] = ("mask",)

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        assert prompt.mask is not None
        return Prediction(rle_to_mask(prompt.mask), 0, 0, 0.75)


@one_database
def test_mask_may_come_as_polygons_of_which_the_engine_gets_the_pixels(
    api: Api, picture: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENGINES, "mirror", Mirror(np.ones((1, 1), bool)))
    square = [[[30.0, 30.0, 70.0, 30.0, 70.0, 90.0, 30.0, 90.0]]]
    for mask in (square, rle_to_json(mask_to_rle(_mask(square)))):
        answer = _propose(api, picture, {"mask": mask}, engine="mirror").json()
        assert np.array_equal(coco.decode(answer["rle"]).astype(bool), _mask(square))


@one_database
def test_mask_without_a_pixel_is_the_prompts_fault(api: Api, picture: int) -> None:
    nothing = rle_to_json(mask_to_rle(np.zeros((140, 160), bool)))
    prompt = {"mask": nothing, "point_coords": [[80, 70]], "point_labels": [1]}
    problem = assert_problem(_propose(api, picture, prompt), 422, "invalid-prompt")
    assert "empty" in problem["detail"]


@one_database
def test_prompt_for_which_an_engine_finds_nothing_is_told_apart_from_one_that_cannot_run(
    api: Api, picture: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENGINES, "blind", Fixed(np.zeros((4, 4), bool), name="blind"))
    problem = assert_problem(_propose(api, picture, engine="blind"), 422, "nothing-found")
    assert "another box" in problem["detail"]


@one_database
def test_points_outside_all_over_a_given_mask_leave_it_and_say_so(api: Api, picture: int) -> None:
    square = [[[30.0, 30.0, 34.0, 30.0, 34.0, 34.0, 30.0, 34.0]]]
    prompt = {"mask": square, "strokes": [{"points": [[32, 32]], "label": 0, "radius_px": 9}]}
    answer = _propose(api, picture, prompt)
    assert answer.status_code == 200
    assert answer.json()["area"] == 16
    assert "leave nothing" in answer.json()["fallback"]


@one_database
def test_mask_whose_outline_is_no_objects_is_refused(api: Api, picture: int) -> None:
    zigzag = [[[0.0, 0.0, 160.0, 140.0] * 40_000]]
    assert_problem(_propose(api, picture, {"mask": zigzag}), 422, "invalid-segmentation")
