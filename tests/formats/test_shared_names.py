"""Images of one name in two folders, of which one picture is missing: the other is not taken for it."""

from pathlib import Path

import pytest

from segmentarium.formats import format_named
from segmentarium.formats.support.problems import Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import HEIGHT, WIDTH, picture
from tests.formats.folders import folder_of

FOLDERS = ("cam1", "cam2")


def cvat() -> dict[str, object]:
    images = "".join(
        f"<image id='{at}' name='{one}/1.png' width='{WIDTH}' height='{HEIGHT}'></image>"
        for at, one in enumerate(FOLDERS)
    )
    return {"a.xml": f"<annotations><version>1.1</version>{images}</annotations>"}


def darwin() -> dict[str, object]:
    slots = [{"width": WIDTH, "height": HEIGHT}]
    return {
        f"annotations/{one}.json": {
            "item": {"name": "1.png", "path": f"/{one}", "slots": slots},
            "annotations": [],
        }
        for one in FOLDERS
    }


def label_studio(address: str, folders: tuple[str, ...] = FOLDERS) -> dict[str, object]:
    data = [{"image": address.format(one), "width": WIDTH, "height": HEIGHT} for one in folders]
    return {"tasks.json": [{"data": one, "annotations": [{"result": []}]} for one in data]}


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("cvat", cvat()),
        ("darwin", darwin()),
        ("label-studio", label_studio("/data/local-files/?d={}/1.png")),
        ("label-studio", label_studio("s3://bucket/{}/1.png")),
    ],
    ids=["cvat", "darwin", "label studio", "label studio, bucket"],
)
def test_a_picture_of_another_folder_is_not_taken(
    tmp_path: Path, name: str, files: dict[str, object]
) -> None:
    folder = folder_of(tmp_path, {**files, "images/cam2/1.png": picture("a")})
    images = list(format_named(name).read(FolderFiles(folder), Problems()).images)
    assert [image.read_bytes is not None for image in images] == [False, True]


def test_of_two_uploads_of_one_name_neither_takes_the_only_picture(tmp_path: Path) -> None:
    files = label_studio("/data/upload/5/{}-1.png", ("0a1b2c3d", "0a1b2c3e"))
    folder = folder_of(tmp_path, {**files, "images/1.png": picture("a")})
    images = list(format_named("label-studio").read(FolderFiles(folder), Problems()).images)
    assert [image.read_bytes for image in images] == [None, None]
