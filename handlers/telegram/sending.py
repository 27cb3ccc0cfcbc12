"""Sending: replies to citizens' chats and to the staff group, and what Telegram's errors mean."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, LinkPreviewOptions
from aiogram.utils.formatting import Text

from bot.desk.channels import DeliveryError, Parcel
from bot.store import outbox
from bot.store.outbox import Outgoing
from handlers.replies import Speaker, Words
from handlers.telegram import staff_words
from handlers.telegram.buttons import keyboard
from handlers.telegram.group import StaffGroup
from handlers.telegram.pieces import pieces

REQUEST_SECONDS = 20
"""Longer than Telegram ever takes for a message, shorter than a lease of the outbox."""
ANSWER_SECONDS = 5
"""Who waits for a tap's answer longer has tapped again."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

log = structlog.get_logger()


class TelegramSender:
    """Sends a reply where it belongs; the result names the message, ``chat:message``.

    Replies to staff go to the group; without a group there is nothing to send, and the staff find
    everything in the console. Raises DeliveryError.
    """

    def __init__(
        self, bot: Bot, *, speaker: Speaker, group: StaffGroup, public_url: str | None
    ) -> None:
        self._bot = bot
        self._speaker = speaker
        self._group = group
        self._public_url = public_url
        # How many pieces of a long reply arrived before one failed: they are not sent again.
        self._arrived: dict[int, int] = {}

    async def __call__(self, parcel: Parcel) -> str | None:
        if parcel.outgoing.audience == outbox.STAFF:
            if self._group.chat_id is None:
                return None
            words = staff_words.say(parcel, speaker=self._speaker, public_url=self._public_url)
            with delivery_errors(self._bot):
                return await self._to_group(parcel.outgoing, words)
        if parcel.contact is None:
            raise DeliveryError("联系方式已经删除", permanent=True)
        words = self._speaker.say(parcel.outgoing, text=parcel.text)
        with delivery_errors(self._bot):
            return await self._send(parcel.outgoing, words, chat_id=int(parcel.contact))

    async def _to_group(self, outgoing: Outgoing, words: Words) -> str:
        chat_id = self._group.chat_id or 0
        try:
            return await self._send(outgoing, words, chat_id=chat_id)
        except TelegramMigrateToChat as error:
            chat_id = self._group.chat_id = error.migrate_to_chat_id
            log.error("staff_group_moved", set_zixun_staff_chat_id_to=chat_id)
            return await self._send(outgoing, words, chat_id=chat_id)

    async def _send(self, outgoing: Outgoing, words: Words, *, chat_id: int) -> str:
        """Send all pieces, buttons under the last; the result names the last."""
        buttons = keyboard(words.buttons, receipt=outgoing.receipt)
        texts = pieces(words)
        message_id = 0
        for number, text in enumerate(texts, start=1):
            if number < len(texts) and number <= self._arrived.get(outgoing.id, 0):
                continue
            markup = buttons if number == len(texts) else None
            message_id = await post(self._bot, chat_id, text, markup=markup)
            self._arrived[outgoing.id] = number
        self._arrived.pop(outgoing.id, None)
        return f"{chat_id}:{message_id}"


async def post(
    bot: Bot, chat_id: int, text: Text, *, markup: InlineKeyboardMarkup | None = None
) -> int:
    """Send one message, without link previews; the result is its id. Raises aiogram's errors."""
    message = await bot.send_message(
        chat_id,
        **text.as_kwargs(),
        reply_markup=markup,
        link_preview_options=_NO_PREVIEW,
        request_timeout=REQUEST_SECONDS,
    )
    return message.message_id


async def tell(bot: Bot, chat_id: int, words: Words) -> None:
    """Say at once what is no consultation (help, a list of guides, a refusal); see ``telling``."""
    texts = pieces(words)
    with telling(bot):
        for number, text in enumerate(texts, start=1):
            markup = keyboard(words.buttons) if number == len(texts) else None
            await post(bot, chat_id, text, markup=markup)


async def answer(query: CallbackQuery, text: str | None = None) -> None:
    """End the waiting that Telegram shows on a tapped button; too late is no error."""
    try:
        await query.answer(text, request_timeout=ANSWER_SECONDS)
    except AiogramError as error:
        log.info("tap_not_answered", problem=type(error).__name__)


@contextmanager
def telling(bot: Bot) -> Iterator[None]:
    """For what is said at once: who cannot be reached hears nothing.

    Raises DeliveryError if it may work later; the update is then taken in again.
    """
    try:
        with delivery_errors(bot):
            yield
    except DeliveryError as error:
        if not error.permanent:
            raise
        log.info("not_told", problem=str(error))


@contextmanager
def delivery_errors(bot: Bot) -> Iterator[None]:
    """Turn aiogram's errors into DeliveryError."""
    try:
        yield
    except AiogramError as error:
        raise delivery_error(error, bot) from error


def delivery_error(error: AiogramError, bot: Bot) -> DeliveryError:
    """What an error of Telegram's means for a reply that was to be sent.

    Blocked, gone, or refused as it stands: never again. Everything else, a revoked token too,
    somebody can put right.
    """
    if isinstance(error, TelegramRetryAfter):
        return DeliveryError(in_words(error, bot), retry_after=error.retry_after)
    never = isinstance(error, TelegramForbiddenError | TelegramBadRequest | TelegramEntityTooLarge)
    return DeliveryError(in_words(error, bot), permanent=never)


def in_words(error: AiogramError, bot: Bot) -> str:
    """The error as one line for the log, without the token that an address may hold."""
    text = getattr(error, "message", "") or type(error).__name__
    return text.splitlines()[0].replace(bot.token, "…")
