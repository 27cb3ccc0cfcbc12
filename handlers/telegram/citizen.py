"""What a citizen writes or sends in a private chat."""

from datetime import datetime

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import Message

from bot.desk.acts import LockedError, TextTooLongError, UnknownConsultationError
from bot.desk.desk import Desk
from bot.desk.inquiries import Inquiry
from handlers.replies import Button, Section, Speaker, Words
from handlers.telegram import inquiries, progress, sentences
from handlers.telegram.filters import (
    HasMedium,
    HasReceipt,
    HasSticker,
    HasText,
    InPrivate,
    receipt_and_code,
)
from handlers.telegram.sending import tell


def build_router() -> Router:
    """The handlers of private messages and of edits to them."""
    router = Router(name="citizens")
    for observer in (router.message, router.edited_message):
        observer.filter(InPrivate())
    router.message.register(welcome, CommandStart())
    router.message.register(show_status, Command("status"))
    router.message.register(explain, HasText(command=True))
    router.message.register(show_named_status, HasReceipt())
    router.message.register(take_question, HasText())
    router.message.register(take_sticker, HasSticker())
    router.message.register(take_media, HasMedium())
    router.edited_message.register(take_edit, HasText())
    return router


async def welcome(message: Message, bot: Bot, speaker: Speaker, web_page: str) -> None:
    """Say where their words go and what can be done here."""
    where, what = sentences.welcome(unit=speaker.office.unit, web_page=web_page)
    words = Words((Section("note", where), Section("text", what)), tuple(speaker.frequent()))
    await tell(bot, message.chat.id, words)


async def explain(message: Message, bot: Bot, speaker: Speaker) -> None:
    """Answer /help, and any command that there is not."""
    words = Words(
        (Section("text", sentences.usage(phone=speaker.office.phone)),),
        (Button("转人工", "escalate"),),
    )
    await tell(bot, message.chat.id, words)


async def show_status(
    message: Message,
    command: CommandObject,
    bot: Bot,
    desk: Desk,
    speaker: Speaker,
    now: datetime,
) -> None:
    """Answer /status: their own latest consultations, or the one that is named."""
    if not command.args:
        found = await progress.latest(desk, asker=inquiries.asker(desk, message.from_user))
        if not found:
            await _tell(bot, message, sentences.NO_MATTERS)
        for consultation in found:
            words = await progress.words(desk, speaker, consultation, now=now)
            await tell(bot, message.chat.id, words)
        return
    named = receipt_and_code(command.args)
    if named is None:
        await _tell(bot, message, sentences.UNKNOWN_RECEIPT)
        return
    await show_named_status(message, *named, bot, desk, speaker, now)


async def show_named_status(
    message: Message,
    receipt: str,
    code: str | None,
    bot: Bot,
    desk: Desk,
    speaker: Speaker,
    now: datetime,
) -> None:
    """Say where a consultation stands: one's own, or that of receipt and code."""
    claim = inquiries.own(desk, message.from_user, code=code)
    try:
        consultation = await desk.look_up(receipt, claim=claim, now=now)
    except UnknownConsultationError:
        await _tell(bot, message, sentences.UNKNOWN_RECEIPT)
    except LockedError as error:
        await _tell(bot, message, sentences.locked(error.until, zone=speaker.office.zone))
    else:
        words = await progress.words(desk, speaker, consultation, now=now)
        await tell(bot, message.chat.id, words)


async def take_question(message: Message, bot: Bot, desk: Desk, now: datetime) -> None:
    """Take in a citizen's question."""
    await _ask(inquiries.from_message(message, message.text or "", now=now), message, bot, desk)


async def take_edit(message: Message, bot: Bot, desk: Desk, now: datetime) -> None:
    """Take in what a citizen made of an earlier question."""
    inquiry = inquiries.from_message(message, message.text or "", now=now, edited=True)
    await _ask(inquiry, message, bot, desk)


async def take_sticker(message: Message, emoji: str, bot: Bot, desk: Desk, now: datetime) -> None:
    """Take a sticker for the emoji that it shows."""
    await _ask(inquiries.from_message(message, emoji, now=now), message, bot, desk)


async def take_media(message: Message, medium: str, bot: Bot, desk: Desk, now: datetime) -> None:
    """Note what cannot be read here, after what was written under it."""
    if message.caption:
        caption = inquiries.from_message(message, message.caption, now=now)
        await _ask(caption, message, bot, desk)
    inquiry = inquiries.from_message(message, "", now=now, part="media")
    await desk.take_media(inquiry, medium=medium)


async def _ask(inquiry: Inquiry, message: Message, bot: Bot, desk: Desk) -> None:
    try:
        await desk.ask(inquiry)
    except TextTooLongError:
        await _tell(bot, message, sentences.TOO_LONG)


async def _tell(bot: Bot, message: Message, sentence: str) -> None:
    await tell(bot, message.chat.id, Words((Section("text", sentence),)))
