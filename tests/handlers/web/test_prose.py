"""Plain text laid out: paragraphs, lists, links."""

import pytest

from handlers.web.prose import Piece, laid_out, linked


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("看 https://a.example/x?y=1&z=2，再来问", "https://a.example/x?y=1&z=2"),
        ("（https://a.example/x）", "https://a.example/x"),
        ("网上：https://a.example/x。", "https://a.example/x"),
        ("https://a.example/x、https://b.example", "https://a.example/x"),
        ("见“https://a.example/x”的说明", "https://a.example/x"),
        ("见 https://a.example/x.", "https://a.example/x"),
        ("http://a.example/路径；好", "http://a.example/路径"),
    ],
)
def test_a_web_address_ends_where_a_reader_would_end_it(text: str, url: str) -> None:
    pieces = linked(text)

    assert Piece(url, url) in pieces
    assert "".join(piece.text for piece in pieces) == text


@pytest.mark.parametrize("text", ["javascript:alert(1)", "ftp://a.example", "www.a.example", ""])
def test_nothing_else_is_a_link(text: str) -> None:
    assert all(piece.href is None for piece in linked(text))


def test_telephone_numbers_can_be_tapped_but_not_fax_numbers_or_dates() -> None:
    assert Piece("0690-2120012", "tel:06902120012") in linked("打0690-2120012问")
    for text in ("传真：0690-2120016", "2026-11-23", "00690-2120012", "编号10690-21200123"):
        assert all(piece.href is None for piece in linked(text))


def test_dashes_and_numbers_make_lists() -> None:
    blocks = laid_out("可以：\n- 当面\n- 邮寄\n\n要准备：\n1. 申请表\n2、身份证明\n最迟20个工作日")

    assert [(block.tag, len(block.lines)) for block in blocks] == [
        ("p", 1), ("ul", 2), ("p", 1), ("ol", 2), ("p", 1),
    ]  # fmt: skip


def test_a_number_with_a_fraction_begins_no_list() -> None:
    assert [block.tag for block in laid_out("1.5公里内\n15个工作日")] == ["p", "p"]
