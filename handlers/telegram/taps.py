"""What a citizen taps in a private chat; the dispatcher has answered the tap by then."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiogram import BaseMiddleware, Bot, Router
from aiogram.types import CallbackQuery, FSInputFile, TelegramObject

from bot.desk.acts import ExpiredChoiceError, NotAllowedError, UnknownConsultationError
from bot.desk.desk import Desk
from bot.desk.outcomes import CLOSED
from bot.desk.ratings import RATINGS
from handlers.replies import Section, Speaker, Words
from handlers.telegram import inquiries, progress, sentences
from handlers.telegram.buttons import NO_CHOICE, Act, Choice, OpenGuide, Rate, WantForm
from handlers.telegram.filters import InPrivate
from handlers.telegram.sending import REQUEST_SECONDS, answer, tell, telling

_ACTS = frozenset({"solved", "unsolved", "escalate"})
_WANTS_STAFF = "转人工"
"""What a tap on 转人工 says where it belongs to no consultation that could be handed over."""


class AnswerFirst(BaseMiddleware):
    """Ends the waiting that Telegram shows on a tapped button, before anything is done."""

    def __init__(self) -> None:
        self._in_private = InPrivate()

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        if isinstance(event, CallbackQuery) and await self._in_private(event):
            await answer(event)
        return await handler(event, data)


def build_router() -> Router:
    """The handlers of taps in private chats; the last one takes every button no other knows."""
    router = Router(name="taps")
    router.callback_query.filter(InPrivate())
    router.callback_query.register(choose, Choice.filter())
    router.callback_query.register(act, Act.filter())
    router.callback_query.register(rate, Rate.filter())
    router.callback_query.register(open_guide, OpenGuide.filter())
    router.callback_query.register(send_form, WantForm.filter())
    router.callback_query.register(refuse_old_button)
    return router


async def choose(
    query: CallbackQuery, callback_data: Choice, bot: Bot, desk: Desk, now: datetime
) -> None:
    """Take the guide that was chosen, or 都不是."""
    chosen = None if callback_data.guide_id == NO_CHOICE else callback_data.guide_id
    try:
        if chosen is not None and chosen not in desk.shelf.today:
            raise ExpiredChoiceError
        await desk.choose(
            callback_data.receipt,
            chosen,
            claim=inquiries.own(desk, query.from_user),
            inquiry=inquiries.from_tap(query, now=now),
        )
    except (ExpiredChoiceError, UnknownConsultationError):
        await _tell(bot, query, sentences.OLD_BUTTON)


async def act(
    query: CallbackQuery,
    callback_data: Act,
    bot: Bot,
    desk: Desk,
    speaker: Speaker,
    now: datetime,
) -> None:
    """Take 解决了, 没解决 and 转人工; say where a consultation stands."""
    claim = inquiries.own(desk, query.from_user)
    receipt, kind = callback_data.receipt, callback_data.kind
    try:
        if kind == "status":
            consultation = await desk.look_up(receipt, claim=claim, now=now)
            words = await progress.words(desk, speaker, consultation, now=now)
            await tell(bot, inquiries.place(query)[0], words)
        elif kind in _ACTS and receipt:
            inquiry = inquiries.from_tap(query, now=now)
            await desk.act(kind, receipt, claim=claim, inquiry=inquiry)
        elif kind == "escalate":
            await _ask_for_staff(query, desk, now=now)
        else:
            await _tell(bot, query, sentences.OLD_BUTTON)
    except UnknownConsultationError:
        await _tell(bot, query, sentences.OLD_BUTTON)
    except NotAllowedError as error:
        # Small talk, and what ended long ago, cannot be handed over: the wish is a new matter.
        if kind == "escalate":
            await _ask_for_staff(query, desk, now=now)
        elif error.state == CLOSED:
            await _tell(bot, query, sentences.CLOSED_MATTER)
        else:
            await _tell(bot, query, sentences.WITH_STAFF)


async def rate(
    query: CallbackQuery, callback_data: Rate, bot: Bot, desk: Desk, now: datetime
) -> None:
    """Keep how satisfied they were."""
    if callback_data.value not in RATINGS:
        await _tell(bot, query, sentences.OLD_BUTTON)
        return
    try:
        await desk.rate(
            callback_data.receipt,
            callback_data.value,
            claim=inquiries.own(desk, query.from_user),
            inquiry=inquiries.from_tap(query, now=now),
        )
    except UnknownConsultationError:
        await _tell(bot, query, sentences.OLD_BUTTON)
    except NotAllowedError:
        await _tell(bot, query, sentences.ALREADY_RATED)


async def open_guide(
    query: CallbackQuery, callback_data: OpenGuide, bot: Bot, desk: Desk, now: datetime
) -> None:
    """Give the guide that was picked from a list."""
    inquiry = inquiries.from_tap(query, now=now)
    try:
        await desk.open_guide(callback_data.guide_id, inquiry=inquiry)
    except ExpiredChoiceError:
        await _tell(bot, query, sentences.GUIDE_GONE)


async def send_form(
    query: CallbackQuery, callback_data: WantForm, bot: Bot, speaker: Speaker
) -> None:
    """Send a form twice: blank, and filled in as an example."""
    form = speaker.office.forms.get(callback_data.key)
    if form is None:
        await _tell(bot, query, sentences.FORM_GONE)
        return
    chat_id, _ = inquiries.place(query)
    files = ((form.path, form.title), (form.example_path, f"{form.title}（填写样例）"))
    with telling(bot):
        for path, title in files:
            document = FSInputFile(path, filename=f"{title}{path.suffix}")
            await bot.send_document(chat_id, document, request_timeout=REQUEST_SECONDS)


async def refuse_old_button(query: CallbackQuery, bot: Bot) -> None:
    """Say that a button of an earlier version does nothing any more."""
    await _tell(bot, query, sentences.OLD_BUTTON)


async def _ask_for_staff(query: CallbackQuery, desk: Desk, *, now: datetime) -> None:
    inquiry = inquiries.from_tap(query, now=now, part="staff")
    await desk.ask(replace(inquiry, text=_WANTS_STAFF))


async def _tell(bot: Bot, query: CallbackQuery, sentence: str) -> None:
    await tell(bot, inquiries.place(query)[0], Words((Section("text", sentence),)))
