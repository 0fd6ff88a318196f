"""What commands share that work on the data folder: its option, its settings, its database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy.orm import Session

from segmentarium.core.errors import Invalid, NotFound
from segmentarium.services.uploads import UploadLimits
from segmentarium.settings import Settings
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database, migrate
from segmentarium.storage.projects import project_named
from segmentarium.storage.tables import ProjectRow
from segmentarium.storage.users import instance_id

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder; else SEGMENTARIUM_DATA_DIR or the user's own."),
]


def settings_for(data: Path | None, **given: Any) -> Settings:
    """The settings of the environment, with what was given on the command line put in.

    Raises:
        Invalid: one of them cannot be.
    """
    overrides = {name: value for name, value in given.items() if value is not None}
    if data is not None:
        overrides["data_dir"] = data.resolve()
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = (
            f"SEGMENTARIUM_{str(fault['loc'][0]).upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        raise Invalid("; ".join(faults)) from error


def open_database(settings: Settings) -> Database:
    """The database, with its folder made and its schema brought up to date."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate(settings.resolved_database_url)
    database = Database(settings.resolved_database_url)
    with database.read() as session:
        BlobStore(settings.data_dir).claim(str(instance_id(session)))
    return database


def upload_limits(settings: Settings) -> UploadLimits:
    """What images may be at most."""
    return UploadLimits(settings.max_image_bytes, settings.max_image_pixels)


def find_project(session: Session, name: str) -> ProjectRow:
    """A project by its name, or by its id.

    Raises:
        NotFound: there is none.
    """
    by_name = project_named(session, name)
    found = session.get(ProjectRow, by_name or (int(name) if name.isdecimal() else 0))
    if found is None:
        raise NotFound(f"There is no project {name!r}.")
    return found
