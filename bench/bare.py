"""The least that a server in the same framework can do: JSON in, one row kept, JSON out. Not checked, not modelled.

`python -m bench.bare FILE` serves it, with the rows in an SQLite file as durable as ours.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Body, FastAPI
from starlette.responses import JSONResponse

_kept: dict[str, Any] = {}


def open_durable(path: Path) -> sqlite3.Connection:
    """An SQLite file with one table, each commit on the disk before it returns."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, body TEXT)")
    return connection


def insert_row(connection: sqlite3.Connection, body: str) -> None:
    """One row, committed."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO kept (body) VALUES (?)", (body,))
    connection.execute("COMMIT")


def make_app(path: Path) -> FastAPI:
    """The application on an SQLite file."""
    connection = open_durable(path)
    app = FastAPI()

    @app.put("/kept/{name}")
    def keep(name: str, body: Annotated[Any, Body()]) -> JSONResponse:
        _kept[name] = body
        return JSONResponse({})

    @app.get("/kept/{name}")
    def answer(name: str) -> JSONResponse:
        return JSONResponse(_kept[name])

    @app.post("/rows")
    def insert(body: Annotated[Any, Body()]) -> JSONResponse:
        insert_row(connection, json.dumps(body))
        return JSONResponse(body)

    return app


def main() -> None:
    """Serve on a free port; the URL is printed."""
    app = make_app(Path(sys.argv[1]))
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
