from dataclasses import replace

import pytest

from knowledge.borrowing import bare_of_the_field, with_borrowed
from knowledge.corpus import Entry
from knowledge.matching import Matcher
from knowledge.words import Words

LENDERS = [
    Entry(
        "C01",
        "多久答复",
        ("几天能有结果", "要等多长时间", "多少天给回话"),
        ("行政机关收到申请，自收到之日起20个工作日内答复。",),
    ),
    Entry(
        "D01",
        "公开收不收费",
        ("申请要钱不", "交多少钱", "免费吗"),
        ("行政机关依申请提供政府信息，不收取费用。",),
    ),
    Entry(
        "B01",
        "怎么申请公开",
        ("在哪里递材料", "去哪交", "怎么提出来"),
        ("向行政机关提出政府信息公开申请，可以当面、邮寄或者网上提交。",),
    ),
]
PHRASINGS = {entry.id: entry.phrasings for entry in LENDERS}
DAYS = Entry(
    "days",
    "政府信息公开答复期限",
    (),
    ("行政机关应当自收到政府信息公开申请之日起20个工作日内予以答复。",),
)
FEES = Entry(
    "fees",
    "政府信息公开收费规定",
    (),
    ("行政机关依申请提供政府信息，不收取费用；申请公开过多的可以收取信息处理费。",),
)
CANTEEN = Entry("canteen", "食堂开放时间", (), ("中午十一点半到一点，凭饭卡用餐。",))
OWN_WORDS = replace(DAYS, id="own", phrasings=("期限怎么算", "期限从哪天起", "期限几日"))


@pytest.fixture(scope="module")
def lenders() -> Matcher:
    return Matcher(LENDERS, words=Words())


def test_entries_get_the_ways_of_asking_of_guides_on_their_matter(lenders: Matcher) -> None:
    days, fees = with_borrowed([DAYS, FEES], lenders=lenders)

    assert days == replace(DAYS, phrasings=PHRASINGS["C01"])
    assert fees == replace(FEES, phrasings=PHRASINGS["D01"])


def test_what_is_lent_is_added_to_an_entry_s_own_phrasings(lenders: Matcher) -> None:
    entry = replace(DAYS, phrasings=("期限几日",))

    (found,) = with_borrowed([entry], lenders=lenders)

    assert found.phrasings == ("期限几日", *PHRASINGS["C01"])


def test_entries_with_ways_of_asking_of_their_own_get_none(lenders: Matcher) -> None:
    found = with_borrowed([OWN_WORDS, DAYS, FEES], lenders=lenders)

    assert found[0] == OWN_WORDS
    assert [entry.id for entry in found] == ["own", "days", "fees"]
    assert found[1].phrasings == PHRASINGS["C01"]


def test_entries_on_something_else_get_none(lenders: Matcher) -> None:
    found = with_borrowed([DAYS, CANTEEN, FEES], lenders=lenders)

    assert found[1] == CANTEEN


@pytest.mark.parametrize(
    "entries",
    [
        [CANTEEN, replace(CANTEEN, id="other")],
        [DAYS, CANTEEN],
        [DAYS, OWN_WORDS],
    ],
)
def test_nothing_is_lent_unless_most_entries_are_bare_and_about_disclosure(
    entries: list[Entry], lenders: Matcher
) -> None:
    assert with_borrowed(entries, lenders=lenders) == tuple(entries)


def test_two_entries_on_one_matter_share_their_lender(lenders: Matcher) -> None:
    found = with_borrowed([DAYS, replace(DAYS, id="again")], lenders=lenders)

    assert [entry.phrasings for entry in found] == [PHRASINGS["C01"]] * 2


def test_the_same_entries_are_always_lent_the_same(lenders: Matcher) -> None:
    entries = [DAYS, FEES, CANTEEN]

    assert with_borrowed(entries, lenders=lenders) == with_borrowed(entries, lenders=lenders)


def test_with_what_was_lent_an_entry_is_found_by_words_that_it_does_not_use(
    lenders: Matcher,
) -> None:
    words = Words()
    entries = [DAYS, FEES]
    text = "多少天给回话"

    before = Matcher(entries, words=words).match(text)
    after = Matcher(with_borrowed(entries, lenders=lenders), words=words).match(text)

    assert after.candidates[0].id == "days"
    assert after.probability > before.probability


def test_bare_are_entries_about_disclosure_with_hardly_a_phrasing() -> None:
    hardly = replace(DAYS, phrasings=("期限怎么算", "期限几日"))

    assert bare_of_the_field([DAYS, CANTEEN, OWN_WORDS, hardly]) == [0, 3]


def test_a_long_document_that_mentions_disclosure_once_is_not_about_it() -> None:
    once = Entry("a", "绿化管理办法", (), ("绿化由本机关负责。" * 40 + "申请人可以查询。",))

    assert bare_of_the_field([once]) == []


def test_an_entry_without_text_is_not_about_disclosure() -> None:
    assert bare_of_the_field([Entry("a", "", (), ())]) == []


def test_a_title_alone_can_be_about_disclosure() -> None:
    assert bare_of_the_field([Entry("a", "政府信息公开指南", (), ())]) == [0]
