"""What Zixun says: the fact first, the law after it, and never twice."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.desk.calendar import load_calendar
from bot.desk.inquiries import ReplyKind
from bot.desk.keys import Keys
from bot.desk.shelf import Shelf
from bot.store.outbox import Outgoing
from handlers.replies import NOT_AN_APPLICATION, Speaker, Words
from knowledge.guides import load_guides
from knowledge.office import load_office

MONDAY_EVENING = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)  # 20:30 in the office
MONDAY_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in the office
RECEIPT = "26112348207314"

KEYS = Keys("a secret that is long enough")
GUIDES = {guide.id: guide for guide in load_guides()}


@pytest.fixture(scope="module")
def speaker() -> Speaker:
    return Speaker(
        office=load_office(),
        shelf=Shelf(tuple(GUIDES.values())),
        calendar=load_calendar(),
        keys=KEYS,
    )


def outgoing(reply: str, at: datetime = MONDAY_MORNING, **values: Any) -> Outgoing:
    return Outgoing(
        id=1,
        event_id=1,
        consultation_id=1,
        receipt=RECEIPT,
        channel="web",
        audience="citizen",
        kind=reply,
        values=values,
        status="sent",
        attempts=0,
        not_before=at,
        leased_until=None,
        settled_at=None,
        message_ref=None,
        problem=None,
    )


def quoted(*ids: str, passage: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [
        {"guide_id": key, "version": GUIDES[key].version, "passage": passage, **more}
        for key in ids
    ]


def understood(words: Words) -> list[str]:
    return [section.text for section in words.sections if section.role == "understood"]


def labels(words: Words) -> list[str]:
    return [button.label for button in words.buttons]


def test_an_answer_gives_the_passage_then_its_basis_and_since_when(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.ANSWER, answers=quoted("C01")))

    roles = [section.role for section in words.sections]
    assert roles.index("answer") < roles.index("basis")
    assert "20个工作日" in words.sections[0].text
    assert "《政府信息公开条例》第三十三条" in words.plain()
    assert "2019年5月15日起施行" in words.plain()
    assert "指南：多久答复" in words.plain()
    assert labels(words)[-3:] == ["解决了", "没解决", "转人工"]


@pytest.mark.parametrize("kind", [ReplyKind.ANSWER, ReplyKind.REFERRED])
def test_how_the_question_was_understood_is_said_between_answer_and_basis(
    speaker: Speaker, kind: ReplyKind
) -> None:
    words = speaker.say(outgoing(kind, answers=quoted("D01", literal=False)))

    roles = [section.role for section in words.sections]
    assert understood(words) == ["按“收不收费”理解您的问题。"]
    assert roles[0] == "answer"
    assert roles.index("understood") == roles.index("basis") - 1


@pytest.mark.parametrize("answers", [quoted("D01", literal=True), quoted("D01")])
def test_whoever_asked_in_the_guides_words_or_picked_it_needs_no_explanation(
    speaker: Speaker, answers: list[dict[str, Any]]
) -> None:
    assert understood(speaker.say(outgoing(ReplyKind.ANSWER, answers=answers))) == []


def test_several_answers_have_their_titles_in_front_instead(speaker: Speaker) -> None:
    answers = quoted("B01", "D01", literal=False)

    assert understood(speaker.say(outgoing(ReplyKind.ANSWER, answers=answers))) == []


def test_the_answered_parts_of_what_is_handed_over_are_explained(speaker: Speaker) -> None:
    answers = quoted("D01", literal=False) + quoted("C01", literal=True)

    words = speaker.say(outgoing(ReplyKind.HANDED_OVER, answers=answers))

    assert understood(words) == ["按“收不收费”理解您的问题。"]


def test_the_explanation_is_in_the_characters_of_the_asker(speaker: Speaker) -> None:
    answers = quoted("D01", literal=False)

    words = speaker.say(outgoing(ReplyKind.ANSWER, answers=answers, traditional=True))

    assert understood(words) == ["按“收不收費”理解您的問題。"]


def test_it_is_said_once_that_this_is_not_an_application(speaker: Speaker) -> None:
    for guide_id in GUIDES:
        words = speaker.say(outgoing(ReplyKind.ANSWER, answers=quoted(guide_id)))

        assert words.plain().count("这里是咨询") == 1, guide_id


def test_who_asks_how_long_learns_the_day_if_it_were_filed_today(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.ANSWER, answers=quoted("C01")))

    assert "如果今天（2026年11月23日周一）当面提交" in words.plain()
    assert "最迟2026年12月21日周一答复" in words.plain()


def test_a_day_of_filing_is_counted_before_the_rule_is_quoted(speaker: Speaker) -> None:
    filing = {"day": "2026-09-21", "manner": "registered_mail", "arrived": True}

    words = speaker.say(outgoing(ReplyKind.ANSWER, answers=quoted("C01"), filing=filing))

    assert "最迟2026年10月26日周一答复（已经过了）" in words.sections[0].text
    assert "国庆节不算" in words.plain()
    assert "10月10日调休上班" in words.plain()


def test_a_day_of_posting_asks_for_the_day_of_arrival(speaker: Speaker) -> None:
    filing = {"day": "2026-11-03", "manner": "registered_mail", "arrived": False}

    words = speaker.say(outgoing(ReplyKind.ANSWER, answers=quoted("C01"), filing=filing))

    assert "请告诉我哪天签收的" in words.plain()


def test_several_answers_are_numbered_each_with_its_basis(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.ANSWER, answers=quoted("B01", "B03", "D01")))

    answers = [section.text for section in words.sections if section.role == "answer"]
    assert [text[:2] for text in answers] == ["① ", "② ", "③ "]
    assert sum(section.role == "basis" for section in words.sections) == 3


def test_every_guide_and_passage_can_be_said_with_the_office_filled_in(speaker: Speaker) -> None:
    for guide in GUIDES.values():
        for passage in guide.passages:
            words = speaker.say(
                outgoing(ReplyKind.ANSWER, answers=quoted(guide.id, passage=passage.number))
            )

            assert "{" not in words.plain(), guide.id


def test_forms_of_the_guide_are_offered(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.ANSWER, answers=quoted("B02")))

    assert any(button.act.startswith("form:") for button in words.buttons)


def test_choices_are_offered_with_none_of_them_and_staff(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.CLARIFY, choices=["H01", "B01"]))

    assert words.plain() == "您想问的是哪一件事？"
    assert [button.act for button in words.buttons] == [
        "choose:H01",
        "choose:B01",
        "choose:none",
        "escalate",
    ]


def test_in_the_evening_no_confidence_names_the_next_working_day(speaker: Speaker) -> None:
    evening = speaker.say(outgoing(ReplyKind.NO_CONFIDENCE, at=MONDAY_EVENING))
    morning = speaker.say(outgoing(ReplyKind.NO_CONFIDENCE, at=MONDAY_MORNING))

    assert "2026年11月24日周二" in evening.plain()
    assert "下一个工作日" not in morning.plain()


def test_a_hand_over_gives_receipt_code_place_and_promise(speaker: Speaker) -> None:
    words = speaker.say(
        outgoing(
            ReplyKind.HANDED_OVER,
            why="asked",
            ahead=2,
            state="OPEN_QUEUE",
            due_at="2026-11-24T10:00:00+00:00",
        )
    )

    assert "受理编号 261123 4820 7314" in words.plain()
    assert f"查询码 {KEYS.retrieval_code(RECEIPT)}" in words.plain()
    assert "前面还有 2 件" in words.plain()
    assert "本机关服务承诺：2026年11月24日周二 18:00 前" in words.plain()
    assert "法定" not in words.plain()


def test_a_part_that_was_not_answered_is_quoted_from_the_citizens_words(speaker: Speaker) -> None:
    text = "多久答复，另外我家那头牛归谁管"
    words = speaker.say(
        outgoing(
            ReplyKind.HANDED_OVER,
            answers=quoted("C01"),
            open_places=[[5, len(text)]],
            due_at="2026-11-24T10:00:00+00:00",
        ),
        text=text,
    )

    assert "“另外我家那头牛归谁管”我没有把握，转给工作人员" in words.plain()


def test_masked_numbers_are_told_first_and_named(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.CLARIFY, choices=["B13"], masked=["identity_number"]))

    assert words.sections[0].text == "身份证号已经遮盖，没有存下来。"


def test_in_a_messenger_they_are_asked_to_delete_their_own_message(speaker: Speaker) -> None:
    sent = outgoing(ReplyKind.CLARIFY, choices=["B13"], masked=["phone", "email"])

    words = speaker.say(replace(sent, channel="telegram"))

    assert words.sections[0].text == (
        "电话号码、邮箱地址已经遮盖，没有存下来；您聊天窗口里的那条请自己删掉。"
    )


def test_traditional_characters_are_answered_in_them_but_the_law_stays(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.ANSWER, answers=quoted("D01"), traditional=True))

    answer = next(section for section in words.sections if section.role == "answer")
    basis = next(section for section in words.sections if section.role == "basis")
    assert "費" in answer.text
    assert "信息公开条例" in basis.text
    assert "轉人工" in labels(words)


@pytest.mark.parametrize(
    "kind", ["greeting", "thanks", "farewell", "emoji", "blank", "test", "abuse", "no_matter"]
)
def test_small_talk_gets_a_sentence_and_a_way_on(speaker: Speaker, kind: str) -> None:
    words = speaker.say(outgoing(ReplyKind.SMALL_TALK, kind=kind))

    assert words.plain().endswith("。")
    assert labels(words)[-1] == "转人工"


@pytest.mark.parametrize("why", ["privacy", "illegal", "off_topic", "rejected"])
def test_a_refusal_is_one_calm_sentence_or_two(speaker: Speaker, why: str) -> None:
    words = speaker.say(outgoing(ReplyKind.DECLINED, why=why))

    assert len(words.sections) == 1
    assert "！" not in words.plain()


def test_a_photo_is_answered_with_phone_hours_and_a_warning(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.CANNOT_READ, medium="photo"))

    assert "这里看不了照片" in words.plain()
    assert "证件照片请不要发" in words.plain()
    assert "今天8:30–12:00，14:00–18:00" in words.plain()


def test_on_a_holiday_the_hours_say_that_the_office_rests(speaker: Speaker) -> None:
    assert speaker.hours_today(date(2026, 10, 1)).startswith("今天是国庆节，不办公")


def test_the_status_of_a_closed_matter_is_its_outcome(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.STATUS, state="CLOSED", outcome="ANSWERED_STAFF"))

    assert "已办结（工作人员答复）" in words.plain()


def test_a_staff_reply_is_given_as_written_and_asks_whether_it_helped(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.STAFF_REPLY), text="批文在附件里。")

    assert "批文在附件里。" in words.plain()
    assert labels(words) == ["满意", "基本满意", "不满意", "没解决"]


def test_every_reply_to_a_citizen_can_be_said(speaker: Speaker) -> None:
    to_staff = {ReplyKind.ESCALATION, ReplyKind.DRAFT, ReplyKind.STAFF_NOTICE}
    for kind in set(ReplyKind) - to_staff:
        words = speaker.say(outgoing(kind, answers=quoted("B01"), choices=["B01"], state="CLOSED"))

        assert words.plain()
        assert "！" not in words.plain()


def test_what_is_for_staff_is_not_said_to_citizens(speaker: Speaker) -> None:
    with pytest.raises(ValueError, match="is not said to citizens"):
        speaker.say(outgoing(ReplyKind.ESCALATION))


def test_not_an_application_is_the_offices_own_sentence() -> None:
    assert NOT_AN_APPLICATION == "这里是咨询，不是正式申请，不计算期限。"


def test_what_was_answered_before_is_said_so(speaker: Speaker) -> None:
    words = speaker.say(
        outgoing(ReplyKind.ANSWER, answers=quoted("D01"), duplicate_of="26112348207314")
    )

    assert words.sections[0].text == "这件事您之前问过（受理编号 261123 4820 7314）。"


def test_parts_that_were_not_answered_are_offered(speaker: Speaker) -> None:
    words = speaker.say(outgoing(ReplyKind.ANSWER, answers=quoted("B01"), choices=["D01"]))

    assert words.sections[-1].text == "另外，您是不是还想问："
    assert words.buttons[0].act == "choose:D01"


def test_a_matter_that_solved_itself_is_closed_in_other_words_than_a_withdrawn_one(
    speaker: Speaker,
) -> None:
    withdrawn = speaker.say(outgoing(ReplyKind.WITHDRAWN)).plain()
    solved = speaker.say(outgoing(ReplyKind.WITHDRAWN, why="solved")).plain()

    assert "撤回" in withdrawn
    assert "办结" in solved
    assert "撤回" not in solved


def test_how_to_look_up_a_receipt_is_said(speaker: Speaker) -> None:
    assert "查询码" in speaker.say(outgoing(ReplyKind.SMALL_TALK, kind="receipt")).plain()
