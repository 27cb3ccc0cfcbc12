import pytest
from aiogram.utils.formatting import sizeof
from hypothesis import given
from hypothesis import strategies as st

from handlers.replies import Section, Words
from handlers.telegram.pieces import LONGEST, pieces


def texts(words: Words, *, longest: int = LONGEST) -> list[str]:
    return [piece.render()[0] for piece in pieces(words, longest=longest)]


def test_sections_are_separated_by_an_empty_line_and_styled_without_markup() -> None:
    words = Words(
        (
            Section("heading", "【补充】"),
            Section("answer", "<b>第一段</b>\n\n*第二段*"),
            Section("understood", "按“多久答复”理解您的问题。"),
            Section("basis", "依据：《条例》"),
        )
    )

    (piece,) = pieces(words)
    text, entities = piece.render()

    assert (
        text
        == "【补充】\n\n<b>第一段</b>\n\n*第二段*\n\n按“多久答复”理解您的问题。\n\n依据：《条例》"
    )
    assert [(entity.type, entity.extract_from(text)) for entity in entities] == [
        ("bold", "【补充】"),
        ("italic", "按“多久答复”理解您的问题。"),
        ("italic", "依据：《条例》"),
    ]
    assert piece.as_kwargs()["parse_mode"] is None


def test_a_long_text_is_cut_between_paragraphs() -> None:
    words = Words((Section("answer", "一" * 6 + "\n" + "二" * 3), Section("note", "三" * 2)))

    assert texts(words, longest=10) == ["一" * 6 + "\n" + "二" * 3, "三三"]
    assert texts(words, longest=9) == ["一" * 6, "二" * 3 + "\n\n三三"]


def test_a_paragraph_that_is_too_long_is_cut_after_a_sentence() -> None:
    words = Words((Section("answer", "第一句。第二句。第三句很长很长"),))

    assert texts(words, longest=10) == ["第一句。第二句。", "第三句很长很长"]


def test_characters_beyond_the_first_plane_count_twice_as_in_telegram() -> None:
    words = Words((Section("answer", "𠮷" * 7),))

    assert texts(words, longest=6) == ["𠮷𠮷𠮷", "𠮷𠮷𠮷", "𠮷"]


@given(
    st.lists(st.text(alphabet="政府。\n𠮷 ", max_size=40), min_size=1, max_size=6),
    st.integers(4, 30),
)
def test_no_piece_is_too_long_and_no_character_is_lost(sections: list[str], longest: int) -> None:
    words = Words(tuple(Section("text", text) for text in sections))

    found = texts(words, longest=longest)

    assert all(sizeof(text) <= longest for text in found)
    kept = "".join(found).replace("\n", "")
    assert kept == "".join(sections).replace("\n", "")


@pytest.mark.parametrize("role", ["heading", "basis"])
def test_an_empty_line_has_no_entity(role: str) -> None:
    (piece,) = pieces(Words((Section(role, "上\n\n下"),)))

    assert [entity.length for entity in piece.render()[1]] == [1, 1]
