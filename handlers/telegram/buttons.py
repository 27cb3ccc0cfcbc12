"""Buttons: what a tap tells the bot, within Telegram's 64 bytes, and how buttons are laid out."""

from collections.abc import Sequence

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.replies import Button

NO_CHOICE = "-"
"""What 都不是 carries in place of a guide's id."""
_SHORT_LABEL = 6
_IN_A_ROW = 3


class Act(CallbackData, prefix="a", sep="|"):
    """An act on a consultation: solved, unsolved, escalate or status."""

    receipt: str
    kind: str


class Choice(CallbackData, prefix="c", sep="|"):
    """One of the guides that a clarification offered, or NO_CHOICE."""

    receipt: str
    guide_id: str


class Rate(CallbackData, prefix="r", sep="|"):
    """How satisfied the citizen was."""

    receipt: str
    value: str


class OpenGuide(CallbackData, prefix="g", sep="|"):
    """A guide picked from a list."""

    guide_id: str


class WantForm(CallbackData, prefix="f", sep="|"):
    """A form to be sent."""

    key: str


class Browse(CallbackData, prefix="b", sep="|"):
    """A page of a category of guides, both counted from 0; category -1 lists the categories."""

    category: int
    page: int


class Forget(CallbackData, prefix="x", sep="|"):
    """Whether the citizen's words are to be deleted."""

    sure: bool


class Settle(CallbackData, prefix="d", sep="|"):
    """Whether a staff member's draft is to be sent or dropped."""

    draft_id: int
    send: bool


def callback(act: str, *, receipt: str) -> CallbackData:
    """What a button with this act (``Button.act``) carries; ``receipt`` may be empty if unused."""
    kind, _, value = act.partition(":")
    match kind:
        case "choose":
            guide_id = NO_CHOICE if value == "none" else value
            return Choice(receipt=receipt, guide_id=guide_id)
        case "rate":
            return Rate(receipt=receipt, value=value)
        case "guide":
            return OpenGuide(guide_id=value)
        case "form":
            return WantForm(key=value)
        case "browse":
            category, _, page = value.partition(":")
            return Browse(category=int(category), page=int(page))
        case "forget":
            return Forget(sure=value == "yes")
        case "send" | "drop":
            return Settle(draft_id=int(value), send=kind == "send")
    return Act(receipt=receipt, kind=act)


def keyboard(buttons: Sequence[Button], *, receipt: str = "") -> InlineKeyboardMarkup | None:
    """The buttons under a message: long labels get a row each, short ones share one."""
    rows: list[list[InlineKeyboardButton]] = []
    sharing = False
    for button in buttons:
        data = callback(button.act, receipt=receipt).pack()
        made = InlineKeyboardButton(text=button.label, callback_data=data)
        short = len(button.label) <= _SHORT_LABEL
        if short and sharing and len(rows[-1]) < _IN_A_ROW:
            rows[-1].append(made)
        else:
            rows.append([made])
        sharing = short
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
