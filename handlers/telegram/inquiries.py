"""Inquiries from Telegram: what the desk is told of a message, an edit or a tap."""

import hashlib
from dataclasses import replace
from datetime import datetime

from aiogram.types import CallbackQuery, Message, User

from bot.desk.access import Claim
from bot.desk.desk import Desk
from bot.desk.inquiries import Inquiry

CHANNEL = "telegram"


def from_message(
    message: Message, text: str, *, now: datetime, part: str = "message", edited: bool = False
) -> Inquiry:
    """The inquiry of a message or of an edit of it.

    ``part`` keeps apart the inquiries that one message makes (a photo and its caption). The
    photos of one album make one inquiry together.
    """
    external_id = f"{part}:{message.chat.id}:{message.message_id}"
    if edited:
        # Telegram's time of an edit has seconds; two edits within one differ in their text.
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        external_id = f"edit:{message.chat.id}:{message.message_id}:{message.edit_date}:{digest}"
    elif part == "media" and message.media_group_id:
        external_id = f"album:{message.chat.id}:{message.media_group_id}"
    made = _inquiry(external_id, text, chat_id=message.chat.id, user=message.from_user, now=now)
    return replace(made, edited=edited)


def from_tap(query: CallbackQuery, *, now: datetime, part: str = "tap") -> Inquiry:
    """The inquiry of a tapped button, without text.

    Named by message and button, not by the tap, so that tapping a button again does nothing more.
    ``part`` keeps apart the inquiries that one tap can make.
    """
    chat_id, message_id = place(query)
    external_id = f"{part}:{chat_id}:{message_id}:{query.data}"
    return _inquiry(external_id, "", chat_id=chat_id, user=query.from_user, now=now)


def place(query: CallbackQuery) -> tuple[int, int]:
    """The chat and the message of the tapped button (also of one that is no longer there)."""
    if query.message is None:  # a message sent through inline mode, which this bot has not
        return query.from_user.id, 0
    return query.message.chat.id, query.message.message_id


def own(desk: Desk, user: User | None, *, code: str | None = None) -> Claim:
    """The claim of a Telegram user: to their own consultations, else by the code they know."""
    return Claim(asker=asker(desk, user), code=code)


def asker(desk: Desk, user: User | None) -> bytes:
    """The keyed hash under which that Telegram user's consultations are kept."""
    return desk.register.asker(CHANNEL, "" if user is None else str(user.id))


def _inquiry(
    external_id: str, text: str, *, chat_id: int, user: User | None, now: datetime
) -> Inquiry:
    return Inquiry(
        channel=CHANNEL,
        external_id=external_id,
        asker="" if user is None else str(user.id),
        text=text,
        received_at=now,
        contact=str(chat_id),
    )
