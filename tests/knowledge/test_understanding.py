from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from knowledge.corpus import Entry
from knowledge.encoder import EncoderError, Vectors
from knowledge.evaluation import as_guides
from knowledge.guides import Guide, load_guides
from knowledge.ladder import Decision
from knowledge.smalltalk import Command, SmallTalk
from knowledge.understanding import QUESTION, Reader, Understanding
from tests.knowledge.thesaurus import Thesaurus

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
LISTS = ("名单", "录取榜")
FEW = as_guides(
    [
        Entry("fee", "收不收费", ("申请要钱不", "交多少钱", "公开收费标准"), ("不收费。",)),
        Entry("school", "学校招生划片", ("读哪个小学", "学区怎么分", "入学名单"), ("看方案。",)),
        Entry("board", "录取榜张贴", ("录取榜几号出", "录取榜贴墙上", "看榜"), ("在门口。",)),
    ]
)
OPEN = "名单"
"""What words alone leave open."""


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


@pytest.mark.parametrize("about", ["B02", "B14", "D01", "D02"])
def test_what_words_alone_settle_is_not_turned_by_what_came_before(
    reader: Reader, about: str
) -> None:
    verdict = reader.read("那要多久", today=TODAY, about=about).verdict

    assert [quote.guide_id for quote in verdict.answers] == ["C01"]


def test_a_day_in_a_few_words_leans_on_what_came_before(reader: Reader) -> None:
    assert reader.read("下周一交行吗", today=TODAY, about="C01").elliptical


def test_a_nuisance_beside_a_question_is_sent_on_as_well(reader: Reader) -> None:
    verdict = reader.read("征地批文在哪看，隔壁施工吵死了", today=TODAY).verdict

    assert verdict.decision is Decision.ANSWER
    assert [quote.guide_id for quote in verdict.answers] == ["H18", "I01"]


@pytest.fixture
def thesaurus() -> Thesaurus:
    return Thesaurus(LISTS)


@pytest.fixture
def kept() -> Thesaurus:
    return Thesaurus(LISTS)


def means(understanding: Understanding) -> set[str]:
    """The candidates of which the encoder was asked how near they are in meaning."""
    return {one.id for one in understanding.match.candidates if one.evidence.meaning is not None}


def test_an_encoder_is_asked_what_words_leave_open(thesaurus: Thesaurus, kept: Thesaurus) -> None:
    reader = Reader(FEW)
    before = reader.read(OPEN, today=TODAY)

    reader.learn(thesaurus, guides=kept)
    after = reader.read(OPEN, today=TODAY)

    assert means(before) == set()
    assert means(after) == {"fee", "school", "board"}
    assert thesaurus.asked == [OPEN]
    assert OPEN not in kept.asked


@pytest.mark.parametrize(
    "text", ["收不收费", "结婚要带什么", "谢谢", "转人工", "着火了", "今天股票怎么样"]
)
def test_what_needs_no_encoder_is_understood_as_without(
    text: str, thesaurus: Thesaurus, kept: Thesaurus
) -> None:
    reader = Reader(FEW)
    before = reader.read(text, today=TODAY)

    reader.learn(thesaurus, guides=kept)

    assert reader.read(text, today=TODAY) == before
    assert thesaurus.asked == []


def from_tomorrow(guide_id: str) -> list[Guide]:
    """The few guides, of which this one comes into force tomorrow."""
    return [
        replace(guide, in_force_from=TOMORROW) if guide.id == guide_id else guide for guide in FEW
    ]


def test_guides_that_come_into_force_later_are_learnt_then(
    thesaurus: Thesaurus, kept: Thesaurus
) -> None:
    reader = Reader(from_tomorrow("board"))
    reader.read(OPEN, today=TODAY)

    reader.learn(thesaurus, guides=kept)

    assert means(reader.read(OPEN, today=TODAY)) == {"fee", "school"}
    assert means(reader.read(OPEN, today=TOMORROW)) == {"fee", "school", "board"}


