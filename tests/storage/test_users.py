import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import get_args

import pytest
from sqlalchemy import select, update

from segmentarium.core.errors import NotFound, SignInTokenInvalid
from segmentarium.storage.database import Database
from segmentarium.storage.tables import SessionRow, utc_now
from segmentarium.storage.users import (
    LIFETIMES,
    SecretKind,
    User,
    ensure_user,
    find_user,
    issue_secret,
    redeem_sign_in,
    revoke_secret,
    user_of_secret,
)

KINDS: tuple[SecretKind, ...] = get_args(SecretKind)
OTHER_KINDS = [(kind, other) for kind in KINDS for other in KINDS if kind != other]


@pytest.fixture
def issued(database: Database, owner: User) -> dict[SecretKind, str]:
    """A secret of each kind."""
    with database.write() as session:
        return {kind: issue_secret(session, owner, kind) for kind in KINDS}


@pytest.fixture
def out_of_date(database: Database, issued: dict[SecretKind, str]) -> dict[SecretKind, str]:
    """Secrets whose time ended a second ago."""
    with database.write() as session:
        session.execute(update(SessionRow).values(expires_at=utc_now() - timedelta(seconds=1)))
    return issued


def test_a_user_of_the_same_name_is_the_same_user(database: Database, owner: User) -> None:
    with database.write() as session:
        assert ensure_user(session, "ada") == owner


def test_users_of_other_names_are_others(database: Database, owner: User) -> None:
    with database.write() as session:
        assert ensure_user(session, "grace").id != owner.id


def test_a_user_is_found_by_name(database: Database, owner: User) -> None:
    with database.read() as session:
        assert find_user(session, "ada") == owner


def test_an_unknown_name_is_not_found(database: Database) -> None:
    with database.read() as session, pytest.raises(NotFound, match="'nobody'"):
        find_user(session, "nobody")


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_stands_for_its_user(
    database: Database, owner: User, issued: dict[SecretKind, str], kind: SecretKind
) -> None:
    with database.read() as session:
        assert user_of_secret(session, issued[kind], kind) == owner


@pytest.mark.parametrize(("kind", "other"), OTHER_KINDS)
def test_a_secret_is_good_for_its_own_kind_only(
    database: Database, issued: dict[SecretKind, str], kind: SecretKind, other: SecretKind
) -> None:
    with database.read() as session:
        assert user_of_secret(session, issued[kind], other) is None


def test_an_unknown_secret_stands_for_nobody(
    database: Database, issued: dict[SecretKind, str]
) -> None:
    with database.read() as session:
        assert user_of_secret(session, issued["token"][:-1], "token") is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_out_of_date_stands_for_nobody(
    database: Database, out_of_date: dict[SecretKind, str], kind: SecretKind
) -> None:
    with database.read() as session:
        assert user_of_secret(session, out_of_date[kind], kind) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_ends_when_its_lifetime_is_over(
    database: Database, issued: dict[SecretKind, str], kind: SecretKind
) -> None:
    with database.read() as session:
        row = session.scalars(select(SessionRow).where(SessionRow.kind == kind)).one()
    lifetime = row.expires_at - row.created_at
    assert abs(lifetime - LIFETIMES[kind]) < timedelta(minutes=1)


@pytest.mark.usefixtures("issued")
def test_only_hashes_of_secrets_are_stored(
    database: Database, issued: dict[SecretKind, str]
) -> None:
    with database.read() as session:
        rows = session.execute(select(SessionRow.__table__)).all()
    stored = {str(value) for row in rows for value in row}
    hashes = {hashlib.sha256(secret.encode()).hexdigest() for secret in issued.values()}
    assert hashes <= stored
    assert not any(secret in value for secret in issued.values() for value in stored)


def test_a_sign_in_token_gives_its_user(
    database: Database, owner: User, issued: dict[SecretKind, str]
) -> None:
    with database.write() as session:
        assert redeem_sign_in(session, issued["sign_in"]) == owner


def test_a_sign_in_token_works_once(database: Database, issued: dict[SecretKind, str]) -> None:
    with database.write() as session:
        redeem_sign_in(session, issued["sign_in"])
    with database.write() as session, pytest.raises(SignInTokenInvalid):
        redeem_sign_in(session, issued["sign_in"])


def test_a_sign_in_token_works_for_one_of_two_at_once(
    database: Database, issued: dict[SecretKind, str]
) -> None:
    barrier = Barrier(2)

    def redeem() -> bool:
        barrier.wait()
        try:
            with database.write() as session:
                redeem_sign_in(session, issued["sign_in"])
        except SignInTokenInvalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        redeemed = [future.result() for future in [pool.submit(redeem) for _ in range(2)]]
    assert sorted(redeemed) == [False, True]


def test_a_sign_in_token_out_of_date_is_refused(
    database: Database, out_of_date: dict[SecretKind, str]
) -> None:
    with database.write() as session, pytest.raises(SignInTokenInvalid):
        redeem_sign_in(session, out_of_date["sign_in"])


@pytest.mark.parametrize("kind", ["browser", "token"])
def test_another_secret_is_no_sign_in_token(
    database: Database, issued: dict[SecretKind, str], kind: SecretKind
) -> None:
    with database.write() as session, pytest.raises(SignInTokenInvalid):
        redeem_sign_in(session, issued[kind])


def test_signing_in_removes_secrets_out_of_date(
    database: Database, owner: User, out_of_date: dict[SecretKind, str]
) -> None:
    with database.write() as session:
        redeem_sign_in(session, issue_secret(session, owner, "sign_in"))
    with database.read() as session:
        assert session.scalars(select(SessionRow)).all() == []


def test_a_revoked_secret_stands_for_nobody(
    database: Database, issued: dict[SecretKind, str]
) -> None:
    with database.write() as session:
        assert revoke_secret(session, issued["browser"])
    with database.read() as session:
        assert user_of_secret(session, issued["browser"], "browser") is None


def test_revoking_an_unknown_secret_tells_that_there_was_none(database: Database) -> None:
    with database.write() as session:
        assert not revoke_secret(session, "unknown")
