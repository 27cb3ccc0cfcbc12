import re
from pathlib import Path

import pytest

from knowledge.lexicon import FOLDER, longest_first, read_groups, read_list, read_pairs
from knowledge.text import normalise
from knowledge.words import everyday_wordings


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_every_list_can_be_read_and_is_not_empty(path: Path) -> None:
    assert read_list(path.stem)


def test_every_everyday_wording_has_an_official_one() -> None:
    lines = [line for line in read_list("everyday") if not re.fullmatch("[^=]+=[^=]+", line)]

    assert lines == []


def test_every_line_of_everyday_wording_says_something_else_in_official_words() -> None:
    known = everyday_wordings()

    said = [line.partition("=")[0].split(",") for line in read_list("everyday")]

    assert [terms for terms in said if not any(normalise(term) in known for term in terms)] == []


@pytest.mark.parametrize(
    ("everyday", "official"),
    [
        ("中标的是谁", "中标公告"),
        ("股东是谁", "工商登记"),
        ("控规", "控制性详细规划"),
        ("送件", "提交"),
        ("多久有消息", "期限"),
        ("要带哪些资料", "应备文件"),
        ("什么人能申请", "申请条件"),
        ("泡汤", "温泉"),
        ("抛锚", "拖吊"),
        ("村账", "村务公开"),
        ("青苗钱", "青苗补偿费"),
        ("良民证", "无犯罪记录证明"),
        ("公屋", "公共租赁住房"),
    ],
)
def test_what_citizens_say_has_its_official_wording(everyday: str, official: str) -> None:
    assert official in everyday_wordings()[normalise(everyday)]


def test_words_of_a_region_become_words_that_stay() -> None:
    common = {normalise(theirs): normalise(ours) for theirs, ours in read_pairs("dialect").items()}

    assert [theirs for theirs, ours in common.items() if normalise(ours) != ours] == []


def test_groups_take_their_terms_from_all_their_lines() -> None:
    assert {"greeting", "thanks", "abuse"} <= read_groups("smalltalk").keys()


def test_a_list_without_groups_is_refused_as_groups() -> None:
    with pytest.raises(ValueError, match=r"stop\.txt"):
        read_groups("stop")


def test_longer_terms_come_first() -> None:
    assert longest_first(("申请", "申请表", "表")) == ["申请表", "申请", "表"]
