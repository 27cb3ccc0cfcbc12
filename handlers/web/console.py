"""The staff's console: what is in hand, and one consultation with all that happened in it."""

import csv
import io
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from bot.desk.inquiries import ReplyKind
from bot.desk.receipts import parse_receipt, show_receipt
from bot.desk.staffing import ROLES, SESSION_LIVES
from bot.store import consultations, overview
from bot.store.events import Event
from bot.store.overview import InHand
from bot.store.staff import Member
from handlers.web import conversation
from handlers.web.conversation import Matter
from handlers.web.front import Front, TheFront
from handlers.web.labels import DECISIONS, actor_label, event_label, state_label
from handlers.web.pages import page
from knowledge.explanation import for_staff, from_log
from knowledge.text import to_traditional

COOKIE = "zixun_staff"
_BYTE_ORDER_MARK = "\ufeff"
"""Excel reads a csv as UTF-8 only with this in front."""
_CODE_LABELS = ("查询码", to_traditional("查询码"))


class NotSignedInError(Exception):
    """Nobody of the staff is signed in here."""


async def signed_in(request: Request, front: TheFront) -> Member:
    """Whoever of the staff sent this request; raises NotSignedInError."""
    session = request.cookies.get(COOKIE)
    member = None
    if session:
        member = await front.service.staffing.signed_in(session, now=front.now())
    if member is None:
        raise NotSignedInError
    return member


TheMember = Annotated[Member, Depends(signed_in)]


def build_router() -> APIRouter:
    """The pages under ``/console``."""
    router = APIRouter(prefix="/console", include_in_schema=False)
    router.add_api_route("", show, methods=["GET"])
    router.add_api_route("/open.csv", download, methods=["GET"])
    router.add_api_route("/consultations/{receipt}", show_one, methods=["GET"])
    router.add_api_route("/sign-in", offer_sign_in, methods=["GET"])
    router.add_api_route("/sign-in", sign_in, methods=["POST"])
    router.add_api_route("/sign-out", sign_out, methods=["POST"])
    return router


async def ask_to_sign_in(request: Request, _error: Exception) -> Response:
    """The plain page that says how to get a sign-in link."""
    return page(request, "console_closed.html", {"used_up": False}, status=401)


async def show(request: Request, front: TheFront, member: TheMember) -> Response:
    """Counts, and the table of what is open, the most urgent first."""
    now = front.now()
    midnight = front.local(now).replace(hour=0, minute=0, second=0, microsecond=0)

    def read(connection: Connection) -> dict[str, Any]:
        return {
            "in_hand": overview.in_hand(connection),
            "by_state": overview.open_by_state(connection),
            "overdue": overview.overdue(connection, now=now),
            "today": overview.opened_since(connection, start=midnight),
        }

    found = await front.service.database.read(read)
    by_state: dict[str, int] = found["by_state"]
    values = {
        "member": member,
        "role": ROLES.get(member.role, member.role),
        "rows": [_row(front, item) for item in found["in_hand"]],
        "total": sum(by_state.values()),
        "with_staff": sum(n for state, n in by_state.items() if state != "OPEN_BOT"),
        "waiting": by_state.get("OPEN_QUEUE", 0),
        "overdue": found["overdue"],
        "today": found["today"],
    }
    return page(request, "console.html", values)


async def download(front: TheFront, member: TheMember) -> Response:
    """The open consultations as a csv file that Excel opens; nobody's words are in it."""
    found = await front.service.database.read(overview.in_hand)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("受理编号", "渠道", "主题", "状态", "受理时间", "应答复时间", "是否逾期"))
    for item in found:
        row = _row(front, item)
        writer.writerow(
            (
                row["receipt"],
                row["channel"],
                row["topic"],
                row["state"],
                row["opened"],
                row["due"],
                "是" if row["late"] else "否",
            )
        )
    return Response(
        _BYTE_ORDER_MARK + text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="open.csv"'},
    )


