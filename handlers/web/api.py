"""The JSON API: consultations for portals and other programs."""

import secrets
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Connection

from bot.desk.acts import Handled
from bot.desk.chains import rebuild
from bot.desk.inquiries import Inquiry, ReplyKind
from bot.store import events, outbox
from bot.store.consultations import Consultation
from bot.store.events import Event
from bot.store.outbox import Outgoing
from handlers.answers import answer_object
from handlers.sentences import SMALL_TALK
from handlers.web.bodies import (
    LONGEST_KEY,
    Choice,
    ConsultationGiven,
    ConsultationOpened,
    Escalation,
    FieldProblem,
    Message,
    Problem,
    Question,
    RatingGiven,
)
from handlers.web.front import Front, TheFront
from handlers.web.sentences import GREETING
from handlers.web.sessions import SHORTEST_KEY, new_session, session_in_cookie, session_of_key
from knowledge.text import to_traditional

TAG = "consultations"
DESCRIPTION = (
    "Ask, choose, rate, hand over to staff and look up. Every call after the first is authorised "
    "by the header `X-Retrieval-Code` or by the page's session cookie; an unknown receipt and a "
    "wrong code get the same 404, and five wrong codes lock the receipt for an hour."
)

_KEY = "Idempotency-Key"
_NAMES_REQUEST = "Names this request: sent again with the same text, it is not doubled."
IdempotencyKey = Annotated[
    str | None, Header(alias=_KEY, max_length=LONGEST_KEY, description=_NAMES_REQUEST)
]
OpeningKey = Annotated[
    str | None,
    Header(
        alias=_KEY,
        max_length=LONGEST_KEY,
        description=(
            f"{_NAMES_REQUEST} Without a `session` it also says who is asking, so it must then "
            f"have at least {SHORTEST_KEY} characters that nobody can guess (a random UUID, not "
            "a counter); a shorter one is refused with 422."
        ),
    ),
]
_Code = Annotated[
    str | None,
    Header(alias="X-Retrieval-Code", max_length=64, description="The consultation's four digits."),
]


def retrieval_code(x_retrieval_code: _Code = None) -> str | None:
    """The code as digits, however they were typed."""
    if not x_retrieval_code:
        return None
    return unicodedata.normalize("NFKC", x_retrieval_code).strip()


Code = Annotated[str | None, Depends(retrieval_code)]


def limited(request: Request, front: TheFront) -> None:
    """Count a request against its client's limit; a look-up too, since codes can be tried."""
    front.count(request, session=session_in_cookie(request, front.service.keys))


def build_router() -> APIRouter:
    """The routes under ``/api``."""
    router = APIRouter(
        prefix="/api/consultations",
        tags=[TAG],
        responses={
            422: {"model": FieldProblem, "description": "Something in the request is wrong"},
            429: {"model": Problem, "description": "Too many requests, or a locked receipt"},
            503: {"model": Problem, "description": "The store is away; nothing was written"},
        },
    )
    refused: dict[int | str, dict[str, Any]] = {
        404: {"model": Problem, "description": "Unknown receipt, or the code is wrong"},
        409: {"model": Problem, "description": "The consultation's state does not allow it"},
    }
    router.add_api_route(
        "",
        open_consultation,
        methods=["POST"],
        status_code=201,
        response_model=ConsultationOpened,
        summary="Ask a question",
        responses={
            200: {"model": ConsultationOpened, "description": "Came before: the first object"},
            409: {"model": Problem, "description": "The key came before with another text"},
        },
    )
    router.add_api_route(
        "/{receipt}",
        look_up,
        methods=["GET"],
        response_model=ConsultationGiven,
        dependencies=[Depends(limited)],
        summary="Look a consultation up",
        responses={404: refused[404]},
    )
    for name, endpoint, summary in (
        ("choice", choose, "Pick one of the offered choices"),
        ("rating", rate, "Rate a closed consultation"),
        ("escalation", escalate, "Ask for a person"),
        ("messages", add_message, "Say more in the same consultation"),
    ):
        router.add_api_route(
            "/{receipt}/" + name,
            endpoint,
            methods=["POST"],
            response_model=ConsultationGiven,
            dependencies=[Depends(limited)],
            summary=summary,
            responses=refused,
        )
    return router


async def open_consultation(
    body: Question,
    request: Request,
    response: Response,
    front: TheFront,
    idempotency_key: OpeningKey = None,
) -> dict[str, Any]:
    """Take in what a citizen says, and give what it came to.

    An answer is a passage of a guide in force, with its basis; there may be choices instead, or
    the consultation is now with the staff. It is a consultation, not an application.
    """
    keys = front.service.keys
    session = body.session or session_in_cookie(request, keys)
    front.count(request, session=session)
    if session is None:
        session = _session_of(idempotency_key, front)
    # With its length in front, no session and key read like another session and key.
    name = f"api:{len(session)}:{session}:{idempotency_key or secrets.token_urlsafe(16)}"
    handled = await front.desk.ask(front.inquiry(body.text, external_id=name, session=session))
    if handled.repeated:
        response.status_code = 200
    given = await _given(front, handled)
    code = keys.retrieval_code(handled.consultation.receipt)
    return given | {"session": session, "retrieval_code": code}


