import pytest

from knowledge.sounds import initial_of, sign_of, sound_of, sounds_of_words


@pytest.mark.parametrize(
    ("one", "other"),
    [("政府", "正府"), ("公开", "公凯"), ("张", "脏"), ("十", "四"), ("南", "兰"), ("音", "英")],
)
def test_what_people_mix_up_sounds_the_same(one: str, other: str) -> None:
    assert sound_of(one) == sound_of(other)


def test_what_differs_sounds_different() -> None:
    assert sound_of("公开") != sound_of("公告")


def test_a_text_and_its_sound_have_the_same_length_and_letters_stay() -> None:
    assert len(sound_of("申请abc 12")) == len("申请abc 12")
    assert sound_of("abc 12") == "abc 12"


def test_a_word_may_sound_otherwise_than_its_characters() -> None:
    repeated, again = sounds_of_words(["重复", "又"])

    assert repeated == f"{sign_of('chong')}{sign_of('fu')}" != sound_of("重复")
    assert again == sound_of("又")
    assert sounds_of_words([]) == []


def test_signs_are_those_of_the_characters() -> None:
    assert sign_of("gong") == sound_of("公")
    assert sign_of("zh") is None


def test_initials_are_letters_and_only_of_characters() -> None:
    assert [initial_of(one) for one in "公开a"] == ["g", "k", ""]
