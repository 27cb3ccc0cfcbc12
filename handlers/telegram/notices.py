"""Notices that no desk decides: the menu of commands, and what was lost."""

from typing import Any

import structlog
from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats

from handlers.replies import Section, Speaker, Words
from handlers.telegram import sentences
from handlers.telegram.group import StaffGroup
from handlers.telegram.sending import ANSWER_SECONDS, tell

log = structlog.get_logger()


async def announce_commands(bot: Bot) -> None:
    """Put the commands into the menu of private chats; all works without it, too."""
    commands = [
        BotCommand(command=name, description=what) for name, what in sentences.COMMANDS.items()
    ]
    try:
        await bot.set_my_commands(
            commands, scope=BotCommandScopeAllPrivateChats(), request_timeout=ANSWER_SECONDS
        )
    except AiogramError as error:
        log.info("commands_not_announced", problem=type(error).__name__)


async def tell_of_loss(
    raw: dict[str, Any], *, bot: Bot, speaker: Speaker, group: StaffGroup
) -> None:
    """Tell the staff that an update was given up, and its citizen to say it again."""
    if group.chat_id is not None:
        await tell(bot, group.chat_id, Words((Section("text", sentences.UPDATE_LOST),)))
    for content in raw.values():
        if not isinstance(content, dict):
            continue
        chat = (content.get("message") or content).get("chat") or {}
        if chat.get("type") == ChatType.PRIVATE:
            sentence = sentences.LOST.format(phone=speaker.office.phone)
            await tell(bot, int(chat["id"]), Words((Section("text", sentence),)))
