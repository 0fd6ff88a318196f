"""What a full disk looks like, by whichever library ran into it."""

from __future__ import annotations

import errno
import os
import sqlite3

import psycopg
import pyvips
from sqlalchemy.exc import DBAPIError

from segmentarium.core.errors import StorageFull

# No room, a quota used up, and the longest file that this process or file system may write.
_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# SQLite calls only the first of these "full".
_SQLITE_CODES = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)
_RETRY_AFTER_S = 10


def as_storage_full(error: BaseException) -> StorageFull | None:
    """The error to tell of when this one says that there is no room; None when it says something else.

    >>> as_storage_full(OSError(errno.ENOSPC, "No space left on device")).slug
    'storage-full'
    >>> as_storage_full(OSError(errno.EACCES, "Permission denied")) is None
    True
    """
    if isinstance(error, StorageFull):
        return error
    if not _is_full(error):
        return None
    return StorageFull(
        "There is no room for what was to be stored, and nothing of it was. Free some space on the server's disk and "
        "send the same again.",
        retry_after_s=_RETRY_AFTER_S,
    )


def _is_full(error: BaseException) -> bool:
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in _SQLITE_CODES
    if isinstance(error, psycopg.Error):
        return isinstance(error, psycopg.errors.DiskFull)
    if isinstance(error, OSError):
        return error.errno in _ERRNOS
    if isinstance(error, pyvips.Error):
        # libvips hands on the system's words, not its number.
        return any(os.strerror(number) in str(error) for number in _ERRNOS)
    return False
