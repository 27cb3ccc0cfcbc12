"""The staff group: replies to escalations become drafts, and a second tap sends them."""

from datetime import datetime

import structlog
from aiogram import Bot, Router
from aiogram.exceptions import AiogramError
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.desk.acts import NotAllowedError, NotStaffError, UnknownConsultationError
from bot.desk.staffing import Staffing
from handlers.replies import Section, Words
from handlers.telegram import inquiries, sentences
from handlers.telegram.buttons import Settle
from handlers.telegram.filters import AnswersBot, BeforeStaffGroup, InStaffGroup
from handlers.telegram.group import StaffGroup
from handlers.telegram.sending import REQUEST_SECONDS, answer, tell

log = structlog.get_logger()


def build_router(group: StaffGroup) -> Router:
    """The handlers of the staff group. What is said there otherwise goes nowhere."""
    router = Router(name="staff")
    here = InStaffGroup(group)
    router.message.register(tell_ids, Command("id"), here)
    router.message.register(tell_ids, Command("id"), BeforeStaffGroup(group))
    router.message.register(draft_reply, here, AnswersBot())
    router.callback_query.register(settle_draft, here, Settle.filter())
    return router


async def tell_ids(message: Message, bot: Bot) -> None:
    """Answer /id: what the settings and the staff list need to know."""
    user = message.from_user
    user_id = "" if user is None else f"\n您的用户 id：{user.id}"
    await _tell(bot, message, f"本群 id：{message.chat.id}{user_id}")


async def draft_reply(message: Message, bot: Bot, staffing: Staffing, now: datetime) -> None:
    """Keep a member's reply as a draft; the desk shows it in the group, to be confirmed."""
    answered = message.reply_to_message
    if answered is None:  # pragma: no cover - the filter has looked
        return
    if message.text is None:
        await _tell(bot, message, sentences.ONLY_TEXT)
        return
    reference = f"{message.chat.id}:{answered.message_id}"
    inquiry = inquiries.from_message(message, message.text, now=now)
    try:
        await staffing.draft_reply(reference, inquiry=inquiry)
    except NotStaffError:
        log.warning("reply_by_outsider", message=message.message_id)
        await _tell(bot, message, sentences.NOT_STAFF)
    except UnknownConsultationError:
        await _tell(bot, message, sentences.NOT_A_MATTER)
    except NotAllowedError:
        await _tell(bot, message, sentences.MATTER_CLOSED)


async def settle_draft(
    query: CallbackQuery, callback_data: Settle, bot: Bot, staffing: Staffing, now: datetime
) -> None:
    """Send a draft to the citizen or drop it, and take its buttons away."""
    inquiry = inquiries.from_tap(query, now=now)
    try:
        await staffing.settle_draft(
            callback_data.draft_id, send=callback_data.send, inquiry=inquiry
        )
    except NotStaffError:
        log.warning("draft_tapped_by_another", draft=callback_data.draft_id)
        await answer(query, sentences.NOT_DRAFTED_BY_YOU)
        return
    except UnknownConsultationError:
        await answer(query, sentences.DRAFT_GONE)
    except NotAllowedError as error:
        closed = error.state == "CLOSED"
        await answer(query, sentences.MATTER_CLOSED if closed else sentences.DRAFT_SETTLED)
    else:
        await answer(query, sentences.SETTLING[callback_data.send])
    chat_id, message_id = inquiries.place(query)
    try:
        await bot.edit_message_reply_markup(
            chat_id=chat_id, message_id=message_id, request_timeout=REQUEST_SECONDS
        )
    except AiogramError as error:
        # The draft is settled whether or not its buttons are still there.
        log.info("buttons_not_removed", problem=type(error).__name__)


async def _tell(bot: Bot, message: Message, sentence: str) -> None:
    await tell(bot, message.chat.id, Words((Section("text", sentence),)))
