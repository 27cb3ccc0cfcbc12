"""The citizens' chat page: works with plain forms, and smoother with a script."""

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.desk.access import Claim
from bot.desk.acts import (
    ExpiredChoiceError,
    Handled,
    KeyReusedError,
    LockedError,
    NotAllowedError,
    UnknownConsultationError,
)
from bot.desk.inquiries import LONGEST_TEXT, Inquiry
from bot.desk.ratings import RATINGS
from handlers.web import conversation, sentences
from handlers.web.bodies import is_blank
from handlers.web.conversation import Matter
from handlers.web.front import Front, TheFront, address_of
from handlers.web.live import LivePage
from handlers.web.pages import LARGE, SIZE_COOKIE, page
from handlers.web.problems import explain
from handlers.web.sessions import (
    COOKIE,
    SHORTEST_KEY,
    new_session,
    session_in_cookie,
    session_of_key,
    set_cookie,
)

PLAIN_ACTS = {
    "solved": "solved",
    "unsolved": "unsolved",
    "withdraw": "withdraw",
    "escalate": "escalate",
    "status": "escalate",
}
"""What buttons do; who asks for staff while staff have the matter is told where it stands."""
OPENING_ACTS = frozenset({"guide", "staff"})
"""Buttons that concern nobody's consultation yet."""
WANTS_STAFF = "转人工"
"""What a citizen who presses that button before saying anything is taken to say."""
NOTICES = {"expired": sentences.EXPIRED_CHOICE, "refused": sentences.NOT_ALLOWED}
_BACK = ("/", "/find", "/privacy")
_YEAR = 365 * 24 * 3600

Field = Annotated[str, Form()]


def build_router() -> APIRouter:
    """The citizens' pages."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/", show, methods=["GET", "HEAD"])
    router.add_api_route("/conversation", show_piece, methods=["GET"])
    router.add_api_route("/ask", ask, methods=["POST"])
    router.add_api_route("/act", act, methods=["POST"])
    router.add_api_route("/find", show_find, methods=["GET"])
    router.add_api_route("/find", find, methods=["POST"])
    router.add_api_route("/size", choose_size, methods=["POST"])
    router.add_api_route("/leave", leave, methods=["POST"])
    router.add_api_route("/live", live, methods=["GET"])
    return router


async def show(request: Request, front: TheFront, notice: str = "") -> Response:
    """The page with this session's conversation; a new browser gets a session."""
    session = session_in_cookie(request, front.service.keys)
    response = await _conversation(
        request, front, session, values={"notice": NOTICES.get(notice, "")}
    )
    if session is None:
        set_cookie(response, request, new_session(front.service.keys))
    return response


async def show_piece(request: Request, front: TheFront) -> Response:
    """The conversation alone, for the script."""
    session = session_in_cookie(request, front.service.keys)
    return await _conversation(request, front, session, template="_conversation.html")


async def ask(request: Request, front: TheFront, text: Field = "", key: Field = "") -> Response:
    """Take in what the citizen wrote. The same form sent again writes nothing."""
    known = session_in_cookie(request, front.service.keys)
    session = known or _session_of(key, front)
    problem = _problem_with(text)
    if problem is not None:
        values = {"notice": problem, "draft": text, "about_draft": True}
        return await _conversation(request, front, session, values=values, status=422)
    front.count(request, session=known)
    # Going back, changing the words and sending again is another message, not a conflict.
    once = key[:64] or secrets.token_urlsafe(16)
    name = f"chat:{once}:{hashlib.sha256(text.encode()).hexdigest()}"
    handled = await front.desk.ask(front.inquiry(text, external_id=name, session=session))
    front.meters.took_in(handled)
    return await _after(request, front, session, known=known is not None)


async def act(
    request: Request,
    front: TheFront,
    do: Field = "",
    receipt: Field = "",
    version: Field = "",
    code: Field = "",
) -> Response:
    """Do what a button under a reply says. A second press of the same one does nothing more."""
    known = session_in_cookie(request, front.service.keys)
    session = known or _session_of(version, front)
    front.count(request, session=known)
    kind, _, value = do.partition(":")
    try:
        if kind in OPENING_ACTS:
            handled = await _open(front, kind, value, session=session, version=version)
        else:
            claim = front.claim(request, code=code or None)
            inquiry = front.inquiry("", external_id=_once(receipt, version, do), session=session)
            handled = await _do(front, kind, value, receipt=receipt, claim=claim, inquiry=inquiry)
    except (ExpiredChoiceError, NotAllowedError, KeyReusedError) as error:
        notice = "expired" if isinstance(error, ExpiredChoiceError) else "refused"
        if code and kind not in OPENING_ACTS:
            return await _found(request, front, receipt, code=code, notice=NOTICES[notice])
        return await _after(request, front, session, known=known is not None, notice=notice)
    front.meters.took_in(handled)
    if code and kind not in OPENING_ACTS:
        return await _found(request, front, receipt, code=code)
    return await _after(request, front, session, known=known is not None)


async def show_find(request: Request) -> Response:
    """The form in which a receipt number and its code are typed."""
    return page(request, "find.html", _no_conversation() | {"receipt": ""})


async def find(
    request: Request, front: TheFront, receipt: Field = "", code: Field = ""
) -> Response:
    """Show one consultation to who has its number and code. Neither ever stands in an address."""
    front.count(request, session=session_in_cookie(request, front.service.keys))
    typed = unicodedata.normalize("NFKC", code).strip()
    try:
        return await _found(request, front, receipt, code=typed)
    except (UnknownConsultationError, LockedError) as error:
        status, sentence = explain(error, request)
        values = _no_conversation() | {"receipt": receipt, "notice": sentence}
        return page(request, "find.html", values, status=status)


