"""The folder of installed networks: `models/NAME/` with a manifest that names every file and its digest.

A network is put together in a staging folder and renamed when it is whole, so that what lies there is complete.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from segmentarium.core.errors import NameTaken, NetworkRefused, NotFound

MANIFEST = "segmentarium.json"
NetworkKind = Literal["sam", "onnx"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_STAGING = ".staging-"
_JUST_MADE_S = 60  # a staging folder so young may not have been locked yet
_MAX_MANIFEST_BYTES = 1_000_000
_CHUNK = 1 << 20


class NetworkFile(BaseModel):
    """A file of a network: its name in the folder, its size, and the SHA-256 of its bytes as hex."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class NetworkManifest(BaseModel):
    """What is known of an installed network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: NetworkKind
    title: str = Field(min_length=1, max_length=200)
    architecture: str = Field(max_length=200)
    source: str = Field(max_length=1000)
    licence: str = Field(max_length=200)
    added_at: datetime
    files: tuple[NetworkFile, ...] = Field(min_length=1, max_length=200)


@dataclass(frozen=True, slots=True)
class InstalledNetwork:
    """A network in the folder."""

    name: str
    folder: Path
    manifest: NetworkManifest

    @property
    def bytes(self) -> int:
        """Of all its files."""
        return sum(file.bytes for file in self.manifest.files)

    @property
    def digest(self) -> str:
        """SHA-256 over its files' names and digests: two networks with one digest answer alike."""
        lines = sorted(f"{file.name} {file.sha256}\n" for file in self.manifest.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def verify(self) -> None:
        """Read every file and compare.

        Raises:
            NetworkRefused: one is missing or not what was installed.
        """
        remedy = f"Remove the network and add it again: segmentarium models remove {self.name}"
        for file in self.manifest.files:
            try:
                found = file_of(self.folder / file.name)
            except OSError as error:
                raise NetworkRefused(
                    f"{file.name} of the network {self.name} cannot be read ({error.strerror}). {remedy}"
                ) from None
            if found != file:
                raise NetworkRefused(
                    f"{file.name} of the network {self.name} is not the file that was installed. {remedy}"
                )


@lru_cache
def packaged_network(folder: Path) -> InstalledNetwork:
    """A network that comes with the tool, under the name of its folder's parent.

    Raises:
        NetworkRefused: its manifest is missing or damaged.
    """
    try:
        manifest = NetworkManifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        raise NetworkRefused(
            f"{folder / MANIFEST} is damaged. Install the package again."
        ) from None
    return InstalledNetwork(folder.parent.name, folder, manifest)


# A folder that cannot be: where an engine looks that nobody has told of one.
NOWHERE = Path(os.devnull) / "networks"


class NetworkFolder:
    """Networks under a folder, which need not be there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # By name: which version of its file was read, and what was in it.
        self._known: dict[str, tuple[tuple[int, int, int], NetworkManifest | str]] = {}

    def installed(self, kind: NetworkKind | None = None) -> list[InstalledNetwork]:
        """Networks whose manifest can be read, the one added last first."""
        found = [
            InstalledNetwork(name, self.path / name, manifest)
            for name, manifest in self._manifests()
            if isinstance(manifest, NetworkManifest) and kind in (None, manifest.kind)
        ]
        return sorted(
            found, key=lambda network: (-network.manifest.added_at.timestamp(), network.name)
        )

    def broken(self) -> list[tuple[str, str]]:
        """Names of folders whose manifest cannot be read, and why."""
        return [(name, found) for name, found in self._manifests() if isinstance(found, str)]

    def named(self, name: str) -> InstalledNetwork:
        """The network of that name.

        Raises:
            NotFound: there is none.
        """
        for network in self.installed():
            if network.name == name:
                return network
        names = ", ".join(network.name for network in self.installed()) or "none"
        raise NotFound(f"There is no network {name!r}; installed: {names}.")

    def chosen(self, kind: NetworkKind, name: object) -> InstalledNetwork:
        """The network of that kind and name; without a name the one added last.

        Raises:
            NotFound: there is none.
        """
        for network in self.installed(kind):
            if name in (None, network.name):
                return network
        raise NotFound(f"There is no network {name!r} for this engine.")

    @contextmanager
    def staged(self) -> Iterator[Path]:
        """An empty folder on the same disk, removed at the end unless `keep` took it; so are those of processes that
        were killed.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self._sweep()
        folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self.path))
        try:
            with _locked(folder):
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove staging folders that no process works in."""
        for folder in self.path.glob(f"{_STAGING}*"):
            try:
                if time.time() - folder.stat().st_mtime < _JUST_MADE_S:
                    continue
                with _locked(folder):
                    shutil.rmtree(folder)
            except OSError:
                continue  # somebody works in it, or has just removed it

    def keep(self, staged: Path, name: str, manifest: NetworkManifest) -> InstalledNetwork:
        """Install what lies in a staging folder.

        Raises:
            NameTaken: a network of that name is there.
        """
        self.check_free(name)
        (staged / MANIFEST).write_text(manifest.model_dump_json(indent=1))
        for path in staged.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        staged.chmod(0o750)
        try:
            staged.rename(self.path / name)
        except OSError:
            self.check_free(name)  # somebody was faster
            raise
        return InstalledNetwork(name, self.path / name, manifest)

    def check_free(self, name: str) -> None:
        """Refuse a name that cannot be, or that is in use.

        Raises:
            NetworkRefused: it is not made of small letters, digits, dots, dashes and underscores.
            NameTaken: a network has it.
        """
        if not _NAME.fullmatch(name):
            raise NetworkRefused(
                f"{name!r} is no name for a network: small letters, digits, dots, dashes and underscores, at most 64."
            )
        if (self.path / name).exists():
            raise NameTaken(
                f"There is a network {name}; remove it first (segmentarium models remove {name}),"
                " or give another name with --name."
            )

    def remove(self, name: str) -> None:
        """Remove a network, readable or not.

        Raises:
            NotFound: there is none of that name.
        """
        if not _NAME.fullmatch(name) or not (self.path / name / MANIFEST).is_file():
            self.named(name)
        # Renamed first: a network half removed is none.
        with self.staged() as staging:
            (self.path / name).rename(staging / name)

    def _manifests(self) -> Iterator[tuple[str, NetworkManifest | str]]:
        """Names, each with its manifest or why it cannot be read. A prompt asks several times: files are read once."""
        if not self.path.is_dir():
            return
        known, found = self._known, {}
        for folder in sorted(self.path.iterdir()):
            try:
                state = (folder / MANIFEST).stat()
            except OSError:
                continue
            if not _NAME.fullmatch(folder.name) or not S_ISREG(state.st_mode):
                continue
            version = state.st_ino, state.st_mtime_ns, state.st_size
            before = known.get(folder.name)
            if before is None or before[0] != version or isinstance(before[1], str):
                before = version, _read_manifest(folder / MANIFEST, state.st_size)
            found[folder.name] = before
        self._known = found
        yield from ((name, manifest) for name, (_, manifest) in found.items())


def _read_manifest(path: Path, size: int) -> NetworkManifest | str:
    """A manifest, or why it cannot be read."""
    try:
        if size > _MAX_MANIFEST_BYTES:
            return "its manifest is too large"
        return NetworkManifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        return first_fault(error)
    except OSError as error:
        return error.strerror or "it cannot be read"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """While this lasts, no other process has the folder locked; a lock ends with its process.

    Raises:
        BlockingIOError: another has.
    """
    file = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(file)


def file_of(path: Path) -> NetworkFile:
    """A file as a manifest names it."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return NetworkFile(name=path.name, bytes=size, sha256=digest.hexdigest())


def first_fault(error: ValidationError) -> str:
    """The first thing wrong with a JSON file, in one line."""
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    message = str(fault["msg"])
    return f"{where}: {message}" if where else message
