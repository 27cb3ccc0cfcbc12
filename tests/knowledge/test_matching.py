from concurrent.futures import ThreadPoolExecutor

import pytest

from knowledge.corpus import Entry
from knowledge.guides import load_guides
from knowledge.matching import MOST_CANDIDATES, Matcher
from knowledge.understanding import entry_of
from knowledge.words import Words


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


@pytest.fixture(scope="module")
def matcher(words: Words) -> Matcher:
    return Matcher([entry_of(guide) for guide in load_guides()], words=words)


def test_every_guide_is_found_by_its_own_title(matcher: Matcher) -> None:
    titles = {entry.id: entry.title for entry in matcher.corpus.entries}

    missed = [
        key
        for key, title in titles.items()
        if key not in {one.id for one in matcher.match(title).candidates[:3]}
    ]

    assert missed == []


def test_nearly_every_phrasing_finds_its_guide_first(matcher: Matcher) -> None:
    asked = [(text, one.id) for one in matcher.corpus.entries for text in one.phrasings]

    found = [matcher.match(text).candidates[0].id == key for text, key in asked]

    assert sum(found) / len(found) > 0.98


def test_candidates_are_best_first_and_at_most_ten(matcher: Matcher) -> None:
    scores = [one.score for one in matcher.match("信息公开怎么申请").candidates]

    assert len(scores) == MOST_CANDIDATES
    assert scores == sorted(scores, reverse=True)


def test_ties_are_broken_by_id(words: Words) -> None:
    twins = [Entry(key, "征地批文", (), ("在平台上查",)) for key in ("b", "c", "a")]

    match = Matcher(twins, words=words).match("征地批文")

    assert [one.id for one in match.candidates] == ["a", "b", "c"]


def test_the_evidence_says_why(matcher: Matcher) -> None:
    evidence = matcher.match("征地的批文去哪里看").candidates[0].evidence

    assert "批文" in evidence.words
    assert evidence.phrasing
    assert 0 < evidence.similarity <= 1
    assert evidence.covered > 0


def test_lexicon_evidence_names_both_wordings(matcher: Matcher) -> None:
    official = [
        pair for one in matcher.match("要多少钱").candidates for pair in one.evidence.official
    ]

    assert ("多少钱", "收费") in official


def test_nothing_in_common_is_no_candidate_and_no_probability(matcher: Matcher) -> None:
    match = matcher.match("")

    assert match.candidates == ()
    assert match.probability == 0.0


def test_a_follow_up_takes_its_topic_from_what_came_before(matcher: Matcher) -> None:
    after_how_to_apply = matcher.match("去哪交", about="B02")

    assert after_how_to_apply.candidates[0].id == "B01"


def test_a_topic_that_is_not_among_the_entries_is_ignored(matcher: Matcher) -> None:
    assert matcher.match("征地批文", about="nobody") == matcher.match("征地批文")


def test_a_very_long_question_is_read_as_far_as_the_limit(matcher: Matcher) -> None:
    assert len(matcher.match("征地批文在哪看" * 1000).normal) <= 500


def test_threads_find_the_same_as_one_alone(matcher: Matcher) -> None:
    texts = ["收费吗", "多久答复", "征地批文在哪看", "查社保"] * 10
    alone = [matcher.match(text) for text in texts]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(matcher.match, texts))

    assert together == alone
