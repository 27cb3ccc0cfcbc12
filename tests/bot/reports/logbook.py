"""A real log to take figures from, and a second way to count it: straight from its events."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.desk import ledger
from bot.desk.channels import registry
from bot.desk.keys import Keys
from bot.desk.ledger import Entry
from bot.desk.outcomes import OUTCOMES
from bot.desk.ratings import RATINGS
from bot.reports.labels import NATURES, Labels, make_labels
from bot.reports.periods import parse_month, parse_year
from bot.reports.rows import Row, kept
from bot.reports.statement import Statement, make_statement
from bot.store import facts
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.tables import consultations, events
from knowledge.check_digits import check_digit
from knowledge.guides import load_guides
from knowledge.office import load_office

OFFICE = load_office()
ZONE = ZoneInfo("Asia/Shanghai")
KEYS = Keys("a secret for tests only")
GUIDES = load_guides()
LABELS: Labels = make_labels(registry(), guides=GUIDES, office=OFFICE)
NOW = datetime(2027, 1, 15, 2, 0, tzinfo=UTC)
"""When the tests' figures are taken: after the year they are about."""

QUESTION = "申请公开要交钱吗，我的电话不要写进报表"


def local(text: str) -> datetime:
    """A moment written as the office's clock shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class Matter:
    """One consultation to be written into the log by its events."""

    opened: datetime
    closed: datetime | None = None
    outcome: str | None = None
    channel: str = "web"
    asker: str = "Alice"
    topic: str | None = "A01"
    nature: str = "inquiry"
    rating: str | None = None
    region: str | None = None
    agency: str | None = None
    caller: str | None = None
    reopened: bool = False


@asynccontextmanager
async def log_of(matters: Sequence[Matter], folder: Path) -> AsyncIterator[Database]:
    """A database with these consultations, each written by the desk's own ledger."""
    url = f"sqlite:///{folder / 'zixun.db'}"
    await migrate(url)
    database = Database(url)
    try:
        await fill(database, matters)
        yield database
    finally:
        await database.close()


async def fill(database: Database, matters: Sequence[Matter]) -> None:
    """Write these consultations into the database, each event by the desk's own ledger."""
    await database.write(lambda connection: _write(connection, matters))


def busy_year(count: int = 200) -> list[Matter]:
    """Consultations of every kind around 2026, some at the very edges of its months."""
    chance = random.Random(20260601)  # noqa: S311 - the same log every time
    outcomes = [*OUTCOMES, *(["ANSWERED_KB"] * 20), *(["ANSWERED_STAFF"] * 5)]
    edges = [local(f"2026-{month:02d}-01") for month in range(1, 13)]
    topics = [guide.id for guide in GUIDES[:12]]
    matters = []
    for number in range(count):
        opened = local("2025-12-15") + timedelta(minutes=chance.randrange(60 * 24 * 400))
        if number % 10 == 0:
            opened = chance.choice(edges) - timedelta(microseconds=chance.choice((0, 1)))
        outcome = chance.choice(outcomes)
        closed: datetime | None = opened + timedelta(hours=chance.choice((0, 1, 24, 24 * 40)))
        if outcome != "INVALID" and chance.random() < 0.1:
            outcome, closed = "", None
        matters.append(
            Matter(
                opened=opened,
                closed=closed,
                outcome=outcome or None,
                channel=chance.choice(("web", "web", "telegram", "hotline", "onsite", "terminal")),
                asker=f"asker {chance.randrange(60)}",
                topic=chance.choice((*topics, *topics[:3], None)),
                nature=chance.choice((*NATURES, *(["inquiry"] * 20))),
                rating=chance.choice((*RATINGS, None, None)) if closed else None,
                region=chance.choice(("langu", None)),
                caller=chance.choice(("person", "company", None)),
                reopened=bool(closed) and chance.random() < 0.1,
            )
        )
    return sorted(matters, key=lambda matter: matter.opened)


async def statement_and_rows(
    matters: Sequence[Matter], period: str, folder: Path, *, labels: Labels = LABELS
) -> tuple[Statement, list[Row]]:
    """The statement of ``2026-10`` or ``2026`` over these consultations, and its rows."""
    when = parse_month(period) if "-" in period else parse_year(period)
    rows: list[Row] = []
    async with log_of(matters, folder) as database:
        statement = await database.read(
            lambda connection: make_statement(
                kept(
                    facts.between(connection, start=when.start(ZONE), end=when.end(ZONE)),
                    rows,
                    period=when,
                    zone=ZONE,
                    labels=labels,
                ),
                period=when,
                office=OFFICE.name,
                labels=labels,
                zone=ZONE,
                cut_off=NOW,
            )
        )
    return statement, rows


