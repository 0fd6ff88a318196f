"""Fetching a published checkpoint: configuration and weights, nothing that could be run."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from segmentarium.core.errors import NetworkRefused

CONFIGS = ("config.json", "preprocessor_config.json", "processor_config.json")
SAFETENSORS = ("model.safetensors", "model-*.safetensors", "model.safetensors.index.json")
PICKLES = ("pytorch_model.bin", "pytorch_model-*.bin", "pytorch_model.bin.index.json")
_CONNECT_S = 10


@dataclass(frozen=True, slots=True)
class Fetched:
    """Which revision was fetched, and under what licence its page says it is."""

    revision: str
    licence: str


def fetch(hub_id: str, target: Path, *, allows_pickle: bool) -> Fetched:
    """Download a checkpoint into a folder, with progress on a terminal.

    Args:
        hub_id: `owner/name`, or `owner/name@revision`.
        target: an empty folder.
        allows_pickle: take `.bin` weights where there are no safetensors.

    Raises:
        NetworkRefused: there is no such checkpoint, it is not open to all, or it cannot be reached.
    """
    if importlib.util.find_spec("huggingface_hub") is None:
        raise NetworkRefused(
            "Downloading needs huggingface-hub: pip install 'segmentarium[models]'"
        )
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]

    name, _, revision = hub_id.partition("@")
    patterns = [*CONFIGS, *SAFETENSORS, *(PICKLES if allows_pickle else ())]
    try:
        about = HfApi().model_info(name, revision=revision or None, timeout=_CONNECT_S)
        cache = target / ".fetched"
        folder = Path(
            snapshot_download(name, revision=about.sha, allow_patterns=patterns, local_dir=cache)
        )
    except HFValidationError as error:
        raise NetworkRefused(
            f"{hub_id!r} is no folder, no file and no hub id: {_line(error)}"
        ) from error
    except HfHubHTTPError as error:
        raise NetworkRefused(f"{hub_id} cannot be fetched: {_line(error)}") from error
    except (httpx.HTTPError, LocalEntryNotFoundError, OSError) as error:
        raise NetworkRefused(
            f"{hub_id} cannot be fetched, the hub cannot be reached ({type(error).__name__})."
            " Fetch it on another machine and add its folder."
        ) from error
    for path in sorted(folder.iterdir()):
        if path.is_file():
            path.rename(target / path.name)
    shutil.rmtree(cache)
    licence = getattr(about.card_data, "license", None) if about.card_data else None
    return Fetched(about.sha or revision, str(licence or "unknown"))


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
