"""The command line: serve, import, export, convert, evaluate-engines, models, user, doctor, openapi."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from alembic.util.exc import CommandError
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from segmentarium import __version__
from segmentarium.commands.data_folder import (
    DataOption,
    open_database,
    settings_for,
    upload_limits,
)
from segmentarium.commands.datasets import convert, export, imports
from segmentarium.commands.evaluate import evaluate_engines
from segmentarium.commands.models import models
from segmentarium.core.errors import AppError
from segmentarium.main import create_app
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.doctor import examine
from segmentarium.services.samples import create_sample_project, store_sample_images
from segmentarium.settings import Settings
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.projects import has_projects
from segmentarium.storage.users import User, ensure_user, find_user, issue_secret

_LISTENING = "listening.json"


class _Commands(typer.core.TyperGroup):
    """Commands whose expected errors are one line on standard error."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AppError as error:
            _fail(error.detail)
        except OperationalError as error:
            _fail(f"The database cannot be reached: {str(error.orig).splitlines()[0]}")
        except DatabaseError as error:
            if type(error) is not DatabaseError:
                raise
            _fail(f"The database is damaged ({error.orig}). `segmentarium doctor` says what to do.")
        except CommandError as error:
            _fail(f"The database is of a newer version; upgrade Segmentarium ({error}).")
        except OSError as error:
            _fail(f"{error.filename or 'A file'}: {error.strerror or error}")


app = typer.Typer(
    cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
users = typer.Typer(no_args_is_help=True, help="Users and their secrets.")
app.add_typer(imports, name="import")
app.add_typer(users, name="user")
app.command()(export)
app.command()(convert)
app.command()(evaluate_engines)
app.add_typer(models, name="models")

_out = Console(highlight=False, soft_wrap=True)


@app.callback()
def main() -> None:
    """Segmentarium: image segmentation annotation."""


@app.command()
def serve(
    data: DataOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = None,
    sample: Annotated[
        bool, typer.Option(help="Make a sample project when there is no project.")
    ] = False,
    browser: Annotated[bool, typer.Option(help="Open a browser when run in a terminal.")] = True,
) -> None:
    """Serve the tool; prints a sign-in URL that works once."""
    settings = settings_for(data, host=host, port=port)
    database = open_database(settings)
    with database.write() as session:
        owner = ensure_user(session, settings.owner)
        is_first = not has_projects(session)
    if sample and is_first:
        images = store_sample_images(BlobStore(settings.data_dir), upload_limits(settings))
        with database.write() as session:
            create_sample_project(session, owner, images)
    listening = _listen(settings.host, settings.port)
    with database.write() as session:
        secret = issue_secret(session, owner, "sign_in")
    database.close()
    port = listening.getsockname()[1]
    url = _sign_in_url(settings.host, port, secret)
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    # What the start made stays for good. The garbage collector would look through it again and again, a tenth of a
    # second each time, during which every request waits.
    gc.freeze()
    # uvicorn raises the signal that ended it once more; its default would end the process on the spot.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with _told(settings, port):
        _out.print(f"Segmentarium {__version__}. Data: {settings.data_dir}", markup=False)
        _out.print(f"Sign in (works once, within an hour): {url}")
        _out.print("Stop with Ctrl-C.")
        if browser and sys.stdout.isatty():
            webbrowser.open(url)
        uvicorn.Server(config).run(sockets=[listening])


@app.command()
def doctor(data: DataOption = None) -> None:
    """Check the installation and say what to do about what is wrong."""
    settings = settings_for(data)
    sick = 0
    checks = examine(
        settings.data_dir,
        settings.resolved_database_url,
        settings.frontend_dir,
        NetworkFolder(settings.networks_dir),
        settings.resolved_network_threads,
    )
    for check in checks:
        sick += not check.is_well
        mark = "[green]ok  [/green]" if check.is_well else "[red]FAIL[/red]"
        _out.print(f"{mark} {escape(check.name)}: {escape(check.found)}")
        if check.remedy:
            _out.print(f"     → {check.remedy}", markup=False)
    if sick:
        raise typer.Exit(1)


@users.command("sign-in-url")
def sign_in_url(name: str | None = None, data: DataOption = None, port: int | None = None) -> None:
    """Print a new sign-in URL for the running server."""
    settings = settings_for(data)
    host, running_port = _running(settings)
    with open_database(settings).write() as session:
        secret = issue_secret(session, _user(session, settings, name), "sign_in")
    _out.print(_sign_in_url(host, running_port if port is None else port, secret))


@users.command("token")
def token(name: str | None = None, data: DataOption = None) -> None:
    """Print a new API token, for `Authorization: Bearer TOKEN`; good for a year."""
    settings = settings_for(data)
    with open_database(settings).write() as session:
        secret = issue_secret(session, _user(session, settings, name), "token")
    _out.print(secret)


@app.command()
def openapi() -> None:
    """Print the API's contract (OpenAPI, JSON). Needs no database."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        typer.echo(json.dumps(create_app(settings).openapi(), indent=1, sort_keys=True))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        _fail(
            f"Cannot listen on {host}:{port} ({error.strerror}). Choose another with --port, or 0 for a free one."
        )
    return listening


@contextmanager
def _told(settings: Settings, port: int) -> Iterator[None]:
    """Where the server listens is written into its data folder as long as it runs, for other commands."""
    path = settings.data_dir / _LISTENING
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps({"host": settings.host, "port": port}))
    partial.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _running(settings: Settings) -> tuple[str, int]:
    """Host and port of the running server; those of the settings when none says where it is."""
    try:
        told = json.loads((settings.data_dir / _LISTENING).read_text())
        return str(told["host"]), int(told["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return settings.host, settings.port


def _sign_in_url(host: str, port: int, secret: str) -> str:
    """What a browser on this machine can open, whatever the server listens on."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
    return (
        f"http://[{shown}]:{port}/sign-in#{secret}"
        if ":" in shown
        else f"http://{shown}:{port}/sign-in#{secret}"
    )


def _user(session: Session, settings: Settings, name: str | None) -> User:
    return ensure_user(session, settings.owner) if name is None else find_user(session, name)


def _fail(message: str) -> NoReturn:
    typer.echo(f"segmentarium: {message}", err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
