"""Files by content hash: written whole, then renamed; derived files beside them, made again when missing."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from segmentarium.core.errors import ImageTooLarge, NotFound

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file: SHA-256 of its bytes as hex, and its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file on its way into the store."""

    blob: Blob
    path: Path
    file: BinaryIO
    target: Path

    def keep(self) -> Blob:
        """Move it into the store; its bytes are on the disk when this returns."""
        os.fsync(self.file.fileno())
        _move(self.path, self.target)
        return self.blob


class BlobStore:
    """Blobs under a folder: `blobs/ab/abcd…` as they came, `derived/ab/abcd….NAME` made from them."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._derived = folder / "derived"
        self._incoming = folder / "incoming"
        self._owners = folder / "databases"
        for path in (self._blobs, self._derived, self._incoming, self._owners):
            path.mkdir(parents=True, exist_ok=True)

    def put(self, stream: BinaryIO) -> Blob:
        """Store a stream whole."""
        with self.incoming(stream) as incoming:
            return incoming.keep()

    @contextmanager
    def incoming(self, stream: BinaryIO, max_bytes: int | None = None) -> Iterator[Incoming]:
        """A stream written to disk, to be looked at and kept or not; what is not kept is removed.

        Raises:
            ImageTooLarge: the stream is longer than `max_bytes`.
        """
        digest, size = hashlib.sha256(), 0
        with self._incoming_file() as (file, path):
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if max_bytes is not None and size > max_bytes:
                    raise ImageTooLarge(
                        f"The file is over {max_bytes / 1e6:,.0f} MB.", max_bytes=max_bytes
                    )
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            sha256 = digest.hexdigest()
            yield Incoming(Blob(sha256, size), path, file, self._blob_path(sha256))

    def path(self, sha256: str) -> Path:
        """Where a blob lies.

        Raises:
            NotFound: it is not in the store.
        """
        path = self._blob_path(sha256)
        if not path.is_file():
            raise NotFound("The file is missing from the data folder.")
        return path

    def derived(self, sha256: str, name: str, make: Callable[[Path, Path], None]) -> Path:
        """A file made from a blob by `make(source, target)`, once; `name` tells what it is, with its version."""
        path = self._derived / sha256[:2] / f"{sha256}.{name}"
        if not path.is_file():
            with self._incoming_file(suffix=path.suffix) as (file, incoming):
                file.close()
                make(self.path(sha256), incoming)
                _move(incoming, path)
        return path

    def keep_derived(self, sha256: str, name: str, file: Path) -> None:
        """Take a file from a workspace as derived from a blob."""
        _move(file, self._derived / sha256[:2] / f"{sha256}.{name}")

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """A temporary folder on the same disk, removed at the end."""
        with tempfile.TemporaryDirectory(dir=self._incoming) as folder:
            yield Path(folder)

    def claim(self, database_id: str) -> bool:
        """Note that a database refers to files here; whether it is the only one that ever did."""
        (self._owners / database_id).touch()
        return {path.name for path in self._owners.iterdir()} == {database_id}

    def sweep(
        self,
        referenced: Callable[[Sequence[str]], set[str]],
        older_than_s: float,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> int:
        """Remove what nothing refers to any more and what killed processes left behind; how many files went.

        Younger files stay: their rows may be about to be written.

        Args:
            referenced: which of these hashes something refers to.
            older_than_s: seconds since a file came.
            is_stopped: asked between folders; ends it.
        """
        oldest = time.time() - older_than_s
        gone = sum(_remove_old(path, oldest) for path in self._incoming.iterdir())
        for kind in (self._blobs, self._derived):
            for folder in (path for path in kind.iterdir() if path.is_dir()):
                if is_stopped():
                    return gone
                old = [path for path in folder.iterdir() if path.stat().st_mtime < oldest]
                hashes = [path.name.partition(".")[0] for path in old]
                kept = referenced(hashes)
                for path, sha256 in zip(old, hashes, strict=True):
                    if sha256 not in kept:
                        gone += _remove_old(path, oldest)
        return gone

    def discard(self, sha256: str, before: float) -> bool:
        """Remove a blob that nothing refers to, unless its bytes came again since `before`; whether it went."""
        return _remove_old(self._blob_path(sha256), before)

    def _blob_path(self, sha256: str) -> Path:
        return self._blobs / sha256[:2] / sha256

    @contextmanager
    def _incoming_file(self, suffix: str = "") -> Iterator[tuple[BinaryIO, Path]]:
        """A file to be written and then moved away; what is left at the end is removed."""
        with tempfile.NamedTemporaryFile(dir=self._incoming, suffix=suffix, delete=False) as file:
            path = Path(file.name)
            try:
                yield cast("BinaryIO", file.file), path
            finally:
                file.close()
                path.unlink(missing_ok=True)


def _remove_old(path: Path, oldest: float) -> bool:
    """Remove a file or folder last written before `oldest`; whether it went."""
    try:
        # Looked at once more: the same bytes may have come again a moment ago.
        if path.stat().st_mtime >= oldest:
            return False
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return False
    return True


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.chmod(0o640)
    source.replace(target)
