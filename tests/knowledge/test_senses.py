import numpy as np
import pytest

from knowledge.encoder import Vectors
from knowledge.index import Ints, codes_of
from knowledge.senses import Senses, shipped
from knowledge.text import normalise

KNOWN = {"费": (1.0, 0.0), "收费": (0.0, 2.0), "土": (3.0, 4.0)}


@pytest.fixture
def senses() -> Senses:
    codes: Ints = codes_of(KNOWN)
    order = np.argsort(codes)
    vectors: Vectors = np.array(list(KNOWN.values()), dtype=np.float32)
    return Senses(codes[order], vectors[order])


def likeness(text: str, other: str) -> float:
    rows = shipped().of([normalise(text), normalise(other)])
    return float(rows[0] @ rows[1])


def test_a_text_s_sense_is_that_of_its_characters_and_pairs_together(senses: Senses) -> None:
    (row,) = senses.of(["收费"])

    assert row == pytest.approx(np.array([1.0, 2.0]) / np.sqrt(5))


def test_what_is_said_twice_counts_twice(senses: Senses) -> None:
    (row,) = senses.of(["费 收费"])

    assert row == pytest.approx(np.array([2.0, 2.0]) / np.sqrt(8))


def test_characters_that_are_not_known_add_nothing(senses: Senses) -> None:
    assert senses.of(["火土星"])[0] == pytest.approx(senses.of(["土"])[0])


def test_a_text_of_which_nothing_is_known_has_no_sense(senses: Senses) -> None:
    assert senses.of(["火星", "", "xyz", "\U0001f600\U0001f600"]).tolist() == [[0.0, 0.0]] * 4


def test_each_text_has_its_own_row_in_order(senses: Senses) -> None:
    rows = senses.of(["土", "火星", "费", ""])

    assert rows == pytest.approx(np.array([[0.6, 0.8], [0, 0], [1, 0], [0, 0]]))


def test_no_texts_have_no_rows(senses: Senses) -> None:
    assert senses.of([]).shape == (0, 2)


def test_more_texts_than_are_added_up_at_once_have_the_rows_of_each_alone(senses: Senses) -> None:
    texts = ["土", "费", "收费", "无"] * 1100

    assert senses.of(texts) == pytest.approx(np.tile(senses.of(texts[:4]), (1100, 1)))


def test_the_shipped_senses_are_read_once() -> None:
    assert shipped() is shipped()


def test_the_shipped_senses_have_rows_of_length_one() -> None:
    rows = shipped().of(["征地批文", "要多少钱", "20个工作日"])

    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-5)


@pytest.mark.parametrize(
    ("asked", "meant", "other"),
    [
        ("要花多少钱", "收费标准", "征地批文"),
        ("房子被拆了赔多少", "征收补偿标准", "收费标准"),
        ("几天能给我回话", "答复的期限", "申请的方式"),
        ("娃娃上学", "学校招生", "部门预算"),
    ],
)
def test_what_is_meant_is_nearer_than_another_matter(asked: str, meant: str, other: str) -> None:
    assert likeness(asked, meant) > likeness(asked, other) + 0.1
