"""Every route of the API, from its contract: a new route is tested without a word."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from segmentarium.main import create_app
from segmentarium.settings import Settings

PUBLIC = {("POST", "/api/session"), ("GET", "/api/health")}


def contract() -> dict[str, Any]:
    """The OpenAPI document; needs no database."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url=f"sqlite:///{folder}/none.sqlite")
        return create_app(settings).openapi()


ROUTES = [
    (method.upper(), path)
    for path, operations in sorted(contract()["paths"].items())
    for method in sorted(operations)
    if method in {"get", "post", "put", "patch", "delete"}
]


def with_id(path: str, number: int) -> str:
    """A route's path with a number for its parameter."""
    return re.sub(r"\{\w+\}", str(number), path)
