from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from bot.store import dead_letters
from bot.store.database import parse_url, sqlite_engine
from bot.store.tables import metadata

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def engine_with_tables(folder: Path) -> Engine:
    engine = sqlite_engine(parse_url(f"sqlite:///{folder / 'zixun.db'}"))
    metadata.create_all(engine)
    return engine


def test_a_dead_letter_is_noted_once(tmp_path: Path) -> None:
    engine = engine_with_tables(tmp_path)
    with engine.begin() as connection:
        noted = [
            dead_letters.keep(
                connection,
                channel="telegram",
                external_id=b"one",
                digest=digest,
                problem="KeyError in desk.py:1",
                at=NOW,
            )
            for digest in (b"first", b"second")
        ]
        (letter,) = dead_letters.newest(connection)

    engine.dispose()
    assert noted == [True, False]
    assert (letter.digest, letter.problem, letter.at) == (b"first", "KeyError in desk.py:1", NOW)


def test_the_newest_dead_letters_come_first(tmp_path: Path) -> None:
    engine = engine_with_tables(tmp_path)
    with engine.begin() as connection:
        for number in range(3):
            dead_letters.keep(
                connection,
                channel="telegram",
                external_id=bytes([number]),
                digest=b"",
                problem="x" * 500,
                at=NOW + timedelta(minutes=number),
            )
        found = dead_letters.newest(connection, limit=2)

    engine.dispose()
    assert [letter.external_id for letter in found] == [b"\x02", b"\x01"]
    assert len(found[0].problem) == 200
