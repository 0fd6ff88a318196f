"""The results of one task of Label Studio's, as annotations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from segmentarium.core.annotation import Annotation, Polygons, Segmentation
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.formats.support.brush_rle import decode_brush
from segmentarium.formats.support.categories import CategoryTable
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import box_polygon, ellipse_polygon, ring_of
from segmentarium.formats.support.values import (
    list_of,
    number_of,
    object_of,
    pairs_of,
    said_score,
    size_of,
    text_of,
)

_COVERING = {"polygon", "brush", "rectangle", "ellipse", "magicwand"}
_SAYING = {"choices", "textarea", "number", "rating", "taxonomy", "datetime"}
_DECIMALS = 6  # of a pixel; what is written with fewer digits is snapped to what was meant


def labels_of(task: object) -> Iterator[str]:
    """The labels of everything in a task that covers something."""
    if isinstance(task, Mapping):
        for key in ("annotations", "completions", "predictions"):
            many = task.get(key)
            for one in many if isinstance(many, list) else []:
                yield from labels_of(one)
        results = task.get("result")
        for result in results if isinstance(results, list) else []:
            if isinstance(result, Mapping) and _kind(result) in {*_COVERING, "labels"}:
                yield from _labels(result)


class Results:
    """What is taken of a task: the results of its true or last annotation, else of its last prediction."""

    def __init__(
        self, document: str, position: str, task: Mapping[str, object], problems: Problems
    ) -> None:
        self._document, self._problems = document, problems
        self._position = position
        self._score: float | None = None
        self._results: list[object] = []
        self._choose(task)
        self.size = next((size for one in self._results if (size := _size(one))), None)
        self._labels: dict[str, str] = {}
        self._said: dict[str, dict[str, object]] = {}
        for one in self._results:
            if isinstance(one, Mapping):
                self._take_saying(one)

    def annotations(self, table: CategoryTable, size: tuple[int, int]) -> Iterator[Annotation]:
        """Those that cover something."""
        for at, given in enumerate(self._results):
            position = f"{self._position}.result[{at}]"
            try:
                result = object_of(given, "result")
                kind = _kind(result)
                if kind in _SAYING or kind == "labels":
                    continue
                if kind not in _COVERING:
                    detail = f"{kind or 'no type'}: it covers nothing and is left out."
                    self._problems.notice(self._document, position, detail)
                    continue
                if result.get("image_rotation") not in (None, 0):
                    raise InvalidSegmentation("It is drawn on a turned image.")
                value = object_of(result.get("value"), "value")
                label = next(_labels(result), "") or self._labels.get(text_of(result.get("id")), "")
                if not label:
                    raise InvalidSegmentation("It has no label.")
                segmentation = _segmentation(kind, value, *size)
            except InvalidSegmentation as error:
                self._problems.add(self._document, position, error.detail)
                continue
            yield self._annotation(result, table.id_of(label), segmentation, at)

    def _choose(self, task: Mapping[str, object]) -> None:
        made = _with_results(task.get("annotations")) or _with_results(task.get("completions"))
        guessed = _with_results(task.get("predictions"))
        if isinstance(task.get("result"), list):
            guessed.append(("", task))
        chosen = made or guessed
        if not chosen:
            return
        true = [one for one in chosen if one[1].get("ground_truth") is True]
        place, best = (true or chosen)[-1]
        if len(made) + len(guessed) > 1:
            what = f"Only {place or 'the result'} is read of {len(made)} annotations and {len(guessed)} predictions."
            self._problems.notice(self._document, self._position, what)
        self._results = list(list_of(best.get("result"), "result"))
        self._position += f".{place}" if place else ""
        if not made:
            self._score = said_score(best.get("score"))

    def _take_saying(self, result: Mapping[str, object]) -> None:
        """What stands in a result of its own, but has the id of what it is said of."""
        id_, kind = text_of(result.get("id")), _kind(result)
        if kind == "labels":
            self._labels[id_] = next(_labels(result), "")
        value = result.get("value")
        if kind in _SAYING and isinstance(value, Mapping):
            said = value.get("text" if kind == "textarea" else kind)
            one = said[0] if isinstance(said, list) and len(said) == 1 else said
            self._said.setdefault(id_, {})[text_of(result.get("from_name")) or kind] = one

    def _annotation(
        self,
        result: Mapping[str, object],
        category_id: int,
        segmentation: Segmentation,
        z_order: int,
    ) -> Annotation:
        id_ = text_of(result.get("id"))
        meta = result.get("meta")
        meta = meta if isinstance(meta, Mapping) else {}
        attributes: dict[str, object] = dict(self._said.get(id_, {}))
        if isinstance(meta.get("attributes"), Mapping):
            attributes.update(meta["attributes"])
        notes = meta.get("text")
        if isinstance(notes, list) and all(isinstance(note, str) for note in notes):
            attributes["text"] = "\n".join(notes)
        score = said_score(result.get("score"))
        return Annotation(
            id=id_,
            category_id=category_id,
            segmentation=segmentation,
            iscrowd=meta.get("iscrowd") is True,
            z_order=z_order,
            score=self._score if score is None else score,
            attributes=attributes,
        )


def _with_results(many: object) -> list[tuple[str, Mapping[str, object]]]:
    """Those of a list that were not cancelled and have results, with their last one's place."""
    return [
        (f"{'predictions' if 'model_version' in one else 'annotations'}[{at}]", one)
        for at, one in enumerate(many if isinstance(many, list) else [])
        if isinstance(one, Mapping)
        and one.get("was_cancelled") is not True
        and isinstance(one.get("result"), list)
        and one["result"]
    ]


