"""``zixun report``: the consultation section of a year's report, as docx, md, html or json."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.reports.audit import AuditError
from bot.reports.docx import write_docx
from bot.reports.files import OutputError, check_output, write_files
from bot.reports.html import write_html
from bot.reports.markdown import write_markdown
from bot.reports.periods import Period, PeriodError, parse_year
from bot.reports.section import (
    Section,
    Style,
    UnknownStyleError,
    choose_style,
    section_as_json,
    write_section,
)
from bot.reports.styles import STYLES
from bot.settings import load_settings
from bot.store.errors import StoreError
from handlers.terminal.export import (
    DONE,
    Log,
    check_format,
    open_log,
    read_statement,
    refuse,
    refuse_figures,
    say,
)


async def report(*, year: int | str, style: str, format: str, output: Path) -> int:
    """Write the year's section to ``output``; the result is the exit code, as of ``export``."""
    try:
        period = parse_year(str(year))
        chosen = choose_style(style, STYLES)
        check_format(format, WRITERS)
        check_output(output)
        async with open_log(load_settings()) as log:
            now = datetime.now(UTC)
            return await write_report(
                log, period=period, style=chosen, format=format, output=output, now=now
            )
    except (PeriodError, UnknownStyleError, OutputError, StoreError) as error:
        return refuse(str(error))


async def write_report(
    log: Log, *, period: Period, style: Style, format: str, output: Path, now: datetime
) -> int:
    """Write the period's section as of ``now``; the result is 0, or 1 if it does not add up.

    Raises OutputError and StoreError; then nothing was written.
    """
    try:
        statement = await read_statement(log, period=period, now=now)
    except AuditError as error:
        return refuse_figures(error)
    section = write_section(statement, style=style)
    write = WRITERS[format]
    write_files([(output, lambda path: write(path, section))])
    say(f"已写入 {output}（{statement.span}）")
    return DONE


def _write_json(path: Path, section: Section) -> None:
    text = json.dumps(section_as_json(section), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


WRITERS: Mapping[str, Callable[[Path, Section], None]] = {
    "docx": write_docx,
    "md": write_markdown,
    "html": write_html,
    "json": _write_json,
}
"""What writes each format; one renderer each."""
