import pytest

from knowledge.words import MOST_WORDS, Words


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


def test_words_of_the_field_stay_whole(words: Words) -> None:
    assert "信息处理费" in words.cut("信息处理费怎么算")


def test_the_text_can_be_put_together_again(words: Words) -> None:
    text = "我们村征地的批文在哪看"

    assert "".join(words.cut(text)) == text


def test_words_that_say_nothing_are_left_out(words: Words) -> None:
    assert "的" not in words.content("宅基地的审批")
    assert "宅基地" in words.content("宅基地的审批")


def test_a_long_text_gives_a_limited_number_of_words(words: Words) -> None:
    text = "征地补偿标准宅基地审批预算决算采购招标学区医保社保公积金低保残疾环评排污"

    assert len(words.content(text)) == MOST_WORDS


def test_rare_words_tell_more_than_common_ones(words: Words) -> None:
    assert words.weight("批文") > words.weight("可以")
    assert words.weight("从没见过的词") == 9.0


def test_everyday_wording_is_translated(words: Words) -> None:
    (hit,) = words.hits("要多少钱")

    assert hit.everyday == "多少钱"
    assert "收费" in hit.official


def test_official_wording_that_is_already_there_is_not_added(words: Words) -> None:
    (hit,) = words.hits("收费要多少钱")

    assert "收费" not in hit.official


def test_the_longest_of_overlapping_wordings_is_taken(words: Words) -> None:
    assert [hit.everyday for hit in words.hits("身份证丢了")] == ["身份证丢了"]


def test_letters_and_digits_are_words_of_their_own(words: Words) -> None:
    assert words.cut("app能查12345吗") == ["app", "能", "查", "12345", "吗"]


def test_the_dictionary_knows_its_words(words: Words) -> None:
    assert words.is_word("行政复议")
    assert not words.is_word("正府")
