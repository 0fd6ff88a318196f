"""A box over the whole of a picture: time, and memory beyond the decoded pixels, in a process of its own."""

from __future__ import annotations

import io
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import PIL.Image

from bench.photographs import photograph
from bench.tables import Milliseconds, Table, percentiles, shown
from segmentarium.engines import engine_named
from segmentarium.engines.base import ImageRGB, Prompt
from segmentarium.services.proposals import propose

_FILE = "coffee.png"
_SIZES = ((4000, 3000), (10_000, 10_000))
_PROC = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a proposal. `peak_mb` is beyond what the process held before; None where the system does not tell."""

    times: Milliseconds
    peak_mb: float | None


def whole_box(quick: bool) -> Table:
    """One row a size, the last one compared with the first."""
    count = 3 if quick else 20
    costs = []
    for size in _SIZES:
        with (
            tempfile.TemporaryDirectory(prefix="segmentarium-bench-") as folder,
            ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process,
        ):
            # Made here and not there, where the memory it frees would be had again and not be seen.
            pixels = _write_pixels(Path(folder), *size)
            costs.append(process.submit(_cost, pixels, count).result())
    least = float(np.median(costs[0].times))
    rows = [
        (
            f"{width} × {height}",
            shown(width * height / 1e6),
            *percentiles(cost.times, 50, 100),
            shown(float(np.median(cost.times)) / least) + "×",
            "" if cost.peak_mb is None else shown(cost.peak_mb),
            "" if cost.peak_mb is None else f"{cost.peak_mb * 1e6 / (3 * width * height):.1%}",
        )
        for (width, height), cost in zip(_SIZES, costs, strict=True)
    ]
    return Table(
        f"Box over the whole picture → proposal, without HTTP ({count} times)",
        (
            "coffee at",
            "megapixels",
            "median ms",
            "max ms",
            "× the smallest",
            "peak memory beyond the pixels, MB",
            "share of the pixels",
        ),
        rows,
    )


def _write_pixels(folder: Path, width: int, height: int) -> Path:
    with PIL.Image.open(io.BytesIO(photograph(_FILE, width, height))) as opened:
        np.save(folder / "pixels.npy", np.asarray(opened))
    return folder / "pixels.npy"


def _cost(path: Path, count: int) -> Cost:
    pixels: ImageRGB = np.load(path)
    height, width = pixels.shape[:2]
    engine, prompt = engine_named("grabcut"), Prompt(bbox_xywh=(0, 0, width, height))
    _forget_peak()
    before = _peak_mb()
    times = []
    for _ in range(count + 1):  # OpenCV's threads come with the first, which is not timed
        start = time.perf_counter()
        propose(engine, pixels, prompt, {})
        times.append((time.perf_counter() - start) * 1000)
    after = _peak_mb()
    peak = None if before is None or after is None else after - before
    return Cost(np.array(times[1:]), peak)


def _forget_peak() -> None:
    """Let the peak of this process start anew from what it holds; Linux only."""
    if (_PROC / "clear_refs").exists():
        (_PROC / "clear_refs").write_text("5")


def _peak_mb() -> float | None:
    # Not getrusage: it knows the peak of the whole life only, and the parent's before it.
    if not (_PROC / "status").exists():
        return None
    lines = (_PROC / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))
