import json
import os
import signal
import socket
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import httpx
import PIL.Image
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from segmentarium.cli import app
from segmentarium.services.samples import NAME as SAMPLE
from segmentarium.storage.database import Database, downgrade
from segmentarium.storage.images import all_images
from segmentarium.storage.projects import Project, list_projects
from segmentarium.storage.users import find_user, user_of_secret

STOP_S = 20
Cli = Callable[..., Result]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, frontend: Path) -> None:
    """The settings of whoever runs the tests do not count; a browser build is there."""
    for name in os.environ:
        if name.startswith("SEGMENTARIUM_") and not name.startswith("SEGMENTARIUM_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SEGMENTARIUM_FRONTEND_DIR", str(frontend))


@pytest.fixture(scope="session")
def frontend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A browser build."""
    folder = tmp_path_factory.mktemp("frontend")
    (folder / "index.html").write_text("<!doctype html>")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where the data folder is to be."""
    return tmp_path / "data"


@pytest.fixture
def cli(data: Path) -> Cli:
    """Runs a command on the data folder."""

    def run(*arguments: str | Path) -> Result:
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(app, [*words, "--data", str(data)])

    return run


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with three images, one of them in a subfolder."""
    folder = tmp_path / "pictures"
    (folder / "deep" / "er").mkdir(parents=True)
    for number, name in enumerate(("one.png", "two.png", "deep/er/three.png")):
        PIL.Image.new("RGB", (8, 6), (number, 0, 0)).save(folder / name)
    return folder


@pytest.fixture
def street(cli: Cli, pictures: Path) -> Path:
    """A project named Street of three images; the folder they came from."""
    assert cli("import", "images", pictures, "--project", "Street").exit_code == 0
    return pictures


def projects(data: Path) -> list[Project]:
    """The owner's projects."""
    database = Database(f"sqlite:///{data / 'segmentarium.sqlite'}")
    try:
        with database.read() as session:
            return list_projects(session, find_user(session, "owner"), 0, 10)
    finally:
        database.close()


def image_names(data: Path) -> list[str]:
    """The images of the first project."""
    [project, *_] = projects(data)
    database = Database(f"sqlite:///{data / 'segmentarium.sqlite'}")
    try:
        with database.read() as session:
            return [image.name for image in all_images(session, project.id)]
    finally:
        database.close()


def assert_one_line(result: Result, message: str) -> None:
    """It failed with one line on standard error."""
    assert result.exit_code == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith("segmentarium: ")
    assert message in line


# ----------------------------------------------------------------------------------------- serve


@dataclass(frozen=True)
class Served:
    """A running server."""

    data: Path
    lines: list[str]

    @property
    def sign_in_url(self) -> str:
        """The URL that it printed."""
        [url] = [line.split()[-1] for line in self.lines if "/sign-in#" in line]
        return url

    @property
    def origin(self) -> str:
        """Where it answers."""
        return self.sign_in_url.partition("/sign-in#")[0]


