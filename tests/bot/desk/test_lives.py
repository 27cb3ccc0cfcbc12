"""Whole lives of consultations: whatever happens in whatever order, the log stays right."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import make_url

from bot.desk import mine
from bot.desk.access import Claim
from bot.desk.acts import DeskError, Handled
from bot.desk.calendar import load_calendar
from bot.desk.inquiries import Inquiry, ReplyKind
from bot.desk.outcomes import CLOSED, LABELS, OPEN_STATES, OUTCOMES, OWNER_OF_STATE
from bot.store.consultations import Consultation
from bot.store.database import Database
from bot.store.tables import metadata
from knowledge.guides import Guide
from knowledge.office import load_office
from knowledge.understanding import Reader
from tests.bot.desk.conftest import House, Phrases, make_house

T = TypeVar("T")
THOROUGH = os.environ.get("ZIXUN_TEST_LIVES")
"""How many lives to try, other ones each time; a plain run tries the same few."""
MARK = "牛皮糖儿"
"""Nobody says this but our citizens: it may stand among their words and nowhere else."""
IDENTITY = "110101199003074514"
PEOPLE = st.sampled_from(["alice", "bob"])
CHANNELS = st.sampled_from(["telegram", "telegram", "web"])
ACTS = st.sampled_from(
    ["solved", "unsolved", "withdraw", "escalate", "rate:satisfied", "rate:dissatisfied",
     "choose:none", "choose:first", "choose:D01"]
)  # fmt: skip
ASKING_BACK = {ReplyKind.CLARIFY, ReplyKind.NO_CONFIDENCE}
ANSWERING = {
    ReplyKind.ANSWER, ReplyKind.REFERRED, ReplyKind.HANDED_OVER, ReplyKind.STAFF_REPLY,
}  # fmt: skip


def lives(*, template: Path, reader: Reader, guides: Mapping[str, Guide], phrases: Phrases) -> Any:
    """The machine that lives them, over a database of its own each time."""
    texts = st.sampled_from(
        [
            *(phrases.sure[key] for key in ("B01", "C01", "D01", "E07", "H01", "I01")),
            *phrases.vague[:3], *phrases.unknown[:2], *phrases.off_topic[:1],
            "那要多久？", "收费吗", "那呢", "11月3号寄到的", "前天", IDENTITY, "13888888888",
            "转人工", "没解决", "解决了", "都不是", "不问了", "撤回", "第一个", "还要多久",
            "补充一下，是征地的事", "转人工，我问的是征地的钱", "半个月前交的",
            "你好", "谢谢", "😀", "傻逼", "",
            "帮我查一下邻居的身份证号", "着火了打哪个", "請問公開申請要收費嗎",
            f"{MARK}怎么申请信息公开", MARK, f"{MARK}，我的身份证号是{IDENTITY}",
        ]
    )  # fmt: skip

    class Lives(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.folder = Path(tempfile.mkdtemp())
            shutil.copyfile(template, self.folder / "zixun.db")
            self.runner = asyncio.Runner()
            self.taken_in: list[Inquiry] = []
            self.house = self.run(self._open())

        async def _open(self) -> House:
            database = Database(f"sqlite:///{self.folder / 'zixun.db'}")
            return await make_house(
                database,
                reader=reader,
                guides=guides,
                office=load_office(),
                calendar=load_calendar(),
            )

        def run(self, work: Awaitable[T]) -> T:
            async def awaited() -> T:
                return await work

            return self.runner.run(awaited())

        def tried(self, work: Awaitable[Handled]) -> Handled | None:
            """What it came to, None if the desk refused it."""
            try:
                return self.run(work)
            except DeskError:
                return None

        def rows(self) -> list[Consultation]:
            return self.run(self.house.rows())

        def one_of(self, number: int) -> Consultation:
            rows = self.rows()
            return rows[number % len(rows)]

        def take_in(self, inquiry: Inquiry) -> Handled:
            self.taken_in.append(inquiry)
            return self.run(self.house.desk.ask(inquiry))

        @initialize(text=texts, who=PEOPLE)
        def begin(self, text: str, who: str) -> None:
            self.take_in(self.house.inquiry(text, who=who))

        @rule(text=texts, who=PEOPLE, channel=CHANNELS, edited=st.integers(0, 5))
        def somebody_says(self, text: str, who: str, channel: str, edited: int) -> None:
            self.take_in(self.house.inquiry(text, who=who, channel=channel, edited=edited == 0))

        @rule(said=st.lists(texts, min_size=2, max_size=4), who=PEOPLE)
        def somebody_says_all_at_once(self, said: list[str], who: str) -> None:
            inquiries = [self.house.inquiry(text, who=who) for text in said]

            async def all_at_once() -> None:
                await asyncio.gather(*map(self.house.desk.ask, inquiries))

            self.run(all_at_once())

        @rule(number=st.integers(0, 99))
        def an_old_message_comes_again(self, number: int) -> None:
            inquiry = self.taken_in[number % len(self.taken_in)]
            before = self.run(self.house.sizes())
            again = self.run(self.house.desk.ask(inquiry))
            assert again.repeated
            assert self.run(self.house.sizes()) == before

        @rule(act=ACTS, number=st.integers(0, 99), who=PEOPLE, note=st.sampled_from(["", MARK]))
        def somebody_taps(self, act: str, number: int, who: str, note: str) -> None:
            row = self.one_of(number)
            if act == "choose:first":
                said = self.run(self.house.desk.replies(row))
                offered = [key for item in said for key in item.values.get("choices", ())]
                act = f"choose:{offered[-1]}" if offered else "choose:none"
            self.tried(self.house.taps(act, row, who=who, note=note))

        @rule(number=st.integers(0, 99), who=PEOPLE)
        def somebody_types_a_receipt(self, number: int, who: str) -> None:
            self.take_in(self.house.inquiry(self.one_of(number).receipt, who=who))

        @rule(guide_id=st.sampled_from(["B01", "D01", "I01"]), who=PEOPLE)
        def somebody_picks_a_guide(self, guide_id: str, who: str) -> None:
            self.run(self.house.desk.open_guide(guide_id, inquiry=self.house.inquiry(who=who)))

        @rule(who=PEOPLE)
        def somebody_sends_a_photo(self, who: str) -> None:
            self.run(self.house.desk.take_media(self.house.inquiry(who=who), medium="photo"))

        @rule(text=texts, number=st.integers(0, 99), channel=CHANNELS)
        def something_is_added_by_code(self, text: str, number: int, channel: str) -> None:
            receipt = self.one_of(number).receipt
            self.tried(
                self.house.desk.add(
                    receipt,
                    claim=Claim(code=self.house.keys.retrieval_code(receipt)),
                    inquiry=self.house.inquiry(text, who="carol", channel=channel),
                )
            )

        @rule(hours=st.sampled_from([0.1, 5, 24, 24 * 8]))
        def time_passes(self, hours: float) -> None:
            self.house.advance(hours=hours)

        @rule()
        def the_timer_comes_by(self) -> None:
            self.run(self.house.desk.close_silent(self.house.moment))
            assert self.run(self.house.desk.close_silent(self.house.moment)) == 0

        @rule(number=st.integers(0, 99), send=st.booleans())
        def staff_reply(self, number: int, send: bool) -> None:
            told = self.run(self.house.to_staff())
            about = {item.consultation_id for item in told}
            rows = [row for row in self.rows() if row.id in about]
            if not rows:
                return
            row = rows[number % len(rows)]
            drafted = self.tried(self.house.draft(row, "您好，这是答复。"))
            if drafted is not None:
                draft_id = int(drafted.event.facts["draft_id"])
                assert self.tried(self.house.settle_draft(draft_id, send=send)) is not None
                assert self.tried(self.house.settle_draft(draft_id, send=True)) is None

        @rule(number=st.integers(0, 99))
        def a_reply_never_arrives(self, number: int) -> None:
            said = self.run(self.house.desk.replies(self.one_of(number)))
            if said:
                self.run(
                    self.house.staffing.note_undeliverable(
                        said[number % len(said)], "gone", now=self.house.moment
                    )
                )

        @rule(who=PEOPLE)
        def somebody_has_everything_deleted(self, who: str) -> None:
            asker = self.house.desk.register.asker("telegram", f"{who}-user")
            self.run(mine.delete(self.house.database, asker))

        @invariant()
        def every_row_is_what_its_events_lead_to(self) -> None:
            self.run(self.house.is_sound())

        @invariant()
        def every_consultation_has_one_owner_and_once_closed_one_outcome(self) -> None:
            for row in self.rows():
                assert row.owner == OWNER_OF_STATE[row.state]
                assert (row.state == CLOSED) == (row.outcome in OUTCOMES)
                assert (row.state == CLOSED) == (row.closed_at is not None)
                assert (row.state in OPEN_STATES) == (row.outcome is None)
                assert (row.first_outcome is None) == (row.first_closed_at is None)
                assert (row.state == "OPEN_BOT") == (row.timer_at is not None)
                assert row.state != "OPEN_QUEUE" or row.due_at is not None
                assert set(row.labels) <= set(LABELS)
                assert row.topic is None or row.topic in guides
                assert row.topic not in row.topics

        @invariant()
        def nobody_is_asked_back_three_times_in_a_row(self) -> None:
            for row in self.rows():
                in_a_row = 0
                for item in self.run(self.house.desk.replies(row)):
                    if item.kind in ASKING_BACK:
                        in_a_row += 1
                    elif item.kind in ANSWERING:
                        in_a_row = 0
                    assert in_a_row <= 2

        def teardown(self) -> None:
            dump = self.run(_everything(self.house.database))
            self.house.desk.close()
            self.run(self.house.database.close())
            self.runner.close()
            shutil.rmtree(self.folder)
            assert MARK not in dump
            for clear in ("-user", "-chat", "message:", IDENTITY, "13888888888"):
                assert clear not in dump

    return Lives


async def _everything(database: Database) -> str:
    """Whatever stands in any column of any table but the words, and in those what is personal."""

    def read(connection: Any) -> str:
        found = []
        for name, table in metadata.tables.items():
            for row in connection.execute(table.select()):
                kept = repr(tuple(row))
                found.append(kept.replace(MARK, "") if name == "words" else kept)
        return "\n".join(found)

    return await database.read(read)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_no_order_of_things_breaks_a_consultation(
    backend: str,
    empty_and_migrated: Mapping[str, str],
    reader: Reader,
    guides: Mapping[str, Guide],
    phrases: Phrases,
) -> None:
    template = make_url(empty_and_migrated[backend]).database
    machine = lives(template=Path(str(template)), reader=reader, guides=guides, phrases=phrases)

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(THOROUGH or 25),
            stateful_step_count=20,
            deadline=None,
            derandomize=THOROUGH is None,
            suppress_health_check=list(HealthCheck),
        ),
    )
