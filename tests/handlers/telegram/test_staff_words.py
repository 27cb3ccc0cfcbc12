from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.desk.calendar import load_calendar
from bot.desk.channels import Parcel
from bot.desk.inquiries import ReplyKind
from bot.desk.keys import Keys
from bot.desk.shelf import Shelf
from bot.store.consultations import Consultation
from bot.store.outbox import Outgoing
from handlers.replies import Speaker
from handlers.telegram.pieces import pieces
from handlers.telegram.staff_words import say
from knowledge.guides import Guide
from knowledge.office import load_office

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PUBLIC_URL = "https://zixun.example.cn/"
CONSULTATION = Consultation(
    id=1,
    receipt="26112348207314",
    channel="telegram",
    asker=b"",
    owner="queue",
    state="OPEN_QUEUE",
    nature="inquiry",
    opened_at=NOW,
    touched_at=NOW,
    topic="C01",
    due_at=datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def speaker(guides: tuple[Guide, ...]) -> Speaker:
    return Speaker(
        office=load_office(),
        shelf=Shelf(guides),
        calendar=load_calendar(),
        keys=Keys("a secret of the tests"),
    )


def parcel(kind: ReplyKind, *, text: str | None = None, **values: Any) -> Parcel:
    outgoing = Outgoing(
        id=1,
        event_id=1,
        consultation_id=1,
        receipt=CONSULTATION.receipt,
        channel="telegram",
        audience="staff",
        kind=kind,
        values=values,
        status="pending",
        attempts=0,
        not_before=NOW,
        leased_until=None,
        settled_at=None,
        message_ref=None,
        problem=None,
    )
    return Parcel(outgoing, consultation=CONSULTATION, contact=None, text=text)


def plain(parcel: Parcel, speaker: Speaker, *, public_url: str | None = PUBLIC_URL) -> str:
    return say(parcel, speaker=speaker, public_url=public_url).plain()


def test_an_escalation_says_all_that_is_needed_to_answer_it(speaker: Speaker) -> None:
    text = plain(parcel(ReplyKind.ESCALATION, text="多久答复"), speaker)

    assert text.splitlines()[0] == "【转人工】261123 4820 7314"
    assert "渠道：Telegram" in text
    assert f"主题：{speaker.title('C01')}" in text
    assert "2026年11月24日周二 18:00" in text
    assert "原文：\n多久答复" in text


def test_what_came_another_way_is_to_be_read_in_the_console(speaker: Speaker) -> None:
    letter = parcel(ReplyKind.ESCALATION)
    letter = replace(letter, consultation=replace(CONSULTATION, channel="web", topic=None))

    text = plain(letter, speaker)
    assert "渠道：网页" in text
    assert "主题：未识别" in text
    assert "非 Telegram 渠道，原文请在控制台查看：https://zixun.example.cn/console" in text
    assert "http" not in plain(letter, speaker, public_url=None)


def test_words_that_are_no_longer_kept_are_said_to_be_missing(speaker: Speaker) -> None:
    assert "没有原文" in plain(parcel(ReplyKind.ESCALATION), speaker)


def test_an_addition_is_marked_and_says_that_something_was_masked(speaker: Speaker) -> None:
    text = plain(
        parcel(ReplyKind.ESCALATION, text="我是……", added=True, masked=["phone"]), speaker
    )

    assert text.startswith("【补充】")
    assert "个人信息已经遮盖" in text


def test_an_escalation_stays_one_message_however_much_was_said(speaker: Speaker) -> None:
    words = say(
        parcel(ReplyKind.ESCALATION, text="长" * 20_000), speaker=speaker, public_url=PUBLIC_URL
    )

    assert len(pieces(words)) == 1
    assert "全文请在控制台查看" in words.plain()


def test_a_draft_is_shown_whole_with_its_two_buttons(speaker: Speaker) -> None:
    draft = parcel(ReplyKind.DRAFT, text="您好。" * 1_500, draft_id=7)
    words = say(draft, speaker=speaker, public_url=None)

    assert "您好。" * 1_500 in words.plain()
    assert [(button.label, button.act) for button in words.buttons] == [
        ("发送", "send:7"),
        ("取消", "drop:7"),
    ]


@pytest.mark.parametrize("what", ["sent", "dropped", "undeliverable"])
def test_a_notice_is_one_sentence_with_the_receipt(speaker: Speaker, what: str) -> None:
    head, sentence = say(
        parcel(ReplyKind.STAFF_NOTICE, what=what), speaker=speaker, public_url=None
    ).sections

    assert head.text == "【通知】261123 4820 7314"
    assert sentence.text.endswith("。")


def test_what_is_for_citizens_is_not_said_to_staff(speaker: Speaker) -> None:
    with pytest.raises(ValueError, match="not said to staff"):
        plain(parcel(ReplyKind.ANSWER), speaker)
