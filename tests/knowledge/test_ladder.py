import pytest

from knowledge.ladder import Decision, Quote, Verdict, climb
from knowledge.matching import Candidate, Evidence, Match
from knowledge.weights import Thresholds

STEPS = Thresholds(answer=0.6, clarify=0.2, near=2.0)
OUTCOMES = {
    "answer": "ANSWERED_KB", "look": "REFERRED_PUBLISHED", "hotline": "REFERRED_12345",
    "never": "REJECTED", "else": "OUT_OF_SCOPE",
}  # fmt: skip


def match(
    *found: tuple[str, float],
    probability: float,
    normal: str = "申请公开收费吗",
    known: float = 1.0,
) -> Match:
    evidence = Evidence((), (), None, 0.0, 0.0)
    return Match(
        normal,
        tuple(Candidate(key, 1, score, evidence) for key, score in found),
        probability,
        known,
    )


def decide(one: Match) -> Verdict:
    return climb(one, outcome_of=OUTCOMES, thresholds=STEPS)


def test_what_is_sure_is_answered_with_its_passage() -> None:
    verdict = decide(match(("answer", 9.0), probability=0.6))

    assert verdict.decision is Decision.ANSWER
    assert verdict.answers == (Quote("answer", 1),)
    assert verdict.probability == 0.6


def test_showing_where_published_information_is_is_an_answer() -> None:
    assert decide(match(("look", 9.0), probability=0.9)).decision is Decision.ANSWER


@pytest.mark.parametrize(
    "outcome",
    [
        "REFERRED_AGENCY", "REFERRED_12345", "REFERRED_PETITION", "REFERRED_BUSINESS",
        "REFERRED_LEGAL_AID", "REFERRED_EMERGENCY",
    ],
)  # fmt: skip
def test_a_guide_that_sends_elsewhere_refers(outcome: str) -> None:
    verdict = climb(
        match(("one", 9.0), probability=0.9), outcome_of={"one": outcome}, thresholds=STEPS
    )

    assert verdict.decision is Decision.REFER
    assert verdict.answers == (Quote("one", 1),)


@pytest.mark.parametrize("key", ["never", "else"])
def test_a_guide_that_refuses_declines_without_an_answer(key: str) -> None:
    verdict = decide(match((key, 9.0), probability=0.9))

    assert verdict.decision is Decision.DECLINE
    assert verdict.answers == ()


def test_several_that_are_near_are_offered_and_the_far_is_not() -> None:
    verdict = decide(match(("answer", 9.0), ("look", 8.0), ("hotline", 3.0), probability=0.4))

    assert verdict.decision is Decision.CLARIFY
    assert verdict.choices == ("answer", "look")
    assert verdict.answers == ()


def test_never_more_than_three_are_offered() -> None:
    verdict = decide(match(*((key, 9.0) for key in OUTCOMES), probability=0.4))

    assert len(verdict.choices) == 3


def test_what_is_ours_but_not_known_is_handed_over() -> None:
    verdict = decide(match(("answer", 1.0), probability=0.1, known=0.5))

    assert verdict.decision is Decision.HAND_OVER


def test_what_has_nothing_to_do_with_government_is_declined() -> None:
    verdict = decide(match(("answer", 1.0), probability=0.4, normal="今天股票怎么样"))

    assert (verdict.decision, verdict.reason) == (Decision.DECLINE, "off_topic")


def test_words_that_no_guide_uses_are_declined() -> None:
    verdict = decide(match(probability=0.0, normal="猫为什么怕黄瓜", known=0.0))

    assert (verdict.decision, verdict.reason) == (Decision.DECLINE, "off_topic")


def test_what_is_not_written_in_chinese_is_handed_over_rather_than_declined() -> None:
    verdict = decide(match(probability=0.0, normal="xinxi gongkai yao duojiu", known=0.0))

    assert verdict.decision is Decision.HAND_OVER


def test_a_few_words_of_ours_are_asked_about() -> None:
    verdict = decide(
        match(("answer", 1.0), ("look", 0.5), probability=0.05, normal="我想要那个文件")
    )

    assert (verdict.decision, verdict.reason) == (Decision.CLARIFY, "vague")


def test_a_guide_that_may_not_be_given_is_passed_over() -> None:
    verdict = decide(match(("gone", 9.0), ("answer", 8.0), probability=0.9, known=0.5))

    assert verdict.decision is Decision.HAND_OVER
    assert verdict.answers == ()