def _write(connection: Connection, matters: Sequence[Matter]) -> None:
    for number, matter in enumerate(matters):
        body = f"{matter.opened.astimezone(ZONE):%y%m%d}{number:07d}"
        becomes: dict[str, Any] = {
            "topic": matter.topic,
            "nature": matter.nature,
            "region": matter.region,
            "agency": matter.agency,
            "caller_type": matter.caller,
        }
        closing = {"state": "CLOSED", "outcome": matter.outcome}
        at_once = matter.closed == matter.opened
        row, _ = ledger.open_consultation(
            connection,
            receipt=body + check_digit(body),
            channel=matter.channel,
            asker=KEYS.hash("asker", f"{matter.channel}\0{matter.asker}"),
            at=matter.opened,
            entry=Entry(
                "asked",
                matter.opened,
                "citizen",
                {},
                becomes | (closing if at_once else {"state": "OPEN_QUEUE"}),
                text=QUESTION,
            ),
            keys=KEYS,
        )
        if matter.closed is not None and not at_once:
            row, _ = ledger.record(
                connection, row, Entry("closed", matter.closed, "timer", {}, closing), keys=KEYS
            )
        if matter.rating is not None and matter.closed is not None:
            rated = Entry("rated", matter.closed, "citizen", {}, {"rating": matter.rating})
            row, _ = ledger.record(connection, row, rated, keys=KEYS)
        if matter.reopened and matter.closed is not None:
            later = matter.closed + timedelta(days=1)
            again = Entry("unsolved", later, "citizen", {}, {"state": "OPEN_QUEUE"})
            row, _ = ledger.record(connection, row, again, keys=KEYS)
            done = {"state": "CLOSED", "outcome": "ANSWERED_STAFF"}
            ledger.record(connection, row, Entry("replied", later, "staff:1", {}, done), keys=KEYS)


@dataclass(slots=True)
class History:
    """One consultation as its events tell it."""

    channel: str
    asker: bytes
    opened: datetime
    topic: str | None = None
    nature: str = "inquiry"
    closed: datetime | None = None
    outcome: str | None = None
    rating: str | None = None


async def histories(database: Database) -> list[History]:
    """Every consultation, told again from its events alone (its channel and asker apart)."""

    def read(connection: Connection) -> list[History]:
        told: dict[int, History] = {}
        for row in connection.execute(
            select(
                events.c.consultation_id,
                events.c.at,
                events.c.facts,
                consultations.c.channel,
                consultations.c.asker,
            )
            .join(consultations, consultations.c.id == events.c.consultation_id)
            .order_by(events.c.id)
        ):
            history = told.setdefault(
                row.consultation_id, History(row.channel, row.asker, row.at.astimezone(ZONE))
            )
            becomes: Mapping[str, Any] = row.facts["becomes"]
            history.topic = becomes.get("topic", history.topic)
            history.nature = becomes.get("nature", history.nature)
            history.rating = becomes.get("rating", history.rating)
            if becomes.get("state") == "CLOSED" and history.closed is None:
                history.closed = row.at.astimezone(ZONE)
                history.outcome = becomes["outcome"]
        return list(told.values())

    return await database.read(read)


def recount(told: Sequence[History], prefix: str) -> dict[str, Any]:
    """What a person with a pencil counts for a period: ``prefix`` is ``2026-10`` or ``2026``."""
    valid = [item for item in told if item.outcome != "INVALID"]
    received = [item for item in valid if f"{item.opened:%Y-%m}".startswith(prefix)]
    closed = [item for item in valid if item.closed and f"{item.closed:%Y-%m}".startswith(prefix)]
    elsewhere = {
        "REFERRED_12345", "REFERRED_PETITION", "REFERRED_BUSINESS", "REFERRED_LEGAL_AID",
        "REFERRED_EMERGENCY", "OUT_OF_SCOPE", "REJECTED", "DUPLICATE", "WITHDRAWN",
    }  # fmt: skip
    as_counted = {"terminal": "other"}
    return {
        "Q1": len(received),
        "Q1g": sum(
            item.nature == "inquiry" and item.outcome not in elsewhere for item in received
        ),
        "Q2": sum(
            item.outcome == "INVALID" and f"{item.opened:%Y-%m}".startswith(prefix)
            for item in told
        ),
        "Q3": len({(item.channel, item.asker, item.opened.date()) for item in received}),
        "O*": len(closed),
        "channel": Counter(as_counted.get(item.channel, item.channel) for item in received),
        "topic": Counter(item.topic or "unknown" for item in received),
        "outcome": Counter(item.outcome for item in closed),
        "rated": sum(item.rating is not None for item in closed),
        "opening": sum(
            f"{item.opened:%Y-%m}" < prefix
            and (item.closed is None or f"{item.closed:%Y-%m}" >= prefix)
            for item in valid
        ),
    }