@contextmanager
def serving(data: Path, *arguments: str) -> Iterator[Served]:
    """A server in a process of its own, from its first words until it is told to stop."""
    command = [sys.executable, "-m", "segmentarium.cli", "serve", "--port", "0", "--no-browser"]
    process = subprocess.Popen(
        [*command, "--data", str(data), *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("Stop"):
                break
        yield Served(data, lines)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_S)
        process.stdout.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the sample project."""
    with serving(tmp_path_factory.mktemp("served") / "data", "--sample") as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    """A client of the server."""
    transport = httpx.HTTPTransport(retries=10)
    origin = served.origin
    with httpx.Client(base_url=origin, transport=transport, headers={"Origin": origin}) as client:
        yield client


def test_serve_says_where_it_answers_and_where_the_data_lies(served: Served) -> None:
    assert str(served.data) in served.lines[0]
    assert served.origin.startswith("http://127.0.0.1:")


def test_serve_answers(client: httpx.Client) -> None:
    assert client.get("/api/health").json()["status"] == "ok"


def test_the_printed_url_signs_in_once(served: Served, client: httpx.Client) -> None:
    token = served.sign_in_url.partition("#")[2]
    answers = [client.post("/api/session", json={"token": token}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]
    assert answers[0].json()["name"] == "owner"


def test_serve_makes_the_sample_project(served: Served) -> None:
    [sample] = projects(served.data)
    assert (sample.name, sample.image_count) == (SAMPLE, 4)


def test_only_this_user_may_enter_the_data_folder(served: Served) -> None:
    assert stat.S_IMODE(served.data.stat().st_mode) == 0o700


def test_an_api_token_from_the_command_line_is_taken(served: Served, client: httpx.Client) -> None:
    result = CliRunner().invoke(app, ["user", "token", "--data", str(served.data)])
    headers = {"Authorization": f"Bearer {result.stdout.strip()}"}
    assert client.get("/api/session", headers=headers).json()["name"] == "owner"


def test_the_sample_project_is_made_once(tmp_path: Path) -> None:
    for _ in range(2):
        with serving(tmp_path / "data", "--sample"):
            pass
    assert [project.name for project in projects(tmp_path / "data")] == [SAMPLE]


@pytest.mark.usefixtures("street")
def test_no_sample_is_made_beside_a_project(data: Path) -> None:
    with serving(data, "--sample"):
        pass
    assert [project.name for project in projects(data)] == ["Street"]


def test_a_taken_port_is_told_in_one_line(data: Path) -> None:
    command = [sys.executable, "-m", "segmentarium.cli", "serve", "--no-browser"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [*command, "--data", str(data), "--port", port],
            capture_output=True,
            text=True,
            timeout=STOP_S,
            check=False,
        )
    assert (ended.returncode, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    assert line.startswith(f"segmentarium: Cannot listen on 127.0.0.1:{port}")
    assert "--port" in line


def test_an_unreachable_database_is_told_in_one_line(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(
        "SEGMENTARIUM_DATABASE_URL", f"postgresql+psycopg://nobody@/none?host={tmp_path}"
    )
    assert_one_line(cli("serve", "--port", "0", "--no-browser"), "database cannot be reached")


def test_a_data_folder_that_cannot_be_is_told_in_one_line(cli: Cli, data: Path) -> None:
    data.write_text("a file")
    assert_one_line(cli("serve", "--port", "0", "--no-browser"), str(data))


# ---------------------------------------------------------------------------------------- import


def test_import_takes_the_images_of_a_folder_and_its_subfolders(
    cli: Cli, data: Path, pictures: Path
) -> None:
    result = cli("import", "images", pictures, "--project", "Street")
    assert (result.exit_code, result.stdout) == (
        0,
        "3 images imported, 0 were there already, 0 refused.\n",
    )
    assert sorted(image_names(data)) == ["one.png", "three.png", "two.png"]


def test_import_names_what_it_refuses(cli: Cli, pictures: Path) -> None:
    (pictures / "deep" / "notes [old].txt").write_text("not an image")
    (pictures / "torn.png").write_bytes((pictures / "one.png").read_bytes()[:40])
    result = cli("import", "images", pictures, "--project", "Street")
    refused = sorted(line.split(": ")[0] for line in result.stdout.splitlines()[:-1])
    assert "deep/notes [old].txt: " in result.stdout
    assert refused == ["Problem", "Problem"]
    assert result.stdout.endswith("3 images imported, 0 were there already, 2 refused.\n")
    assert result.exit_code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_import_goes_on_after_a_file_that_it_may_not_read(cli: Cli, pictures: Path) -> None:
    (pictures / "one.png").chmod(0)
    result = cli("import", "images", pictures, "--project", "Street")
    assert result.stdout.startswith("Problem: one.png: ")
    assert result.stdout.endswith("2 images imported, 0 were there already, 1 refused.\n")


def test_import_counts_files_with_the_same_bytes(cli: Cli, pictures: Path) -> None:
    (pictures / "copy.png").write_bytes((pictures / "one.png").read_bytes())
    result = cli("import", "images", pictures, "--project", "Street")
    assert result.stdout == "3 images imported, 1 were there already, 0 refused.\n"


def test_a_second_import_adds_nothing(cli: Cli, street: Path) -> None:
    result = cli("import", "images", street, "--project", "Street")
    assert (result.exit_code, result.stdout) == (
        0,
        "0 images imported, 3 were there already, 0 refused.\n",
    )


def test_import_into_a_project_that_there_is_makes_no_other(
    cli: Cli, data: Path, street: Path
) -> None:
    cli("import", "images", street / "deep", "--project", "Street")
    assert [project.name for project in projects(data)] == ["Street"]


def test_an_import_of_nothing_but_refused_files_fails(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "notes.txt").write_text("not an image")
    assert cli("import", "images", folder, "--project", "Street").exit_code == 1


def test_an_import_of_an_empty_folder_is_one_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = cli("import", "images", tmp_path / "empty", "--project", "Street")
    assert_one_line(result, "no file")


# ---------------------------------------------------------------------------------------- export


@pytest.mark.usefixtures("street")
@pytest.mark.parametrize("project", ["Street", "1"])
@pytest.mark.parametrize(
    ("format_name", "inside"),
    [("coco", "annotations/instances.json"), ("masks", "instances.csv")],
)
def test_export_writes_a_zip_file_of_a_project(
    cli: Cli, tmp_path: Path, project: str, format_name: str, inside: str
) -> None:
    out = tmp_path / "out.zip"
    result = cli("export", project, "--out", out, "--format", format_name)
    assert (result.exit_code, result.stdout) == (0, f"{out}: 3 images, 0 annotations.\n")
    with zipfile.ZipFile(out) as archive:
        assert {inside, "images/three.png"} <= set(archive.namelist())


@pytest.mark.usefixtures("street")
def test_a_name_goes_before_an_id(cli: Cli, tmp_path: Path, pictures: Path) -> None:
    cli("import", "images", pictures / "deep", "--project", "1")
    result = cli("export", "1", "--out", tmp_path / "out.zip")
    assert result.stdout.endswith(": 1 images, 0 annotations.\n")


@pytest.mark.usefixtures("street")
def test_export_takes_options_of_the_format(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    options = ("--option", "images=false", "--option", "segmentation=polygons")
    assert cli("export", "Street", "--out", out, *options).exit_code == 0
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["annotations/instances.json", "export-report.json"]


@pytest.mark.usefixtures("street")
def test_export_replaces_an_older_file(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    out.write_text("old")
    cli("export", "Street", "--out", out)
    assert zipfile.is_zipfile(out)


@pytest.mark.usefixtures("street")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["Sky"], "'Sky'", id="unknown project"),
        pytest.param(["77"], "'77'", id="unknown id"),
        pytest.param(["Street", "--format", "papyrus"], "'papyrus'", id="unknown format"),
        pytest.param(["Street", "--option", "images"], "NAME=VALUE", id="option without value"),
        pytest.param(["Street", "--option", "size=9"], "'size'", id="unknown option"),
        pytest.param(["Street", "--option", "images=9"], "true or false", id="no such value"),
    ],
)
def test_an_export_that_cannot_be_is_one_line_and_leaves_no_file(
    cli: Cli, tmp_path: Path, arguments: list[str], message: str
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    assert_one_line(cli("export", *arguments, "--out", folder / "out.zip"), message)
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("street")
def test_an_export_that_fails_halfway_leaves_the_older_file(
    cli: Cli, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    out = folder / "out.zip"
    out.write_text("old")
    lost = sorted(path for path in (data / "blobs").rglob("*") if path.is_file())[-1]
    lost.unlink()
    assert_one_line(cli("export", "Street", "--out", out), "missing")
    assert (out.read_text(), list(folder.iterdir())) == ("old", [out])


@pytest.mark.usefixtures("street")
def test_an_export_into_a_folder_that_is_not_there_names_it(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "out.zip"
    assert_one_line(cli("export", "Street", "--out", out), str(out.parent))


@pytest.mark.usefixtures("street")
def test_an_exported_file_may_be_read_by_whom_the_umask_lets(cli: Cli, tmp_path: Path) -> None:
    plain, out = tmp_path / "plain", tmp_path / "out.zip"
    plain.touch()
    cli("export", "Street", "--out", out)
    assert out.stat().st_mode == plain.stat().st_mode


# ---------------------------------------------------------------------------------------- doctor


@pytest.mark.usefixtures("street")
def test_doctor_finds_a_used_installation_well(cli: Cli) -> None:
    result = cli("doctor")
    assert result.exit_code == 0, result.stdout
    assert "FAIL" not in result.stdout
    assert "migrations: up to date" in result.stdout


def remedies(result: Result) -> dict[str, str]:
    """What is wrong, with what to do about it."""
    lines = result.stdout.splitlines()
    return {
        line.removeprefix("FAIL ").partition(":")[0]: after.strip().removeprefix("→ ")
        for line, after in pairwise(lines)
        if line.startswith("FAIL ")
    }


def test_doctor_tells_what_a_bare_machine_needs(cli: Cli) -> None:
    result = cli("doctor")
    found = remedies(result)
    assert result.exit_code == 1
    assert set(found) == {"data folder", "database"}
    assert all("segmentarium serve" in remedy for remedy in found.values())


@pytest.mark.usefixtures("street")
def test_doctor_tells_pending_migrations(cli: Cli, data: Path) -> None:
    downgrade(f"sqlite:///{data / 'segmentarium.sqlite'}", "base")
    assert remedies(cli("doctor")) == {"migrations": "Run `segmentarium serve`: it migrates."}


@pytest.mark.usefixtures("street")
def test_doctor_tells_a_database_of_a_newer_version(cli: Cli, data: Path) -> None:
    database = Database(f"sqlite:///{data / 'segmentarium.sqlite'}")
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
    database.close()
    found = remedies(cli("doctor"))
    assert list(found) == ["migrations"]
    assert "upgrade Segmentarium" in found["migrations"]


@pytest.mark.usefixtures("street")
def test_doctor_tells_an_unreachable_database(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(
        "SEGMENTARIUM_DATABASE_URL", f"postgresql+psycopg://nobody:secret@/none?host={tmp_path}"
    )
    result = cli("doctor")
    assert "SEGMENTARIUM_DATABASE_URL" in remedies(result)["database"]
    assert "secret" not in result.stdout


@pytest.mark.usefixtures("street")
def test_doctor_tells_a_missing_browser_build(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEGMENTARIUM_FRONTEND_DIR", str(tmp_path))
    assert "npm" in remedies(cli("doctor"))["browser build"]


def test_doctor_tells_a_damaged_database(cli: Cli, data: Path) -> None:
    data.mkdir()
    (data / "segmentarium.sqlite").write_bytes(b"no database" * 500)
    assert ".recover" in remedies(cli("doctor"))["database"]


def test_a_damaged_database_is_told_in_one_line(cli: Cli, data: Path) -> None:
    data.mkdir()
    (data / "segmentarium.sqlite").write_bytes(b"no database" * 500)
    assert_one_line(cli("user", "token"), "damaged")


def test_doctor_tells_a_file_where_the_data_folder_should_be(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    result = CliRunner().invoke(app, ["doctor", "--data", str(path)])
    assert "Move the file away" in remedies(result)["data folder"]


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "abc"), ("DATABASE_URL", "mysql://x:hush@y/z")]
)
def test_a_setting_that_cannot_be_is_told_in_one_line(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SEGMENTARIUM_{name}", value)
    result = cli("doctor")
    assert_one_line(result, f"SEGMENTARIUM_{name}")
    assert "hush" not in result.stderr


def test_doctor_shows_a_path_with_brackets_whole(tmp_path: Path) -> None:
    data = tmp_path / "pictures [old]"
    result = CliRunner().invoke(app, ["doctor", "--data", str(data)])
    assert f"{data} is not there" in result.stdout


# ------------------------------------------------------------------------------- user and openapi


def owner_of(data: Path, secret: str) -> str | None:
    """Whose sign-in token it is."""
    database = Database(f"sqlite:///{data / 'segmentarium.sqlite'}")
    try:
        with database.read() as session:
            user = user_of_secret(session, secret, "sign_in")
            return user.name if user else None
    finally:
        database.close()


def test_sign_in_url_gives_a_new_token_of_the_owner(cli: Cli, data: Path) -> None:
    result = cli("user", "sign-in-url", "--port", "8123")
    origin, _, secret = result.stdout.strip().partition("/sign-in#")
    assert (origin, owner_of(data, secret)) == ("http://127.0.0.1:8123", "owner")


def test_sign_in_url_is_that_of_the_running_server(served: Served) -> None:
    result = CliRunner().invoke(app, ["user", "sign-in-url", "--data", str(served.data)])
    assert result.stdout.startswith(f"{served.origin}/sign-in#")


def test_a_stopped_server_says_no_more_where_it_is(cli: Cli, data: Path) -> None:
    with serving(data) as served:
        transport = httpx.HTTPTransport(retries=10)
        with httpx.Client(transport=transport) as client:
            assert client.get(f"{served.origin}/api/health").is_success
        assert (data / "listening.json").is_file()
    assert not (data / "listening.json").exists()
    assert cli("user", "sign-in-url").stdout.startswith("http://127.0.0.1:8000/sign-in#")


def test_what_a_broken_server_left_about_itself_does_no_harm(cli: Cli, data: Path) -> None:
    data.mkdir(parents=True)
    (data / "listening.json").write_text('["half')
    assert cli("user", "sign-in-url").stdout.startswith("http://127.0.0.1:8000/sign-in#")


@pytest.mark.parametrize(
    ("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::1", "[::1]")]
)
def test_sign_in_url_can_be_opened_whatever_the_server_listens_on(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, host: str, shown: str
) -> None:
    monkeypatch.setenv("SEGMENTARIUM_HOST", host)
    assert cli("user", "sign-in-url").stdout.startswith(f"http://{shown}:8000/sign-in#")


@pytest.mark.parametrize("command", ["sign-in-url", "token"])
def test_an_unknown_user_is_one_line(cli: Cli, command: str) -> None:
    assert_one_line(cli("user", command, "--name", "nobody"), "'nobody'")


def test_tokens_are_new_each_time(cli: Cli) -> None:
    assert cli("user", "token").stdout != cli("user", "token").stdout


def test_openapi_prints_the_contract() -> None:
    result = CliRunner().invoke(app, ["openapi"])
    assert "/api/images/{image_id}/edits" in json.loads(result.stdout)["paths"]


def test_without_a_command_the_help_is_shown() -> None:
    assert "serve" in CliRunner().invoke(app, []).output
