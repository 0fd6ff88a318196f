"""The environment, read once: `SEGMENTARIUM_*` → frozen Settings. Nothing else reads the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_POSTGRESQL = "postgresql+psycopg"
_REPOSITORY = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """All settings. Sizes in bytes and pixels."""

    model_config = SettingsConfigDict(env_prefix="SEGMENTARIUM_", frozen=True, extra="ignore")

    data_dir: Path = Path.home() / ".local" / "share" / "segmentarium"
    database_url: str = Field(default="", description="empty: SQLite in the data folder")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="host names answered for besides localhost, comma-separated"
    )
    owner: str = "owner"
    frontend_dir: Path = _REPOSITORY / "frontend" / "dist"
    docs_dir: Path = _REPOSITORY / "docs"
    max_image_pixels: int = Field(default=100_000_000, ge=1)
    max_image_bytes: int = Field(default=500_000_000, ge=1)
    max_request_bytes: int = Field(default=2_000_000_000, ge=1)
    max_json_bytes: int = Field(default=64_000_000, ge=1)
    pixel_cache_bytes: int = Field(
        default=400_000_000, ge=0, description="decoded images kept for engines"
    )
    engine_threads: int = Field(
        default=max(2, os.cpu_count() or 1), ge=1, description="prompts answered at once"
    )
    engine_most_waiting: int = Field(
        default=16, ge=0, description="prompts that wait for an engine before more are refused"
    )
    embedding_cache_bytes: int = Field(
        default=500_000_000, ge=0, description="what networks have read of images, kept for prompts"
    )
    network_threads: int = Field(
        default=0, ge=0, le=256, description="0: as many as cores, at most 4"
    )
    secure_cookie: bool = Field(default=False, description="set when served over HTTPS")

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host.strip().lower() for host in value.split(",") if host.strip())
        return value

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: str) -> str:
        if not value:
            return value
        scheme, _, rest = value.partition("://")
        if scheme in {"postgres", "postgresql"}:
            # As everybody writes it; SQLAlchemy would look for a driver that is not installed.
            scheme, value = _POSTGRESQL, f"{_POSTGRESQL}://{rest}"
        try:
            make_url(value)
        except (ArgumentError, ValueError):
            scheme = ""
        if scheme not in {_POSTGRESQL, "sqlite"}:
            # What was given is not shown: it may hold a password.
            raise ValueError("not the URL of a database: postgresql://… or sqlite:///…")
        return value

    @property
    def resolved_database_url(self) -> str:
        """The database's URL; SQLite in the data folder where none is set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'segmentarium.sqlite'}"

    @property
    def networks_dir(self) -> Path:
        """Where installed networks lie."""
        return self.data_dir / "models"

    @property
    def resolved_network_threads(self) -> int:
        """Threads of a network on a CPU: more than four help little and take the cores from the other requests."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return self.network_threads or min(4, cores or 1)
