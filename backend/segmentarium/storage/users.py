"""Users and their secrets: one-time sign-in tokens, browser sessions, API tokens. Only hashes are stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from segmentarium.core.errors import NotFound, SignInTokenInvalid
from segmentarium.storage.tables import InstanceRow, SessionRow, UserRow, utc_now

SecretKind: TypeAlias = Literal["browser", "token", "sign_in"]

LIFETIMES: dict[SecretKind, timedelta] = {
    "browser": timedelta(days=30),
    "token": timedelta(days=365),
    "sign_in": timedelta(hours=1),
}


# Every request asks this. It is made once, as making a statement costs more than running it does; and of tables, as
# the ORM's bookkeeping is not needed.
_USER = UserRow.metadata.tables["user"]
_SESSION = UserRow.metadata.tables["session"]
_USER_OF_SECRET = (
    select(_USER.c.id, _USER.c.name)
    .join(_SESSION, _SESSION.c.user_id == _USER.c.id)
    .where(
        _SESSION.c.token_hash == bindparam("token_hash"),
        _SESSION.c.kind == bindparam("kind"),
        _SESSION.c.expires_at > bindparam("now"),
    )
)


@dataclass(frozen=True, slots=True)
class User:
    """Who asks."""

    id: int
    name: str


def instance_id(session: Session) -> UUID:
    """What tells this database from any other."""
    return session.scalars(select(InstanceRow.id)).one()


def ensure_user(session: Session, name: str) -> User:
    """The user of that name, made if there is none."""
    row = session.scalar(select(UserRow).where(UserRow.name == name))
    if row is None:
        row = UserRow(name=name)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # somebody made it a moment ago
            return find_user(session, name)
    return User(row.id, row.name)


def find_user(session: Session, name: str) -> User:
    """The user of that name.

    Raises:
        NotFound: there is none.
    """
    row = session.scalar(select(UserRow).where(UserRow.name == name))
    if row is None:
        raise NotFound(f"There is no user {name!r}.")
    return User(row.id, row.name)


def issue_secret(session: Session, user: User, kind: SecretKind) -> str:
    """A new secret (URL-safe, 256 bits) for a user."""
    secret = secrets.token_urlsafe(32)
    session.add(
        SessionRow(
            user_id=user.id,
            kind=kind,
            token_hash=_hash(secret),
            expires_at=utc_now() + LIFETIMES[kind],
        )
    )
    return secret


def user_of_secret(connection: Session | Connection, secret: str, kind: SecretKind) -> User | None:
    """Whom a secret stands for; None when it is unknown, of another kind, or out of date."""
    given = {"token_hash": _hash(secret), "kind": kind, "now": utc_now()}
    row = connection.execute(_USER_OF_SECRET, given).one_or_none()
    return User(row.id, row.name) if row else None


def redeem_sign_in(session: Session, secret: str) -> User:
    """Use a sign-in token up.

    Raises:
        SignInTokenInvalid: it is unknown, used, or out of date.
    """
    user = user_of_secret(session, secret, "sign_in")
    # The delete decides: of two requests with one token, only one finds the row still there.
    if user is None or not revoke_secret(session, secret):
        raise SignInTokenInvalid(
            "This sign-in link was used already or is out of date. "
            "`segmentarium user sign-in-url` prints a new one."
        )
    session.execute(delete(SessionRow).where(SessionRow.expires_at < utc_now()))
    return user


def revoke_secret(session: Session, secret: str) -> bool:
    """End a secret; whether there was one."""
    result = session.execute(
        delete(SessionRow).where(SessionRow.token_hash == _hash(secret)).returning(SessionRow.id)
    )
    return result.one_or_none() is not None


def _hash(secret: str) -> str:
    # The secret has 256 random bits: a plain hash is enough, there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
