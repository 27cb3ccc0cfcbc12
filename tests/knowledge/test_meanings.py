import numpy as np
import pytest

from knowledge.encoder import Vectors
from knowledge.meanings import MEANING_COLUMNS, NEAREST, Meanings, nearest
from tests.knowledge.thesaurus import Thesaurus

MONEY, FILES = ("收费", "花销", "要钱"), ("卷宗", "档案")
ASKED = [
    ("收费标准", "要钱不"),
    ("借阅", "卷宗怎么看", "看资料"),
    ("批文",),
]


@pytest.fixture
def thesaurus() -> Thesaurus:
    return Thesaurus(MONEY, FILES)


@pytest.fixture
def meanings(thesaurus: Thesaurus) -> Meanings:
    return Meanings(ASKED, encoder=thesaurus)


def vector(text: str) -> Vectors:
    row: Vectors = Thesaurus(MONEY, FILES).encode([text], asked=True)[0]
    return row


def column(meanings: Meanings, text: str, name: str) -> list[float]:
    values: list[float] = meanings.near(vector(text))[:, MEANING_COLUMNS.index(name)].tolist()
    return values


def test_every_entry_has_a_value_for_every_column(meanings: Meanings) -> None:
    rows = meanings.near(vector("花销"))

    assert rows.shape == (len(ASKED), len(MEANING_COLUMNS))
    assert rows.dtype == np.float64
    assert np.isfinite(rows).all()


def test_a_title_that_means_the_like_is_near(meanings: Meanings) -> None:
    fees, files, land = column(meanings, "花销", "meaning_title")

    assert fees > 0.95
    assert max(files, land) < 0.8


def test_the_nearest_of_title_and_phrasings_counts_as_asked(meanings: Meanings) -> None:
    by_title = column(meanings, "档案", "meaning_title")
    asked = column(meanings, "档案", "meaning_asked")

    assert asked[1] > 0.95 > 0.8 > by_title[1]
    assert all(one >= other for one, other in zip(asked, by_title, strict=True))


def test_of_several_wordings_the_nearest_counts_most(thesaurus: Thesaurus) -> None:
    meanings = Meanings([("档案", "卷宗"), ("档案", "文号"), ("文号", "批次")], encoder=thesaurus)

    both, one, none = column(meanings, "卷宗", "meaning_several")

    assert both > one > 0.95 > 0.8 > none


def test_an_entry_that_is_asked_for_in_one_way_is_as_near_as_that(meanings: Meanings) -> None:
    rows = meanings.near(vector("批文"))

    assert rows[2] == pytest.approx(np.ones(len(MEANING_COLUMNS)), abs=1e-5)


def test_titles_and_phrasings_are_all_encoded_as_what_is_asked(
    thesaurus: Thesaurus, meanings: Meanings
) -> None:
    assert thesaurus.asked == [text for own in ASKED for text in own]
    assert thesaurus.passages == []
    assert len(meanings.near(vector("花销"))) == len(ASKED)


def test_the_nearest_are_those_with_the_nearest_wording() -> None:
    count = 3 * NEAREST
    rows = np.zeros((count, len(MEANING_COLUMNS)))
    rows[::3, MEANING_COLUMNS.index("meaning_asked")] = 0.5
    rows[1::3, MEANING_COLUMNS.index("meaning_title")] = 0.9

    assert sorted(nearest(rows)) == list(range(0, count, 3))


def test_of_few_entries_all_are_nearest(meanings: Meanings) -> None:
    assert sorted(nearest(meanings.near(vector("花销")))) == [0, 1, 2]
