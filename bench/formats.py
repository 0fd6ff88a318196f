"""COCO out and in against Datumaro on the same file; a dataset of a million annotations through the database; masks."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
from sqlalchemy import insert

from bench.tables import Skipped, Table, shown
from segmentarium.core.annotation import Annotation, Category, Polygons
from segmentarium.core.raster import segmentation_to_rle
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset, DatasetImage, check_options
from segmentarium.formats.support.changes import Changes
from segmentarium.formats.support.problems import Problems
from segmentarium.services.exports import export_project
from segmentarium.services.imports import ImportOptions, import_dataset
from segmentarium.services.uploads import UploadLimits
from segmentarium.services.writing import FolderTarget, Nowhere
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database, migrate
from segmentarium.storage.dataset_files import FolderFiles
from segmentarium.storage.projects import create_project
from segmentarium.storage.tables import ImageRow
from segmentarium.storage.users import ensure_user

_PER_IMAGE = 20
_SIDE = 640
_CATEGORIES = tuple(Category(k, f"category {k}", f"#{k * 37 % 2**24:06x}") for k in range(1, 81))
_MASK_IMAGES, _MASK_POLYGONS, _MASK_SIZE = 1_000, 50, (1024, 2048)


def run(quick: bool) -> list[Table]:
    """All of it; the largest sizes take some minutes.

    Raises:
        Skipped: Datumaro is not installed.
    """
    try:
        import datumaro  # noqa: F401, PLC0415 - a test's library, heavy
    except ImportError as error:
        raise Skipped("Datumaro is not installed") from error
    sizes = (2_000,) if quick else (20_000, 1_000_000)
    return [
        _against_datumaro(sizes),
        _through_the_database(2_000 if quick else 1_000_000),
        _masks(20 if quick else _MASK_IMAGES),
    ]


def images(
    count: int, per_image: int = _PER_IMAGE, size: tuple[int, int] = (_SIDE, _SIDE)
) -> Iterator[DatasetImage]:
    """Images with rough discs of 8 to 40 vertices, a quarter of them as RLE; always the same ones."""
    rng = np.random.default_rng(0)
    height, width = size
    number = 0
    for image in range(count):
        own: list[Annotation] = []
        for _ in range(per_image):
            number += 1
            angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(8, 41))))
            radius = rng.uniform(10, 70) * rng.uniform(0.8, 1.15, len(angles))
            middle = rng.uniform((80, 80), (width - 80, height - 80))
            ring = middle + np.stack((np.cos(angles), np.sin(angles)), axis=1) * radius[:, None]
            polygons = Polygons(((np.round(ring, 2),),))
            is_rle = number % 4 == 0
            segmentation = segmentation_to_rle(polygons, height, width) if is_rle else polygons
            category_id = number % 80 + 1
            # A crowd is RLE whatever is asked for.
            own.append(Annotation(str(number), category_id, segmentation, is_rle, len(own)))
        yield DatasetImage(image + 1, f"{image:06}.jpg", width, height, tuple(own))


def _against_datumaro(sizes: tuple[int, ...]) -> Table:
    rows: list[tuple[str, ...]] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            given = Dataset("bench", _CATEGORIES, images(size // _PER_IMAGE))
            _write(given, folder / "given", "polygons")
            read, exact, rle, polygons = _in_a_process("_ours", folder)
            streamed = _in_a_process("_streamed", folder)[0]
            (folder / "given" / "images").mkdir()  # Datumaro asks for it
            their_read, their_write, their_memory = _in_a_process("_datumaro", folder)
        for what, own, other in (
            ("in", read, their_read),
            ("out, exact", exact, their_write),
            ("out, RLE", rle, their_write),
            ("out, polygons", polygons, their_write),
        ):
            speeds = f"{size / own:,.0f}", f"{size / other:,.0f}"
            rows.append((f"{size:,}", what, *speeds, f"{other / own:.1f}×"))
        memory = f"{streamed:,.0f}", f"{their_memory:,.0f}"
        ratio = f"{their_memory / streamed:.1f}×"
        rows.append((f"{size:,}", "in and out, MB of memory", *memory, ratio))
    return Table(
        "COCO out and in: annotations a second, on the same file",
        ("annotations", "", "Segmentarium", "Datumaro", "ratio"),
        rows,
    )


def _ours(folder: Path) -> tuple[float, ...]:
    coco = format_named("coco")
    started = time.perf_counter()
    read = coco.read(FolderFiles(folder / "given"), Problems())
    kept = list(read.images)
    times = [time.perf_counter() - started]
    for segmentation in ("exact", "rle", "polygons"):
        started = time.perf_counter()
        _write(Dataset("bench", read.categories, iter(kept)), folder / segmentation, segmentation)
        times.append(time.perf_counter() - started)
    return tuple(times)


def _streamed(folder: Path) -> tuple[float, ...]:
    """From one file to the other, as a conversion does it: nothing is kept."""
    read = format_named("coco").read(FolderFiles(folder / "given"), Problems())
    _write(read, folder / "streamed", "exact")
    return (_memory_mb(),)


def _write(dataset: Dataset, folder: Path, segmentation: str) -> None:
    coco = format_named("coco")
    target = FolderTarget(folder)
    options = check_options(coco, {"segmentation": segmentation, "images": False})
    for path, content in coco.write(dataset, options, Changes()):
        target.add(path, content)


def _datumaro(folder: Path) -> tuple[float, ...]:
    from datumaro.components.dataset import Dataset as Theirs  # noqa: PLC0415

    started = time.perf_counter()
    (document,) = (folder / "given" / "annotations").glob("*.json")
    dataset = Theirs.import_from(str(document), "coco_instances")
    count = sum(len(item.annotations) for item in dataset)
    read = time.perf_counter() - started
    if not count:
        raise RuntimeError("Datumaro read nothing")
    started = time.perf_counter()
    dataset.export(str(folder / "theirs"), "coco_instances", save_media=False)
    return read, time.perf_counter() - started, _memory_mb()


def _through_the_database(size: int) -> Table:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _write(
            Dataset("bench", _CATEGORIES, images(size // _PER_IMAGE)), folder / "given", "polygons"
        )
        came_in = _in_a_process("_import", folder)
        went_out = _in_a_process("_export", folder)
    rows = [
        (
            what,
            f"{size:,} in {size // _PER_IMAGE:,}",
            f"{seconds:,.0f}",
            f"{size / seconds:,.0f}",
            f"{memory:,.0f}",
        )
        for what, (seconds, memory) in (("import", came_in), ("export", went_out))
    ]
    return Table(
        "A project in SQLite: COCO in and out, pictures left where they are",
        ("", "annotations in images", "s", "annotations a second", "memory, MB"),
        rows,
    )


def _import(folder: Path) -> tuple[float, ...]:
    url = f"sqlite:///{folder}/bench.sqlite"
    migrate(url)
    database, blobs = Database(url), BlobStore(folder / "data")
    count = sum(
        1 for _ in format_named("coco").read(FolderFiles(folder / "given"), Problems()).images
    )
    with database.write() as session:
        user = ensure_user(session, "bench")
        project = create_project(session, user, "Bench")
        # The pictures are there: what is measured is the annotations.
        session.execute(insert(ImageRow), [_image_row(project, number) for number in range(count)])
    started = time.perf_counter()
    result = import_dataset(
        database,
        blobs,
        user,
        project,
        FolderFiles(folder / "given"),
        ImportOptions(),
        UploadLimits(1, 1),
        lambda *_: None,
    )
    seconds = time.perf_counter() - started
    if result.counts["problems"]:
        raise RuntimeError(f"{result.problems[:3]}")
    return seconds, _memory_mb()


def _image_row(project: int, number: int) -> dict[str, object]:
    name = f"{number:06}.jpg"
    return {
        "project_id": project,
        "name": name,
        "name_folded": name,
        "sha256": uuid4().hex * 2,
        "format": "jpeg",
        "bytes": 1,
        "width": _SIDE,
        "height": _SIDE,
        "is_upright": True,
        "is_plain": True,
        "state": "new",
        "annotation_count": 0,
        "created_at": datetime.now(UTC),
    }


def _export(folder: Path) -> tuple[float, ...]:
    database, blobs = Database(f"sqlite:///{folder}/bench.sqlite"), BlobStore(folder / "data")
    started = time.perf_counter()
    with database.snapshot() as session:
        export_project(
            session,
            blobs,
            1,
            "Bench",
            format_named("coco"),
            {"images": False, "segmentation": "rle"},
            folder / "out.zip",
            lambda *_: None,
        )
    return time.perf_counter() - started, _memory_mb()


def _masks(count: int) -> Table:
    masks = format_named("masks")
    options = check_options(masks, {"images": False})
    given = list(images(count, _MASK_POLYGONS, _MASK_SIZE))
    made = time.perf_counter()
    target = Nowhere()
    for path, content in masks.write(
        Dataset("bench", _CATEGORIES, iter(given)), options, Changes()
    ):
        target.add(path, content)
    seconds = time.perf_counter() - made
    return Table(
        "Masks (semantic and instance PNG) of 2048 × 1024 with 50 polygons each",
        ("images", "s", "images a second"),
        [(f"{count:,}", shown(seconds), shown(count / seconds))],
    )


def _memory_mb() -> float:
    """The most that this process has had resident."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage tells of a process begins with what its parent had when it started it.
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1e3
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e6 if sys.platform == "darwin" else 1e3)


def _in_a_process(name: str, folder: Path) -> tuple[float, ...]:
    """In a fresh process, so that its memory is its own."""
    code = f"import json, sys\nfrom bench.formats import {name}\nfrom pathlib import Path\n"
    code += f"print(json.dumps({name}(Path(sys.argv[1]))))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], check=True, capture_output=True, text=True
    )
    return tuple(json.loads(done.stdout.splitlines()[-1]))
