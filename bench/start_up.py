"""From a fresh clone to an answering server, and again when everything is set up; and what it holds while idle."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.peers import LABEL_STUDIO_RESIDENT_MB, LABEL_STUDIO_START_SECONDS
from bench.server import ROOT, own_environment
from bench.tables import Skipped, Table

_LONGEST_SECONDS = 1200.0
_IDLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Start:
    """One `make run`: seconds to the first answer, and megabytes of its processes when idle."""

    seconds: float
    resident_mb: float


def run(quick: bool) -> list[Table]:
    """A fresh start, then starts when set up: three of them, or one when quick.

    Raises:
        Skipped: git or make is missing, or nothing was committed yet.
    """
    for program in ("git", "make"):
        if shutil.which(program) is None:
            raise Skipped(f"{program} is not installed")
    head = subprocess.run(
        ["git", "rev-parse", "--quiet", "--verify", "HEAD"], cwd=ROOT, capture_output=True
    )
    if head.returncode != 0:
        raise Skipped("nothing was committed yet, so there is nothing to clone")
    with tempfile.TemporaryDirectory(prefix="segmentarium-bench-") as name:
        clone, data = Path(name) / "clone", Path(name) / "data"
        clone_command = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)]
        subprocess.run(clone_command, check=True)
        starts = [_started(clone, data) for _ in range(2 if quick else 4)]
    fresh, again = starts[0], sorted(starts[1:], key=lambda start: start.seconds)
    later = again[len(again) // 2]
    rows = [
        ("fresh clone (downloads, build, sample project)", *_cells(fresh), "", ""),
        (
            "when set up",
            *_cells(later),
            f"{LABEL_STUDIO_START_SECONDS:.0f} s, {LABEL_STUDIO_RESIDENT_MB:.0f} MB",
            f"{LABEL_STUDIO_START_SECONDS / later.seconds:.1f}×",
        ),
    ]
    columns = (
        "`make run` until `/api/health` answers",
        "s",
        "MB resident, idle",
        "Label Studio, installed",
        "times as fast",
    )
    return [Table("Start", columns, rows)]


def _cells(start: Start) -> tuple[str, str]:
    return f"{start.seconds:.1f}", f"{start.resident_mb:.0f}"


def _started(clone: Path, data: Path) -> Start:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # Variables of the `make` that runs the benchmarks are none of this one's business.
    environment = {k: v for k, v in own_environment().items() if not k.startswith("MAKE")}
    command = ["make", "run", f"ARGS=--no-browser --port {port} --data {data}"]
    log = clone.parent / "log"
    start = time.perf_counter()
    with (
        log.open("wb") as output,
        _ended(
            subprocess.Popen(command, cwd=clone, env=environment, stdout=output, stderr=output)
        ) as process,
    ):
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - start > _LONGEST_SECONDS:
                raise RuntimeError(f"It did not start:\n{log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.02)
        seconds = time.perf_counter() - start
        time.sleep(_IDLE_SECONDS)
        return Start(seconds, sum(_descendants(process.pid).values()) / 1e6)


def _answers(port: int) -> bool:
    try:
        url = f"http://127.0.0.1:{port}/api/health"
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A `make` whose server is stopped at the end, each by its process id."""
    try:
        yield process
    finally:
        for pid in _descendants(process.pid):
            os.kill(pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            for pid in [*_descendants(process.pid), process.pid]:
                os.kill(pid, signal.SIGKILL)
            process.wait()


def _descendants(ancestor: int) -> dict[int, int]:
    """Process ids below one, with their resident bytes; children follow their parents."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
    ).stdout
    processes = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = {ancestor: 0}
    grown = True
    while grown:
        below = {
            pid: rss * 1024
            for pid, parent, rss in processes
            if parent in found and pid not in found
        }
        grown = bool(below)
        found |= below
    del found[ancestor]
    return found
