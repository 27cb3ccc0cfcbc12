"""The shelf: the guides of today, and every earlier version that an answer has quoted."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.store import guide_versions
from bot.store.database import Database
from knowledge.guides import Guide, GuideError, parse_guide


class Shelf:
    """Finds a guide by id as it is today, or by version as it was when it was quoted."""

    def __init__(self, guides: Sequence[Guide]) -> None:
        self.today: Mapping[str, Guide] = {guide.id: guide for guide in guides}
        self._by_version = {guide.version: guide for guide in guides}

    def quoted(self, guide_id: str, version: str) -> Guide | None:
        """The guide as it was quoted; today's if that version was never kept, None if neither."""
        return self._by_version.get(version) or self.today.get(guide_id)

    async def sync(self, database: Database, *, now: datetime) -> int:
        """Keep today's versions in the store and take up the older ones from it.

        Returns how many versions were new. A kept version that can no longer be parsed (its law
        left the list of laws) is passed over: the answer is still in the log by digest.
        """
        guides = tuple(self.today.values())
        kept = await database.read(guide_versions.sources)
        missing = [guide for guide in guides if guide.version not in kept]
        if missing:
            await database.write(
                lambda connection: guide_versions.keep(connection, missing, at=now)
            )
        for version, (guide_id, source) in kept.items():
            if version not in self._by_version:
                try:
                    self._by_version[version] = parse_guide(source, name=guide_id)
                except GuideError:
                    continue
        return len(missing)
