"""A real server in a process of its own, and a real Chromium, for the browser tests."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.programs import find_chromium

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
SIGN_IN_URL = re.compile(r"http://127\.0\.0\.1:\d+/sign-in#\S+")
START_SECONDS = 60.0


@dataclass(frozen=True)
class Server:
    """A running `segmentarium serve`; the sign-in URL works once."""

    base_url: str
    sign_in_url: str
    data_dir: Path
    pid: int


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with empty data, one for the tests of a file; it must still run at the end.

    A file's `SERVE_ARGUMENTS` go to `segmentarium serve`.
    """
    arguments: list[str] = getattr(request.module, "SERVE_ARGUMENTS", [])
    with running_server(tmp_path_factory.mktemp("data"), free_port(), arguments) as started:
        yield started


@contextmanager
def running_server(
    data_dir: Path,
    port: int,
    arguments: Sequence[str] = (),
    *,
    program: Sequence[str] = (str(Path(sys.executable).with_name("segmentarium")),),
    may_die: bool = False,
) -> Iterator[Server]:
    """A server on that data folder and port, ended afterwards; it must not have died unless it may."""
    # Nothing of the developer's own configuration may reach it.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SEGMENTARIUM_")}
    environment |= {"SEGMENTARIUM_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [
            *program,
            "serve",
            "--no-browser",
            "--port",
            str(port),
            "--data",
            str(data_dir),
            *arguments,
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output: list[str] = []
    reader = threading.Thread(target=drain, args=(process, output), daemon=True)
    reader.start()
    try:
        base_url = f"http://127.0.0.1:{port}"
        sign_in_url = wait_until_ready(process, base_url, output)
        yield Server(base_url, sign_in_url, data_dir, process.pid)
        died = process.poll()
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        if process.stdout is not None:
            process.stdout.close()
    if died is not None and not may_die:
        pytest.fail(f"The server died with status {died}:\n{''.join(output)}")


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def drain(process: subprocess.Popen[str], output: list[str]) -> None:
    """Keep reading what the server prints, so that it never waits for us."""
    if process.stdout is not None:
        output.extend(iter(process.stdout.readline, ""))


def wait_until_ready(process: subprocess.Popen[str], base_url: str, output: list[str]) -> str:
    """Wait for the sign-in URL and a healthy answer; the sign-in URL."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        match = SIGN_IN_URL.search("".join(output))
        if match and is_healthy(base_url):
            return match[0]
        time.sleep(0.05)
    raise RuntimeError(f"The server did not come up:\n{''.join(output)}")


def is_healthy(base_url: str) -> bool:
    """Whether the server answers that it is well."""
    try:
        return httpx.get(f"{base_url}/api/health", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every server has its own address. (The plugin's fixture makes pytest 9 warn.)"""


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, object],
) -> dict[str, object]:
    """This machine's Chromium, or Playwright's own where there is none."""
    arguments = {**browser_type_launch_args, "args": CHROMIUM_FLAGS}
    if chromium := find_chromium():
        arguments["executable_path"] = str(chromium)
    return arguments


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """One size of window for every test and every screenshot."""
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="session")
def screenshots_dir() -> Path:
    """Where the pictures of the documentation go."""
    folder = ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
