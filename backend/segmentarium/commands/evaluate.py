"""`segmentarium evaluate-engines`: engines compared on an index of masks, or on a project."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from segmentarium.commands.data_folder import (
    DataOption,
    find_project,
    open_database,
    settings_for,
)
from segmentarium.commands.interruption import remembered_interrupt
from segmentarium.core.errors import Invalid, InvalidOption
from segmentarium.engines import use_networks
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.evaluation.contenders import Contender, contenders_named
from segmentarium.services.evaluation.index import read_index
from segmentarium.services.evaluation.project import Choice, read_project
from segmentarium.services.evaluation.report import About, new_folder, write_report
from segmentarium.services.evaluation.run import Outcome, evaluate
from segmentarium.services.evaluation.tables import (
    calibration_table,
    domain_iou_table,
    overall_table,
)
from segmentarium.services.evaluation.targets import Source, Target, jittered, spread
from segmentarium.settings import Settings
from segmentarium.storage.blobs import BlobStore

_out = Console(highlight=False)


def evaluate_engines(
    index: Annotated[
        Path | None,
        typer.Argument(
            metavar="[INDEX.json]", exists=True, dir_okay=False, help="Objects and their masks."
        ),
    ] = None,
    project: Annotated[
        str | None, typer.Option(help="Name or id of a project: its annotations are the truth.")
    ] = None,
    engines: Annotated[
        str, typer.Option(help="Names, comma-separated; all that start from a box unless told.")
    ] = "",
    option: Annotated[
        list[str] | None, typer.Option(help="ENGINE.NAME=VALUE; may be repeated.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many objects, spread over the domains.")
    ] = None,
    jitter: Annotated[
        float,
        typer.Option(min=0, max=0.5, help="How unsteady boxes are: σ as a share of their sides."),
    ] = 0.0,
    clicks: Annotated[
        int, typer.Option(min=0, max=100, help="Simulated corrections at most; 0 for none.")
    ] = 20,
    worst: Annotated[
        int, typer.Option(min=1, max=100, help="Answers of each engine on the sheet.")
    ] = 12,
    min_area: Annotated[
        int, typer.Option(min=0, help="Smaller annotations of the project are left out, pixels.")
    ] = 100,
    stuff: Annotated[bool, typer.Option("--stuff", help="The project's stuff as well.")] = False,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="No annotations that began as an engine's proposal.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The folder to make.")] = Path("evaluation"),
    force: Annotated[
        bool, typer.Option("--force", help="Write an earlier evaluation's folder anew.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Compare engines on objects whose masks are known: a table, a CSV file, a sheet of the worst."""
    if (index is None) == (project is None):
        raise Invalid("Name an index file or a --project, one of the two.")
    settings = settings_for(data)
    # Before anybody asks which engines can run here.
    use_networks(NetworkFolder(settings.networks_dir), settings.resolved_network_threads)
    names = [name.strip() for name in engines.split(",") if name.strip()]
    contenders = contenders_named(names, _options_by_engine(option or []))
    with remembered_interrupt() as raise_if_interrupted, new_folder(out, force=force) as folder:
        if index is not None:
            source = read_index(index)
        else:
            source = _of_project(str(project), Choice(min_area, stuff, by_hand), settings)
        targets = list(source.targets) if limit is None else spread(source.targets, limit)
        asked = [jittered(target, jitter) for target in targets] if jitter else targets
        raise_if_interrupted()
        outcomes = _with_progress(contenders, asked, clicks, raise_if_interrupted)
        write_report(folder, outcomes, About(source.title, jitter, clicks, source.notes), worst)
    for note in source.notes:
        _out.print(note, markup=False)
    for table in (overall_table(outcomes), domain_iou_table(outcomes), calibration_table(outcomes)):
        table.without_empty().print_on(_out)
    _out.print(f"{out}: {len(asked)} objects, {len(contenders)} engines.", markup=False)


def _of_project(name: str, choice: Choice, settings: Settings) -> Source:
    database = open_database(settings)
    try:
        with database.snapshot() as session:
            found = find_project(session, name)
            return read_project(session, BlobStore(settings.data_dir), found.id, found.name, choice)
    finally:
        database.close()


def _with_progress(
    contenders: Sequence[Contender],
    targets: Sequence[Target],
    clicks: int,
    raise_if_interrupted: Callable[[], None],
) -> list[Outcome]:
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_out, disable=not sys.stdout.isatty()) as progress:
        task = progress.add_task("Asking", total=len(targets) * len(contenders))

        def report(done: int, _all: int) -> None:
            raise_if_interrupted()
            progress.update(task, completed=done)

        return evaluate(contenders, targets, clicks, report)


def _options_by_engine(given: Sequence[str]) -> dict[str, dict[str, str]]:
    options: dict[str, dict[str, str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        engine, dot, option = name.partition(".")
        if not (equals and dot and engine and option):
            raise InvalidOption(f"--option takes ENGINE.NAME=VALUE, not {text!r}.")
        options.setdefault(engine, {})[option] = value
    return options
