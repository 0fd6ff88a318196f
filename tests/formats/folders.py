"""Folders of files for readers to read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def folder_of(root: Path, files: Mapping[str, object]) -> Path:
    """Write files into a folder: bytes and texts as they are, anything else as JSON."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, bytes):
            text = content if isinstance(content, str) else json.dumps(content)
            content = text.encode()
        path.write_bytes(content)
    return root


def without(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    """An object without one of its members."""
    return {name: one for name, one in value.items() if name != key}
