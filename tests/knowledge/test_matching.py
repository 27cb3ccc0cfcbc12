from concurrent.futures import ThreadPoolExecutor

import pytest

from knowledge.corpus import Entry
from knowledge.encoder import EncoderError
from knowledge.guides import load_guides
from knowledge.matching import FEWEST_PHRASINGS, LONG_BODY, MOST_CANDIDATES, Matcher, kind_of
from knowledge.text import normalise
from knowledge.understanding import entry_of
from knowledge.weights import Kind
from knowledge.words import Words
from tests.knowledge.thesaurus import Thesaurus

LISTS = ("名单", "录取榜")
FILES = ("档案", "卷宗")
FEW = [
    Entry("fee", "收不收费", ("申请要钱不", "交多少钱", "公开收费标准"), ("一般不收费。",)),
    Entry("land", "征地批文在哪看", ("地被征了看哪里", "征地批复", "征收土地"), ("在平台上查。",)),
    Entry("days", "多久答复", ("几天能有结果", "要等多长时间", "答复期限"), ("二十天内。",)),
    Entry("school", "学校招生划片", ("孩子上哪所小学", "学区怎么分", "入学名单"), ("看方案。",)),
    Entry("board", "录取榜张贴", ("录取榜几号出", "录取榜贴墙上", "看榜"), ("贴在门口。",)),
    Entry("files", "借阅卷宗", ("卷宗存放", "卷宗借出", "翻阅旧卷"), ("凭证借阅。",)),
]
SETTLED = ("收不收费", "申请要钱不", "地被征了看哪里")
HOPELESS = ("xyz", "火星旅行", "结婚要带什么", "")
UNSETTLED = ("名单", "哪里查档案")


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
    entries = matcher.corpus.entries
    asked = [(text, one.id) for one in entries for text in one.phrasings[::5]]  # all take 15 s

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


@pytest.fixture(scope="module")
def plain(words: Words) -> Matcher:
    return Matcher(FEW, words=words)


@pytest.fixture
def asked_for() -> Thesaurus:
    """The encoder of questions."""
    return Thesaurus(LISTS, FILES)


@pytest.fixture
def kept() -> Thesaurus:
    """The encoder of the entries."""
    return Thesaurus(LISTS, FILES)


@pytest.fixture
def learnt(words: Words, asked_for: Thesaurus, kept: Thesaurus) -> Matcher:
    matcher = Matcher(FEW, words=words)
    matcher.learn(asked_for, guides=kept)
    return matcher


def test_the_questions_of_these_tests_are_what_they_are_called(plain: Matcher) -> None:
    steps = plain.weights.thresholds

    assert all(plain.match(text).probability >= steps.settled for text in SETTLED)
    assert all(plain.match(text).probability < steps.hopeless for text in HOPELESS)
    assert all(
        steps.hopeless <= plain.match(text).probability < steps.settled for text in UNSETTLED
    )


@pytest.mark.parametrize("text", [*SETTLED, *HOPELESS])
def test_what_words_settle_or_cannot_is_not_asked_of_the_encoder(
    text: str, plain: Matcher, learnt: Matcher, asked_for: Thesaurus
) -> None:
    assert learnt.match(text) == plain.match(text)
    assert asked_for.asked == []


@pytest.mark.parametrize("text", UNSETTLED)
def test_what_words_leave_open_is_asked_of_the_encoder_once(
    text: str, plain: Matcher, learnt: Matcher, asked_for: Thesaurus
) -> None:
    found, before = learnt.match(text), plain.match(text)

    assert asked_for.asked == [text]
    assert {one.id for one in found.candidates} == {entry.id for entry in FEW}
    assert (found.normal, found.known) == (before.normal, before.known)
    assert found.probability != before.probability
    assert 0 < found.probability < 1


def test_the_encoder_finds_what_shares_no_character_with_the_question(
    plain: Matcher, learnt: Matcher
) -> None:
    (board,) = (entry for entry in FEW if entry.id == "board")
    text = "名单"

    (gained,) = (one for one in learnt.match(text).candidates if one.id == "board")

    assert not set(text) & set("".join([board.title, *board.phrasings, *board.passages]))
    assert "board" not in {one.id for one in plain.match(text).candidates}
    assert gained.evidence.words == ()
    assert gained.evidence.phrasing is None
    assert gained.evidence.meaning == pytest.approx(1.0, abs=0.02)


def test_of_many_entries_only_the_nearest_in_meaning_are_gained(
    words: Words, asked_for: Thesaurus
) -> None:
    others = [
        Entry(f"{number:02}", "预决算报告", ("三公经费", "财政收支", "花销"), ("已公布。",))
        for number in range(60)
    ]
    matcher = Matcher([*FEW, *others], words=words)
    matcher.learn(asked_for)
    text = "名单"

    found = {one.id for one in matcher.match(text).candidates}

    assert {"school", "board"} <= found
    assert len(found) == MOST_CANDIDATES


