"""The results of one task of Label Studio's, as annotations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
_OWN_META = {"iscrowd", "attributes", "text"}
_DECIMALS = 6  # of a pixel; what is written with fewer digits is snapped to what was meant


def labels_of(task: object) -> Iterator[str]:
    """The labels of everything in a task that covers something."""
    for result in _results_of(task):
        if isinstance(result, Mapping) and _kind(result) in {*_COVERING, "labels"}:
            yield from _labels(result)[:1]


@dataclass(slots=True)
class Tally:
    """What is told once of a document, with its number."""

    left_out: int = 0  # choices, texts and the like that are said of nothing that is read
    guessed: int = 0  # tasks with predictions alone

    def tell(self, document: str, problems: Problems) -> None:
        """What there was."""
        if self.guessed:
            detail = f"Nobody annotated {self.guessed} of the tasks: their predictions are read."
            problems.notice(document, "", detail)
        if self.left_out:
            detail = (
                f"{self.left_out} choices, texts or the like are said of no annotation but of the whole image, or of "
                "what is not read: they are left out."
            )
            problems.notice(document, "", detail)


class Results:
    """What is taken of a task: the results of its true or last annotation; predictions where there is none."""

    def __init__(
        self,
        document: str,
        position: str,
        task: Mapping[str, object],
        problems: Problems,
        tally: Tally,
    ) -> None:
        self._document, self._problems, self._tally = document, problems, tally
        self._position = position
        self._score: float | None = None
        self._results: list[object] = []
        self._choose(task)
        known = (_size(one) for one in (*self._results, *_results_of(task)))
        self.size = next((size for size in known if size), None)
        self._labels: dict[str, list[str]] = {}
        self._said: dict[str, dict[str, object]] = {}
        for one in self._results:
            if isinstance(one, Mapping):
                self._take_saying(one)

    def annotations(self, table: CategoryTable, size: tuple[int, int]) -> Iterator[Annotation]:
        """Those that cover something."""
        covering = {
            text_of(one.get("id"))
            for one in self._results
            if isinstance(one, Mapping) and _kind(one) in _COVERING
        }
        for at, given in enumerate(self._results):
            position = f"{self._position}.result[{at}]"
            try:
                result = object_of(given, "result")
                kind = _kind(result)
                if kind in _SAYING or kind == "labels":
                    self._tally.left_out += text_of(result.get("id")) not in covering
                    continue
                if kind not in _COVERING:
                    detail = f"{kind or 'no type'}: it covers nothing and is left out."
                    self._problems.notice(self._document, position, detail)
                    continue
                if result.get("image_rotation") not in (None, 0):
                    raise InvalidSegmentation("It is drawn on a turned image.")
                value = object_of(result.get("value"), "value")
                labels = _labels(result) or self._labels.get(text_of(result.get("id")), [])
                if not labels:
                    raise InvalidSegmentation("It has no label.")
                segmentation = _segmentation(kind, value, *size)
                if len(labels) > 1:
                    detail = f"It has {len(labels)} labels, of which {labels[0]!r} alone is kept."
                    self._problems.notice(self._document, position, detail)
            except InvalidSegmentation as error:
                self._problems.add(self._document, position, error.detail)
                continue
            yield self._annotation(result, table.id_of(labels[0]), segmentation, at)

    def _choose(self, task: Mapping[str, object]) -> None:
        given = _entries(task, "annotations") or _entries(task, "completions")
        made = [one for one in given if one[1].get("was_cancelled") is not True]
        guessed = _predictions(task)
        if given and not made:
            self._problems.notice(
                self._document, self._position, "The task was skipped: nothing of it is read."
            )
            return
        # Who submits an empty result says that there is nothing; it is no reason to believe a network.
        chosen = made or guessed
        if not chosen:
            return
        true = [one for one in chosen if one[1].get("ground_truth") is True]
        place, best = (true or chosen)[-1]
        if len(made) + len(guessed) > 1:
            what = f"Only {place or 'the result'} is read of {len(made)} annotations and {len(guessed)} predictions."
            self._problems.notice(self._document, self._position, what)
        self._results = list(list_of(best.get("result") or [], "result"))
        self._position += f".{place}" if place else ""
        if not made:
            self._score = said_score(best.get("score"))
            self._tally.guessed += 1

    def _take_saying(self, result: Mapping[str, object]) -> None:
        """What stands in a result of its own, but has the id of what it is said of."""
        id_, kind = text_of(result.get("id")), _kind(result)
        if kind == "labels":
            self._labels.setdefault(id_, []).extend(_labels(result))
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
        attributes.update((key, one) for key, one in meta.items() if key not in _OWN_META)
        if isinstance(meta.get("attributes"), Mapping):
            attributes.update(meta["attributes"])
        notes = meta.get("text")
        if isinstance(notes, list) and all(isinstance(note, str) for note in notes):
            attributes["text"] = "\n".join(notes)
        elif notes is not None:
            attributes["text"] = notes
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


def _results_of(task: object) -> Iterator[object]:
    """Those of all annotations and predictions."""
    if isinstance(task, Mapping):
        for key in ("annotations", "completions", "predictions"):
            many = task.get(key)
            for one in many if isinstance(many, list) else []:
                yield from _results_of(one)
        results = task.get("result")
        yield from results if isinstance(results, list) else []


def _entries(task: Mapping[str, object], key: str) -> list[tuple[str, Mapping[str, object]]]:
    """What annotators submitted or skipped, with its place."""
    many = list_of(task.get(key) or [], key)
    return [(f"{key}[{at}]", object_of(one, "annotation")) for at, one in enumerate(many)]


def _predictions(task: Mapping[str, object]) -> list[tuple[str, Mapping[str, object]]]:
    """Those with results; some exports have their numbers alone."""
    many = task.get("predictions")
    found: list[tuple[str, Mapping[str, object]]] = [
        (f"predictions[{at}]", one)
        for at, one in enumerate(many if isinstance(many, list) else [])
        if isinstance(one, Mapping) and isinstance(one.get("result"), list) and one["result"]
    ]
    return [*found, ("", task)] if isinstance(task.get("result"), list) else found


def _kind(result: Mapping[str, object]) -> str:
    """What a result is, labelled at once (polygonlabels) or apart (polygon)."""
    type_ = text_of(result.get("type"))
    return type_ if type_ == "labels" else type_.removesuffix("labels")


def _labels(result: Mapping[str, object]) -> list[str]:
    value = result.get("value")
    for key in (text_of(result.get("type")), "labels"):
        labels = value.get(key) if isinstance(value, Mapping) else None
        found = [one for one in labels if isinstance(one, str)] if isinstance(labels, list) else []
        if any(found):
            return [one for one in found if one]
    return []


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
