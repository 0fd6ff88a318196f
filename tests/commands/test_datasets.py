"""Datasets on the command line: import, convert."""

import zipfile
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from typer.testing import CliRunner

from segmentarium.cli import app
from segmentarium.formats import FORMATS, format_named
from segmentarium.formats.support import pictures
from segmentarium.services import conversion
from segmentarium.services.writing import write_dataset
from tests.formats.dataset import HEIGHT, WIDTH, dataset, picture
from tests.formats.folders import folder_of
from tests.formats.round_trip import read_files, write_files

RUNNER = CliRunner()


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    folder = tmp_path / "coco"
    write_files(format_named("coco"), dataset(has_splits=True), folder)
    return folder


def run(*arguments: object) -> tuple[int, str, str]:
    done = RUNNER.invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("to", sorted(FORMATS))
def test_a_dataset_is_converted_to_every_format(coco: Path, tmp_path: Path, to: str) -> None:
    out = tmp_path / "out"
    code, told, error = run("convert", coco, "--to", to, out)
    assert (code, error) == (0, "")
    assert ": 3 images, 5 annotations." in told
    found = read_files(FORMATS[to], out)
    assert sum(len(image.annotations) for image in found.images.values()) > 0
    # With the report that lies in it, it is read as it was written, and nothing is found wrong with it.
    assert run("convert", out, tmp_path / "back", "--from", to, "--to", "coco", "--strict")[0] == 0


