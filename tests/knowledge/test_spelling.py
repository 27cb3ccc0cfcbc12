import pytest

from knowledge.guides import load_guides
from knowledge.spelling import Speller
from knowledge.words import Words


@pytest.fixture(scope="module")
def speller() -> Speller:
    texts = [
        " ".join([guide.title, *guide.phrasings, *(one.text for one in guide.passages)])
        for guide in load_guides()
    ]
    joined = "\n".join(texts)
    return Speller(Words(), holds=lambda text: text in joined)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("xinxi gongkai zenme shenqing", "信息公开怎么申请"),
        ("xinxigongkai zenme shenqing", "信息公开怎么申请"),
        ("Xinxi Gongkai yao qian ma?", "信息公开要钱吗?"),
        ("xinxi gongkai zenme 申请", "信息公开怎么 申请"),
        ("怎么申请gk", "怎么申请公开"),
        ("xxgk收费吗", "信息公开收费吗"),
        ("12345 shi sha", "12345 是啥"),
    ],
)
def test_pinyin_is_written_in_characters(speller: Speller, typed: str, meant: str) -> None:
    read = speller.spelt_out(typed)

    assert read.replace(" ", "") == meant.replace(" ", "")


@pytest.mark.parametrize(
    "text", ["how do I apply for documents", "a4纸", "pdf可以吗", "asdfgh", "收费吗", "", "e"]
)
def test_what_is_no_pinyin_stays_as_it_is(speller: Speller, text: str) -> None:
    assert speller.spelt_out(text) == text


def test_so_many_letters_are_left_alone(speller: Speller) -> None:
    assert speller.spelt_out("shi" * 1000) == "shi" * 1000


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("正府信息", "政府信息"),
        ("行政付议要收肥吗", "行政复议要收费吗"),
        ("在那里可以申清", "在那里可以申请"),
    ],
)
def test_a_word_that_only_sounds_right_is_corrected(
    speller: Speller, typed: str, meant: str
) -> None:
    assert speller.corrected(typed) == meant


@pytest.mark.parametrize("text", ["政府信息公开怎么申请", "征地批文在哪看", "多久答复", ""])
def test_what_is_written_right_stays(speller: Speller, text: str) -> None:
    assert speller.corrected(text) == text


def test_every_phrasing_of_the_guides_is_left_as_it_is(speller: Speller) -> None:
    changed = [
        text
        for guide in load_guides()
        for text in guide.phrasings
        if speller.spelt_out(text) != text
    ]

    assert changed == []
