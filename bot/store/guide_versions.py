"""Every version of a guide that could have been quoted, so that old answers can be read again."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from bot.store.tables import guide_versions
from knowledge.guides import Guide


def keep(connection: Connection, guides: Iterable[Guide], *, at: datetime) -> int:
    """Keep the versions that are not there yet; returns how many were new."""
    known = set(connection.execute(select(guide_versions.c.version)).scalars())
    new = [guide for guide in guides if guide.version not in known]
    if new:
        connection.execute(
            guide_versions.insert(),
            [
                {
                    "version": guide.version,
                    "guide_id": guide.id,
                    "source": guide.source,
                    "seen_at": at,
                }
                for guide in new
            ],
        )
    return len(new)


def sources(connection: Connection) -> dict[str, tuple[str, str]]:
    """Guide id and Markdown of every version kept, by version."""
    rows = connection.execute(
        select(guide_versions.c.version, guide_versions.c.guide_id, guide_versions.c.source)
    )
    return {row.version: (row.guide_id, row.source) for row in rows}