def test_later_guides_that_cannot_be_encoded_are_found_by_words(
    thesaurus: Thesaurus, kept: Thesaurus
) -> None:
    reader = Reader(from_tomorrow("board"))
    reader.read(OPEN, today=TODAY)
    reader.learn(thesaurus, guides=kept)
    kept.broken = True

    assert reader.read(OPEN, today=TOMORROW) == Reader(FEW).read(OPEN, today=TOMORROW)


def test_an_encoder_that_cannot_read_the_guides_is_not_taken_up(
    thesaurus: Thesaurus, kept: Thesaurus
) -> None:
    reader = Reader(FEW)
    before = reader.read(OPEN, today=TODAY)
    kept.broken = True

    with pytest.raises(EncoderError):
        reader.learn(thesaurus, guides=kept)

    assert reader.read(OPEN, today=TODAY) == before


def test_the_day_may_turn_while_the_guides_are_learnt(thesaurus: Thesaurus) -> None:
    reader = Reader(from_tomorrow("board"))
    reader.read(OPEN, today=TODAY)

    class Slow(Thesaurus):
        """While it encodes, the first message of the next day comes in."""

        def encode(self, texts: Sequence[str], *, asked: bool) -> Vectors:
            reader.read(OPEN, today=TOMORROW)
            return super().encode(texts, asked=asked)

    reader.learn(thesaurus, guides=Slow(LISTS))

    assert means(reader.read(OPEN, today=TOMORROW)) == {"fee", "school", "board"}


def test_with_no_guide_in_force_there_is_nothing_to_learn(
    thesaurus: Thesaurus, kept: Thesaurus
) -> None:
    reader = Reader([])

    reader.learn(thesaurus, guides=kept)

    assert reader.read(OPEN, today=TODAY).verdict.decision is Decision.HAND_OVER
    assert thesaurus.asked == kept.asked == []


def test_guides_on_disclosure_without_ways_of_asking_are_lent_those_of_the_embedded() -> None:
    texts = {
        "fees": ("政府信息公开收费规定", "行政机关依申请提供政府信息，不收取费用。"),
        "how": ("政府信息公开申请方式", "申请人可以当面、邮寄、网上向行政机关提交申请表。"),
    }
    own = as_guides([Entry(key, title, (), (body,)) for key, (title, body) in texts.items()])
    reader = Reader(own)

    lent = reader.read("查个政府文件收多少钱啊", today=TODAY)

    assert lent.match.candidates[0].id == "fees"
    assert lent.verdict.decision is Decision.ANSWER
    assert lent.match.candidates[0].evidence.phrasing not in texts["fees"]
    assert [guide.phrasings for guide in own] == [(), ()]


@pytest.mark.parametrize(
    "text",
    [
        "申请加工资多久答复",
        "提交户口迁移申请多久答复",
        "保险公司逾期不答复怎么办",
        "申请退休要带身份证吗",
        "仲裁申请多久答复",
    ],
)
def test_another_application_is_given_no_rule_on_disclosure(reader: Reader, text: str) -> None:
    verdict = reader.read(text, today=TODAY).verdict

    assert verdict.decision is not Decision.ANSWER


@pytest.mark.parametrize("text", ["那股票呢", "那工资呢", "那天气怎么样", "那狗呢", "那彩票呢"])
def test_a_new_matter_is_no_follow_up(reader: Reader, text: str) -> None:
    verdict = reader.read(text, today=TODAY, about="D01").verdict

    assert verdict.decision is not Decision.ANSWER


def test_half_a_character_is_read_over(reader: Reader) -> None:
    assert reader.read("\ud800信息公开收费吗", today=TODAY).verdict.answers[0].guide_id == "D01"


def test_what_a_long_message_asks_at_its_end_is_read(reader: Reader) -> None:
    story = "我家的事情说来话长，" * 60

    match = reader.read(f"{story}请问申请信息公开要多久答复", today=TODAY).match

    assert match.normal.endswith("多久答复")
    assert len(match.normal) <= 500
