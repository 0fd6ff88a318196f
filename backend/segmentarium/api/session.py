"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from segmentarium.api.deps import Context, CurrentUser, DbSession
from segmentarium.api.guard import session_secret
from segmentarium.api.schemas import SessionAnswer, SignIn
from segmentarium.storage.users import (
    LIFETIMES,
    User,
    instance_id,
    issue_secret,
    redeem_sign_in,
    revoke_secret,
)

router = APIRouter(prefix="/session", tags=["session"])


@router.post("")
def sign_in(
    body: SignIn, response: Response, session: DbSession, context: Context
) -> SessionAnswer:
    """Exchange the one-time token of a sign-in URL for a session cookie."""
    user = redeem_sign_in(session, body.token)
    response.set_cookie(
        context.session_cookie,
        issue_secret(session, user, "browser"),
        max_age=int(LIFETIMES["browser"].total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=context.settings.secure_cookie,
    )
    return _answer(session, user)


@router.get("")
def who_am_i(user: CurrentUser, session: DbSession) -> SessionAnswer:
    """Who is signed in."""
    return _answer(session, user)


@router.delete("", status_code=204)
def sign_out(request: Request, response: Response, session: DbSession, context: Context) -> None:
    """End the browser's session."""
    secret = session_secret(request.headers, context.session_cookie)
    if secret:
        revoke_secret(session, secret)
    response.delete_cookie(context.session_cookie, path="/")


def _answer(session: Session, user: User) -> SessionAnswer:
    return SessionAnswer(id=user.id, name=user.name, instance=instance_id(session))
