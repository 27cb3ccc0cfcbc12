import pytest

from knowledge.corpus import CANDIDATES, COLUMNS, Corpus, Entry
from knowledge.words import Words

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


def test_a_corpus_of_nothing_is_refused(words: Words) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Corpus([], words=words)
