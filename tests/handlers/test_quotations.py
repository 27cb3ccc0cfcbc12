"""A passage as it is given: filled in, backed by its basis, in the asker's characters."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.desk.shelf import Shelf
from handlers.quotations import Quotation, basis_labels, basis_line, quotations
from knowledge.guides import OFFICE_BASIS, load_guides
from knowledge.office import load_office

MONDAY = date(2026, 11, 23)
GUIDES = {guide.id: guide for guide in load_guides()}
SHELF, OFFICE = Shelf(tuple(GUIDES.values())), load_office()


def item(guide_id: str, **more: Any) -> dict[str, Any]:
    return {"guide_id": guide_id, "version": GUIDES[guide_id].version, "passage": 0, **more}


def quote(*items: dict[str, Any], **values: Any) -> tuple[Quotation, ...]:
    return quotations({"answers": items, **values}, shelf=SHELF, office=OFFICE, on=MONDAY)


def test_a_quotation_has_all_that_is_shown_beside_it() -> None:
    (given,) = quote(item("C01"))

    assert "20个工作日" in given.text
    assert (given.guide_id, given.guide_title, given.passage) == ("C01", "多久答复", "答案")
    assert given.guide_version == GUIDES["C01"].version
    assert "第三十三条" in given.basis[0]
    assert given.in_force_since == date(2019, 5, 15)
    assert "{" not in given.next_step


def test_what_found_it_says_how_the_question_was_understood() -> None:
    found, literal, picked = quote(
        item("I06", passage=1, literal=False), item("C01", literal=True), item("D01")
    )

    heading = GUIDES["I06"].passages[1].heading
    assert found.understood_as == f"按“服务时间、地址、电话”里的“{heading}”理解您的问题。"
    assert not found.is_literal
    assert literal.understood_as == "按“多久答复”理解您的问题。"
    assert literal.is_literal
    assert picked.understood_as is None


def test_traditional_characters_are_answered_in_them() -> None:
    (given,) = quote(item("D01", literal=False), traditional=True)

    assert "費" in given.text
    assert given.understood_as == "按“收不收費”理解您的問題。"
    assert given.guide_title == "收不收费"


def test_a_guide_that_is_nowhere_any_more_is_passed_over() -> None:
    gone = {"guide_id": "Z99", "version": "f" * 64, "passage": 0, "literal": False}

    assert [given.guide_id for given in quote(gone, item("D01"))] == ["D01"]


def test_a_passage_that_this_version_has_not_is_its_first() -> None:
    (given,) = quote(item("C01", passage=99, literal=False))

    assert given.passage == "答案"
    assert given.understood_as == "按“多久答复”理解您的问题。"


def test_a_law_is_named_once_with_all_its_articles() -> None:
    (label,) = basis_labels(GUIDES["C01"].basis)

    assert label == "《政府信息公开条例》第三十三条、第三十一条（2019年5月15日起施行）"


@pytest.mark.parametrize(
    ("passage", "basis", "line"),
    [
        ("答案", ("《条例》",), "依据：《条例》 · 指南：多久答复"),
        ("能否延期", ("《条例》", "办法"), "依据：《条例》、办法 · 指南：多久答复（能否延期）"),
        ("答案", (), f"依据：{OFFICE_BASIS} · 指南：多久答复"),
    ],
)
def test_the_basis_line_names_basis_guide_and_section(
    passage: str, basis: tuple[str, ...], line: str
) -> None:
    (given,) = quote(item("C01"))

    assert basis_line(replace(given, passage=passage, basis=basis)) == line
