"""``zixun staff``: who works here."""

import typer

from bot.desk.staffing import ROLES
from bot.service import open_staffing, utc_now
from bot.settings import load_settings
from handlers.terminal.errors import BadInputError


async def add(*, name: str, role: str, telegram: int | None) -> int:
    """Put someone on the list and print their number."""
    async with open_staffing(load_settings()) as staffing:
        try:
            number = await staffing.add(name=name, role=role, telegram=telegram, at=utc_now())
        except ValueError as error:
            raise BadInputError(str(error)) from error
    typer.echo(f"已加入：{number} {name}（{ROLES[role]}）")
    return 0


async def list_() -> int:
    """Print the list, one member a line."""
    async with open_staffing(load_settings()) as staffing:
        members = await staffing.everyone()
    for member in members:
        marks = [ROLES.get(member.role, member.role)]
        if member.telegram is not None:
            marks.append("有 Telegram")
        if member.disabled:
            marks.append("已停用")
        typer.echo(f"{member.id}\t{member.name}\t{'、'.join(marks)}")
    if not members:
        typer.echo("名单是空的；用 zixun staff add 加人。")
    return 0


async def link(staff_id: int) -> int:
    """Print a link by which a member signs in to the console, once and for 15 minutes."""
    settings = load_settings()
    async with open_staffing(settings) as staffing:
        try:
            token = await staffing.sign_in_link(staff_id, now=utc_now())
        except LookupError as error:
            raise BadInputError(f"名单里没有在用的编号 {staff_id}") from error
    typer.echo(f"{settings.web_address}/console/sign-in?token={token}")
    typer.echo("15 分钟内有效，只能用一次。", err=True)
    return 0


async def disable(staff_id: int) -> int:
    """Take someone off the list."""
    async with open_staffing(load_settings()) as staffing:
        try:
            await staffing.disable(staff_id)
        except LookupError as error:
            raise BadInputError(f"名单里没有编号 {staff_id}") from error
    typer.echo(f"已停用：{staff_id}")
    return 0
