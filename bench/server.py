"""Servers in processes of their own, spoken to by one client that keeps its connection."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import httpx
import numpy as np

from bench.tables import Milliseconds

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0
# A connection, the statement caches and the thread pool come with the first requests.
_UNCOUNTED = 5
_URL = re.compile(rb"http://127\.0\.0\.1:\d+/\S*")


@contextmanager
def served(
    command: Sequence[str], environment: dict[str, str] | None = None
) -> Iterator[tuple[int, str]]:
    """Run a server that prints its URL; its process id and the URL. It is ended by its process id.

    Raises:
        RuntimeError: it ended or printed no URL.
    """
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=own_environment() | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    printed: list[bytes] = []
    reader = threading.Thread(target=_drain, args=(process.stdout, printed), daemon=True)
    reader.start()
    try:
        yield process.pid, _wait_for_url(process, printed)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()


@contextmanager
def segmentarium(data_dir: Path, database_url: str = "") -> Iterator[httpx.Client]:
    """A client signed in to a `segmentarium serve` of its own."""
    command = [sys.executable, "-m", "segmentarium.cli", "serve", "--no-browser"]
    command += ["--port", "0", "--data", str(data_dir)]
    with served(command, {"SEGMENTARIUM_DATABASE_URL": database_url}) as (_, url):
        parts = urlsplit(url)
        with connected(f"{parts.scheme}://{parts.netloc}") as client:
            client.post("/api/session", json={"token": parts.fragment}).raise_for_status()
            yield client


@contextmanager
def connected(base_url: str) -> Iterator[httpx.Client]:
    """A client on one kept connection, once the server answers."""
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
    with httpx.Client(base_url=base_url, limits=limits, timeout=120, trust_env=False) as client:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                client.get("/api/health")
                break
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield client


def times_of(
    client: httpx.Client, actions: Sequence[tuple[httpx.Request, ...]], uncounted: int = _UNCOUNTED
) -> Milliseconds:
    """Milliseconds that each action took, one after the other; an action is requests sent in order.

    The requests are ready before the clock starts; it stops when the last answer has been read, unparsed.
    """
    taken = []
    for action in actions:
        start = time.perf_counter()
        answers = [client.send(request) for request in action]
        taken.append((time.perf_counter() - start) * 1000)
        for answer in answers:
            answer.raise_for_status()
    return np.array(taken[uncounted:])


def own_environment() -> dict[str, str]:
    """The environment without the developer's own configuration."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SEGMENTARIUM_")}
    return kept | {"PYTHONUNBUFFERED": "1"}


def _drain(stream: IO[bytes] | None, printed: list[bytes]) -> None:
    # What a server prints is read all the time, so that it never waits for us.
    if stream is not None:
        with stream:
            printed.extend(iter(stream.readline, b""))


def _wait_for_url(process: subprocess.Popen[bytes], printed: list[bytes]) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = _URL.search(b"".join(printed))
        if found:
            return found[0].decode()
        time.sleep(0.02)
    raise RuntimeError(f"The server did not come up:\n{b''.join(printed).decode(errors='replace')}")
