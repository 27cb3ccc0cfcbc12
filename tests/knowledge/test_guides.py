"""Guides are read whole, checked at load, and known by the digest of their content."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.guides import (
    EMBEDDED_GUIDES,
    OFFICE_BASIS,
    GuideError,
    in_force,
    laws,
    load_guides,
    parse_guide,
    read_guides,
)

GUIDE = """---
id: Z01
title: 多久答复
category: 答复期限
phrasings:
  - 几天能回
basis:
  - {law: regulation, article: 第三十三条}
status: verified
in_force_from: 2019-05-15
in_force_until:
reviewed_on: 2026-11-20
outcome: ANSWERED_KB
---

## 答案

最迟20个工作日答复。

## 要延长的

最多再延20个工作日。

## 下一步

打{phone}问。
"""


def problems(source: str) -> tuple[str, ...]:
    with pytest.raises(GuideError) as caught:
        parse_guide(source, name="Z01.md")
    return caught.value.problems


def test_a_guide_has_its_passages_in_order_and_the_next_step_apart() -> None:
    guide = parse_guide(GUIDE, name="Z01.md")

    assert [(p.number, p.heading, p.text) for p in guide.passages] == [
        (0, "答案", "最迟20个工作日答复。"),
        (1, "要延长的", "最多再延20个工作日。"),
    ]
    assert guide.next_step == "打{phone}问。"
    assert guide.answer == "最迟20个工作日答复。"


def test_the_version_changes_with_anything_a_reader_could_notice() -> None:
    first = parse_guide(GUIDE, name="Z01.md")

    again = parse_guide(GUIDE, name="other.md")
    later = parse_guide(GUIDE.replace("20个工作日答复", "二十个工作日答复"), name="Z01.md")
    reviewed = parse_guide(GUIDE.replace("2026-11-20", "2026-11-21"), name="Z01.md")

    assert first.version == again.version
    assert len({first.version, later.version, reviewed.version}) == 3


def test_a_basis_says_since_when_its_law_is_in_force() -> None:
    guide = parse_guide(GUIDE, name="Z01.md")

    assert guide.basis[0].label() == "《政府信息公开条例》第三十三条（2019年5月15日起施行）"


def test_a_law_whose_text_nobody_checked_is_shown_as_such() -> None:
    source = GUIDE.replace("article: 第三十三条", "verified: false")

    label = parse_guide(source, name="Z01.md").basis[0].label()

    assert label == "《政府信息公开条例》（2019年5月15日起施行，待核）"


def test_the_office_itself_is_a_basis_without_a_law() -> None:
    source = GUIDE.replace("{law: regulation, article: 第三十三条}", "{law: office}")

    assert parse_guide(source, name="Z01.md").basis[0].label() == OFFICE_BASIS


def test_a_guide_is_in_force_on_its_first_and_its_last_day_only_between() -> None:
    guide = replace(parse_guide(GUIDE, name="Z01.md"), in_force_until=date(2027, 1, 31))

    found = [
        len(in_force([guide], on=day))
        for day in (date(2019, 5, 14), date(2019, 5, 15), date(2027, 1, 31), date(2027, 2, 1))
    ]

    assert found == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("title: 多久答复\n", "", "Z01.md: title: is missing"),
        ("id: Z01", "id: ../x", "must be a capital and two digits"),
        ("status: verified", "status: maybe", "Z01.md: status: must be verified or 待核"),
        ("ANSWERED_KB", "ANSWERED", "Z01.md: outcome: 'ANSWERED' is not an outcome"),
        ("law: regulation", "law: nolaw", "Z01.md: basis 1: law 'nolaw' is not in laws.toml"),
        ("第三十三条", "33", "Z01.md: basis 1: article 33 must be written like"),
        (
            "in_force_from: 2019-05-15",
            "in_force_from: soon",
            "Z01.md: in_force_from: must be a day",
        ),
        ("in_force_until:", "in_force_until: 2018-01-01", "in_force_until: is before"),
        ("phrasings:\n  - 几天能回", "phrasings: 几天能回", "Z01.md: phrasings: must be a list"),
        ("reviewed_on:", "colour: red\nreviewed_on:", "Z01.md: colour: is not a field"),
        ("## 答案", "## 回答", "Z01.md: body: must begin with ## 答案"),
        ("## 下一步", "## 之后", "Z01.md: body: must end with ## 下一步"),
        ("最多再延20个工作日。", "", "Z01.md: ## 要延长的: has no text"),
        ("category: 答复期限", "category: [", "Z01.md: front matter: line"),
        ("---\nid", "id", "Z01.md: front matter: the file must begin with ---"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_field(old: str, new: str, problem: str) -> None:
    assert old in GUIDE

    found = problems(GUIDE.replace(old, new, 1))

    assert any(problem in line for line in found), found


def test_what_is_not_verified_names_no_article() -> None:
    found = problems(GUIDE.replace("status: verified", "status: 待核"))

    assert found == ("Z01.md: basis 1: what is 待核 must not name an article",)


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(GUIDE.replace("verified", "maybe"), encoding="utf-8")
    (tmp_path / "b.md").write_text(GUIDE, encoding="utf-8")
    (tmp_path / "c.md").write_text(GUIDE, encoding="utf-8")
    (tmp_path / "d.md").write_bytes(b"\xff\xfe")

    with pytest.raises(GuideError) as caught:
        load_guides(tmp_path)

    named = [line.split(":")[0] for line in caught.value.problems]
    assert named == ["a.md", "c.md", "d.md"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GuideError, match="missing: the folder of guides does not exist"):
        load_guides(tmp_path / "missing")


def test_there_is_an_embedded_guide_for_each_of_the_122_topics() -> None:
    guides = load_guides()

    assert len(guides) >= 122
    assert {path.stem for path in EMBEDDED_GUIDES.glob("*.md")} == {guide.id for guide in guides}


def test_every_law_is_named_once_with_its_day() -> None:
    titles = [law.title for law in laws().values()]

    assert len(titles) == len(set(titles))
    assert all(law.since <= date(2026, 11, 23) for law in laws().values())


def test_a_guide_can_be_read_again_from_its_kept_source() -> None:
    guide = read_guides([EMBEDDED_GUIDES / "C01.md"])[0]

    assert parse_guide(guide.source, name="kept").version == guide.version