async def choose_size(size: Field = "", back: Field = "/") -> Response:
    """Remember whether this reader wants large print."""
    where = back if back in _BACK else "/"
    response = RedirectResponse("/#latest" if where == "/" else where, status_code=303)
    if size == LARGE:
        response.set_cookie(SIZE_COOKIE, LARGE, max_age=_YEAR, samesite="lax", httponly=True)
    else:
        response.delete_cookie(SIZE_COOKIE)
    return response


async def leave() -> Response:
    """Forget the session on this computer; receipt and code still find the consultations."""
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(COOKIE)
    return response


async def live(request: Request, front: TheFront, seen: str = "") -> Response:
    """Server-sent events that tell the session's page when there is something new."""
    session = session_in_cookie(request, front.service.keys)
    if session is None:
        # 204 ends a browser's attempts to connect again.
        return Response(status_code=204)
    leave = front.watch.places.take(session=session, address=address_of(request))
    if leave is None:
        # The page's script then looks by itself, seldom.
        return Response(status_code=429, headers={"Retry-After": "60"})
    look = partial(
        front.service.database.read,
        partial(conversation.version_of_asker, asker=front.asker(session)),
    )
    return LivePage(
        front.watch.stream(look, seen=request.headers.get("last-event-id") or seen), leave=leave
    )


async def _open(front: Front, kind: str, value: str, *, session: str, version: str) -> Handled:
    """A guide from a list, or a person asked for before anything was said."""
    name = _once(session, version, f"{kind}:{value}")
    if kind == "guide":
        inquiry = front.inquiry("", external_id=name, session=session)
        return await front.desk.open_guide(value, inquiry=inquiry)
    return await front.desk.ask(front.inquiry(WANTS_STAFF, external_id=name, session=session))


async def _do(
    front: Front, kind: str, value: str, *, receipt: str, claim: Claim, inquiry: Inquiry
) -> Handled:
    """An act on a consultation that the claim must open."""
    if kind == "choose":
        guide_id = None if value == "none" else value
        return await front.desk.choose(receipt, guide_id, claim=claim, inquiry=inquiry)
    if kind == "rate" and value in RATINGS:
        return await front.desk.rate(receipt, value, claim=claim, inquiry=inquiry)
    plain = PLAIN_ACTS.get(kind)
    if plain is None:
        raise ExpiredChoiceError
    return await front.desk.act(plain, receipt, claim=claim, inquiry=inquiry)


def _once(owner: str, version: str, do: str) -> str:
    """What names a press of a button: the same on the same version of the page is the same."""
    return f"act:{owner[:128]}:{version[:64] or secrets.token_urlsafe(16)}:{do[:64]}"


def _session_of(key: str, front: Front) -> str:
    """The session of a browser without a cookie: a form sent twice has the same one."""
    keys = front.service.keys
    return session_of_key(key, keys) if len(key) >= SHORTEST_KEY else new_session(keys)


async def _after(
    request: Request, front: Front, session: str, *, known: bool, notice: str = ""
) -> Response:
    """What is shown once something was taken in, or refused.

    A browser is sent to the page, so that loading it again sends nothing again; one that brought
    no cookie (it may keep none) is shown the page at once.
    """
    if known and not _wants_piece(request):
        query = f"?notice={notice}" if notice else ""
        return RedirectResponse(f"/{query}#latest", status_code=303)
    values = {"notice": NOTICES.get(notice, "")}
    response = await _conversation(request, front, session, values=values)
    if not known:
        set_cookie(response, request, session)
    return response


async def _found(
    request: Request, front: Front, receipt: str, *, code: str, notice: str = ""
) -> Response:
    """The page of one consultation for who has its number and code."""
    claim = front.claim(request, code=code)
    found = await front.desk.look_up(receipt, claim=claim, now=front.now())
    matters = await front.service.database.read(
        partial(conversation.of_consultation, consultation_id=found.id)
    )
    shown = {
        "turns": conversation.turns(front, matters, code=code),
        "version": "",
        "notice": notice,
        "receipt": "",
    }
    return page(request, "find.html", shown)


async def _conversation(
    request: Request,
    front: Front,
    session: str | None,
    *,
    values: Mapping[str, Any] | None = None,
    status: int = 200,
    template: str = "chat.html",
) -> Response:
    matters: list[Matter] = []
    if session is not None:
        matters = await front.service.database.read(
            partial(conversation.of_asker, asker=front.asker(session))
        )
    if _wants_piece(request):
        template = "_conversation.html"
    return _page_of(request, front, matters, values=values or {}, status=status, template=template)


def _page_of(
    request: Request,
    front: Front,
    matters: list[Matter],
    *,
    values: Mapping[str, Any],
    status: int = 200,
    template: str = "chat.html",
) -> Response:
    shown = {
        "turns": conversation.turns(front, matters),
        "version": conversation.version(item.consultation for item in matters),
        "frequent": front.speaker.frequent(),
        "key": secrets.token_urlsafe(16),
        "longest": LONGEST_TEXT,
        "notice": "",
        "draft": "",
        "about_draft": False,
    }
    return page(request, template, shown | dict(values), status=status)


def _problem_with(text: str) -> str | None:
    if is_blank(text):
        return sentences.BLANK
    return sentences.TOO_LONG if len(text) > LONGEST_TEXT else None


def _wants_piece(request: Request) -> bool:
    """Whether the page's script asks, which puts the conversation into the page it has."""
    return request.headers.get("x-piece") == "1"


def _no_conversation() -> dict[str, Any]:
    return {"turns": [], "version": "", "notice": ""}