def test_what_a_candidate_means_leads_where_the_words_mislead(
    plain: Matcher, learnt: Matcher
) -> None:
    text = "哪里查档案"

    assert plain.match(text).candidates[0].id == "land"
    assert learnt.match(text).candidates[0].id == "files"
    assert learnt.match(text).probability > plain.match(text).probability


def test_before_an_encoder_is_learnt_no_meaning_is_told(plain: Matcher) -> None:
    evidence = [one.evidence.meaning for text in UNSETTLED for one in plain.match(text).candidates]

    assert set(evidence) == {None}


def test_the_entries_are_encoded_once_by_the_encoder_that_is_for_them(
    learnt: Matcher, asked_for: Thesaurus, kept: Thesaurus
) -> None:
    wordings = [normalise(text) for entry in FEW for text in (entry.title, *entry.phrasings)]

    for text in (*SETTLED, *UNSETTLED, *UNSETTLED):
        learnt.match(text)

    assert kept.asked == wordings
    assert asked_for.asked == [*UNSETTLED, *UNSETTLED]


def test_one_encoder_does_for_both_if_no_other_is_given(
    words: Words, asked_for: Thesaurus, learnt: Matcher
) -> None:
    matcher = Matcher(FEW, words=words)
    both = Thesaurus(LISTS, FILES)

    matcher.learn(both)

    assert len(both.asked) == sum(1 + len(entry.phrasings) for entry in FEW)
    assert [matcher.match(text) for text in UNSETTLED] == [
        learnt.match(text) for text in UNSETTLED
    ]


def test_a_long_question_is_encoded_as_far_as_it_is_read(
    learnt: Matcher, asked_for: Thesaurus
) -> None:
    learnt.match("名单" * 1000)

    assert all(len(text) <= 500 for text in asked_for.asked)


def test_when_the_encoder_fails_words_alone_answer(
    plain: Matcher, learnt: Matcher, asked_for: Thesaurus
) -> None:
    asked_for.broken = True

    assert [learnt.match(text) for text in UNSETTLED] == [plain.match(text) for text in UNSETTLED]


def test_an_encoder_that_cannot_read_the_entries_is_not_taken_up(
    words: Words, plain: Matcher
) -> None:
    matcher, broken = Matcher(FEW, words=words), Thesaurus(LISTS)
    broken.broken = True

    with pytest.raises(EncoderError):
        matcher.learn(Thesaurus(LISTS), guides=broken)

    assert [matcher.match(text) for text in UNSETTLED] == [plain.match(text) for text in UNSETTLED]


def test_threads_find_the_same_as_one_alone_with_an_encoder(learnt: Matcher) -> None:
    texts = [*SETTLED, *UNSETTLED, *HOPELESS] * 10
    alone = [learnt.match(text) for text in texts]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(learnt.match, texts))

    assert together == alone


def of_kind(kind: Kind) -> list[Entry]:
    """Three entries of which each is of that kind."""
    phrasings = ("收费", "交钱", "花钱") if kind is Kind.PHRASED else ()
    body = "本机关负责。" * (LONG_BODY // 6 + 1 if kind is Kind.LONG else 1)
    return [Entry(title, title, phrasings, (body,)) for title in ("绿化", "道路", "广告")]


@pytest.mark.parametrize("kind", Kind)
def test_entries_of_every_kind_are_matched_with_an_encoder_and_without(
    kind: Kind, words: Words
) -> None:
    matcher = Matcher(of_kind(kind), words=words)

    by_words = matcher.match("广告由谁负责")
    matcher.learn(Thesaurus(LISTS))
    by_meaning = matcher.match("广告由谁负责")

    assert matcher.kind is kind
    assert by_words.candidates[0].id == by_meaning.candidates[0].id == "广告"
    assert 0 < by_words.probability < 1
    assert 0 < by_meaning.probability < 1


def test_entries_are_of_the_kind_that_most_of_them_are() -> None:
    phrased, short, long = (of_kind(kind) for kind in Kind)

    assert kind_of(phrased + short[:2]) is Kind.PHRASED
    assert kind_of(phrased[:2] + short[:2]) is Kind.SHORT
    assert kind_of(long + short[:2]) is Kind.LONG
    assert kind_of(long[:1] + short[:2]) is Kind.SHORT


def test_entries_with_hardly_a_phrasing_are_not_phrased() -> None:
    few = [Entry("a", "收费", ("要钱",) * (FEWEST_PHRASINGS - 1), ("免费。",))]

    assert kind_of(few) is Kind.SHORT
