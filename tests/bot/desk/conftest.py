"""The real desk over a real database; only the clock and a channel's far end are ours."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy import Connection, func, select

from bot.desk import chains
from bot.desk.access import Claim
from bot.desk.acts import Handled
from bot.desk.calendar import WorkingCalendar, load_calendar
from bot.desk.channels import Channel, Parcel, registry
from bot.desk.desk import Desk
from bot.desk.inquiries import Inquiry
from bot.desk.keys import Keys
from bot.desk.shelf import Shelf
from bot.desk.staffing import Staffing
from bot.store import consultations, events, outbox
from bot.store.consultations import Consultation
from bot.store.database import Database
from bot.store.events import Event
from bot.store.outbox import Outgoing
from bot.store.tables import metadata
from knowledge.guides import Guide, load_guides
from knowledge.ladder import Decision
from knowledge.office import Office, load_office
from knowledge.text import is_traditional, to_traditional
from knowledge.understanding import QUESTION, Reader
from tests.bot.desk.made import MONDAY

T = TypeVar("T")
GROUP_MESSAGE = "-100:5"
"""What Telegram calls the message that the tests' staff reply to."""


@dataclass(frozen=True)
class Phrases:
    """Questions about which there can be no doubt what the ladder does with them.

    ``sure`` are answered or referred, by guide; ``vague`` are asked back about; ``unknown`` go to
    staff; ``off_topic`` are declined. None leans on what came before.
    """

    sure: Mapping[str, str]
    vague: tuple[str, ...]
    unknown: tuple[str, ...]
    off_topic: tuple[str, ...]

    @property
    def vague_traditional(self) -> str:
        """A vague question in traditional characters."""
        return next(filter(is_traditional, map(to_traditional, self.vague)))


@dataclass
class House:
    """An office's desk with what tests do to it; each message and tap is another one."""

    database: Database
    desk: Desk
    staffing: Staffing
    keys: Keys
    rung: list[None] = field(default_factory=list)
    """One for each time the desk said that something was put on its way."""
    moment: datetime = MONDAY
    count: int = 0

    def advance(self, **by: float) -> None:
        """Move the clock on."""
        self.moment += timedelta(**by)

    def inquiry(
        self,
        text: str = "",
        *,
        who: str = "alice",
        channel: str = "telegram",
        name: str | None = None,
        edited: bool = False,
    ) -> Inquiry:
        """Something that comes in now, under a name of its own unless one is given."""
        self.count += 1
        return Inquiry(
            channel=channel,
            external_id=name or f"message:{who}-chat:{self.count}",
            asker=f"{who}-user",
            text=text,
            received_at=self.moment,
            contact=f"{who}-chat" if channel == "telegram" else None,
            edited=edited,
        )

    async def says(self, text: str, *, who: str = "alice", channel: str = "telegram") -> Handled:
        """Somebody says something."""
        return await self.desk.ask(self.inquiry(text, who=who, channel=channel))

    async def taps(
        self, act: str, handled: Handled | Consultation, *, who: str = "alice", note: str = ""
    ) -> Handled:
        """Somebody taps 解决了, 没解决, 转人工, a rating or a choice under their consultation."""
        kind, _, value = act.partition(":")
        receipt, inquiry = _row(handled).receipt, self.inquiry(note, who=who)
        claim = self.claim(who)
        match kind:
            case "choose":
                chosen = None if value == "none" else value
                return await self.desk.choose(receipt, chosen, claim=claim, inquiry=inquiry)
            case "rate":
                return await self.desk.rate(receipt, value, claim=claim, inquiry=inquiry)
        return await self.desk.act(kind, receipt, claim=claim, inquiry=inquiry)

    def claim(self, who: str = "alice", *, channel: str = "telegram") -> Claim:
        """The right that somebody has to what they asked."""
        return Claim(asker=self.desk.register.asker(channel, f"{who}-user"))

    async def staff_reply(self, handled: Handled | Consultation, text: str) -> Handled:
        """A clerk replies under the newest message that the group got about it, and confirms."""
        drafted = await self.draft(handled, text)
        draft_id = int(drafted.event.facts["draft_id"])
        return await self.settle_draft(draft_id, send=True)

    async def draft(self, handled: Handled | Consultation, text: str, *, by: int = 77) -> Handled:
        """A clerk writes under the newest message that the group got about it."""
        consultation_id = _row(handled).id
        reference = self.keys.hash("message", GROUP_MESSAGE).hex()

        def arrived(connection: Connection) -> None:
            table = metadata.tables["outbox"]
            newest = connection.execute(
                select(func.max(table.c.id)).where(
                    table.c.consultation_id == consultation_id, table.c.audience == "staff"
                )
            ).scalar_one()
            connection.execute(
                table.update().where(table.c.message_ref == reference).values(message_ref=None)
            )
            outbox.mark_sent(connection, newest, at=self.moment, message_ref=reference)

        await self.database.write(arrived)
        inquiry = Inquiry("telegram", f"group:{self._next()}", str(by), text, self.moment)
        return await self.staffing.draft_reply(GROUP_MESSAGE, inquiry=inquiry)

    async def settle_draft(self, draft_id: int, *, send: bool, by: int = 77) -> Handled:
        """A clerk taps 发送 or 取消 under a draft."""
        inquiry = Inquiry("telegram", f"tap:{self._next()}", str(by), "", self.moment)
        return await self.staffing.settle_draft(draft_id, send=send, inquiry=inquiry)

    async def row(self, handled: Handled | Consultation) -> Consultation:
        """The consultation as it now is."""
        key = _row(handled).id
        found = await self.database.read(partial(consultations.by_id, consultation_id=key))
        assert found is not None
        return found

    async def rows(self) -> list[Consultation]:
        """Every consultation, oldest first."""
        span = timedelta(days=3660)
        found = await self.read(
            consultations.opened_between, start=MONDAY - span, end=MONDAY + span
        )
        return list(found)

    async def log(self, handled: Handled | Consultation) -> list[Event]:
        """Everything that happened in the consultation."""
        return await self.read(events.of_consultation, consultation_id=_row(handled).id)

    async def kinds(self, handled: Handled | Consultation) -> list[str]:
        """What happened in the consultation, by the kinds of its events."""
        return [event.kind for event in await self.log(handled)]

    async def to_staff(self) -> list[Outgoing]:
        """Everything said to the staff's side, in order."""
        found = [
            outgoing
            for row in await self.rows()
            for event in await self.log(row)
            for outgoing in await self.read(outbox.of_event, event_id=event.id)
        ]
        return [item for item in found if item.audience == outbox.STAFF]

    async def sizes(self) -> dict[str, int]:
        """How many rows each table has."""

        def count(connection: Connection) -> dict[str, int]:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in metadata.tables.items()
            }

        return await self.read(count)

    async def read(self, query: Callable[..., T], **arguments: object) -> T:
        """The query's result, from what is committed."""
        return await self.database.read(partial(query, **arguments))

    async def is_sound(self) -> None:
        """Assert that every consultation is what its events lead to."""
        for row in await self.rows():
            assert chains.flaws(row, await self.log(row)) == ()

    def _next(self) -> int:
        self.count += 1
        return self.count


