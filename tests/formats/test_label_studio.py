"""Label Studio JSON: what is written, and what its exports have."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.errors import MalformedFile
from segmentarium.core.rle import RLE
from segmentarium.formats import format_named
from segmentarium.formats.support.brush_rle import encode_brush
from segmentarium.formats.support.changes import ChangeKind
from segmentarium.formats.support.problems import Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import HEIGHT, WIDTH, dataset, painted, picture
from tests.formats.folders import folder_of, without
from tests.formats.round_trip import Read, mask_of, read_files, write_files

LABEL_STUDIO = format_named("label-studio")
TRIANGLE = [[10, 10], [60, 10], [60, 60]]


def result(kind: str = "polygonlabels", /, **value: object) -> dict[str, Any]:
    return {
        "id": "one",
        "type": kind,
        "from_name": "label",
        "to_name": "image",
        "original_width": WIDTH,
        "original_height": HEIGHT,
        "image_rotation": 0,
        "value": (value or {"points": TRIANGLE}) | {kind: ["cat"]},
    }


def annotation(*results: object, **more: object) -> dict[str, Any]:
    return {"id": 3, "was_cancelled": False, "result": list(results), **more}


def task(*annotations: object, **more: object) -> dict[str, Any]:
    data = {"image": "/data/upload/5/0a1b2c3d-a.png"}
    return {"id": 1, "data": data, "annotations": list(annotations), "predictions": [], **more}


def read(tmp_path: Path, *tasks: object) -> Read:
    files = {"tasks.json": list(tasks), "images/a.png": picture("a")}
    return read_files(LABEL_STUDIO, folder_of(tmp_path, files))


def only(found: Read) -> Annotation:
    (one,) = found.images["a.png"].annotations
    return one


def test_tasks_name_files_of_the_folder(tmp_path: Path) -> None:
    write_files(LABEL_STUDIO, dataset(has_splits=True), tmp_path)
    for one in json.loads((tmp_path / "tasks.json").read_text()):
        assert (tmp_path / unquote(one["data"]["image"].partition("?d=")[2])).is_file()


def test_polygons_are_percents_of_the_image(tmp_path: Path) -> None:
    write_files(LABEL_STUDIO, dataset(), tmp_path)
    first = json.loads((tmp_path / "tasks.json").read_text())[0]["annotations"][0]["result"][0]
    xy = np.array(first["value"]["points"]) * (WIDTH, HEIGHT) / 100
    assert np.allclose(xy, [[0.3, 0.7], [14.2, 3.1], [6.6, 16.9]], atol=1e-6)
    assert (first["original_width"], first["original_height"]) == (WIDTH, HEIGHT)
    assert first["value"]["polygonlabels"] == ["cat"]


def test_the_configuration_has_labels_and_colours(tmp_path: Path) -> None:
    write_files(LABEL_STUDIO, dataset(), tmp_path)
    config = (tmp_path / "label_config.xml").read_text()
    assert config.count('<Label value="cat" background="#ff8000"/>') == 2


def test_an_annotation_with_holes_can_be_a_brush(tmp_path: Path) -> None:
    changed = write_files(LABEL_STUDIO, dataset(), tmp_path, holes="brush")
    assert (ChangeKind.AS_RLE, "with-a-hole") in [(one.kind, one.annotation_id) for one in changed]
    image = read_files(LABEL_STUDIO, tmp_path).images["cat 1.jpg"]
    assert [type(one.segmentation) for one in image.annotations] == [Polygons, Polygons, RLE, RLE]


def test_masks_can_be_polygons(tmp_path: Path) -> None:
    write_files(LABEL_STUDIO, dataset(), tmp_path, masks="polygon")
    image = read_files(LABEL_STUDIO, tmp_path).images["cat 1.jpg"]
    assert np.array_equal(mask_of(image.annotations[-1], image), painted())


def test_a_rectangle_turns_around_its_corner(tmp_path: Path) -> None:
    place = {"x": 100 * 10 / WIDTH, "y": 100 * 4 / HEIGHT}
    size = {"width": 100 * 8 / WIDTH, "height": 100 * 2 / HEIGHT}
    found = read(
        tmp_path, task(annotation(result("rectanglelabels", **place, **size, rotation=90)))
    )
    rows, columns = np.nonzero(mask_of(only(found), found.images["a.png"]))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (4, 11, 8, 9)


def test_an_ellipse_is_read_as_a_polygon(tmp_path: Path) -> None:
    radii = {"radiusX": 100 * 8 / WIDTH, "radiusY": 100 * 4 / HEIGHT}
    place = {"x": 100 * 15 / WIDTH, "y": 50}
    found = read(tmp_path, task(annotation(result("ellipselabels", **place, **radii))))
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = ((rows - 12) / 4) ** 2 + ((columns - 15) / 8) ** 2 < 1
    assert np.count_nonzero(mask_of(only(found), found.images["a.png"]) != inside) <= 2


def test_a_label_and_choices_of_one_id_belong_to_it(tmp_path: Path) -> None:
    polygon = result("polygon", points=TRIANGLE)
    del polygon["value"]["polygon"]
    label = result("labels", labels=["dog"]) | {"value": {"labels": ["dog"]}}
    view = result("choices") | {"from_name": "view", "value": {"choices": ["left"]}}
    note = result("textarea") | {"from_name": "note", "value": {"text": ["a", "b"]}}
    found = read(tmp_path, task(annotation(polygon, label, view, note)))
    assert found.category_name(only(found)) == "dog"
    assert only(found).attributes == {"view": "left", "note": ["a", "b"]}


@pytest.mark.parametrize("text", [["a", "b"], "a\nb"])
def test_what_else_is_said_of_a_result_are_its_attributes(tmp_path: Path, text: object) -> None:
    found = read(tmp_path, task(annotation(result() | {"meta": {"text": text, "by": 3}})))
    assert only(found).attributes == {"text": "a\nb", "by": 3}


def test_predictions_are_read_where_nobody_annotated(tmp_path: Path) -> None:
    guess = {"model_version": "v1", "score": 0.25, "result": [result(), result() | {"score": 0.5}]}
    found = read(tmp_path, task(predictions=[guess]))
    assert [one.score for one in found.images["a.png"].annotations] == [0.25, 0.5]
    assert [(one.is_notice, one.detail[:24]) for one in found.problems] == [
        (True, "Nobody annotated 1 of th")
    ]


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (annotation(), "Only annotations[0] is read of 1 annotations and 1 predictions."),
        (annotation(result(), was_cancelled=True), "The task was skipped: nothing of it is read."),
    ],
    ids=["empty", "skipped"],
)
def test_no_network_is_asked_where_an_annotator_found_nothing_or_skipped(
    tmp_path: Path, done: object, said: str
) -> None:
    found = read(tmp_path, task(done, predictions=[{"model_version": "v1", "result": [result()]}]))
    assert found.images["a.png"].annotations == ()
    assert [(one.detail, one.is_notice) for one in found.problems] == [(said, True)]


def test_of_several_labels_the_first_is_kept_with_a_notice(tmp_path: Path) -> None:
    both = result() | {"value": {"points": TRIANGLE, "polygonlabels": ["cat", "dog"]}}
    found = read(tmp_path, task(annotation(both)))
    assert found.category_name(only(found)) == "cat"
    assert [(one.position, one.is_notice) for one in found.problems] == [
        ("[0].annotations[0].result[0]", True)
    ]


def test_what_is_said_of_whole_images_is_noticed_once(tmp_path: Path) -> None:
    weather = result("choices") | {"id": "w", "value": {"choices": ["rain"]}}
    note = result("textarea") | {"id": "n", "value": {"text": ["blurred"]}}
    found = read(tmp_path, task(annotation(result(), weather)), task(annotation(note)))
    assert only(found).attributes == {}
    (notice,) = found.problems
    assert (notice.is_notice, notice.detail[:29]) == (True, "2 choices, texts or the like ")


def test_of_several_annotations_the_true_one_is_read_with_a_notice(tmp_path: Path) -> None:
    true = annotation(result() | {"id": "true"}, ground_truth=True)
    cancelled = annotation(result(), was_cancelled=True)
    found = read(tmp_path, task(true, annotation(result()), cancelled))
    assert only(found).id == "true"
    assert [one.is_notice for one in found.problems] == [True]


@pytest.mark.parametrize(
    ("image", "uploaded"),
    [
        ("/data/upload/5/0a1b2c3d-a.png", None),
        ("/data/local-files/?d=some/images/a.png", None),
        ("s3://bucket/folder/a.png?x=y", None),
        ("/image2", "0a1b2c3d-a.png"),
        ("a.png", "a.png"),
        ("a.png", "8f2d3c4e-tasks.json"),
    ],
)
def test_pictures_are_found_by_many_names(tmp_path: Path, image: str, uploaded: str | None) -> None:
    found = read(tmp_path, task(annotation(result()), data={"image": image}, file_upload=uploaded))
    assert found.images["a.png"].read_bytes is not None


UUID_NAME = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed.png"


@pytest.mark.parametrize(
    ("image", "name"),
    [
        (f"/data/local-files/?d=images/{UUID_NAME}", UUID_NAME),
        ("/data/local-files/?d=images/0a1b2c3d-a.png", "0a1b2c3d-a.png"),
        (f"/data/upload/5/{UUID_NAME}", UUID_NAME),
        (f"/data/upload/5/0a1b2c3d-{UUID_NAME}", UUID_NAME),
        ("/data/upload/5/0a1b2c3d-a.png", "a.png"),
    ],
)
@pytest.mark.parametrize("has_picture", [False, True])
def test_a_name_loses_what_uploading_put_before_it_and_nothing_else(
    tmp_path: Path, image: str, name: str, has_picture: bool
) -> None:
    one = task(annotation(result()), data={"image": image})
    pictures = {"images/a.png": picture("a"), f"images/{image.rpartition('/')[2]}": picture("bb")}
    files = {"tasks.json": [one], **(pictures if has_picture else {})}
    found = read_files(LABEL_STUDIO, folder_of(tmp_path, files))
    assert list(found.images) == [name]
    read_bytes = found.images[name].read_bytes
    assert (read_bytes is not None) == has_picture
    assert read_bytes is None or read_bytes() == picture("bb")


def test_uploads_of_one_name_without_pictures_keep_apart(tmp_path: Path) -> None:
    tasks = [
        task(annotation(result()), data={"image": f"/data/upload/5/{before}-a.png"})
        for before in ("0a1b2c3d", "0a1b2c3e", "0a1b2c3e")
    ]
    files = FolderFiles(folder_of(tmp_path, {"tasks.json": tasks}))
    names = [one.file_name for one in LABEL_STUDIO.read(files, Problems()).images]
    assert names == ["a.png", "0a1b2c3e/a.png", "a_2.png"]


def test_the_configuration_orders_and_colours_the_labels(tmp_path: Path) -> None:
    config = '<View><PolygonLabels><Label value="dog" background="red"/><Label value="cat"/></PolygonLabels></View>'
    files = {
        "tasks.json": [task(annotation(result()))],
        "config.xml": config,
        "a.png": picture("a"),
    }
    found = read_files(LABEL_STUDIO, folder_of(tmp_path, files))
    assert [one.name for one in found.categories] == ["dog", "cat"]
    assert found.categories[0].color == "#ff0000"


def test_a_file_of_one_task_is_read(tmp_path: Path) -> None:
    files = {"task.json": task(annotation(result())), "a.png": picture("a")}
    assert only(read_files(LABEL_STUDIO, folder_of(tmp_path, files))).id == "one"


@pytest.mark.parametrize("kind", ["keypointlabels", "relation", "videorectangle"])
def test_what_covers_nothing_is_noticed(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, task(annotation(result(kind))))
    assert [one.is_notice for one in found.problems] == [True]


BRUSH = result("brushlabels", format="rle", rle=encode_brush(painted()))


@pytest.mark.parametrize(
    "bad",
    [
        17,
        without(result(), "value"),
        result() | {"value": {"points": TRIANGLE}},
        result(points=[[1, 2], [3, 4]]),
        result(points=[["1", 2], [3, 4], [5, 6]]),
        result(points=[[1, 2, 3]] * 3),
        result(points=[[1e200, 2], [3, 4], [5, 6]]),
        result() | {"image_rotation": 90},
        result("rectanglelabels", x=1, y=2, width=-5, height=5),
        result("rectanglelabels", x=1, y=2, width=5),
        result("rectanglelabels", x=1, y=2, width=5, height=5, rotation="90"),
        result("ellipselabels", x=1, y=2, radiusX=0, radiusY=5),
        result("brushlabels", format="png", rle=[]),
        result("brushlabels", format="rle", rle=[1, 2, 3]),
        result("brushlabels", format="rle", rle="123"),
        BRUSH | {"value": BRUSH["value"] | {"rle": BRUSH["value"]["rle"][:-2]}},
    ],
    ids=lambda bad: str(bad)[-90:],
)
def test_a_bad_result_is_a_problem_and_the_good_ones_are_read(tmp_path: Path, bad: object) -> None:
    found = read(tmp_path, task(annotation(bad, result(), BRUSH)))
    assert [(one.position, one.is_notice) for one in found.problems] == [
        ("[0].annotations[0].result[0]", False)
    ]
    assert len(found.images["a.png"].annotations) == 2


@pytest.mark.parametrize(
    "bad",
    [
        [17],
        {"data": {}, "annotations": [annotation(result())]},
        {"data": {"image": "b.png"}, "annotations": [{"result": [17]}]},
        {"data": {"image": "b.png"}, "annotations": 7},
    ],
    ids=str,
)
def test_a_bad_task_is_a_problem_and_the_good_ones_are_read(tmp_path: Path, bad: object) -> None:
    files = {"b.png": b"", "tasks.json": [bad, task(annotation(result()))], "a.png": picture("a")}
    found = read_files(LABEL_STUDIO, folder_of(tmp_path, files))
    assert [one.position for one in found.problems if not one.is_notice] == ["[0]"]
    assert len(found.images["a.png"].annotations) == 1


@pytest.mark.parametrize(
    "content",
    [
        '[{"result": [], "to_name": ' + "[" * 100_000,
        '[{"result": [{"to_name": "image", "value": ',
        "",
    ],
    ids=["nested", "cut off", "empty"],
)
def test_damaged_documents_are_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(MalformedFile):
        read_files(LABEL_STUDIO, folder_of(tmp_path, {"tasks.json": content}))
