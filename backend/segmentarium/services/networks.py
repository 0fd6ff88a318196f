"""Installing networks: from a folder, an ONNX file or the hub, checked before they are kept."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from segmentarium.core.errors import NetworkRefused
from segmentarium.networks.box_network import BoxNetwork, read_manifest
from segmentarium.networks.checkpoint import settled_checkpoint
from segmentarium.networks.folder import (
    InstalledNetwork,
    NetworkFolder,
    NetworkKind,
    NetworkManifest,
    file_of,
)
from segmentarium.networks.hub import CONFIGS, PICKLES, SAFETENSORS, fetch

_LICENCE_LINE = re.compile(r"^license:\s*[\"']?([\w.+ -]+?)[\"']?\s*$", re.MULTILINE)
_README_CHARACTERS = 20_000
_LONGEST_LICENCE = 200


@dataclass(frozen=True, slots=True)
class _Described:
    """What a manifest says beside the files."""

    kind: NetworkKind
    title: str
    architecture: str
    source: str
    licence: str


def add_network(
    networks: NetworkFolder,
    source: str,
    *,
    name: str | None = None,
    licence: str | None = None,
    allows_pickle: bool = False,
) -> InstalledNetwork:
    """Install a network.

    Args:
        networks: where to.
        source: a folder with a checkpoint or with one ONNX file, an ONNX file, or a hub id.
        name: to be listed and chosen under; made from the source when not given.
        licence: of the weights, where the source does not say it.
        allows_pickle: take weights in PyTorch's own form too; they are kept as safetensors.

    Raises:
        NetworkRefused: it cannot be fetched, is of an unknown kind, damaged, or not safe.
        NameTaken: there is one of that name.
    """
    path = Path(source).expanduser()
    chosen = name or _name_of(path, source)
    networks.check_free(chosen)
    with networks.staged() as staged:
        onnx = _onnx_in(path)
        if onnx is not None:
            described = _take_onnx(onnx, staged)
        else:
            described = _take_checkpoint(path, source, staged, allows_pickle=allows_pickle)
        manifest = NetworkManifest(
            kind=described.kind,
            title=described.title,
            architecture=described.architecture,
            source=described.source,
            licence=(licence or described.licence)[:_LONGEST_LICENCE],
            added_at=datetime.now(UTC),
            files=tuple(file_of(file) for file in sorted(staged.iterdir())),
        )
        return networks.keep(staged, chosen, manifest)


def _onnx_in(path: Path) -> Path | None:
    """The ONNX file that is meant, if one is."""
    if path.is_file():
        if path.suffix != ".onnx":
            raise NetworkRefused(
                f"{path.name} is no ONNX file; a checkpoint is given by its folder."
            )
        return path
    found = sorted(path.glob("*.onnx")) if path.is_dir() else []
    if len(found) > 1:
        raise NetworkRefused(f"{path} holds {len(found)} ONNX files; name the one to add.")
    return found[0] if found else None


def _take_onnx(onnx: Path, staged: Path) -> _Described:
    beside = onnx.with_suffix(".json")
    manifest = read_manifest(beside)
    # Copied first: what is checked is what is kept.
    shutil.copyfile(beside, staged / "network.json")
    shutil.copyfile(onnx, staged / "network.onnx")
    # Whatever it computes is computed in a run, which ends in time; in use it may then fold constants.
    BoxNetwork.load(manifest, staged / "network.onnx", threads=1, folds=False)
    source = manifest.source or f"file {onnx.name}"
    return _Described("onnx", manifest.title, "ONNX", source, manifest.licence)


def _take_checkpoint(path: Path, source: str, staged: Path, *, allows_pickle: bool) -> _Described:
    if path.is_dir():
        patterns = [*CONFIGS, *SAFETENSORS, *(PICKLES if allows_pickle else ())]
        for file in sorted(path.iterdir()):
            if file.is_file() and any(fnmatchcase(file.name, pattern) for pattern in patterns):
                shutil.copyfile(file, staged / file.name)
        said, licence = f"folder {path.resolve().name}", _licence_of(path)
    else:
        if path.is_absolute() or source.startswith((".", "~")) or source.count("/") != 1:
            raise NetworkRefused(
                f"There is no folder or file {source}, and it is no hub id (OWNER/NAME)."
            )
        fetched = fetch(source, staged, allows_pickle=allows_pickle)
        said, licence = f"{source.partition('@')[0]}@{fetched.revision}", fetched.licence
    architecture = settled_checkpoint(staged, allows_pickle=allows_pickle)
    title = source.partition("@")[0].rstrip("/").rpartition("/")[2] or path.resolve().name
    return _Described("sam", title, architecture, said, licence)


def _licence_of(folder: Path) -> str:
    """The licence that the folder's model card names in its head."""
    card = folder / "README.md"
    if not card.is_file():
        return "unknown"
    head = card.read_text(errors="replace")[:_README_CHARACTERS]
    found = _LICENCE_LINE.search(head.split("\n---", 1)[0])
    return found[1] if found else "unknown"


def _name_of(path: Path, source: str) -> str:
    """A name for the network, from the last part of where it comes from."""
    if path.exists():
        last = path.resolve().stem if path.suffix == ".onnx" else path.resolve().name
    else:
        last = source.partition("@")[0].rpartition("/")[2]
    return re.sub(r"[^a-z0-9._-]+", "-", last.lower()).strip("-._")[:64] or "network"
