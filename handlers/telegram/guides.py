"""Browsing the guides: categories and their guides as buttons, in one message that turns pages."""

from collections.abc import Iterable
from datetime import date, datetime

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.desk.desk import Desk
from handlers.replies import Button, Section, Words
from handlers.telegram import sentences
from handlers.telegram.buttons import Browse, keyboard
from handlers.telegram.filters import InPrivate
from handlers.telegram.inquiries import place
from handlers.telegram.pieces import pieces
from handlers.telegram.sending import REQUEST_SECONDS, tell, telling
from knowledge.guides import Guide, in_force

ON_A_PAGE = 8
ALL_CATEGORIES = -1
_NOT_MODIFIED = "message is not modified"


def build_router() -> Router:
    """The handlers of /guides and of turning its pages."""
    router = Router(name="guides")
    router.message.filter(InPrivate())
    router.callback_query.filter(InPrivate())
    router.message.register(show_categories, Command("guides"))
    router.callback_query.register(turn_page, Browse.filter())
    return router


async def show_categories(message: Message, bot: Bot, desk: Desk, now: datetime) -> None:
    """Answer /guides."""
    words = page_words(_in_force(desk, now), category=ALL_CATEGORIES, page=0)
    await tell(bot, message.chat.id, words)


async def turn_page(
    query: CallbackQuery, callback_data: Browse, bot: Bot, desk: Desk, now: datetime
) -> None:
    """Show another page in the place of the one that was tapped."""
    words = page_words(
        _in_force(desk, now), category=callback_data.category, page=callback_data.page
    )
    chat_id, message_id = place(query)
    if not isinstance(query.message, Message):
        await tell(bot, chat_id, words)
        return
    with telling(bot):
        try:
            await bot.edit_message_text(
                **pieces(words)[0].as_kwargs(),
                chat_id=chat_id,
                message_id=message_id,
                reply_markup=keyboard(words.buttons),
                request_timeout=REQUEST_SECONDS,
            )
        except TelegramBadRequest as error:
            # Tapped twice: the page is there already.
            if _NOT_MODIFIED not in error.message:
                raise


def page_words(guides: Iterable[Guide], *, category: int, page: int) -> Words:
    """One page: all categories, or up to eight guides of one; the nearest if there is no such.

    ``category`` counts the categories from 0 in the order of their guides, or is ALL_CATEGORIES.
    """
    by_category: dict[str, list[Guide]] = {}
    for guide in guides:
        by_category.setdefault(guide.category, []).append(guide)
    names = list(by_category)
    if not 0 <= category < len(names):
        buttons = [Button(name, f"browse:{number}:0") for number, name in enumerate(names)]
        return Words((Section("heading", sentences.ALL_GUIDES),), tuple(buttons))
    name = names[category]
    listed = by_category[name]
    last = (len(listed) - 1) // ON_A_PAGE
    page = min(max(page, 0), last)
    shown = listed[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    buttons = [Button(guide.title, f"guide:{guide.id}") for guide in shown]
    if page > 0:
        buttons.append(Button("上一页", f"browse:{category}:{page - 1}"))
    if page < last:
        buttons.append(Button("下一页", f"browse:{category}:{page + 1}"))
    buttons.append(Button("全部类别", f"browse:{ALL_CATEGORIES}:0"))
    count = f"（第 {page + 1} 页，共 {last + 1} 页）" if last else ""
    return Words((Section("heading", f"{name}{count}"),), tuple(buttons))


def _in_force(desk: Desk, now: datetime) -> tuple[Guide, ...]:
    today: date = now.astimezone(desk.office.zone).date()
    return in_force(desk.shelf.today.values(), on=today)
