"""`segmentarium evaluate-engines`, from the command line to its files."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from segmentarium.cli import app
from segmentarium.engines import ENGINES
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.networks import add_network
from segmentarium.services.samples import NAME as SAMPLE
from segmentarium.services.samples import create_sample_project, store_sample_images
from segmentarium.services.uploads import UploadLimits
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database, migrate
from segmentarium.storage.users import ensure_user
from tests.networks import onnx_files
from tests.services.evaluation.engines import Cells, Failing
from tests.services.evaluation.indices import IndexFile, rectangle

START_S, STOP_S = 60, 20
Cli = Callable[..., Result]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests do not count."""
    for name in os.environ:
        if name.startswith("SEGMENTARIUM_") and not name.startswith("SEGMENTARIUM_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where the data folder is to be."""
    return tmp_path / "data"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where the report is to be."""
    return tmp_path / "report"


@pytest.fixture
def cli(data: Path, out: Path) -> Cli:
    """Runs the command."""

    def run(*arguments: str | Path) -> Result:
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(
            app, ["evaluate-engines", *words, "--out", str(out), "--data", str(data)]
        )

    return run


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    """Four objects of two domains on two pictures."""
    made = IndexFile(tmp_path / "set")
    for number, domain in enumerate(["cells", "cells", "cells", "cars"]):
        picture = np.full((60, 80, 3), 60, np.uint8)
        picture[10:30, 20:60] = (200, 80 + number, 40)
        made.add_image(f"{number}.png", picture)
        mask = rectangle(60, 80, 20, 10, 40, 20)
        made.add(f"object {number}", f"{number}.png", mask, domain=domain)
    made.write()
    return made


@pytest.fixture
def sample(data: Path) -> Path:
    """The data folder, with the sample project in it."""
    data.mkdir()
    url = f"sqlite:///{data / 'segmentarium.sqlite'}"
    migrate(url)
    database = Database(url)
    images = store_sample_images(BlobStore(data), UploadLimits(10**8, 10**8))
    with database.write() as session:
        create_sample_project(session, ensure_user(session, "owner"), images)
    database.close()
    return data


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "objects.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def assert_one_line(result: Result, message: str) -> None:
    """It failed with one line on standard error."""
    assert result.exit_code == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith("segmentarium: ")
    assert message in line


def test_an_index_is_evaluated_with_all_engines(cli: Cli, index: IndexFile, out: Path) -> None:
    result = cli(index.path, "--clicks", "1")
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in out.iterdir()} == {"table.md", "objects.csv", "worst.jpg"}
    assert {row["engine"] for row in rows_of(out)} == {
        name
        for name, engine in ENGINES.items()
        if "bbox" in engine.starts_from and engine.unavailable_reason() is None
    }
    assert "grabcut" in result.stdout
    assert str(out) in result.stdout


def test_engines_are_named_with_their_options(cli: Cli, index: IndexFile, out: Path) -> None:
    result = cli(
        index.path, "--engines", "auto,grabcut", "--option", "grabcut.iterations=1", "--clicks", 0
    )
    assert result.exit_code == 0, result.stderr
    assert [row["engine"] for row in rows_of(out)] == ["auto", "grabcut"] * 4


def test_a_limit_is_spread_over_the_domains(cli: Cli, index: IndexFile, out: Path) -> None:
    cli(index.path, "--engines", "grabcut", "--limit", 2)
    assert {row["domain"] for row in rows_of(out)} == {"cells", "cars"}


def test_jitter_moves_the_boxes_alike_in_every_run(cli: Cli, index: IndexFile, out: Path) -> None:
    cli(index.path, "--engines", "grabcut", "--jitter", 0.1)
    once = [(row["x"], row["iou"]) for row in rows_of(out)]
    cli(index.path, "--engines", "grabcut", "--jitter", 0.1, "--force")
    assert [(row["x"], row["iou"]) for row in rows_of(out)] == once
    assert {x for x, _ in once} != {"20"}


def test_clicks_are_simulated_unless_told_otherwise(
    cli: Cli, index: IndexFile, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENGINES, "cells", Cells())
    cli(index.path, "--engines", "cells")
    # Eight cells of which the first is answered to the box: 7 clicks for all, an IoU of 0.9 takes them all.
    assert {row["clicks"] for row in rows_of(out)} == {"7"}
    cli(index.path, "--engines", "cells", "--clicks", 0, "--force")
    assert {row["clicks"] for row in rows_of(out)} == {""}


def test_failures_are_told_and_end_nothing(
    cli: Cli, index: IndexFile, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENGINES, "failing", Failing())
    result = cli(index.path, "--engines", "failing,grabcut")
    assert result.exit_code == 0, result.stderr
    assert "The cable was pulled." in result.stdout
    assert {row["failure"] for row in rows_of(out) if row["engine"] == "failing"} == {
        "The cable was pulled."
    }


def test_a_project_is_evaluated(cli: Cli, sample: Path, out: Path) -> None:
    result = cli("--project", SAMPLE, "--engines", "grabcut")
    assert result.exit_code == 0, result.stderr
    assert {(row["image"], row["domain"]) for row in rows_of(out)} == {
        ("coffee.png", "cup"),
        ("astronaut.png", "person"),
    }
    assert (out / "table.md").read_text().startswith(f"# Engines on project {SAMPLE}")


def test_what_is_to_be_known_of_a_project_is_told(cli: Cli, sample: Path, out: Path) -> None:
    result = cli("--project", "1", "--engines", "grabcut", "--min-area", 60_000)
    assert result.exit_code == 0, result.stderr
    assert "Left out: 1 under 60000 pixels." in result.stdout
    assert "Left out: 1 under 60000 pixels." in (out / "table.md").read_text()


def test_one_source_must_be_named(cli: Cli, index: IndexFile) -> None:
    assert_one_line(cli(), "one of the two")
    assert_one_line(cli(index.path, "--project", "Street"), "one of the two")


def test_what_is_wrong_with_an_index_is_one_line(cli: Cli, index: IndexFile, out: Path) -> None:
    index.objects[2]["mask"] = "masks/gone.png"
    assert_one_line(cli(index.write()), "objects[2] (object 2): the mask")
    assert not out.exists()


@pytest.mark.parametrize(
    ("option", "message"),
    [("iterations=3", "ENGINE.NAME=VALUE"), ("grabcut.iterations", "ENGINE.NAME=VALUE")],
)
def test_an_option_without_its_engine_or_value_is_one_line(
    cli: Cli, index: IndexFile, option: str, message: str
) -> None:
    assert_one_line(cli(index.path, "--option", option), message)


def test_an_unknown_project_is_one_line(cli: Cli) -> None:
    assert_one_line(cli("--project", "Nowhere"), "no project 'Nowhere'")


def test_a_folder_that_is_there_is_not_overwritten(cli: Cli, index: IndexFile, out: Path) -> None:
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    assert_one_line(cli(index.path), "--force")
    assert_one_line(cli(index.path, "--force"), "notes.txt")
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_a_place_that_is_not_there_is_one_line(
    data: Path, tmp_path: Path, index: IndexFile
) -> None:
    nowhere = tmp_path / "nowhere" / "report"
    result = CliRunner().invoke(app, ["evaluate-engines", str(index.path), "--out", str(nowhere)])
    assert_one_line(result, str(nowhere.parent))


def test_ctrl_c_leaves_nothing(index: IndexFile, tmp_path: Path) -> None:
    """Asked for enough that it is still at work when the signal comes."""
    index.objects[:] = [
        {**one, "id": f"{one['id']} again {number}"}
        for number in range(500)
        for one in index.objects
    ]
    place = tmp_path / "place"
    place.mkdir()
    command = [sys.executable, "-m", "segmentarium.cli", "evaluate-engines", str(index.write())]
    process = subprocess.Popen(
        [*command, "--engines", "grabcut", "--out", str(place / "report")],
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + START_S
    while not list(place.iterdir()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(STOP_S) != 0
    assert list(place.iterdir()) == []


def test_a_network_of_the_data_folder_is_compared(
    cli: Cli, data: Path, out: Path, index: IndexFile, tmp_path: Path
) -> None:
    file = onnx_files.channel(tmp_path / "box.onnx", "inside_box")
    add_network(NetworkFolder(data / "models"), str(file))
    answer = cli(index.path, "--engines", "onnx")
    assert answer.exit_code == 0, answer.output
    rows = list(csv.DictReader((out / "objects.csv").read_text().splitlines()))
    assert {row["engine"] for row in rows} == {"onnx"}


def test_a_network_of_the_working_directory_is_not_run(
    cli: Cli, index: IndexFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    add_network(NetworkFolder(here), str(onnx_files.channel(tmp_path / "box.onnx", "inside_box")))
    monkeypatch.chdir(here)
    assert cli(index.path, "--engines", "onnx").exit_code == 1
