from dataclasses import replace
from datetime import date, timedelta

import pytest

from knowledge.guides import Guide, load_guides
from knowledge.ladder import Decision
from knowledge.smalltalk import Command, SmallTalk
from knowledge.understanding import QUESTION, Reader

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def guides() -> tuple[Guide, ...]:
    return load_guides()


@pytest.fixture(scope="module")
def reader(guides: tuple[Guide, ...]) -> Reader:
    return Reader(guides)


@pytest.mark.parametrize(
    ("text", "decision", "guide_id"),
    [
        ("申请信息公开要多久答复", Decision.ANSWER, "C01"),
        ("我想查我家宅基地审批", Decision.ANSWER, "H21"),
        ("那个征地的批文去哪里看", Decision.ANSWER, "H18"),
        ("你帮我把申请交了吧", Decision.ANSWER, "B14"),
        ("法律不是规定15天答复吗 你们超期了吧", Decision.ANSWER, "C01"),
        ("我要看我自己的社保缴了多少", Decision.REFER, "E07"),
        ("隔壁半夜施工吵死了", Decision.REFER, "I01"),
        ("着火了", Decision.REFER, "I04"),
    ],
)
def test_what_is_known_is_answered(
    reader: Reader, text: str, decision: Decision, guide_id: str
) -> None:
    verdict = reader.read(text, today=TODAY).verdict

    assert verdict.decision is decision
    assert verdict.answers[0].guide_id == guide_id


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("今天股票怎么样", "off_topic"),
        ("给我讲个笑话", "off_topic"),
        ("查一下我老婆的手机定位", "privacy"),
    ],
)
def test_what_is_none_of_ours_is_declined(reader: Reader, text: str, reason: str) -> None:
    verdict = reader.read(text, today=TODAY).verdict

    assert (verdict.decision, verdict.reason) == (Decision.DECLINE, reason)
    assert verdict.answers == ()


def test_a_vague_wish_is_asked_about(reader: Reader) -> None:
    verdict = reader.read("我想要那个文件", today=TODAY).verdict

    assert verdict.decision is Decision.CLARIFY
    assert 2 <= len(verdict.choices) <= 3


def test_small_talk_and_acts_are_not_looked_up(reader: Reader) -> None:
    thanks = reader.read("谢谢", today=TODAY)
    staff = reader.read("转人工", today=TODAY)

    assert thanks.kind is SmallTalk.THANKS
    assert staff.kind is Command.WANTS_STAFF
    assert thanks.match.candidates == staff.match.candidates == ()


def test_a_follow_up_is_read_with_what_came_before(reader: Reader) -> None:
    understanding = reader.read("那要多久？", today=TODAY, about="B01")

    assert understanding.elliptical
    assert understanding.verdict.answers[0].guide_id == "C01"


def test_a_question_with_its_own_topic_ignores_what_came_before(reader: Reader) -> None:
    text = "征地批文去哪里看"

    understanding = reader.read(text, today=TODAY, about="D01")

    assert not understanding.elliptical
    assert understanding == reader.read(text, today=TODAY)


def test_questions_asked_at_once_are_each_answered_or_offered(reader: Reader) -> None:
    verdict = reader.read("在哪申请，要带什么，多少钱", today=TODAY).verdict

    assert verdict.decision is Decision.ANSWER
    assert verdict.answers[0].guide_id == "B01"
    named = {quote.guide_id for quote in verdict.answers} | set(verdict.choices)
    assert {"B02", "D01"} <= named


def test_a_traditional_question_is_understood_and_marked(reader: Reader) -> None:
    understanding = reader.read("請問公開申請要收費嗎", today=TODAY)

    assert understanding.traditional
    assert "D01" in {one.id for one in understanding.match.candidates[:3]}


def test_the_day_of_an_application_is_noticed(reader: Reader) -> None:
    filing = reader.read("我11月3号当面交的申请，几天答复", today=TODAY).filing

    assert filing is not None
    assert filing.day == date(2026, 11, 3)


def test_only_guides_in_force_are_given(guides: tuple[Guide, ...]) -> None:
    ended = [
        replace(guide, in_force_until=TODAY) if guide.id == "H18" else guide for guide in guides
    ]
    reader = Reader(ended)
    text = "那个征地的批文去哪里看"

    on_the_last_day = reader.read(text, today=TODAY)
    afterwards = reader.read(text, today=TODAY + timedelta(days=1))

    assert on_the_last_day.verdict.answers[0].guide_id == "H18"
    assert "H18" not in {one.id for one in afterwards.match.candidates}
    assert reader.read(text, today=TODAY) == on_the_last_day


def test_with_no_guide_in_force_everything_is_handed_over(guides: tuple[Guide, ...]) -> None:
    understanding = Reader(guides).read("收费吗", today=date(1999, 1, 1))

    assert understanding.kind == QUESTION
    assert understanding.verdict.decision is Decision.HAND_OVER


def test_the_same_message_always_means_the_same(reader: Reader) -> None:
    assert reader.read("收费吗", today=TODAY) == reader.read("收费吗", today=TODAY)


def test_whoever_is_in_despair_is_spoken_to_before_the_numbers(
    reader: Reader, guides: tuple[Guide, ...]
) -> None:
    verdict = reader.read("转人工，我不想活了，征地补偿款不给我", today=TODAY).verdict

    assert verdict.decision is Decision.REFER
    (quote,) = verdict.answers
    (guide,) = (guide for guide in guides if guide.id == quote.guide_id)
    said = guide.passages[quote.passage].text
    assert guide.outcome == "REFERRED_EMERGENCY"
    assert said.startswith("您先别急，您的安全最要紧。请马上打110或120")


@pytest.mark.parametrize("about", [None, "C01", "D01"])
def test_where_to_hand_in_what_is_not_named_is_asked_of_an_application(
    reader: Reader, about: str | None
) -> None:
    verdict = reader.read("在哪交", today=TODAY, about=about).verdict

    assert [quote.guide_id for quote in verdict.answers] == ["B01"]


def test_a_day_in_a_few_words_leans_on_what_came_before(reader: Reader) -> None:
    assert reader.read("下周一交行吗", today=TODAY, about="C01").elliptical


def test_a_nuisance_beside_a_question_is_sent_on_as_well(reader: Reader) -> None:
    verdict = reader.read("征地批文在哪看，隔壁施工吵死了", today=TODAY).verdict

    assert verdict.decision is Decision.ANSWER
    assert [quote.guide_id for quote in verdict.answers] == ["H18", "I01"]
