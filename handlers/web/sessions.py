"""Sessions: the unguessable words by which a citizen's browser or a portal is known again."""

import hmac
import secrets

from fastapi import Request, Response

from bot.desk.keys import Keys

COOKIE = "zixun_session"
LONGEST_SESSION = 128
SHORTEST_KEY = 16
"""A key that stands for a person must be as long as what nobody guesses."""


def new_session(keys: Keys) -> str:
    """A session nobody can guess, marked as one that this service gave out."""
    return _marked(secrets.token_urlsafe(24), keys)


def session_of_key(idempotency_key: str, keys: Keys) -> str:
    """The session of a request that has only an Idempotency-Key: a retry gets the same one."""
    return _marked(keys.hash("session_of_key", idempotency_key).hex()[:32], keys)


def is_issued(session: str, keys: Keys) -> bool:
    """Whether this service gave it out; a cookie counts only then."""
    body, _, _ = session.rpartition(".")
    return bool(body) and hmac.compare_digest(_marked(body, keys).encode(), session.encode())


def asker_name(session: str, keys: Keys) -> str:
    """What the desk knows the session's asker as.

    A session that a portal chose itself lives apart from those given out here: whoever puts such
    a word into a browser's cookie sees nothing.
    """
    return session if is_issued(session, keys) else f"chosen:{session}"


def session_in_cookie(request: Request, keys: Keys) -> str | None:
    """The browser's session, or None without a valid cookie."""
    session = request.cookies.get(COOKIE, "")
    return session if is_issued(session, keys) else None


def set_cookie(response: Response, request: Request, session: str) -> None:
    """Let the browser keep the session until it is closed: many use a shared computer."""
    response.set_cookie(
        COOKIE,
        session,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


def _marked(body: str, keys: Keys) -> str:
    return f"{body}.{keys.hash('session', body).hex()[:16]}"