def test_a_zip_is_written_where_one_is_named(coco: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    assert run("convert", coco, "--from", "coco", "--to", "yolo", out)[0] == 0
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert "data.yaml" in archive.namelist()


def test_the_same_dataset_converts_to_the_same_bytes(coco: Path, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        run("convert", coco, "--to", "datumaro", tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_what_is_there_is_not_written_over(coco: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    code, _, error = run("convert", coco, "--to", "yolo", out)
    assert (code, list(out.iterdir())) == (1, [])
    assert "is there already" in error


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_is_made_meanwhile_is_not_written_over(
    coco: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    out = tmp_path / name

    def write_slowly(*given: Any) -> Any:
        result = write_dataset(*given)
        if name == "out":
            out.mkdir()
            (out / "mine").write_text("mine")
        else:
            out.write_text("mine")
        return result

    monkeypatch.setattr(conversion, "write_dataset", write_slowly)
    code, _, error = run("convert", coco, "--to", "yolo", out)
    assert code == 1
    assert "was made meanwhile" in error
    assert (out / "mine" if name == "out" else out).read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == sorted([coco, out])


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_conversion_that_fails_leaves_nothing(coco: Path, tmp_path: Path, name: str) -> None:
    document = next((coco / "annotations").glob("*train.json"))
    document.write_text(document.read_text().replace('"category_id":30', '"category_id":31', 1))
    before = sorted(tmp_path.iterdir())
    code, _, error = run("convert", coco, "--to", "yolo", tmp_path / name, "--strict")
    assert code == 1
    assert "There is no category 31" in error
    assert sorted(tmp_path.iterdir()) == before


def test_annotations_of_one_id_stay_two(tmp_path: Path) -> None:
    shapes = [
        {"label": label, "shape_type": "polygon", "points": [[x, 1], [x + 5, 1], [x, 6]], "id": "x"}
        for label, x in (("cat", 1), ("dog", 9))
    ]
    size = {"imagePath": "a.png", "imageData": None, "imageHeight": HEIGHT, "imageWidth": WIDTH}
    folder_of(tmp_path / "in", {"a.json": {"flags": {}, "shapes": shapes, **size}})
    code, told, _ = run("convert", tmp_path / "in", "--to", "cityscapes", tmp_path / "out")
    assert (code, "Its id is another's" in told) == (0, True)
    found = read_files(FORMATS["cityscapes"], tmp_path / "out")
    (image,) = found.images.values()
    assert [found.category_name(one) for one in image.annotations] == ["cat", "dog"]


def test_annotations_of_another_size_than_their_picture_are_left_out(tmp_path: Path) -> None:
    points = [[1, 1], [9, 1], [9, 9]]
    size = {"imagePath": "a.png", "imageHeight": HEIGHT, "imageWidth": WIDTH + 1, "flags": {}}
    document = {"shapes": [{"label": "cat", "points": points}], "imageData": None, **size}
    folder_of(tmp_path / "in", {"a.json": document, "a.png": picture("a")})
    code, told, _ = run("convert", tmp_path / "in", "--to", "coco", tmp_path / "out")
    assert (code, f"the picture has {WIDTH} × {HEIGHT}" in " ".join(told.split())) == (0, True)
    (image,) = read_files(FORMATS["coco"], tmp_path / "out").images.values()
    assert (image.width, image.height, image.annotations) == (WIDTH, HEIGHT, ())


def test_problems_are_told_and_left_out(coco: Path, tmp_path: Path) -> None:
    document = next((coco / "annotations").glob("*train.json"))
    document.write_text(document.read_text().replace('"category_id":30', '"category_id":31', 1))
    code, told, _ = run("convert", coco, "--to", "yolo", tmp_path / "out")
    assert code == 0
    assert "Problem: annotations/instances_train.json, annotations[" in told
    assert "1 problems: what they name was left out." in told


def test_a_picture_that_cannot_be_read_stops_a_strict_conversion_alone(
    coco: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = sorted((coco / "images").rglob("*.*"))
    first.write_bytes(b"\0" * 10_000)
    monkeypatch.setattr(pictures, "MAX_PICTURE_BYTES", 9_999)
    arguments = ("convert", coco, "--to", "datumaro", tmp_path / "out")
    code, _, error = run(*arguments, "--strict")
    assert (code, (tmp_path / "out").exists()) == (1, False)
    assert "The picture cannot be read" in error
    code, told, _ = run(*arguments)
    assert code == 0
    assert ": 3 images, 5 annotations." in told
    assert "1 problems" in told
    written = [path.read_bytes() for path in sorted((tmp_path / "out" / "images").rglob("*.*"))]
    assert written == [path.read_bytes() for path in others]


def test_the_size_of_a_picture_is_asked_where_it_does_not_go_along(
    coco: Path, tmp_path: Path
) -> None:
    first = next((coco / "images").rglob("cat 1.jpg"))
    PIL.Image.new("RGB", (40, 30)).save(first, "PNG")
    out = tmp_path / "out"
    _, told, _ = run("convert", coco, out, "--to", "datumaro", "--option", "images=false")
    said = "The dataset says 31 × 24 pixels, the picture has 40 × 30: its annotations are left out."
    assert said in told
    assert ": 3 images, 1 annotations." in told
    image = read_files(FORMATS["datumaro"], out).images["cat 1.jpg"]
    assert (image.width, image.height, image.annotations) == (40, 30, ())


@pytest.mark.parametrize("to", ["panoptic", "voc"])
def test_a_copied_id_keeps_its_own_attributes(tmp_path: Path, to: str) -> None:
    def shape(label: str, x: int) -> dict[str, Any]:
        points = [[x, 1], [x + 5, 1], [x + 5, 9], [x, 9]]
        attributes = {"from": label}
        return {"id": "same", "label": label, "points": points, "attributes": attributes}

    document = {"imagePath": "a.png", "imageWidth": 31, "imageHeight": 24, "version": "5.4.1"}
    shapes = [shape("cat", 1), shape("dog", 12), shape("dog", 20)]
    shapes = [{**one, "shape_type": "polygon"} for one in shapes]
    files = {"a.png": picture("a"), "a.json": {**document, "shapes": shapes}}
    labelme = folder_of(tmp_path / "labelme", files)
    told = run("convert", labelme, tmp_path / "out", "--to", to)[1]
    assert told.count("Its id is another's") == 2
    found = read_files(FORMATS[to], tmp_path / "out")
    (image,) = found.images.values()
    said = [(found.category_name(one), one.attributes["from"]) for one in image.annotations]
    assert said == [("cat", "cat"), ("dog", "dog"), ("dog", "dog")]
    assert len({one.id for one in image.annotations}) == 3


def test_a_dataset_is_imported_and_once_only(coco: Path, tmp_path: Path) -> None:
    arguments = ("import", "dataset", coco, "--project", "Street", "--data", tmp_path / "data")
    assert "3 new images of 3, 5 annotations imported, 0 were there already" in run(*arguments)[1]
    assert "0 new images of 3, 0 annotations imported, 5 were there already" in run(*arguments)[1]


def test_a_dry_run_changes_nothing(coco: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run("import", "images", coco / "images", "--project", "Street", "--data", data)
    told = run("import", "dataset", coco, "--project", "Street", "--data", data, "--dry-run")[1]
    assert "0 new images of 3, 5 annotations would come in" in told
    assert (
        "0 annotations." in run("export", "Street", "--out", tmp_path / "a.zip", "--data", data)[1]
    )


def test_files_of_no_format_are_one_line_of_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    code, _, error = run("convert", tmp_path, "--to", "coco", tmp_path / "out")
    assert (code, error.count("\n")) == (1, 1)
    assert "No format recognizes these files" in error


def test_a_split_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "cvat"
    write_files(format_named("cvat"), dataset(has_splits=True), folder)
    path = folder / "annotations.xml"
    path.write_text(path.read_text().replace('subset="val"', 'subset="../../escaped"'))
    for to in sorted(FORMATS):
        run("convert", folder, "--from", "cvat", "--to", to, tmp_path / "deep" / to)
    assert not [path for path in tmp_path.iterdir() if path.name not in {"cvat", "deep"}]


def test_pictures_alone_are_not_converted(coco: Path, tmp_path: Path) -> None:
    code, _, error = run("convert", coco / "images", "--to", "yolo", tmp_path / "out")
    assert code == 1
    assert "nothing to convert" in error