def _kind(result: Mapping[str, object]) -> str:
    """What a result is, labelled at once (polygonlabels) or apart (polygon)."""
    type_ = text_of(result.get("type"))
    return type_ if type_ == "labels" else type_.removesuffix("labels")


def _labels(result: Mapping[str, object]) -> Iterator[str]:
    value = result.get("value")
    if isinstance(value, Mapping):
        for key in (text_of(result.get("type")), "labels"):
            labels = value.get(key)
            if isinstance(labels, list) and labels and isinstance(labels[0], str) and labels[0]:
                yield labels[0]
                return


def _size(result: object) -> tuple[int, int] | None:
    if not isinstance(result, Mapping):
        return None
    return size_of(result.get("original_width"), result.get("original_height"))


def _segmentation(kind: str, value: Mapping[str, object], width: int, height: int) -> Segmentation:
    if kind == "polygon":
        percents = ring_of(pairs_of(value.get("points"), "points"))
        return Polygons(((ring_of((percents * (width, height) / 100).round(_DECIMALS)),),))
    if kind in {"brush", "magicwand"}:
        if value.get("format", "rle") != "rle":
            raise InvalidSegmentation(
                f"A brush of the format {value.get('format')!r:.40} is not read."
            )
        return decode_brush(list_of(value.get("rle"), "rle"), height, width)
    x = number_of(value.get("x"), "x") * width / 100
    y = number_of(value.get("y"), "y") * height / 100
    turn = math.radians(number_of(value.get("rotation") or 0, "rotation"))
    if kind == "ellipse":
        radius_x = number_of(value.get("radiusX"), "radius") * width / 100
        radius_y = number_of(value.get("radiusY"), "radius") * height / 100
        return ellipse_polygon(x, y, radius_x, radius_y, turn)
    w = number_of(value.get("width"), "width") * width / 100
    h = number_of(value.get("height"), "height") * height / 100
    box = box_polygon(x, y, w, h)
    if not turn:
        return box
    # A rectangle turns around its first corner.
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return Polygons((((box.parts[0][0] - (x, y)) @ matrix + (x, y),),))
