from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.desk import ledger
from bot.desk.chains import flaws
from bot.desk.channels import Channel, Parcel, registry
from bot.desk.inquiries import Reply, ReplyKind
from bot.desk.keys import Keys
from bot.desk.ledger import Entry, project
from bot.store import consultations, events, outbox
from bot.store.consultations import Consultation
from bot.store.database import Database
from bot.store.events import Event
from tests.bot.desk.made import DAY, MONDAY, TUESDAY_EVENING, closed, matter

KEYS = Keys("a secret for the tests only")
WAITS: Mapping[str, Any] = {"state": "OPEN_BOT", "timer_at": (MONDAY + DAY).isoformat()}


def becomes(previous: Consultation, *, actor: str = "citizen", **changes: Any) -> Consultation:
    return project(previous, at=MONDAY, actor=actor, becomes=changes)


def entry(kind: str = "asked", *, text: str | None = None, **changes: Any) -> Entry:
    return Entry(kind, MONDAY, "citizen", {"why": "test"}, {**WAITS, **changes}, text)


def opening(connection: Connection, first: Entry) -> tuple[Consultation, Event]:
    return ledger.open_consultation(
        connection,
        receipt="26112300000007",
        channel="telegram",
        asker=b"a" * 32,
        at=MONDAY,
        entry=first,
        keys=KEYS,
    )


# What an event makes of a row.


def test_plain_fields_are_replaced_and_lists_grow_without_repeating() -> None:
    before = matter(topic="B01", topics=("C01",), labels=("clarified",))

    after = becomes(before, topic="D01", topics=["C01", "D02"], labels=["clarified", "rated"])

    assert after.topic == "D01"
    assert after.topics == ("C01", "D02")
    assert after.labels == ("clarified", "rated")


def test_the_owner_follows_from_the_state() -> None:
    assert becomes(matter(), state="OPEN_QUEUE", timer_at=None).owner == "queue"
    assert becomes(matter(), state="CLOSED", outcome="WITHDRAWN").owner == "closed"
    assert becomes(matter("TRANSFERRED"), state="WAITING_CITIZEN").owner == "citizen"


def test_closing_sets_the_times_and_ends_the_timer() -> None:
    after = becomes(matter(), state="CLOSED", outcome="ANSWERED_KB")

    assert (after.closed_at, after.first_closed_at) == (MONDAY, MONDAY)
    assert (after.outcome, after.first_outcome) == ("ANSWERED_KB", "ANSWERED_KB")
    assert after.timer_at is None


def test_reopening_keeps_the_first_closing_and_is_marked() -> None:
    before = closed("ANSWERED_KB", closed_at=MONDAY - DAY, first_closed_at=MONDAY - DAY)

    opened = becomes(before, **WAITS)
    again = becomes(opened, state="CLOSED", outcome="ANSWERED_STAFF")

    assert (opened.outcome, opened.closed_at) == (None, None)
    assert "reopened" in opened.labels
    assert (again.first_closed_at, again.first_outcome) == (MONDAY - DAY, "ANSWERED_KB")
    assert (again.closed_at, again.outcome) == (MONDAY, "ANSWERED_STAFF")


def test_a_rating_counts_until_there_is_a_new_one() -> None:
    rated = becomes(closed("ANSWERED_KB"), rating="dissatisfied", labels=["rated"])

    opened = becomes(rated, **WAITS)

    assert (opened.rating, "rated" in opened.labels) == ("dissatisfied", False)


def test_an_outcome_put_right_before_anything_was_reopened_is_the_first_one_too() -> None:
    after = becomes(closed("ANSWERED_STAFF"), state="CLOSED", outcome="UNDELIVERABLE")

    assert (after.outcome, after.first_outcome) == ("UNDELIVERABLE", "UNDELIVERABLE")
    assert after.closed_at == MONDAY


def test_an_outcome_put_right_after_reopening_leaves_the_first_one() -> None:
    before = closed("ANSWERED_STAFF", first_outcome="ANSWERED_KB", labels=("reopened",))

    after = becomes(before, state="CLOSED", outcome="UNDELIVERABLE")

    assert (after.outcome, after.first_outcome) == ("UNDELIVERABLE", "ANSWERED_KB")


def test_only_the_citizen_touches_a_consultation() -> None:
    before = matter()

    assert becomes(before).touched_at == MONDAY
    assert becomes(before, actor="timer").touched_at == before.touched_at
    assert becomes(before, actor="staff:3").touched_at == before.touched_at


def test_the_first_answer_is_dated_once() -> None:
    first = becomes(matter(), answered=True)
    second = project(first, at=MONDAY + DAY, actor="citizen", becomes={**WAITS, "answered": True})

    assert (first.answered_at, second.answered_at) == (MONDAY, MONDAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "CLOSED"},
        {"state": "CLOSED", "outcome": None},
        {"state": "CLOSED", "outcome": "ANSWERED"},
        {"outcome": "ANSWERED_KB"},
        {"state": "OPEN_QUEUE", "outcome": "ANSWERED_KB"},
        {"state": "LOST"},
        {"owner": "bot"},
        {"state": "OPEN_BOT", "timer_at": None},
    ],
)
def test_a_row_that_no_rule_allows_is_refused(changes: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"consultation|waits"):
        becomes(matter(), **changes)


