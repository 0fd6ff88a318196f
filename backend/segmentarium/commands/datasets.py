"""Datasets in and out on the command line: import, export, convert."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from segmentarium.commands.data_folder import (
    DataOption,
    find_project,
    open_database,
    settings_for,
    upload_limits,
)
from segmentarium.core.errors import InvalidOption, NotFound
from segmentarium.formats import FORMATS, format_named
from segmentarium.formats.support import only_pictures
from segmentarium.formats.support.problems import Problem, Problems
from segmentarium.services.conversion import convert as convert_files
from segmentarium.services.exports import export_project
from segmentarium.services.import_result import ImportResult
from segmentarium.services.imports import ImportOptions, import_dataset
from segmentarium.services.writing import WriteResult
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.dataset_files import EXPORT_CHANGES, open_dataset
from segmentarium.storage.projects import create_project, project_named
from segmentarium.storage.users import ensure_user

_SHOWN = 20  # problems; the rest is counted
_NAMES = ", ".join(sorted(FORMATS))

imports = typer.Typer(no_args_is_help=True, help="Bring data in.")
_out = Console(highlight=False, soft_wrap=True)

Where = Annotated[
    Path, typer.Argument(exists=True, help="A folder, a zip or tar archive, or one document.")
]
ProjectName = Annotated[str, typer.Option(help="Name of the project; made when there is none.")]
OptionTexts = Annotated[
    list[str] | None, typer.Option("--option", help="NAME=VALUE of the format; may be repeated.")
]
Strict = Annotated[bool, typer.Option(help="Stop at the first problem.")]


@imports.command("images")
def import_images(path: Where, project: ProjectName, data: DataOption = None) -> None:
    """Import the images of a folder and its subfolders, or of an archive."""
    result = _imported(path, project, ImportOptions(only_pictures.NAME), data)
    counts = result.counts
    known = counts["images"] - counts.get("new_images", 0) - counts["problems"]
    _out.print(
        f"{counts.get('new_images', 0)} images imported, {max(0, known)} were there already, "
        f"{counts['problems']} refused."
    )
    if counts["problems"] and not counts.get("new_images", 0) and known <= 0:
        raise typer.Exit(1)


@imports.command("dataset")
def import_annotated(
    path: Where,
    project: ProjectName,
    format_name: Annotated[
        str, typer.Option("--format", help=f"Found out when not given: {_NAMES}.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option(help="Say what would come in, and change nothing.")
    ] = False,
    strict: Strict = False,
    data: DataOption = None,
) -> None:
    """Import images with annotations. Importing the same again changes nothing."""
    result = _imported(path, project, ImportOptions(format_name, dry_run, strict), data)
    counts = result.counts
    verb = "would come in" if dry_run else "imported"
    new = counts.get("annotations" if dry_run else "new_annotations", 0)
    _out.print(
        f"{result.format_name}: {counts.get('new_images', 0)} new images of {counts.get('images', 0)}, "
        f"{new} annotations {verb}, {counts.get('unchanged', 0)} were there already, "
        f"{counts.get('changed_here', 0) + counts.get('deleted_here', 0)} changed here were left as they are; "
        f"{counts['problems']} problems."
    )


def export(
    project: Annotated[str, typer.Argument(help="Name or id of the project.")],
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
    format_name: Annotated[str, typer.Option("--format", help=f"One of {_NAMES}.")] = "coco",
    option: OptionTexts = None,
    data: DataOption = None,
) -> None:
    """Export a project into a zip file."""
    settings = settings_for(data)
    database, blobs = open_database(settings), BlobStore(settings.data_dir)
    options = dict(_parsed_option(text) for text in option or [])
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        with database.snapshot() as session, _progress("Exporting") as report:
            found = find_project(session, project)
            result = export_project(
                session,
                blobs,
                found.id,
                found.name,
                format_named(format_name),
                options,
                partial,
                report,
            )
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    _tell_written(out, result)


def convert(
    source: Where,
    out: Annotated[Path, typer.Argument(help="A new folder, or a zip file.")],
    to: Annotated[str, typer.Option("--to", help=f"The format to write: {_NAMES}.")],
    format_name: Annotated[str, typer.Option("--from", help="Found out when not given.")] = "",
    option: OptionTexts = None,
    strict: Strict = False,
) -> None:
    """Convert a dataset from one format to another; no server and no project is needed."""
    options = dict(_parsed_option(text) for text in option or [])
    problems = Problems(_telling(), is_strict=strict)
    with (
        tempfile.TemporaryDirectory(prefix="segmentarium-") as folder,
        _progress("Converting") as report,
    ):
        files = open_dataset(source, source.name, Path(folder))
        result = convert_files(
            files,
            format_name,
            format_named(to),
            options,
            out,
            problems,
            lambda done, of: report(done / max(of or 0, done + 1), f"{done} images", {}),
        )
    _tell_written(out, result)
    if problems.count:
        _out.print(f"{problems.count} problems: what they name was left out.")


def _imported(path: Path, project: str, options: ImportOptions, data: Path | None) -> ImportResult:
    settings = settings_for(data)
    database, blobs = open_database(settings), BlobStore(settings.data_dir)
    with database.write() as session:
        owner = ensure_user(session, settings.owner)
        project_id = project_named(session, project)
        if project_id is None and options.is_dry_run:
            raise NotFound(f"There is no project {project!r}: a dry run makes none.")
        if project_id is None:
            project_id = create_project(session, owner, project)
    with blobs.workspace() as folder, _progress("Importing") as report:
        result = import_dataset(
            database,
            blobs,
            owner,
            project_id,
            open_dataset(path, path.name, folder),
            options,
            upload_limits(settings),
            report,
        )
    tell = _telling()
    for problem in (*result.problems, *result.notices):
        tell(problem)
    return result


def _telling() -> Callable[[Problem], None]:
    told = 0

    def tell(problem: Problem) -> None:
        nonlocal told
        told += 1
        if told <= _SHOWN:
            place = ", ".join(filter(None, (problem.file, problem.position)))
            kind = "Note" if problem.is_notice else "Problem"
            _out.print(f"{kind}: {place}: {problem.detail}", markup=False)
        elif told == _SHOWN + 1:
            _out.print("More are not shown.")

    return tell


class _progress:  # noqa: N801 - used like a function
    """A bar on a terminal; nothing elsewhere."""

    def __init__(self, title: str) -> None:
        self._bar = Progress(console=_out, disable=not sys.stdout.isatty())
        self._task = self._bar.add_task(title, total=1.0)

    def __enter__(self) -> Callable[[float, str, Mapping[str, int]], None]:
        self._bar.start()
        return self._report

    def __exit__(self, *_: object) -> None:
        self._bar.update(self._task, completed=1.0)
        self._bar.stop()

    def _report(self, done: float, message: str, _counts: Mapping[str, int]) -> None:
        self._bar.update(self._task, completed=done, description=message)


def _tell_written(out: Path, result: WriteResult) -> None:
    counts = result.counts
    _out.print(
        f"{out}: {counts['images']} images, {counts['annotations']} annotations.", markup=False
    )
    for kind, count in result.changes.items():
        _out.print(f"  {count}: {kind.sentence}", markup=False)
    if result.changes:
        _out.print(f"  Each one is listed in {EXPORT_CHANGES}.")


def _parsed_option(text: str) -> tuple[str, str | bool]:
    name, separator, value = text.partition("=")
    if not separator:
        raise InvalidOption(f"--option takes NAME=VALUE, not {text!r}.")
    return name, {"true": True, "false": False}.get(value, value)
