"""Files of a dataset that comes in: a folder as it is, or an archive unpacked within limits, and only if it is safe."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from segmentarium.core.errors import ArchiveRefused, NotFound

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Watch: TypeAlias = Callable[[], None]

_CHUNK = 1 << 20
_MAX_NAME_BYTES = 1_000
_MAX_PART_BYTES = 255
_MAX_SUFFIX_BYTES = 20
_MAX_HEADER_BYTES = 1_000_000
_LONG_HEADERS = {
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
}
_MAX_DIRECTORY_BYTES = 150_000_000  # a million files of usual names
_MAX_ZIP_END_BYTES = (1 << 16) + 22 + 20
_PLAIN_BYTES = 200_000_000  # unpacked, that no ratio is asked of
_RUBBISH = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}

EXPORT_REPORT, EXPORT_CHANGES = "export-report.json", "export-changes.csv"
"""What an export says of itself; it is no part of the dataset."""

_NO_DATA = {*_RUBBISH, EXPORT_REPORT, EXPORT_CHANGES}


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Files and bytes that an archive may unpack to, and how many times its own size that may be."""

    max_files: int = 2_000_000
    max_bytes: int = 200_000_000_000
    max_ratio: int = 200


class FolderFiles:
    """The files of a folder and its subfolders, or only some of them. Links to folders are not followed.

    `watch` is called again and again while files are looked for and read; it may raise to end that.
    """

    def __init__(
        self, root: Path, only: Iterable[str] | None = None, watch: Watch | None = None
    ) -> None:
        self._root, self._watch = root, watch
        self._only = None if only is None else sorted(only)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """See `Files.names`."""
        if self._only is not None:
            return tuple(self._only)
        return tuple(sorted(self._walk()))

    def size(self, name: str) -> int:
        """See `Files.size`."""
        return self.path(name).stat().st_size

    def open(self, name: str) -> BinaryIO:
        """See `Files.open`."""
        if self._watch is None:
            return self.path(name).open("rb")
        return io.BufferedReader(_WatchedFile(self.path(name), self._watch))

    def path(self, name: str) -> Path:
        """See `Files.path`.

        Raises:
            NotFound: the name leaves the folder.
        """
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise NotFound(f"There is no file {name!r} in the dataset.")
        return self._root / name

    def _walk(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self._root):
            if self._watch is not None:
                self._watch()
            folders[:] = [name for name in folders if name not in _RUBBISH]
            for name in names:
                if name not in _NO_DATA:
                    path = Path(folder, name)
                    if path.is_file():
                        yield path.relative_to(self._root).as_posix()


