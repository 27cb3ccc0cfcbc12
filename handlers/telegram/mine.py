"""A citizen's own data: what is kept, a copy of it, and its deletion."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from bot.desk import mine
from bot.desk.desk import Desk
from bot.desk.mine import Kept
from bot.desk.outcomes import OPEN_STATES, outcome_label
from bot.desk.receipts import show_receipt
from handlers.replies import Button, Section, Speaker, Words
from handlers.telegram import sentences
from handlers.telegram.buttons import Forget
from handlers.telegram.filters import InPrivate
from handlers.telegram.inquiries import asker, place
from handlers.telegram.sending import REQUEST_SECONDS, tell, telling


def build_router() -> Router:
    """The handlers of /privacy, /export_mine and /delete."""
    router = Router(name="mine")
    router.message.filter(InPrivate())
    router.callback_query.filter(InPrivate())
    router.message.register(explain_privacy, Command("privacy"))
    router.message.register(send_copy, Command("export_mine"))
    router.message.register(ask_whether_to_delete, Command("delete"))
    router.callback_query.register(delete, Forget.filter())
    return router


async def explain_privacy(message: Message, bot: Bot, web_page: str) -> None:
    """Answer /privacy."""
    await _tell(bot, message.chat.id, sentences.privacy(web_page=web_page))


async def send_copy(
    message: Message, bot: Bot, desk: Desk, speaker: Speaker, now: datetime
) -> None:
    """Answer /export_mine with a JSON document of all that is kept about them."""
    kept = await mine.export(desk.database, asker(desk, message.from_user))
    if not kept:
        await _tell(bot, message.chat.id, sentences.NOTHING_KEPT)
        return
    content = json.dumps(copy_of(kept, speaker=speaker), ensure_ascii=False, indent=2)
    day = now.astimezone(speaker.office.zone)
    with telling(bot):
        await bot.send_document(
            message.chat.id,
            BufferedInputFile(content.encode(), filename=f"zixun-{day:%Y%m%d}.json"),
            caption=sentences.COPY_CAPTION,
            request_timeout=REQUEST_SECONDS,
        )


async def ask_whether_to_delete(message: Message, bot: Bot) -> None:
    """Answer /delete: nothing is deleted before a second yes."""
    words = Words(
        (Section("text", sentences.DELETE_QUESTION),),
        (Button(sentences.DELETE_YES, "forget:yes"), Button(sentences.DELETE_NO, "forget:no")),
    )
    await tell(bot, message.chat.id, words)


async def delete(query: CallbackQuery, callback_data: Forget, bot: Bot, desk: Desk) -> None:
    """Delete their words and contacts, or leave everything as it is."""
    chat_id, _ = place(query)
    if not callback_data.sure:
        await _tell(bot, chat_id, sentences.NOT_DELETED)
        return
    gone = await mine.delete(desk.database, asker(desk, query.from_user))
    await _tell(bot, chat_id, sentences.deleted(gone.words, gone.contacts))


def copy_of(kept: Sequence[Kept], *, speaker: Speaker) -> list[dict[str, Any]]:
    """All that is kept about one asker as plain JSON, times in the office's zone."""

    def moment(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(speaker.office.zone).isoformat()

    return [
        {
            "receipt": show_receipt(item.consultation.receipt),
            "channel": item.consultation.channel,
            "opened_at": moment(item.consultation.opened_at),
            "closed_at": moment(item.consultation.closed_at),
            "state": OPEN_STATES.get(item.consultation.state, "已办结"),
            "outcome": outcome_label(item.consultation.outcome),
            "topic": item.consultation.topic and speaker.title(item.consultation.topic),
            "rating": item.consultation.rating,
            "events": [
                {
                    "number": event.number,
                    "kind": event.kind,
                    "at": moment(event.at),
                    "text": item.words.get(event.id),
                }
                for event in item.events
            ],
        }
        for item in kept
    ]


async def _tell(bot: Bot, chat_id: int, sentence: str) -> None:
    await tell(bot, chat_id, Words((Section("text", sentence),)))
