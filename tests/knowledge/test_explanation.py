"""Why a guide was found: everything for staff, nothing of anybody's words for citizens or logs."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from knowledge.explanation import as_logged, for_citizen, for_staff, from_log, is_literal
from knowledge.guides import Guide, Outdated, load_guides
from knowledge.matching import NO_MATCH, Candidate, Evidence, Match

TEXT = "我家那块地的批条要多久给"
NOTHING = Evidence(words=(), official=(), phrasing=None, similarity=0.0, covered=0.0)
LONGEST_LINE = 60
"""Characters: three lines of a small telephone."""


@pytest.fixture(scope="module")
def guides() -> Mapping[str, Guide]:
    return {guide.id: guide for guide in load_guides()}


@pytest.fixture
def guide(guides: Mapping[str, Guide]) -> Guide:
    """How long an answer takes."""
    return guides["C01"]


def found(guide: Guide, evidence: Evidence, *, passage: int = 0) -> Candidate:
    return Candidate(id=guide.id, passage=passage, score=4.32109, evidence=evidence)


def evidence(guide: Guide) -> Evidence:
    """Something of every kind that speaks for a guide."""
    return Evidence(
        words=("批条", "多久"),
        official=(("批条", "批文"), ("多久", "时限"), ("多久", "期间")),
        phrasing=guide.phrasings[1],
        similarity=0.456,
        covered=0.312,
        meaning=0.789,
    )


def matched(*candidates: Candidate) -> Match:
    return Match(normal=TEXT, candidates=candidates, probability=0.9, known=1.0)


def test_staff_are_told_everything_in_one_line(guide: Guide) -> None:
    line = for_staff(found(guide, evidence(guide)), guide, probability=0.934)

    assert line == (
        "同有：批条、多久；说法：批条→批文、多久→时限/期间；"
        f"最像问法“{guide.phrasings[1]}”（0.46）；引用“答案”一段（含问句的 31%）；"
        "意思相近 0.79；把握 0.93"
    )


def test_what_did_not_speak_for_it_is_not_mentioned(guide: Guide) -> None:
    assert for_staff(found(guide, NOTHING), guide) == ""
    assert for_staff(found(guide, replace(NOTHING, words=("多久",))), guide) == "同有：多久"


def test_a_title_is_told_from_a_phrasing(guide: Guide) -> None:
    near = replace(NOTHING, phrasing=guide.title, similarity=1.0)

    assert for_staff(found(guide, near), guide) == "最像标题“多久答复”（1.00）"


def test_a_passage_holds_no_more_than_the_whole_question(guides: Mapping[str, Guide]) -> None:
    guide = guides["I06"]
    candidate = found(guide, replace(NOTHING, covered=1.07), passage=1)

    assert for_staff(candidate, guide) == f"引用“{guide.passages[1].heading}”一段（含问句的 100%）"


def test_citizens_read_the_guides_title(guide: Guide) -> None:
    assert for_citizen(guide) == "按“多久答复”理解您的问题。"


def test_citizens_read_which_part_of_the_guide_was_taken(guides: Mapping[str, Guide]) -> None:
    guide = guides["I06"]

    assert for_citizen(guide, passage=1) == (
        f"按“{guide.title}”里的“{guide.passages[1].heading}”理解您的问题。"
    )
    assert for_citizen(guide, passage=99) == for_citizen(guide)


def test_every_guides_sentence_for_citizens_is_short_and_quotes_no_phrasing(
    guides: Mapping[str, Guide],
) -> None:
    for guide in guides.values():
        for passage in guide.passages:
            sentence = for_citizen(guide, passage=passage.number)

            assert len(sentence) <= LONGEST_LINE, guide.id
            assert "\n" not in sentence
            quoted = sentence.removeprefix("按“").split("”")[0]
            assert quoted == guide.title


@pytest.mark.parametrize(("similarity", "literal"), [(1.0, True), (0.8, True), (0.79, False)])
def test_a_question_in_the_guides_own_words_is_literal(
    guide: Guide, similarity: float, literal: bool
) -> None:
    other = Candidate("D01", 0, 9.0, replace(NOTHING, similarity=1.0))
    candidate = found(guide, replace(NOTHING, similarity=similarity))

    assert is_literal(matched(other, candidate), guide) is literal


def test_what_was_not_found_is_not_literal(guide: Guide) -> None:
    assert not is_literal(NO_MATCH, guide)


def test_the_log_holds_no_word_of_the_asker(guide: Guide) -> None:
    logged = as_logged(found(guide, evidence(guide)), guide, text=TEXT)

    kept = json.dumps(logged, ensure_ascii=False)
    assert "批条" not in kept
    assert "多久" not in kept
    assert guide.phrasings[1] not in kept
    assert (logged["guide_id"], logged["score"], logged["nearest"]) == ("C01", 4.3211, 2)


def test_what_was_logged_says_the_same_beside_the_words(guide: Guide) -> None:
    candidate = found(guide, evidence(guide))
    logged = json.loads(json.dumps(as_logged(candidate, guide, text=TEXT)))

    again = from_log(logged, guide, text=TEXT)

    assert for_staff(again, guide) == for_staff(candidate, guide)


def test_an_outdated_saying_counts_after_the_phrasings(guide: Guide) -> None:
    saying = Outdated("十五天就要答复", "20个工作日", guide.in_force_from)
    guide = replace(guide, outdated=(saying,))
    near = replace(NOTHING, phrasing=saying.saying, similarity=0.9)

    logged = as_logged(found(guide, near), guide, text=TEXT)

    assert logged["nearest"] == len(guide.phrasings) + 1
    assert from_log(logged, guide, text=TEXT).evidence == near


def test_words_that_were_deleted_are_told_by_nothing(guide: Guide) -> None:
    logged = as_logged(found(guide, evidence(guide)), guide, text=TEXT)

    line = for_staff(from_log(logged, guide, text=None), guide)

    assert line == "引用“答案”一段（含问句的 31%）；意思相近 0.79"


def test_a_phrasing_of_another_version_is_not_quoted(guide: Guide) -> None:
    logged = as_logged(found(guide, evidence(guide)), guide, text=TEXT)
    newer = replace(guide, phrasings=guide.phrasings[:1], version="f" * 64)

    assert from_log(logged, newer, text=TEXT).evidence.phrasing is None


def test_words_are_found_in_traditional_characters_and_dropped_if_written_otherwise(
    guide: Guide,
) -> None:
    said = replace(NOTHING, words=("答复", "期限"), official=(("期限", "时限"),))

    logged = as_logged(found(guide, said), guide, text="多久答覆，七限")

    assert logged["words"] == [[2, 4]]
    assert logged["official"] == []
    assert from_log(logged, guide, text="多久答覆，七限").evidence.words == ("答覆",)


def test_a_log_from_before_explanations_still_names_its_candidates(guide: Guide) -> None:
    candidate = from_log({"guide_id": "C01", "score": 4.3}, guide, text=TEXT)

    assert (candidate.id, candidate.score) == ("C01", 4.3)
    assert for_staff(candidate, guide) == ""
