"""Filters: where something was said, and what kind of thing it is."""

import re
import unicodedata

from aiogram import Bot
from aiogram.enums import ChatType, ContentType
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from bot.desk.receipts import parse_receipt
from handlers.telegram.group import StaffGroup

_MEDIA = {
    ContentType.VOICE: "voice",
    ContentType.AUDIO: "voice",
    ContentType.PHOTO: "photo",
    ContentType.DOCUMENT: "document",
    ContentType.VIDEO: "video",
    ContentType.VIDEO_NOTE: "video",
    ContentType.ANIMATION: "video",
    ContentType.LOCATION: "other",
    ContentType.VENUE: "other",
    ContentType.CONTACT: "other",
    ContentType.POLL: "other",
    ContentType.DICE: "other",
    ContentType.GAME: "other",
    ContentType.STORY: "other",
    ContentType.PAID_MEDIA: "other",
    ContentType.CHECKLIST: "other",
}
"""What people send that cannot be read here; everything else is Telegram's own notices."""

_CODE_DIGITS = 4
_NAMES = re.compile(r"受理编号|受理号|编号|查询码|查询|进度|[:：,，;；。]")


class InPrivate(Filter):
    """A person alone with the bot, not another bot."""

    async def __call__(self, event: Message | CallbackQuery) -> bool:
        message = event.message if isinstance(event, CallbackQuery) else event
        user = event.from_user
        if message is None or user is None or user.is_bot:
            return False
        return message.chat.type == ChatType.PRIVATE


class InStaffGroup(Filter):
    """Said or tapped in the staff's group."""

    def __init__(self, group: StaffGroup) -> None:
        self._group = group

    async def __call__(self, event: Message | CallbackQuery) -> bool:
        message = event.message if isinstance(event, CallbackQuery) else event
        return message is not None and message.chat.id == self._group.chat_id


class BeforeStaffGroup(Filter):
    """Any group, as long as none is set as the staff's."""

    def __init__(self, group: StaffGroup) -> None:
        self._group = group

    async def __call__(self, message: Message) -> bool:
        groups = (ChatType.GROUP, ChatType.SUPERGROUP)
        return self._group.chat_id is None and message.chat.type in groups


class AnswersBot(Filter):
    """A reply to one of the bot's own messages."""

    async def __call__(self, message: Message, bot: Bot) -> bool:
        answered = message.reply_to_message
        return answered is not None and (
            answered.from_user is not None and answered.from_user.id == bot.id
        )


class HasText(Filter):
    """Something written; ``command`` tells a command, real or mistyped, from a question."""

    def __init__(self, *, command: bool = False) -> None:
        self._command = command

    async def __call__(self, message: Message) -> bool:
        text = message.text
        return text is not None and text.startswith("/") == self._command


class HasReceipt(Filter):
    """Nothing but a receipt number, perhaps with its code: gives ``receipt`` and ``code``."""

    async def __call__(self, message: Message) -> bool | dict[str, str | None]:
        found = receipt_and_code(message.text or "")
        return False if found is None else {"receipt": found[0], "code": found[1]}


class HasSticker(Filter):
    """A sticker: gives the ``emoji`` that it stands for."""

    async def __call__(self, message: Message) -> bool | dict[str, str]:
        if message.sticker is None:
            return False
        return {"emoji": message.sticker.emoji or "🙂"}


class HasMedium(Filter):
    """Something that cannot be read here: gives the ``medium``."""

    async def __call__(self, message: Message) -> bool | dict[str, str]:
        medium = _MEDIA.get(ContentType(message.content_type))
        return False if medium is None else {"medium": medium}


def receipt_and_code(text: str) -> tuple[str, str | None] | None:
    """The receipt number that a text consists of, with the code behind it if there is one."""
    plain = _NAMES.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    receipt = parse_receipt(plain)
    if receipt is not None:
        return receipt, None
    receipt, code = parse_receipt(plain[:-_CODE_DIGITS]), plain[-_CODE_DIGITS:]
    if receipt is None or not code.isascii() or not code.isdigit():
        return None
    return receipt, code
