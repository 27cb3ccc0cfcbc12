"""The lint sends back what a reviewer would, and is quiet about the embedded guides."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from knowledge.guides import UNVERIFIED, Guide, Passage, load_guides
from knowledge.lint import Finding, lint
from knowledge.office import FORM_KEYS, unknown_placeholders

TODAY = date(2026, 11, 23)


def found(*guides: Guide, on: date = TODAY) -> list[Finding]:
    return lint(guides, on=on, unknown_placeholders=unknown_placeholders, forms=FORM_KEYS)


@pytest.fixture(scope="module")
def guides() -> Sequence[Guide]:
    return load_guides()


@pytest.fixture
def guide(guides: Sequence[Guide]) -> Guide:
    return replace(next(item for item in guides if item.id == "C01"), related=())


def saying(guide: Guide, text: str) -> Guide:
    passage = Passage(guide_id=guide.id, number=0, heading="答案", text=text)
    return replace(guide, passages=(passage,))


def test_the_embedded_guides_have_nothing_to_repair(guides: Sequence[Guide]) -> None:
    assert found(*guides) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("能。" * 151, "length"),
        ("一" * 41, "sentence"),
        ("机关要在15个工作日内答复您。", "old-rule"),
        ("要写明生产、生活、科研等特殊需要。", "old-rule"),
        ("复制材料要收取复印的成本费。", "old-rule"),
        ("复议和诉讼可以任选。", "old-rule"),
        ("依照有关规定办理。", "wording"),
        ("马上办！", "wording"),
        ("打{telephone}问。", "placeholder"),
        ("这里是咨询，不是申请。", "repeated"),
    ],
)
def test_what_must_not_be_written_is_found(guide: Guide, text: str, rule: str) -> None:
    assert rule in {finding.rule for finding in found(saying(guide, text))}


@pytest.mark.parametrize(
    "text",
    [
        "15个工作日是2019年以前的旧规定。",
        "第三方要在15个工作日内提出意见。",
        "不用写特殊需要，这一条已经取消。",
        "复印费不再收取。",
        "收到复议决定后15日内可以起诉。",
        "四种方式任选一种。",
    ],
)
def test_saying_that_a_rule_is_gone_is_fine(guide: Guide, text: str) -> None:
    assert [finding for finding in found(saying(guide, text)) if finding.rule == "old-rule"] == []


def test_an_unverified_guide_names_no_article_in_its_text(guide: Guide) -> None:
    unverified = replace(saying(guide, "见条例第三十三条。"), status=UNVERIFIED)

    assert "unverified" in {finding.rule for finding in found(unverified)}


def test_guides_have_about_the_same_number_of_phrasings(guide: Guide) -> None:
    few = replace(
        guide,
        id="few",
        phrasings=("要等多久", "几天给信", "啥时候回", "等到何时", "慢不慢", "多久"),
    )
    fewer = replace(few, phrasings=few.phrasings[:5])

    assert found(few) == []
    assert [finding.rule for finding in found(fewer)] == ["phrasings"]
    assert [finding.rule for finding in found(guide, few)] == ["phrasings"]


def test_two_guides_do_not_share_a_phrasing(guide: Guide) -> None:
    other = replace(guide, id="C99")

    shared = [finding for finding in found(guide, other) if finding.guide == "C99"]

    assert len(shared) == len(guide.phrasings)
    assert "与指南 C01 重复" in shared[0].message


def test_references_to_guides_and_forms_that_do_not_exist_are_found(guide: Guide) -> None:
    loose = replace(guide, related=("X99",), forms=("no-form",))

    assert [finding.field for finding in found(loose)] == ["related", "forms"]


def test_a_guide_not_reviewed_for_a_year_is_due(guide: Guide) -> None:
    late = found(guide, on=date(2028, 1, 1))

    assert [finding.rule for finding in late] == ["review"]