async def look_up(receipt: str, request: Request, front: TheFront, code: Code) -> dict[str, Any]:
    """The consultation as it now is, with everything said in it so far."""
    claim = front.claim(request, code=code)
    found = await front.desk.look_up(receipt, claim=claim, now=front.now())

    def read(connection: Connection) -> tuple[list[Event], list[Outgoing]]:
        return (
            events.of_consultation(connection, found.id),
            outbox.to_citizen(connection, found.id),
        )

    log, said = await front.service.database.read(read)
    deciding = next((event for event in reversed(log) if "decision" in event.facts), log[-1])
    because = tuple(item for item in said if item.event_id == deciding.id)
    return await _object(front, found, replies=because, log=log, said=said)


async def choose(
    receipt: str,
    body: Choice,
    request: Request,
    front: TheFront,
    code: Code,
    idempotency_key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Take one of the choices that were offered last, or "none"."""
    guide_id = None if body.guide_id == "none" else body.guide_id
    handled = await front.desk.choose(
        receipt,
        guide_id,
        claim=front.claim(request, code=code),
        inquiry=_act(front, f"{receipt}:choice:{body.guide_id}", "", key=idempotency_key),
    )
    return await _given(front, handled)


async def rate(
    receipt: str,
    body: RatingGiven,
    request: Request,
    front: TheFront,
    code: Code,
    idempotency_key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Keep how satisfied the citizen was; a closed consultation is rated once."""
    handled = await front.desk.rate(
        receipt,
        body.value,
        claim=front.claim(request, code=code),
        inquiry=_act(
            front, f"{receipt}:rating:{body.value}", body.reason or "", key=idempotency_key
        ),
    )
    return await _given(front, handled)


async def escalate(
    receipt: str,
    body: Escalation,
    request: Request,
    front: TheFront,
    code: Code,
    idempotency_key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Put the consultation into the staff's queue; once there, tell where it stands."""
    handled = await front.desk.act(
        "escalate",
        receipt,
        claim=front.claim(request, code=code),
        inquiry=_act(front, f"{receipt}:escalation", body.note or "", key=idempotency_key),
    )
    return await _given(front, handled)


async def add_message(
    receipt: str, body: Message, request: Request, front: TheFront, code: Code
) -> dict[str, Any]:
    """Say more in that very consultation, whatever it is about."""
    handled = await front.desk.add(
        receipt,
        claim=front.claim(request, code=code),
        inquiry=_act(front, f"{receipt}:message", body.text, key=body.idempotency_key),
    )
    return await _given(front, handled)


def _session_of(key: str | None, front: Front) -> str:
    """The session of who gave none: a retry with the same key is the same person.

    Raises RequestValidationError for a key so short that another person may use it as well.
    """
    if key is None:
        return new_session(front.service.keys)
    if len(key.strip()) < SHORTEST_KEY:
        raise RequestValidationError([{"loc": ("header", _KEY), "type": "guessable"}])
    return session_of_key(key, front.service.keys)


def _act(front: Front, name: str, text: str, *, key: str | None) -> Inquiry:
    """An act on a consultation; without a key each request is another one.

    The consultation says whose it is, not the session.
    """
    external_id = f"api:{name}:{key or secrets.token_urlsafe(16)}"
    return front.inquiry(text, external_id=external_id, session=name)


async def _given(front: Front, handled: Handled) -> dict[str, Any]:
    """The object of what just came in, or of what it came to when it first came."""
    front.meters.took_in(handled)
    event, consultation = handled.event, handled.consultation
    log = await front.service.database.read(
        lambda connection: events.of_consultation(connection, consultation.id)
    )
    until = [item for item in log if item.number <= event.number]
    row = rebuild(consultation.receipt, until)
    return await _object(front, row, replies=handled.replies, log=until, said=handled.replies)


async def _object(
    front: Front,
    row: Consultation,
    *,
    replies: Sequence[Outgoing],
    log: Sequence[Event],
    said: Sequence[Outgoing],
) -> dict[str, Any]:
    """The contract's object of ``row`` as ``log`` left it, and everything that was ``said``."""
    given = answer_object(row, log, replies, speaker=front.speaker, zone=front.service.office.zone)
    if given["next_step"] is not None:
        given["next_step"] = _without_buttons(given["next_step"])
    return given | {"replies": [await _said(front, item) for item in said]}


async def _said(front: Front, outgoing: Outgoing) -> dict[str, str]:
    text = None
    if outgoing.kind == ReplyKind.STAFF_REPLY:
        text = await front.service.database.read(
            lambda connection: events.words_of(connection, outgoing.event_id)
        )
    return {
        "kind": outgoing.kind,
        "at": front.local(outgoing.not_before).isoformat(timespec="seconds"),
        "text": _without_buttons(front.speaker.say(outgoing, text=text).plain()),
    }


def _without_buttons(text: str) -> str:
    """What is said to programs, which have no frequent questions below a greeting."""
    for convert in (str, to_traditional):
        text = text.replace(convert(SMALL_TALK["greeting"]), convert(GREETING))
    return text