def kinds_of(handled: Handled) -> list[str]:
    """What was said to the citizen, by kind."""
    return [reply.kind for reply in handled.replies]


@pytest.fixture(scope="session")
def guides() -> Mapping[str, Guide]:
    """The embedded guides by id."""
    return {guide.id: guide for guide in load_guides()}


@pytest.fixture(scope="session")
def reader(guides: Mapping[str, Guide], tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The reader of questions, which takes a second to build."""
    return Reader(tuple(guides.values()))


@pytest.fixture(scope="session")
def office() -> Office:
    """The sample office."""
    return load_office()


@pytest.fixture(scope="session")
def calendar() -> WorkingCalendar:
    """The working days as they were announced."""
    return load_calendar()


@pytest.fixture(scope="session")
def phrases(reader: Reader, guides: Mapping[str, Guide]) -> Phrases:
    """Questions chosen by asking the reader: matching gets better, and words change sides."""
    today = MONDAY.date()

    def chosen(decision: Decision, *texts: str) -> tuple[str, ...]:
        found = []
        for text in texts:
            read = reader.read(text, today=today)
            judged = (read.kind, read.verdict.decision, read.elliptical, read.filing)
            if judged == (QUESTION, decision, False, None):
                found.append(text)
        assert len(found) >= 3, f"too few questions to {decision}"
        return tuple(found)

    sure = {}
    for guide in guides.values():
        for text in guide.phrasings:
            read = reader.read(text, today=today)
            given = [quote.guide_id for quote in read.verdict.answers]
            if given == [guide.id] and not read.elliptical and not read.verdict.choices:
                sure[guide.id] = text
                break
    return Phrases(
        sure=sure,
        vague=chosen(
            Decision.CLARIFY,
            *("我想要那个文件", "老王家那个", "文件在哪", "信息公开", "他们不理我", "我要说法"),
            *("这事到底归谁管", "村里那个事", "想问下材料的事", "有个文件的事想问问"),
        ),
        unknown=chosen(
            Decision.HAND_OVER,
            *("你们就是互相推！！", "水库移民后扶资金发了多少", "如何制作原子弹", "帮我查下"),
            *("镇政府门口的台阶为什么拆了", "你们单位的王科长什么时候退休"),
            *("县里答应给我们寨子修的水池现在还没有动工", "政府大楼几层", "局里明年还招临时工不"),
            *("县长的车是什么牌子", "政府网站为什么换了颜色", "市政府的旗杆有多高"),
            *("公告栏为什么刷成绿色", "信息公开办有几台打印机"),
        ),
        off_topic=chosen(
            Decision.DECLINE,
            *("今天天气怎么样", "讲个笑话", "推荐几只股票", "帮我写首诗", "世界杯谁赢了"),
        ),
    )


async def make_house(
    database: Database,
    *,
    reader: Reader,
    guides: Mapping[str, Guide],
    office: Office,
    calendar: WorkingCalendar,
) -> House:
    """The desk with Telegram connected, and a clerk on the staff list."""
    keys = Keys("a secret for the tests only")
    telegram = Channel("telegram", "Telegram", "telegram", sender=_never)
    rung: list[None] = []
    desk = Desk(
        database,
        reader=reader,
        shelf=Shelf(tuple(guides.values())),
        office=office,
        calendar=calendar,
        keys=keys,
        channels=registry([telegram]),
        wake=lambda: rung.append(None),
    )
    staffing = Staffing(
        database, register=desk.register, keys=keys, wake=lambda: rung.append(None)
    )
    await staffing.add(name="小陈", role="clerk", telegram=77, at=MONDAY)
    return House(database, desk, staffing, keys, rung)


@pytest.fixture
async def house(
    database: Database,
    reader: Reader,
    guides: Mapping[str, Guide],
    office: Office,
    calendar: WorkingCalendar,
) -> AsyncIterator[House]:
    """The desk of this test alone."""
    made = await make_house(
        database, reader=reader, guides=guides, office=office, calendar=calendar
    )
    yield made
    made.desk.close()


async def _never(_parcel: Parcel) -> str | None:
    raise AssertionError("nothing is delivered in these tests")


def _row(handled: Handled | Consultation) -> Consultation:
    return handled.consultation if isinstance(handled, Handled) else handled
