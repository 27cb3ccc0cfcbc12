"""``zixun doctor``: what is set up, what is not, and what to do about it."""

import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import typer
from sqlalchemy import Connection, func, select

from bot.desk.calendar import load_calendar
from bot.service import open_service
from bot.settings import Settings, load_settings
from bot.store.database import parse_url, sqlite_path
from bot.store.errors import StoreError
from bot.store.tables import consultations, outbox
from knowledge.guides import UNVERIFIED, load_guides
from knowledge.lint import lint
from knowledge.office import SAMPLE_OFFICE, load_office

GOOD, NOTE, BAD = "✓", "·", "✗"
LITTLE_SPACE = 500 * 1024 * 1024
Line = tuple[str, str]


async def doctor() -> int:
    """Print one line a check; 1 if something is wrong, else 0."""
    settings = load_settings()
    lines: list[Line] = []
    checks: list[Callable[[Settings], Awaitable[list[Line]]]] = [
        _office, _guides, _calendar, _database, _telegram
    ]  # fmt: skip
    for check in checks:
        try:
            lines += await check(settings)
        except (ValueError, OSError, StoreError) as error:
            lines += [(BAD, problem) for problem in str(error).splitlines()]
    for mark, text in lines:
        typer.echo(f"{mark} {text}")
    return 1 if any(mark == BAD for mark, _ in lines) else 0


async def _office(settings: Settings) -> list[Line]:
    office = load_office(settings.office)
    if settings.office is None:
        return [
            (
                NOTE,
                f"机关资料用的是虚构的示例（{office.name}）；"
                f"把 {SAMPLE_OFFICE.parent} 抄一份，改好其中的 office.toml，"
                "用 ZIXUN_OFFICE 指过去",
            )
        ]
    return [(GOOD, f"机关资料：{office.name}（{settings.office}）")]


async def _guides(settings: Settings) -> list[Line]:
    office = load_office(settings.office)
    guides = load_guides()
    today = datetime.now(office.zone).date()
    findings = lint(
        guides,
        on=today,
        unknown_placeholders=office.unknown_placeholders,
        forms=tuple(office.forms),
    )
    unverified = [guide.id for guide in guides if guide.status == UNVERIFIED]
    lines = [
        (GOOD, f"指南 {len(guides)} 条，其中待核 {len(unverified)} 条：{'、'.join(unverified)}")
    ]
    if findings:
        lines.append((BAD, f"指南有 {len(findings)} 处要改，详见 zixun kb lint"))
    return lines


async def _calendar(settings: Settings) -> list[Line]:
    calendar = load_calendar()
    year = datetime.now(load_office(settings.office).zone).year
    lines = [
        (GOOD, f"{year} 年放假安排：{calendar.notices[year]}")
        if calendar.is_announced(year)
        else (BAD, f"没有 {year} 年的放假安排，期限都是暂定的")
    ]
    if not calendar.is_announced(year + 1):
        lines.append((NOTE, f"{year + 1} 年的放假安排还没有载入，跨到那一年的期限是暂定的"))
    return lines


async def _database(settings: Settings) -> list[Line]:
    path = sqlite_path(parse_url(settings.database_url))
    lines: list[Line] = []
    async with open_service(settings) as service:

        def counts(connection: Connection) -> tuple[int, int]:
            total = connection.execute(select(func.count()).select_from(consultations))
            waiting = connection.execute(
                select(func.count()).select_from(outbox).where(outbox.c.status == "pending")
            )
            return int(total.scalar_one()), int(waiting.scalar_one())

        total, waiting = await service.database.read(counts)
    kind = f"SQLite {path}" if path else "PostgreSQL"
    lines.append((GOOD, f"数据库：{kind}，咨询 {total} 件，待发消息 {waiting} 条"))
    if path is not None:
        free = shutil.disk_usage(path.parent).free
        if free < LITTLE_SPACE:
            lines.append((BAD, f"磁盘只剩 {free // 2**20} MB"))
    if settings.secret_key is None:
        lines.append((NOTE, f"密钥在 {Path(settings.secret_file)}；备份不含它，请另外妥善保存"))
    return lines


async def _telegram(settings: Settings) -> list[Line]:
    if settings.bot_token is None:
        return [(NOTE, "Telegram 未启用（没有设 ZIXUN_BOT_TOKEN）")]
    lines = [(GOOD, "Telegram 已设令牌")]
    if settings.staff_chat_id is None:
        lines.append((NOTE, "没有设 ZIXUN_STAFF_CHAT_ID：转人工的咨询只在控制台里看得到"))
    lines.append(
        (
            NOTE,
            "Telegram 服务器在境外：只有从 Telegram 来的原文会发到工作群"
            "（个人信息保护法第三十六条）",
        )
    )
    return lines
