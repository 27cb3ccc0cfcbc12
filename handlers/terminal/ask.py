"""``zixun ask``: one question in the terminal, logged like any other."""

import json
import secrets

import typer

from bot.desk.inquiries import Inquiry
from bot.service import open_service
from bot.settings import load_settings
from handlers.answers import answer_object
from handlers.replies import Speaker
from handlers.terminal.errors import BadInputError


async def ask(text: str, *, as_json: bool) -> int:
    """Answer the question on standard output; returns the exit status."""
    if not text.strip():
        raise BadInputError("请写上要问的话。")
    async with open_service(load_settings()) as service:
        once = secrets.token_hex(16)
        handled = await service.desk.ask(
            Inquiry(
                channel="terminal",
                external_id=once,
                asker=once,
                text=text,
                received_at=service.clock(),
            )
        )
        speaker = Speaker(
            office=service.office,
            shelf=service.shelf,
            calendar=service.calendar,
            keys=service.keys,
        )
        if as_json:
            given = answer_object(
                handled.consultation,
                [handled.event],
                handled.replies,
                speaker=speaker,
                zone=service.office.zone,
            )
            typer.echo(json.dumps(given, ensure_ascii=False, indent=2))
        else:
            for reply in handled.replies:
                typer.echo(speaker.say(reply).plain())
    return 0
