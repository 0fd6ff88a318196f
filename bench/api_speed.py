"""What an annotator waits for: saving, opening an image, listing images; against Label Studio and a bare server."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from bench.bare import insert_row, open_durable
from bench.peers import LABEL_STUDIO_MS
from bench.photographs import photograph
from bench.server import connected, segmentarium, served, times_of
from bench.tables import Milliseconds, Table, percentiles, shown
from bench.workload import HEIGHT, WIDTH, Seeded, edits, ids_of, seed
from tests.postgres import Cluster, start_cluster, stop_cluster

PAGE_SIZE = 50
UNCOUNTED = 5
_TARGET_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    requests: int
    images: int
    opened: int


@dataclass(frozen=True, slots=True)
class Result:
    """Times of one thing, the name of Label Studio's figure for it, and the bare server's times for the same answer."""

    title: str
    peer: str | None
    times: Milliseconds
    bare: Milliseconds | None = None


def run(quick: bool) -> list[Table]:
    """SQLite, PostgreSQL where it is installed, and the floors under both."""
    sizes = Sizes(40, 1000, 6) if quick else Sizes(200, 10_000, 40)
    with tempfile.TemporaryDirectory(prefix="segmentarium-bench-") as name:
        folder = Path(name)
        with bare_server(folder / "bare.sqlite") as bare:
            tables = [_table("SQLite", _measured(folder / "data", "", bare, sizes), sizes)]
            with postgres() as cluster:
                if cluster is None:
                    print("PostgreSQL is not installed: skipped.")
                else:
                    with cluster.database() as url:
                        results = _measured(folder / "data-postgres", url, bare, sizes)
                    tables.append(_table("PostgreSQL", results, sizes))
            return [*tables, _floors(folder, bare, sizes)]


def _measured(data_dir: Path, database_url: str, bare: httpx.Client, sizes: Sizes) -> list[Result]:
    with segmentarium(data_dir, database_url) as client:
        url = database_url or f"sqlite:///{data_dir / 'segmentarium.sqlite'}"
        seeded = seed(url, sizes.images)
        rng = np.random.default_rng(0)
        results = _saving(client, bare, seeded, rng, sizes)
        results += _listing(client, bare, seeded, sizes)
        results += _opening(client, bare, seeded, rng, sizes)
        health = [(client.build_request("GET", "/api/health"),)] * (sizes.requests + UNCOUNTED)
        results.append(Result("health check", None, times_of(client, health, UNCOUNTED)))
        return results


def _saving(
    client: httpx.Client,
    bare: httpx.Client,
    seeded: Seeded,
    rng: np.random.Generator,
    sizes: Sizes,
) -> list[Result]:
    count = sizes.requests + UNCOUNTED
    image_ids = seeded.image_ids[:count]
    creates = [edits(rng, seeded.category_id) for _ in image_ids]
    updates = [edits(rng, seeded.category_id, ids_of(batch)) for batch in creates]
    moves = [edits(rng, seeded.category_id, ids_of(batch)[:1], revision=2) for batch in creates]
    results = []
    for title, peer, batches in (
        ("save 20 new polygons of 40 vertices", "save", creates),
        ("save 20 changed polygons of 40 vertices", "save", updates),
        ("save 1 changed polygon of 40 vertices", None, moves),
    ):
        ours = [
            (_post(client, f"/api/images/{image_id}/edits", batch),)
            for image_id, batch in zip(image_ids, batches, strict=True)
        ]
        floor = [(_post(bare, "/rows", batch),) for batch in batches]
        times = times_of(client, ours, UNCOUNTED)
        results.append(Result(title, peer, times, times_of(bare, floor, UNCOUNTED)))
    return results


def _listing(
    client: httpx.Client, bare: httpx.Client, seeded: Seeded, sizes: Sizes
) -> list[Result]:
    path = f"/api/projects/{seeded.project_id}/images?limit={PAGE_SIZE}"
    deep = seeded.image_ids[-sizes.images // 10]
    results = []
    for title, target in (
        (f"list {PAGE_SIZE} of {sizes.images:,} images, first page", path),
        (
            f"list {PAGE_SIZE} of {sizes.images:,} images, a page near the end",
            f"{path}&after={deep}",
        ),
    ):
        times, floor = _repeated(client, bare, [target], sizes.requests)
        results.append(Result(title, "list", times, floor))
    return results


def _opening(
    client: httpx.Client,
    bare: httpx.Client,
    seeded: Seeded,
    rng: np.random.Generator,
    sizes: Sizes,
) -> list[Result]:
    project = client.post("/api/projects", json={"name": "photographs"}).json()["id"]
    category = client.post(f"/api/projects/{project}/categories", json={"name": "cup"}).json()["id"]
    files = [
        ("files", (f"{number}.jpg", photograph("coffee.png", WIDTH, HEIGHT, number), "image/jpeg"))
        for number in range(sizes.opened + UNCOUNTED)
    ]
    uploaded = client.post(f"/api/projects/{project}/images", files=files).raise_for_status()
    opened: list[list[str]] = []
    for image in uploaded.json()["images"]:
        path = f"/api/images/{image['id']}"
        for _ in range(5):
            client.send(_post(client, f"{path}/edits", edits(rng, category))).raise_for_status()
        opened.append([path, f"{path}/annotations"])
    # A different image each time: nothing of it was read before.
    actions = [tuple(client.build_request("GET", path) for path in paths) for paths in opened]
    first = times_of(client, actions, UNCOUNTED)
    time.sleep(1)
    again, floor = _repeated(client, bare, opened[-1], sizes.requests)
    what = "open an image with 100 annotations"
    return [
        Result(f"{what}, one after another for the first time", "open", first),
        Result(f"{what}, again", "open", again, floor),
    ]


def _repeated(
    client: httpx.Client, bare: httpx.Client, paths: list[str], count: int
) -> tuple[Milliseconds, Milliseconds]:
    """Times of getting the paths in turn, and of getting the same answers from the bare server."""
    for index, path in enumerate(paths):
        bare.put(f"/kept/{index}", json=client.get(path).raise_for_status().json())
    ours = tuple(client.build_request("GET", path) for path in paths)
    floor = tuple(bare.build_request("GET", f"/kept/{index}") for index in range(len(paths)))
    times = times_of(client, [ours] * (count + UNCOUNTED), UNCOUNTED)
    return times, times_of(bare, [floor] * (count + UNCOUNTED), UNCOUNTED)


def _floors(folder: Path, bare: httpx.Client, sizes: Sizes) -> Table:
    """What the disk and the framework cost without us."""
    rng = np.random.default_rng(1)
    bodies = [json.dumps({"edits": edits(rng, 1)}) for _ in range(sizes.requests)]
    connection = open_durable(folder / "disk.sqlite")
    taken = []
    for body in bodies:
        start = time.perf_counter()
        insert_row(connection, body)
        taken.append((time.perf_counter() - start) * 1000)
    connection.close()
    bare.put("/kept/nothing", json={})
    nothing = [(bare.build_request("GET", "/kept/nothing"),)] * (sizes.requests + UNCOUNTED)
    rows = [
        ("disk: those 20 polygons as one row of sqlite3, committed", np.array(taken)),
        ("framework: bare FastAPI answers {}", times_of(bare, nothing, UNCOUNTED)),
    ]
    return Table(
        "Floors, ms",
        ("what", "p50", "p90", "p99"),
        [(title, *percentiles(times, 50, 90, 99)) for title, times in rows],
    )


def _table(database: str, results: list[Result], sizes: Sizes) -> Table:
    rows = []
    for result in results:
        p50 = float(np.median(result.times))
        peer = LABEL_STUDIO_MS.get(result.peer or "")
        against = ("", "", "")
        if peer is not None:
            target = peer * _TARGET_SHARE
            mark = "" if p50 <= target else " (missed)"
            against = (shown(target) + mark, shown(peer), f"{peer / p50:.1f}×")
        bare = "" if result.bare is None else f"{p50 / float(np.median(result.bare)):.1f}×"
        rows.append((result.title, *percentiles(result.times, 50, 90, 99), *against, bare))
    return Table(
        f"API on {database}, ms ({sizes.requests} requests a row)",
        (
            "what",
            "p50",
            "p90",
            "p99",
            "target p50",
            "Label Studio",
            "times as fast",
            "× bare server",
        ),
        rows,
    )


def _post(client: httpx.Client, path: str, batch: list[dict[str, Any]]) -> httpx.Request:
    return client.build_request("POST", path, json={"edits": batch})


@contextmanager
def bare_server(path: Path) -> Iterator[httpx.Client]:
    """A client of `bench.bare`."""
    with (
        served([sys.executable, "-m", "bench.bare", str(path)]) as (_, url),
        connected(url) as client,
    ):
        yield client


@contextmanager
def postgres() -> Iterator[Cluster | None]:
    """The tests' PostgreSQL, made as durable as a real one; None where it is not installed."""
    folder = Path(tempfile.mkdtemp(prefix="segmentarium-bench-postgres-"))
    try:
        cluster = start_cluster(folder)
        if cluster is not None:
            with cluster.admin() as connection:
                for name in ("fsync", "synchronous_commit", "full_page_writes"):
                    connection.execute(f"ALTER SYSTEM SET {name} = on".encode())
                connection.execute("SELECT pg_reload_conf()")
                while connection.execute("SHOW fsync").fetchone() != ("on",):
                    time.sleep(0.05)
        yield cluster
    finally:
        stop_cluster(folder)
