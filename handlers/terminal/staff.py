"""``zixun staff``: who works here."""

import typer

from bot.desk.staffing import ROLES
from bot.service import open_service
from bot.settings import load_settings


async def add(*, name: str, role: str, telegram: int | None) -> int:
    """Put someone on the list and print their number."""
    async with open_service(load_settings()) as service:
        number = await service.staffing.add(
            name=name.strip(), role=role, telegram=telegram, at=service.clock()
        )
    typer.echo(f"已加入：{number} {name}（{ROLES[role]}）")
    return 0


async def list_() -> int:
    """Print the list, one member a line."""
    async with open_service(load_settings()) as service:
        members = await service.staffing.everyone()
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


async def disable(staff_id: int) -> int:
    """Take someone off the list."""
    async with open_service(load_settings()) as service:
        try:
            await service.staffing.disable(staff_id)
        except LookupError:
            typer.echo(f"名单里没有编号 {staff_id}", err=True)
            return 2
    typer.echo(f"已停用：{staff_id}")
    return 0
