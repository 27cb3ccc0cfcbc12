import pytest

from knowledge.manners import Manner, named


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("平信寄的", "ordinary_mail"),
        ("挂号信", "registered_mail"),
        ("传真过去的", "fax"),
        ("在官网上提交", "online"),
        ("当面交的", "in_person"),
    ],
)
def test_a_manner_is_known_by_its_words(text: str, manner: Manner) -> None:
    assert named(text, range(len(text)), 0)[0] == manner


def test_the_nearest_manner_comes_first() -> None:
    text = "网上下的表，当面交的"

    assert named(text, range(len(text)), text.index("交")) == ["in_person", "online"]


def test_words_outside_the_range_name_nothing() -> None:
    assert named("当面交的", range(2, 4), 2) == []
