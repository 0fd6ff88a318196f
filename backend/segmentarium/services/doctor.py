"""Checks of an installation, each with its remedy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from alembic.util.exc import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from segmentarium.core.errors import NetworkRefused
from segmentarium.core.raster import has_kernels
from segmentarium.engines import ENGINES, use_networks
from segmentarium.engines.base import NetworkEngine
from segmentarium.networks.folder import NetworkFolder
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import pending_migrations

_LOW_DISK_BYTES = 1_000_000_000
_DAMAGED = "The file is damaged or cannot be read: put a copy back, or save what can be with `sqlite3 FILE .recover`."


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `remedy` says what to do about it; of what is only optional, all is well without it too."""

    name: str
    found: str
    remedy: str = ""
    is_optional: bool = False

    @property
    def is_well(self) -> bool:
        """Whether nothing needs doing."""
        return not self.remedy or self.is_optional


def examine(
    data_dir: Path, database_url: str, frontend_dir: Path, networks: NetworkFolder, threads: int
) -> Iterator[Check]:
    """Check the data folder, the database, its migrations, the engines, their networks and the browser's build."""
    use_networks(networks, threads)
    yield _data_folder(data_dir)
    yield _disk(data_dir)
    yield from _database(database_url)
    for engine in ENGINES.values():
        reason = engine.unavailable_reason()
        needs_network = isinstance(engine, NetworkEngine)
        missing = "not available (optional)" if needs_network else "not available"
        yield Check(
            f"engine {engine.name}",
            "available" if reason is None else missing,
            reason or "",
            is_optional=needs_network,
        )
    yield from _networks(networks)
    yield _kernels()
    yield _frontend(frontend_dir)


def _networks(networks: NetworkFolder) -> Iterator[Check]:
    for network in networks.installed():
        about = network.manifest
        found = f"{about.architecture}, {network.bytes / 1e6:,.1f} MB, licence {about.licence}"
        try:
            network.verify()
        except NetworkRefused as error:
            yield Check(f"model {network.name}", "damaged", error.detail)
        else:
            yield Check(f"model {network.name}", found)
    for name, reason in networks.broken():
        remedy = f"Run `segmentarium models remove {name}` and add it again."
        yield Check(f"model {name}", f"its manifest is damaged: {reason}", remedy)


def _kernels() -> Check:
    # Not a fault: NumPy does the same, bit for bit.
    if has_kernels():
        return Check("geometry", "compiled")
    return Check(
        "geometry", "not compiled: exact all the same, but slower; a C compiler would help"
    )


def _data_folder(data_dir: Path) -> Check:
    if data_dir.exists() and not data_dir.is_dir():
        return Check(
            "data folder", f"{data_dir} is no folder", "Move the file away, or choose a folder."
        )
    if not data_dir.is_dir():
        return Check(
            "data folder", f"{data_dir} is not there", "Run `segmentarium serve` once: it makes it."
        )
    try:
        with BlobStore(data_dir).workspace():
            return Check("data folder", str(data_dir))
    except OSError as error:
        return Check(
            "data folder",
            f"{data_dir}: {error.strerror}",
            "Make the folder writable for this user.",
        )


def _disk(data_dir: Path) -> Check:
    existing = next(folder for folder in (data_dir, *data_dir.parents) if folder.is_dir())
    free = shutil.disk_usage(existing).free
    remedy = "Free some disk space." if free < _LOW_DISK_BYTES else ""
    return Check("disk", f"{free / 1e9:,.1f} GB free", remedy)


def _database(database_url: str) -> Iterator[Check]:
    url = make_url(database_url)
    shown = url.render_as_string(hide_password=True)
    is_file = url.get_backend_name() == "sqlite"
    if is_file and not Path(url.database or "").is_file():
        yield Check(
            "database", f"{shown} is not there", "Run `segmentarium serve` once: it makes it."
        )
        return
    try:
        pending = pending_migrations(database_url)
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0][:200]
        remedy = (
            _DAMAGED if is_file else "Check SEGMENTARIUM_DATABASE_URL, and that the server runs."
        )
        yield Check("database", f"{shown}: {reason}", remedy)
        return
    except CommandError as error:
        yield Check(
            "migrations", str(error), "The database is of a newer version: upgrade Segmentarium."
        )
        return
    yield Check("database", shown)
    remedy = "Run `segmentarium serve`: it migrates." if pending else ""
    yield Check("migrations", f"{len(pending)} pending" if pending else "up to date", remedy)


def _frontend(frontend_dir: Path) -> Check:
    if (frontend_dir / "index.html").is_file():
        return Check("browser build", str(frontend_dir))
    return Check(
        "browser build", "not built", "Run `make run`, or `npm ci && npm run build` in frontend/."
    )
