import re
from pathlib import Path

import pytest

from knowledge.lexicon import FOLDER, longest_first, read_groups, read_list


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_every_list_can_be_read_and_is_not_empty(path: Path) -> None:
    assert read_list(path.stem)


def test_every_everyday_wording_has_an_official_one() -> None:
    lines = [line for line in read_list("everyday") if not re.fullmatch("[^=]+=[^=]+", line)]

    assert lines == []


def test_groups_take_their_terms_from_all_their_lines() -> None:
    assert {"greeting", "thanks", "abuse"} <= read_groups("smalltalk").keys()


def test_a_list_without_groups_is_refused_as_groups() -> None:
    with pytest.raises(ValueError, match=r"stop\.txt"):
        read_groups("stop")


def test_longer_terms_come_first() -> None:
    assert longest_first(("申请", "申请表", "表")) == ["申请表", "申请", "表"]
