"""Every version of a guide that could have been quoted is kept, once."""

from dataclasses import replace
from functools import partial

import pytest

from bot.store import guide_versions
from bot.store.database import Database
from knowledge.guides import Guide, load_guides
from tests.bot.store.rows import NOON


@pytest.fixture(scope="module")
def guide() -> Guide:
    """Any guide."""
    return load_guides()[0]


async def test_versions_are_kept_once_and_give_back_what_was_written(
    database: Database, guide: Guide
) -> None:
    later = replace(guide, version="f" * 64, source="# 新的答复\n")

    async def keep(*guides: Guide) -> int:
        return await database.write(partial(guide_versions.keep, guides=guides, at=NOON))

    assert await keep(guide) == 1
    assert await keep(guide, later) == 1
    assert await keep(guide, later) == 0
    assert await keep() == 0

    assert await database.read(guide_versions.sources) == {
        guide.version: (guide.id, guide.source),
        later.version: (guide.id, "# 新的答复\n"),
    }