class _WatchedFile(io.FileIO):
    def __init__(self, path: Path, watch: Watch) -> None:
        super().__init__(path)
        self._watch = watch

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """See `RawIOBase.readinto`."""
        self._watch()
        return super().readinto(buffer)

    def readall(self) -> bytes:
        """See `RawIOBase.readall`."""
        self._watch()
        return super().readall()


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or a tar, compressed or not."""
    return zipfile.is_zipfile(path) or _is_tar(path)


def open_dataset(path: Path, name: str, folder: Path, watch: Watch | None = None) -> FolderFiles:
    """The files of what was given: an archive unpacked into an empty folder, a folder, or one document.

    Args:
        path: where it lies, under whatever name.
        name: what it was called.
        folder: empty.
        watch: called again and again, also while the files are read later; may raise to end it.

    Raises:
        ArchiveRefused: see `unpack`.
    """
    if path.is_dir():
        return FolderFiles(path, watch=watch)
    # An .npz is a zip, too, but one of arrays.
    if PurePosixPath(name).suffix.lower() != ".npz" and is_archive(path):
        return unpack(path, folder, watch=watch)
    target = folder / _document_name(name)
    try:
        os.link(path, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(path, target)
    return FolderFiles(folder, watch=watch)


def _document_name(name: str) -> str:
    """The last part of a name, as far as a folder can hold it; its suffix stays."""
    path = PurePosixPath(
        name.replace("\\", "/").replace("\0", "").encode("utf-8", "replace").decode()
    )
    last = path.name if path.name != ".." else ""
    suffix = path.suffix.encode()[-_MAX_SUFFIX_BYTES:]
    stem = last.encode()[: _MAX_PART_BYTES - len(suffix)]
    short = (stem + suffix).decode(errors="ignore")
    return (last if len(last.encode()) <= _MAX_PART_BYTES else short) or "document"


def unpack(
    archive: Path, target: Path, limits: ArchiveLimits | None = None, watch: Watch | None = None
) -> FolderFiles:
    """Unpack a zip or tar into an empty folder; its files. `watch` is as in `open_dataset`.

    Raises:
        ArchiveRefused: a path that leaves the folder or stands there twice, a link or a device, encryption, damage,
            or more than the limits allow. What was unpacked by then is the caller's to remove with the folder.
    """
    limits = limits or ArchiveLimits()
    budget = _Budget(limits, archive.stat().st_size, watch)
    try:
        if zipfile.is_zipfile(archive):
            _unpack_zip(archive, target, budget)
        elif _is_tar(archive):
            _unpack_tar(archive, target, budget)
        else:
            raise ArchiveRefused("The file is neither a zip nor a tar archive.")
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        gzip.BadGzipFile,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,
        UnicodeDecodeError,
    ) as error:
        raise ArchiveRefused(f"The archive is damaged: {error}") from error
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise ArchiveRefused(
            "The archive has a file where it has a folder, too, or two names that this disk cannot tell apart."
        ) from error
    except OSError as error:
        if error.errno is None:  # not the system's: bzip2 says so that its data are damaged
            raise ArchiveRefused(f"The archive is damaged: {error}") from error
        raise
    return FolderFiles(target, watch=watch)


class _Budget:
    """What may still be unpacked, and whether anybody still wants it."""

    def __init__(self, limits: ArchiveLimits, packed_bytes: int, watch: Watch | None) -> None:
        self._watch = watch
        self._limits = limits
        self._most = min(limits.max_bytes, _PLAIN_BYTES + limits.max_ratio * packed_bytes)
        self._bytes = self._entries = 0
        self._names: set[str] = set()

    def count(self) -> None:
        """One entry more, be it a file, a folder, or of no interest."""
        if self._watch is not None:
            self._watch()
        self._entries += 1
        if self._entries > self._limits.max_files:
            raise ArchiveRefused(f"The archive has more than {self._limits.max_files:,} entries.")

    def begin(self, name: str) -> str:
        """The path of a file that is about to be unpacked."""
        path = _safe(name)
        if path in self._names:
            raise ArchiveRefused(f"The archive has {name[:200]!r} twice.")
        self._names.add(path)
        return path

    def spend(self, count: int) -> None:
        """So many bytes more."""
        if self._watch is not None:
            self._watch()
        self._bytes += count
        if self._bytes > self._most:
            raise ArchiveRefused(
                f"The archive unpacks to more than {self._most / 1e9:,.1f} GB, "
                "which is over the limit or far more than its size lets expect."
            )


def _unpack_zip(archive: Path, target: Path, budget: _Budget) -> None:
    if _directory_bytes(archive) > _MAX_DIRECTORY_BYTES:
        raise ArchiveRefused("The archive's list of files is too long.")
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            budget.count()
            mode = entry.external_attr >> 16
            if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
                raise ArchiveRefused(f"{entry.filename!r} in the archive is a link or a device.")
            if entry.flag_bits & 1:
                raise ArchiveRefused("The archive is encrypted.")
            if entry.is_dir() or _is_rubbish(entry.filename):
                continue
            with opened.open(entry) as source:
                _write(cast("BinaryIO", source), target / budget.begin(entry.filename), budget)


def _directory_bytes(archive: Path) -> int:
    """How long a zip says that its list of files is, which is read whole before anything can be counted."""
    with archive.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _MAX_ZIP_END_BYTES))
        end = file.read()
        at = end.rfind(b"PK\5\6")
        if at < 0 or len(end) < at + 22:
            return 0
        told = int.from_bytes(end[at + 12 : at + 16], "little")
        if told < 0xFFFF_FFFF or end[at - 20 : at - 16] != b"PK\6\7":
            return told
        # Of 64 bits: the locator before it says where the longer end stands.
        file.seek(int.from_bytes(end[at - 12 : at - 4], "little"))
        longer = file.read(48)
        return int.from_bytes(longer[40:48], "little") if longer[:4] == b"PK\6\6" else told


def _unpack_tar(archive: Path, target: Path, budget: _Budget) -> None:
    with tarfile.open(archive, "r:*", tarinfo=_PlainHeader) as opened:
        for member in opened:
            budget.count()
            cast("Any", opened).members.clear()  # or they would all be kept
            if not (member.isfile() or member.isdir()):
                raise ArchiveRefused(f"{member.name!r} in the archive is a link or a device.")
            if member.isdir() or _is_rubbish(member.name):
                budget.spend(member.size)
                continue
            source = opened.extractfile(member)
            if source is not None:
                with source:
                    _write(cast("BinaryIO", source), target / budget.begin(member.name), budget)
        # The checksum stands behind everything: nothing before it is known to be whole.
        rest = cast("BinaryIO", opened.fileobj)
        while chunk := rest.read(_CHUNK):
            budget.spend(len(chunk))


class _PlainHeader(tarfile.TarInfo):
    """A header of a tar. Those that hold names and the like are read whole: an endless one would fill the memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _PlainHeader:
        """See `TarInfo.frombuf`.

        Raises:
            ArchiveRefused: it announces names of over a megabyte, or less than nothing.
        """
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0:
            raise ArchiveRefused("The archive has a file of less than no bytes.")
        if header.type in _LONG_HEADERS and header.size > _MAX_HEADER_BYTES:
            raise ArchiveRefused("The archive has a header that is longer than any name.")
        return header


def _is_tar(path: Path) -> bool:
    try:
        tarfile.open(path, "r:*", tarinfo=_PlainHeader).close()
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError):
        return False
    return True


def _write(source: BinaryIO, path: Path, budget: _Budget) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        while chunk := source.read(_CHUNK):
            budget.spend(len(chunk))
            file.write(chunk)


def _safe(name: str) -> str:
    """The path as it is unpacked; nothing that leaves the folder, on whatever system the archive was made."""
    path = name.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    parts = path.split("/")
    if (
        path.startswith("/")
        or ".." in parts
        or (len(parts[0]) == 2 and parts[0][1] == ":")
        or "\0" in path
        or len(path.encode(errors="replace")) > _MAX_NAME_BYTES
    ):
        raise ArchiveRefused(f"The path {name[:200]!r} in the archive leaves its folder.")
    path = "/".join(part for part in parts if part not in {"", "."})
    # Bytes that are no UTF-8 have no name that could be told.
    path = path.encode("utf-8", "replace").decode()
    if max(len(part.encode()) for part in path.split("/")) > _MAX_PART_BYTES:
        raise ArchiveRefused(f"A name in the archive is too long: {name[:200]!r}.")
    return path


def _is_rubbish(name: str) -> bool:
    return any(part in _RUBBISH for part in name.replace("\\", "/").split("/"))