async def show_one(receipt: str, request: Request, front: TheFront, member: TheMember) -> Response:
    """One consultation: what the citizen said, what was decided, what was replied."""
    number = parse_receipt(receipt)

    def read(connection: Connection) -> list[Matter]:
        found = None if number is None else consultations.by_receipt(connection, number)
        return [] if found is None else conversation.of_consultation(connection, found.id)

    matters = await front.service.database.read(read)
    if not matters:
        raise HTTPException(404)
    names = {item.id: item.name for item in await front.service.staffing.everyone()}
    matter = matters[0]
    found = matter.consultation
    values = {
        "member": member,
        "role": ROLES.get(member.role, member.role),
        "shown": _row(
            front,
            InHand(
                receipt=found.receipt,
                channel=found.channel,
                topic=found.topic,
                state=found.state,
                opened_at=found.opened_at,
                due_at=found.due_at,
            ),
        )
        | {"state": state_label(found.state, found.outcome)},
        "log": [_entry(front, matter, number, names) for number in range(len(matter.events))],
    }
    return page(request, "console_one.html", values)


async def offer_sign_in(request: Request, token: str = "") -> Response:
    """A page with a button: a link that is only looked at (a preview) is not used up."""
    return page(request, "console_sign_in.html", {"token": token})


async def sign_in(
    request: Request, front: TheFront, token: Annotated[str, Form()] = ""
) -> Response:
    """Use the link's token up and let the browser in."""
    front.count(request, session=None)
    session = await front.service.staffing.sign_in(token, now=front.now())
    if session is None:
        return page(request, "console_closed.html", {"used_up": True}, status=403)
    response = RedirectResponse("/console", status_code=303)
    response.set_cookie(
        COOKIE,
        session,
        max_age=int(SESSION_LIVES.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/console",
    )
    return response


async def sign_out(request: Request, front: TheFront) -> Response:
    """End the session, here and wherever else its cookie was copied to."""
    front.count(request, session=None)
    if session := request.cookies.get(COOKIE):
        await front.service.staffing.sign_out(session)
    response = RedirectResponse("/console", status_code=303)
    response.delete_cookie(COOKIE, path="/console")
    return response


def _row(front: Front, item: InHand) -> dict[str, Any]:
    channel = front.service.channels.get(item.channel)
    return {
        "number": item.receipt,
        "receipt": show_receipt(item.receipt),
        "channel": item.channel if channel is None else channel.label,
        "topic": "未定" if item.topic is None else front.speaker.title(item.topic),
        "state": state_label(item.state, None),
        "opened": f"{front.local(item.opened_at):%m-%d %H:%M}",
        "due": f"{front.local(item.due_at):%m-%d %H:%M}" if item.due_at else "",
        "late": item.due_at is not None and item.due_at < front.now() and item.state != "CLOSED",
    }


def _entry(front: Front, matter: Matter, place: int, names: dict[int, str]) -> dict[str, Any]:
    event = matter.events[place]
    words = matter.words.get(event.id)
    decision = event.facts.get("decision")
    receipt = matter.consultation.receipt
    code = front.service.keys.retrieval_code(receipt)
    replies = [
        _without_code(front.speaker.say(outgoing).plain(), receipt, code=code)
        for outgoing in matter.said
        # A member's reply is the event's own words.
        if outgoing.event_id == event.id and outgoing.kind != ReplyKind.STAFF_REPLY
    ]
    return {
        "number": event.number,
        "at": f"{front.local(event.at):%Y-%m-%d %H:%M}",
        "kind": event_label(event.kind),
        "actor": actor_label(event.actor, names),
        "decision": "" if decision is None else DECISIONS.get(str(decision), str(decision)),
        "probability": event.facts.get("probability"),
        "candidates": [
            _without_code(line, receipt, code=code)
            for line in _candidates(front, event, words=words)
        ],
        "words": None if words is None else _without_code(words, receipt, code=code),
        "was_deleted": words is None and event.text_digest is not None,
        "replies": replies,
    }


def _candidates(front: Front, event: Event, *, words: str | None) -> list[str]:
    """The guides that were thought of, the likeliest first, each with why it was."""
    found = []
    for logged in event.facts.get("candidates", ()):
        guide = front.service.shelf.quoted(logged["guide_id"], logged.get("version", ""))
        if guide is not None:
            candidate = from_log(logged, guide, text=words)
            why = for_staff(candidate, guide)
            found.append(f"{guide.title}（{candidate.score:.2f}）{why}")
    return found


def _without_code(text: str, receipt: str, *, code: str) -> str:
    """The text without the consultation's code, named as such or written after its receipt.

    The code is the citizen's: with it anybody could rate or close in their name. The same four
    digits elsewhere are a year or an amount, and would be given away by being covered.
    """
    named = "|".join(re.escape(label) for label in _CODE_LABELS)
    return re.sub(rf"((?:{named})\D{{0,6}}|{receipt[-4:]}\D{{1,6}}){code}(?!\d)", r"\1····", text)
