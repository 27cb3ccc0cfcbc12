"""``zixun ask``: one question in the terminal, logged like any other."""

import json
import secrets

import typer

from bot.desk.inquiries import LONGEST_TEXT, Inquiry
from bot.desk.receipts import show_receipt
from bot.service import open_service
from bot.settings import load_settings
from handlers.answers import answer_object
from handlers.replies import Speaker
from handlers.terminal.errors import BadInputError


async def ask(text: str, *, as_json: bool) -> int:
    """Answer the question on standard output; returns the exit status."""
    if not text.strip():
        raise BadInputError("请写上要问的话。")
    if len(text) > LONGEST_TEXT:
        raise BadInputError(f"一次最多 {LONGEST_TEXT} 个字，请写短一些。")
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
        receipt = handled.consultation.receipt
        code = service.keys.retrieval_code(receipt)
        if as_json:
            given = answer_object(
                handled.consultation,
                [handled.event],
                handled.replies,
                speaker=speaker,
                zone=service.office.zone,
            )
            typer.echo(json.dumps(given | {"retrieval_code": code}, ensure_ascii=False, indent=2))
        else:
            for reply in handled.replies:
                words = speaker.say(reply)
                typer.echo(words.plain())
                for button in words.buttons:
                    if button.act.startswith("choose:"):
                        typer.echo(f"· {button.label}")
            typer.echo(f"\n受理编号 {show_receipt(receipt)}，查询码 {code}", err=True)
    return 0