def test_a_closed_consultation_stays_closed_with_its_outcome() -> None:
    after = becomes(closed("ANSWERED_KB"), rating="satisfied")

    assert (after.state, after.outcome) == ("CLOSED", "ANSWERED_KB")


# Writing it down.


async def test_a_consultation_opens_with_its_first_event(database: Database) -> None:
    row, event = await database.write(partial(opening, first=entry(topic="D01")))

    assert row == await database.read(partial(consultations.by_id, consultation_id=row.id))
    assert event == await database.read(partial(events.by_id, event_id=event.id))
    assert (row.version, event.number, row.digest) == (1, 1, event.digest)
    assert event.facts["opened"] == {"channel": "telegram", "asker": (b"a" * 32).hex()}
    assert flaws(row, [event]) == ()


async def test_events_are_numbered_and_chained(database: Database) -> None:
    def write(connection: Connection) -> Consultation:
        row, _ = opening(connection, entry())
        for kind in ("said", "asked", "said"):
            row, _ = ledger.record(connection, row, entry(kind), keys=KEYS)
        return row

    row = await database.write(write)
    log = await database.read(partial(events.of_consultation, consultation_id=row.id))

    assert [event.number for event in log] == [1, 2, 3, 4]
    assert row.version == 4
    assert flaws(row, log) == ()


async def test_two_events_cannot_have_one_number(database: Database) -> None:
    row, _ = await database.write(partial(opening, first=entry()))
    await database.write(
        lambda connection: ledger.record(connection, row, entry("said"), keys=KEYS)
    )

    with pytest.raises(IntegrityError):
        await database.write(
            lambda connection: ledger.record(connection, row, entry("said"), keys=KEYS)
        )


async def test_a_text_is_kept_apart_and_only_its_digest_in_the_log(database: Database) -> None:
    row, event = await database.write(partial(opening, first=entry(text="我想问收费")))
    kept = await database.read(partial(events.words_of_consultation, consultation_id=row.id))

    assert kept == {event.id: "我想问收费"}
    assert event.text_digest is not None
    assert "收费" not in str(event)


async def test_deleting_a_text_breaks_no_chain(database: Database) -> None:
    row, event = await database.write(partial(opening, first=entry(text="我想问收费")))

    await database.write(partial(events.delete_words_of_asker, asker=row.asker))

    assert await database.read(partial(events.words_of, event_id=event.id)) is None
    log = await database.read(partial(events.of_consultation, consultation_id=row.id))
    assert flaws(row, log) == ()


async def test_the_same_text_twice_has_two_digests(database: Database) -> None:
    def write(connection: Connection) -> tuple[Event, Event]:
        row, first = opening(connection, entry(text="在吗"))
        _, second = ledger.record(connection, row, entry(text="在吗"), keys=KEYS)
        return first, second

    first, second = await database.write(write)

    assert first.text_digest != second.text_digest


async def _never(_parcel: Parcel) -> str | None:
    raise AssertionError("nothing is delivered in these tests")


@pytest.mark.parametrize(
    ("sending", "channel", "status"),
    [(True, "telegram", outbox.PENDING), (False, "telegram", outbox.SENT),
     (True, "web", outbox.SENT)],
)  # fmt: skip
async def test_only_what_a_channel_sends_by_itself_waits_to_be_sent(
    database: Database, sending: bool, channel: str, status: str
) -> None:
    telegram = Channel("telegram", "Telegram", "telegram", sender=_never if sending else None)

    def write(connection: Connection) -> str:
        row, event = opening(connection, entry())
        (said,) = ledger.say(
            connection,
            replace(row, channel=channel),
            [Reply(ReplyKind.ANSWER, {"answers": []})],
            event=event,
            channels=registry([telegram]),
        )
        return said.status

    assert await database.write(write) == status


async def test_word_to_the_staff_goes_to_their_group_whatever_the_citizens_channel(
    database: Database,
) -> None:
    telegram = Channel("telegram", "Telegram", "telegram", sender=_never)

    def write(connection: Connection) -> list[tuple[str, str]]:
        row, event = opening(connection, entry(state="OPEN_QUEUE", timer_at=None,
                                               due_at=TUESDAY_EVENING.isoformat()))  # fmt: skip
        said = ledger.say(
            connection,
            replace(row, channel="web"),
            [Reply(ReplyKind.HANDED_OVER), Reply(ReplyKind.ESCALATION, audience="staff")],
            event=event,
            channels=registry([telegram]),
        )
        return [(item.channel, item.status) for item in said]

    assert await database.write(write) == [("web", outbox.SENT), ("telegram", outbox.PENDING)]
