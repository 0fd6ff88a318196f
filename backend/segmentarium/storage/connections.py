"""Kept connections to a database server: is the other end still there?"""

from __future__ import annotations

import selectors
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_FRESH_S = 1.0
_USED_AT = "used_at"


def ask_whether_alive(engine: Engine) -> None:
    """Have kept connections asked whether they still stand before they are used; those that do not are replaced.

    SQLAlchemy's `pool_pre_ping` asks each time, which is one more round trip for every request. Here it is left out
    where the connection was used a moment ago and the server has neither closed it nor sent anything since.
    """
    dialect = engine.dialect

    def note_time(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = time.monotonic()

    def ask(connection: Any, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        used_at = record.info.get(_USED_AT)
        if used_at is None:
            return  # just made
        if time.monotonic() - used_at < _FRESH_S and not _has_news(connection):
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", note_time)
    event.listen(engine, "checkout", ask)


def _has_news(connection: Any) -> bool:
    """Whether something waits to be read, the end of the connection included."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.fileno(), selectors.EVENT_READ)
        return bool(selector.select(timeout=0))
