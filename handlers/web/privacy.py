"""Privacy: what is kept about a citizen, and their right to a copy and to deletion.

Source: 个人信息保护法 第十七条 (what must be told), 第四十五条 (copy), 第四十七条 (deletion).
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from bot.desk import mine
from bot.desk.mine import Kept
from bot.desk.receipts import show_receipt
from handlers.web.front import Front, TheFront
from handlers.web.pages import page
from handlers.web.sessions import session_in_cookie


def build_router() -> APIRouter:
    """The privacy page and the two rights that it grants."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/privacy", show, methods=["GET"])
    router.add_api_route("/privacy/copy", copy, methods=["GET"])
    router.add_api_route("/privacy/deletion", delete, methods=["POST"])
    return router


async def show(request: Request, front: TheFront) -> Response:
    """What is kept, for how long, and what can be asked of us."""
    return page(request, "privacy.html", {"deleted": None, "unsure": False})


async def copy(request: Request, front: TheFront) -> Response:
    """Everything that is kept about this session's asker, as a file."""
    session = session_in_cookie(request, front.service.keys)
    kept: list[Kept] = []
    if session is not None:
        kept = await mine.export(front.service.database, front.asker(session))
    content = json.dumps([_copied(item, front) for item in kept], ensure_ascii=False, indent=2)
    return Response(
        content,
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="zixun.json"'},
    )


async def delete(request: Request, front: TheFront, sure: Annotated[str, Form()] = "") -> Response:
    """Delete this session's words, once the citizen has said that they are sure."""
    session = session_in_cookie(request, front.service.keys)
    if sure != "yes":
        return page(request, "privacy.html", {"deleted": None, "unsure": True}, status=422)
    front.count(request, session=session)
    words = 0
    if session is not None:
        words = (await mine.delete(front.service.database, front.asker(session))).words
    return page(request, "privacy.html", {"deleted": words, "unsure": False})


def _copied(kept: Kept, front: Front) -> dict[str, Any]:
    item = kept.consultation
    return {
        "receipt": show_receipt(item.receipt),
        "state": item.state,
        "outcome": item.outcome,
        "topic": None if item.topic is None else front.speaker.title(item.topic),
        "opened_at": front.local(item.opened_at).isoformat(timespec="seconds"),
        "events": [
            {
                "kind": event.kind,
                "at": front.local(event.at).isoformat(timespec="seconds"),
                "text": kept.words.get(event.id),
            }
            for event in kept.events
        ],
    }
