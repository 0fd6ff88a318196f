"""A throw-away PostgreSQL cluster for the tests, one for a whole run.

The first test that asks starts it; xdist's workers share it through a folder guarded by a lock; the
process that started the run stops and removes it. It listens on a socket in that folder only.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.programs import find_postgres

TEMPLATE = "migrated_template"
# Durability off: the data is gone in a minute. C sorts by code point, as SQLite does.
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
"""


@dataclass(frozen=True)
class Cluster:
    """A running server; the folder holds its data, socket and log."""

    folder: Path

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder / 'socket'}"

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection]:
        """A connection outside any transaction, for CREATE DATABASE."""
        with psycopg.connect(
            host=str(self.folder / "socket"), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            yield connection

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a fresh database, dropped at the end."""
        name = f"test_{uuid.uuid4().hex}"
        with self.admin() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        try:
            yield self.url(name)
        finally:
            with self.admin() as connection:
                connection.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                )

    def migrated_template(self, migrate: Callable[[str], None]) -> str:
        """The name of a migrated database to copy; made by whoever asks first."""
        done = self.folder / "migrated"
        with locked(self.folder):
            if not done.exists():
                with self.admin() as connection:
                    connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
                    connection.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
                migrate(self.url(TEMPLATE))
                done.touch()
        return TEMPLATE


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock among the workers of this run."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def start_cluster(folder: Path) -> Cluster | None:
    """Start the run's server unless it runs already; None where PostgreSQL is not installed."""
    programs = find_postgres()
    if programs is None:
        return None
    data, socket = folder / "data", folder / "socket"
    with locked(folder):
        if not (folder / "started").exists():
            for path in (data, socket):
                shutil.rmtree(path, ignore_errors=True)
                path.mkdir(mode=0o700)
            # PostgreSQL refuses to run as root.
            if user := unprivileged_user():
                folder.chmod(0o711)
                for path in (data, socket):
                    shutil.chown(path, user)

            def run(*command: str) -> None:
                # Output goes to a file: the server inherits it, and a pipe would never close.
                log = folder / "log"
                with log.open("a") as output:
                    done = subprocess.run(
                        command, cwd=folder, user=user, stdout=output, stderr=output, check=False
                    )
                if done.returncode != 0:
                    raise RuntimeError(f"{command[0]} failed:\n{log.read_text()}")

            run(
                str(programs / "initdb"),
                f"--pgdata={data}",
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
                "--no-instructions",
            )
            with (data / "postgresql.conf").open("a") as file:
                file.write(CONFIGURATION.format(socket=socket))
            run(str(programs / "pg_ctl"), f"--pgdata={data}", "--wait", "start")
            (folder / "started").touch()
    return Cluster(folder)


def stop_cluster(folder: Path) -> None:
    """Stop the run's server if it was started, and remove the folder."""
    pid_file = folder / "data" / "postmaster.pid"
    if pid_file.exists():
        pid = int(pid_file.read_text().split()[0])
        # Immediate: there is nothing worth writing out.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + 10
        while pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


def unprivileged_user() -> str | None:
    """Whom to run the server as when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
