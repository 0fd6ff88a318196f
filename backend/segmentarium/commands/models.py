"""`segmentarium models`: list, add and remove the networks that engines run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from segmentarium.commands.data_folder import DataOption, settings_for
from segmentarium.core.errors import NetworkRefused
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.networks import add_network

models = typer.Typer(no_args_is_help=True, help="Networks that engines run.")

_out = Console(highlight=False, soft_wrap=True)


@models.command("list")
def list_models(
    verify: Annotated[
        bool, typer.Option(help="Read every file and compare it with its digest.")
    ] = False,
    data: DataOption = None,
) -> None:
    """List the installed networks."""
    networks = _folder(data)
    faults = dict(networks.broken())
    table = Table("name", "engine", "architecture", "MB", "licence", "source", "added", box=None)
    for network in networks.installed():
        about = network.manifest
        if verify:
            try:
                network.verify()
            except NetworkRefused as error:
                faults[network.name] = error.detail
        row = (network.name, about.kind, about.architecture, f"{network.bytes / 1e6:,.1f}")
        rest = (about.licence, about.source, f"{about.added_at:%Y-%m-%d}")
        table.add_row(*(escape(cell) for cell in (*row, *rest)))
    if table.row_count:
        _out.print(table)
    elif not faults:
        _out.print("No network is installed: segmentarium models add facebook/sam2.1-hiera-tiny")
    for name, fault in faults.items():
        _out.print(f"DAMAGED {name}: {fault}", markup=False)
    if faults:
        raise typer.Exit(1)


@models.command("add")
def add_model(
    source: Annotated[
        str, typer.Argument(help="A checkpoint's folder, an ONNX file, or a hub id OWNER/NAME.")
    ],
    name: Annotated[str | None, typer.Option(help="To list and choose it under.")] = None,
    licence: Annotated[str | None, typer.Option(help="Of the weights, if it is not said.")] = None,
    allow_pickle: Annotated[
        bool, typer.Option("--allow-pickle", help="Take weights that are not safetensors, too.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Install a network: fetched or copied, checked, and kept with the digests of its files."""
    networks = _folder(data)
    networks.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    added = add_network(networks, source, name=name, licence=licence, allows_pickle=allow_pickle)
    about = added.manifest
    _out.print(
        f"{added.name}: {about.architecture}, {added.bytes / 1e6:,.1f} MB, licence {about.licence};"
        f" for the engine {about.kind}.",
        markup=False,
    )


@models.command("remove")
def remove_model(name: str, data: DataOption = None) -> None:
    """Remove an installed network."""
    _folder(data).remove(name)
    _out.print(f"{name} removed.", markup=False)


def _folder(data: Path | None) -> NetworkFolder:
    return NetworkFolder(settings_for(data).networks_dir)
