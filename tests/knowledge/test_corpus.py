import pytest

from knowledge.corpus import CANDIDATES, COLUMNS, Corpus, Entry
from knowledge.meanings import MEANING_COLUMNS
from knowledge.words import Words
from tests.knowledge.thesaurus import Thesaurus

FEE = Entry(
    "fee", "收不收费", ("申请要钱不",), ("答案\n一般不收费。", "退费\n多交的钱十日内退还。")
)
LAND = Entry("land", "征地批文", ("地被征了看哪里",), ("答案\n批文在平台上查。",))


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


@pytest.fixture(scope="module")
def corpus(words: Words) -> Corpus:
    return Corpus([FEE, LAND], words=words)


def column(corpus: Corpus, text: str, name: str) -> dict[str, float]:
    comparison = corpus.compare(corpus.question(text))
    place = COLUMNS.index(name)
    return {
        corpus.entries[number].id: float(row[place])
        for number, row in zip(comparison.numbers, comparison.rows, strict=True)
    }


def test_a_question_in_a_phrasing_s_own_words_is_entirely_alike(corpus: Corpus) -> None:
    assert column(corpus, "申请要钱不", "alike")["fee"] == 1.0
    assert column(corpus, "申请要钱不", "nearly")["fee"] == 1.0


def test_everyday_words_are_found_in_official_ones(corpus: Corpus) -> None:
    assert column(corpus, "多少钱", "words_whole")["fee"] > 0.8


def test_official_words_are_found_in_everyday_phrasings(words: Words) -> None:
    corpus = Corpus([Entry("a", "甲", ("掏钱不",), ()), LAND], words=words)

    assert column(corpus, "收费", "words_asked")["a"] == 1.0


def test_every_candidate_has_a_value_for_every_column(corpus: Corpus) -> None:
    comparison = corpus.compare(corpus.question("征地收费吗"))

    assert comparison.rows.shape == (len(comparison.numbers), len(COLUMNS))


def test_a_question_that_shares_nothing_has_no_candidates(corpus: Corpus) -> None:
    comparison = corpus.compare(corpus.question("xyz"))

    assert comparison.numbers == ()
    assert comparison.rows.shape == (0, len(COLUMNS))


def test_known_is_the_share_of_words_that_the_entries_use(corpus: Corpus) -> None:
    assert corpus.known(corpus.question("征地批文")) == 1.0
    assert corpus.known(corpus.question("火星旅行")) == 0.0
    assert 0.0 < corpus.known(corpus.question("火星征地")) < 1.0
    assert corpus.known(corpus.question("的")) == 0.0


def test_the_passage_that_says_it_is_quoted_rather_than_the_lead(corpus: Corpus) -> None:
    about_refunds = corpus.compare(corpus.question("多交的钱退还"))
    about_fees = corpus.compare(corpus.question("收费"))

    assert corpus.passage(about_refunds, 0)[0] == 1
    assert corpus.passage(about_fees, 0)[0] == 0


def test_what_was_talked_about_before_counts_for_less(corpus: Corpus) -> None:
    question = corpus.question("多久", context="征地批文")

    assert set(question.grams.values()) == {1.0, 0.35}
    assert question.normal == "多久"


def test_no_more_than_the_allowed_candidates_are_compared(words: Words) -> None:
    corpus = Corpus([Entry(str(n), f"征地{n}", (), ()) for n in range(90)], words=words)

    assert len(corpus.compare(corpus.question("征地")).numbers) == CANDIDATES


def test_entries_that_share_nothing_are_compared_too_if_they_are_named(corpus: Corpus) -> None:
    nothing = corpus.question("xyz")
    refunds = corpus.question("退还")

    assert corpus.compare(nothing, more=[1]).numbers == (1,)
    assert corpus.compare(refunds).numbers == (0,)
    assert corpus.compare(refunds, more=[1, 0]).numbers == (0, 1)


def test_what_is_compared_too_changes_nothing_for_the_others(corpus: Corpus) -> None:
    refunds = corpus.question("退还")

    alone, together = corpus.compare(refunds), corpus.compare(refunds, more=[1])

    assert together.rows.shape == (2, len(COLUMNS))
    assert together.rows[:1] == pytest.approx(alone.rows)
    assert together.rows[1, COLUMNS.index("said")] == 0.0


def test_more_than_the_allowed_candidates_are_compared_if_they_are_named(words: Words) -> None:
    corpus = Corpus([Entry(str(n), f"征地{n}", (), ()) for n in range(90)], words=words)

    found = corpus.compare(corpus.question("征地"), more=range(90))

    assert found.numbers == tuple(range(90))
    assert found.rows.shape == (90, len(COLUMNS))


def test_what_means_the_like_is_near_in_sense_without_a_common_word(corpus: Corpus) -> None:
    question = corpus.question("土地征收的批复")
    rows = corpus.compare(question, more=[0, 1]).rows

    fee, land = rows[:, COLUMNS.index("sense_title")]
    assert land > fee + 0.2


def test_the_sense_of_the_nearest_wording_counts_where_the_title_is_far(words: Words) -> None:
    both = Entry("both", "征地批文", ("要不要花钱",), ())
    corpus = Corpus([both, Entry("title", "征地批文", (), ())], words=words)

    rows = corpus.compare(corpus.question("收费"), more=[0, 1]).rows

    titles, asked = (rows[:, COLUMNS.index(name)] for name in ("sense_title", "sense_asked"))
    assert titles[0] == pytest.approx(titles[1])
    assert asked[0] > titles[0]
    assert asked[1] == pytest.approx(titles[1])


def test_an_entry_s_whole_text_holds_its_title_phrasings_and_body(corpus: Corpus) -> None:
    text = corpus.text_of(0)

    assert all(part in text for part in (FEE.title, *FEE.phrasings, "一般不收费", "多交的钱"))
    assert "批文" not in text


def test_entries_with_nearly_the_same_title_are_of_the_same_matter(words: Words) -> None:
    titles = ("征地批文在哪看", "征地批文在哪里看", "收不收费")
    corpus = Corpus([Entry(title, title, (), ()) for title in titles], words=words)

    assert corpus.same_matter(0, 1, least=0.7)
    assert not corpus.same_matter(0, 1, least=0.99)
    assert not corpus.same_matter(0, 2, least=0.7)


def test_the_most_telling_of_the_missing_words_is_told(corpus: Corpus) -> None:
    question = corpus.question("征地批文收费")
    telling = dict(zip(question.words, question.telling, strict=True))

    assert corpus.heaviest_missing(question, 0) == max(telling["征地"], telling["批文"])
    assert corpus.heaviest_missing(question, 1) == telling["收费"]
    assert corpus.heaviest_missing(corpus.question("征地批文"), 1) == 0.0
    assert corpus.heaviest_missing(corpus.question("的"), 1) == 0.0


def test_the_entries_meanings_are_those_of_their_normalised_wordings(words: Words) -> None:
    corpus = Corpus([Entry("a", "請問收不收費？", ("要钱 不",), ("一般不收费。",))], words=words)
    thesaurus = Thesaurus(("收费", "花销"))

    meanings = corpus.meanings(thesaurus)

    assert thesaurus.asked == [*corpus.wordings(0).split(" ", 1)]
    assert "收不收费" in thesaurus.asked[0]
    assert meanings.near(thesaurus.encode(["花销"], asked=True)[0]).shape == (
        1,
        len(MEANING_COLUMNS),
    )


def test_a_corpus_of_nothing_is_refused(words: Words) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Corpus([], words=words)
