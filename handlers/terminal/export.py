"""``zixun export``: a month's figures as xlsx, csv or json."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typer
from sqlalchemy import Connection

from bot.desk.channels import registry
from bot.reports import listing, workbook
from bot.reports.audit import AuditError
from bot.reports.files import OutputError, Write, check_output, write_files
from bot.reports.labels import Labels, make_labels
from bot.reports.periods import Period, PeriodError, parse_month
from bot.reports.rows import Row, kept
from bot.reports.statement import Statement, make_statement
from bot.settings import Settings, load_settings
from bot.store import consultations, facts
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.facts import Fact
from bot.store.migrate import migrate
from knowledge.guides import load_guides
from knowledge.office import Office, load_office

DONE = 0
FINDING = 1
BAD_INPUT = 2
FORMATS = ("xlsx", "csv", "json")
SHOWN_EVERY = 20_000
"""Consultations between two lines of progress: about as many as are read in a second."""


@dataclass(frozen=True, slots=True)
class Log:
    """What figures are read from: the database, whose it is, what its keys are called."""

    database: Database
    office: Office
    labels: Labels


async def export(*, month: str, format: str, output: Path, rows: bool) -> int:
    """Write the month's figures to ``output``; the result is the exit code.

    0: the file is there. 1: the figures do not add up; every difference is on stderr and no file
    was written. 2: the month, the format, the output or the database cannot be used. With
    ``rows``, the consultations behind the figures are listed without citizens' words: in a sheet
    of the workbook, or for csv and json in a second file (``NAME-明细.csv``).
    """
    try:
        period = parse_month(month)
        check_format(format, FORMATS)
        check_output(output)
        async with open_log(load_settings()) as log:
            return await write_export(
                log, period=period, format=format, output=output, rows=rows, now=datetime.now(UTC)
            )
    except (PeriodError, OutputError, StoreError) as error:
        return refuse(str(error))


async def write_export(
    log: Log, *, period: Period, format: str, output: Path, rows: bool, now: datetime
) -> int:
    """Write the period's figures as of ``now``; the result is 0, or 1 if they do not add up.

    Raises OutputError and StoreError; then nothing was written.
    """
    listed: list[Row] | None = [] if rows else None
    try:
        statement = await read_statement(log, period=period, now=now, listed=listed)
    except AuditError as error:
        return refuse_figures(error)
    files = _files(statement, format=format, output=output, listed=listed)
    write_files(files)
    for path, _ in files:
        say(f"已写入 {path}（{statement.span}）")
    return DONE


@asynccontextmanager
async def open_log(settings: Settings) -> AsyncIterator[Log]:
    """The log for reading, brought up to date first; needs neither the desk nor its reader.

    Raises OfficeError, GuideError and StoreError.
    """
    office = load_office(settings.office)
    labels = make_labels(registry(), guides=load_guides(), office=office)
    await migrate(settings.database_url)
    database = Database(settings.database_url)
    try:
        yield Log(database, office, labels)
    finally:
        await database.close()


async def read_statement(
    log: Log, *, period: Period, now: datetime, listed: list[Row] | None = None
) -> Statement:
    """The period's statement from the log as it is now; ``listed`` takes the rows behind it.

    Raises AuditError and StoreError.
    """
    office, labels, zone = log.office, log.labels, log.office.zone

    def query(connection: Connection) -> Statement:
        if consultations.count(connection) == 0:
            say("注意：数据库里还没有任何咨询")
        read: Iterable[Fact] = facts.between(
            connection, start=period.start(zone), end=period.end(zone)
        )
        read = with_progress(read)
        if listed is not None:
            read = kept(read, listed, period=period, zone=zone, labels=labels)
        return make_statement(
            read, period=period, office=office.name, labels=labels, zone=zone, cut_off=now
        )

    if now < period.start(zone):
        say(f"注意：{period.label}还没有到")
    return await log.database.read(query)


def with_progress(read: Iterable[Fact]) -> Iterator[Fact]:
    """The same facts; whoever waits for many of them is told now and then how many there were."""
    for number, fact in enumerate(read, start=1):
        if number % SHOWN_EVERY == 0:
            say(f"已读取 {number} 件……")
        yield fact


def check_format(format: str, formats: Iterable[str]) -> None:
    """Raise OutputError if that is none of the formats."""
    if format not in formats:
        raise OutputError(f"格式只能是 {'、'.join(formats)}，不能是 {format}")


def say(line: str) -> None:
    """Tell the person at the terminal, apart from what a program reads."""
    typer.echo(line, err=True)


def refuse(sentence: str) -> int:
    """Say in one line why nothing was done; the result is the exit code."""
    say(sentence)
    return BAD_INPUT


def refuse_figures(error: AuditError) -> int:
    """Say what does not add up; the result is the exit code."""
    say("数字对不上，没有写出文件：")
    for finding in error.findings:
        say(f"{finding.rule} {finding.message}")
    return FINDING


def _files(
    statement: Statement, *, format: str, output: Path, listed: Sequence[Row] | None
) -> list[tuple[Path, Write]]:
    if format == "xlsx":
        return [(output, partial(workbook.write_workbook, statement=statement, rows=listed))]
    beside = output.with_name(f"{output.stem}-明细{output.suffix}")
    write, write_rows = (
        (listing.write_csv, listing.write_rows_csv)
        if format == "csv"
        else (listing.write_json, listing.write_rows_json)
    )
    files: list[tuple[Path, Write]] = [(output, partial(write, statement=statement))]
    if listed is not None:
        files.append((beside, partial(write_rows, rows=listed)))
    return files
