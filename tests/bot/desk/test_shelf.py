from collections.abc import Mapping
from dataclasses import replace

from bot.desk.shelf import Shelf
from bot.store import guide_versions
from bot.store.database import Database
from knowledge.guides import Guide, parse_guide
from tests.bot.desk.made import MONDAY


def revised(guide: Guide) -> Guide:
    """The same guide with another answer."""
    source = guide.source.replace("## 下一步", "另外说一句。\n\n## 下一步", 1)
    changed = parse_guide(source, name=guide.id)
    assert changed.version != guide.version
    return changed


def test_a_guide_is_found_as_it_is_today(guides: Mapping[str, Guide]) -> None:
    shelf = Shelf([guides["D01"], guides["B01"]])

    assert set(shelf.today) == {"D01", "B01"}
    assert shelf.quoted("D01", guides["D01"].version) == guides["D01"]
    assert shelf.quoted("D01", "never kept") == guides["D01"]
    assert shelf.quoted("C01", "never kept") is None


async def test_versions_are_kept_once(database: Database, guides: Mapping[str, Guide]) -> None:
    shelf = Shelf([guides["D01"], guides["B01"]])

    assert await shelf.sync(database, now=MONDAY) == 2
    assert await shelf.sync(database, now=MONDAY) == 0
    assert await Shelf([guides["D01"]]).sync(database, now=MONDAY) == 0


async def test_what_was_quoted_is_found_after_the_guide_was_revised_or_withdrawn(
    database: Database, guides: Mapping[str, Guide]
) -> None:
    old, withdrawn = guides["D01"], guides["B01"]
    await Shelf([old, withdrawn]).sync(database, now=MONDAY)
    new = revised(old)
    shelf = Shelf([new])

    assert await shelf.sync(database, now=MONDAY) == 1

    assert shelf.today == {"D01": new}
    assert shelf.quoted("D01", old.version) == old
    assert shelf.quoted("D01", new.version) == new
    assert shelf.quoted("B01", withdrawn.version) == withdrawn


async def test_a_version_that_can_no_longer_be_read_is_passed_over(
    database: Database, guides: Mapping[str, Guide]
) -> None:
    broken = replace(guides["B01"], source="---\nid: B01\n---\n", version="v" * 64)
    await database.write(lambda connection: guide_versions.keep(connection, [broken], at=MONDAY))
    shelf = Shelf([guides["D01"]])

    await shelf.sync(database, now=MONDAY)

    assert shelf.quoted("B01", "v" * 64) is None
    assert shelf.quoted("D01", guides["D01"].version) == guides["D01"]
