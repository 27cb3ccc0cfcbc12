import asyncio
from datetime import timedelta

import pytest

from bot.desk import mine
from bot.desk.acts import (
    Handled,
    NotAllowedError,
    NotStaffError,
    UnknownConsultationError,
)
from bot.desk.inquiries import Inquiry, ReplyKind
from bot.desk.staffing import FIRST_LINK_LIVES, ROLES, SESSION_LIVES
from bot.store import events, outbox
from bot.store.outbox import Outgoing
from tests.bot.desk.conftest import GROUP_MESSAGE, House, Phrases, kinds_of
from tests.bot.desk.made import MONDAY

ANSWER = "您好，台阶下月修好。咨询电话 0690-2123456。"


@pytest.fixture
async def queued(house: House, phrases: Phrases) -> Handled:
    """Alice's question that went to people."""
    return await house.says(phrases.unknown[0])


async def newest_said(house: House, handled: Handled) -> Outgoing:
    """What was said to the citizen last."""
    return (await house.desk.replies(handled.consultation))[-1]


# The list.


async def test_members_are_added_listed_and_taken_off(house: House) -> None:
    key = await house.staffing.add(name="小李", role="editor", telegram=None, at=MONDAY)
    await house.staffing.disable(key)

    members = await house.staffing.everyone()

    assert [(member.name, member.role, member.disabled) for member in members] == [
        ("小陈", "clerk", False), ("小李", "editor", True),
    ]  # fmt: skip


async def test_a_role_that_does_not_exist_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="经理"):
        await house.staffing.add(name="小李", role="经理", telegram=None, at=MONDAY)


async def test_a_telegram_account_is_one_member(house: House) -> None:
    with pytest.raises(ValueError, match="已经在名单里"):
        await house.staffing.add(name="小李", role="clerk", telegram=77, at=MONDAY)


async def test_somebody_who_is_not_there_cannot_be_taken_off(house: House) -> None:
    with pytest.raises(LookupError):
        await house.staffing.disable(99)


def test_every_role_has_a_label() -> None:
    assert all(not label.isascii() for label in ROLES.values())


# Replies.


async def test_a_draft_is_shown_to_the_staff_and_changes_nothing_for_the_citizen(
    house: House, queued: Handled
) -> None:
    drafted = await house.draft(queued, ANSWER)

    assert drafted.consultation.state == "OPEN_QUEUE"
    assert drafted.event.actor == "staff:1"
    assert kinds_of(drafted) == []
    assert (await house.to_staff())[-1].kind == ReplyKind.DRAFT
    assert (await newest_said(house, queued)).kind == ReplyKind.HANDED_OVER


async def test_a_confirmed_draft_reaches_the_citizen_and_closes_the_consultation(
    house: House, queued: Handled
) -> None:
    sent = await house.staff_reply(queued, ANSWER)

    row = await house.row(queued)
    assert (row.state, row.outcome, row.owner) == ("CLOSED", "ANSWERED_STAFF", "closed")
    assert row.answered_at == MONDAY
    assert kinds_of(sent) == [ReplyKind.STAFF_REPLY]
    assert await house.read(events.words_of, event_id=sent.event.id) == ANSWER
    assert "台阶" not in repr(sent.event.facts)
    assert (await house.to_staff())[-1].values == {"what": "sent"}
    await house.is_sound()


async def test_a_dropped_draft_leaves_it_where_it_was(house: House, queued: Handled) -> None:
    drafted = await house.draft(queued, ANSWER)

    dropped = await house.settle_draft(drafted.event.facts["draft_id"], send=False)

    assert dropped.consultation.state == "OPEN_QUEUE"
    assert dropped.event.kind == "draft_dropped"
    assert (await newest_said(house, queued)).kind == ReplyKind.HANDED_OVER


async def test_a_draft_is_settled_once(house: House, queued: Handled) -> None:
    drafted = await house.draft(queued, ANSWER)
    draft_id = drafted.event.facts["draft_id"]
    await house.settle_draft(draft_id, send=True)
    before = await house.sizes()

    for send in (True, False):
        with pytest.raises(NotAllowedError):
            await house.settle_draft(draft_id, send=send)

    assert await house.sizes() == before


async def test_two_taps_at_once_send_one_reply(house: House, queued: Handled) -> None:
    drafted = await house.draft(queued, ANSWER)
    draft_id = drafted.event.facts["draft_id"]

    results = await asyncio.gather(
        *[house.settle_draft(draft_id, send=True) for _ in range(3)], return_exceptions=True
    )

    assert sum(isinstance(item, NotAllowedError) for item in results) == 2
    said = await house.desk.replies(queued.consultation)
    assert [item.kind for item in said].count(ReplyKind.STAFF_REPLY) == 1


async def test_redelivered_replies_and_taps_write_nothing(house: House, queued: Handled) -> None:
    await house.draft(queued, "先占住这条消息")
    reply = Inquiry("telegram", "group:1", "77", ANSWER, MONDAY)
    drafted = await house.staffing.draft_reply(GROUP_MESSAGE, inquiry=reply)
    tap = Inquiry("telegram", "tap:1", "77", "", MONDAY)
    draft_id = drafted.event.facts["draft_id"]
    await house.staffing.settle_draft(draft_id, send=True, inquiry=tap)
    before, rung = await house.sizes(), len(house.rung)

    again = await house.staffing.draft_reply(GROUP_MESSAGE, inquiry=reply)
    sent = await house.staffing.settle_draft(draft_id, send=True, inquiry=tap)

    assert (again.repeated, sent.repeated) == (True, True)
    assert await house.sizes() == before
    assert len(house.rung) == rung


async def test_of_two_drafts_the_second_comes_too_late(house: House, queued: Handled) -> None:
    first = await house.draft(queued, "第一种说法")
    second = await house.draft(queued, "第二种说法")
    await house.settle_draft(first.event.facts["draft_id"], send=True)

    with pytest.raises(NotAllowedError):
        await house.settle_draft(second.event.facts["draft_id"], send=True)
    await house.settle_draft(second.event.facts["draft_id"], send=False)

    assert (await house.row(queued)).outcome == "ANSWERED_STAFF"


async def test_only_the_writer_sends_a_draft(house: House, queued: Handled) -> None:
    await house.staffing.add(name="小李", role="supervisor", telegram=78, at=MONDAY)
    drafted = await house.draft(queued, ANSWER, by=77)

    with pytest.raises(NotStaffError):
        await house.settle_draft(drafted.event.facts["draft_id"], send=True, by=78)

    assert (await house.row(queued)).state == "OPEN_QUEUE"


@pytest.mark.parametrize("role", ["editor", "auditor", None, "disabled"])
async def test_who_may_not_reply_cannot(house: House, queued: Handled, role: str | None) -> None:
    if role is not None:
        added = "clerk" if role == "disabled" else role
        key = await house.staffing.add(name="小李", role=added, telegram=78, at=MONDAY)
        if role == "disabled":
            await house.staffing.disable(key)

    with pytest.raises(NotStaffError):
        await house.draft(queued, ANSWER, by=78)

    assert await house.kinds(queued) == ["asked"]


async def test_who_has_no_name_on_telegram_is_no_member(house: House, queued: Handled) -> None:
    await house.draft(queued, "先占住这条消息")

    with pytest.raises(NotStaffError):
        await house.staffing.draft_reply(
            GROUP_MESSAGE, inquiry=Inquiry("telegram", "g", "", ANSWER, MONDAY)
        )


async def test_a_message_that_belongs_to_no_consultation_gets_no_reply(house: House) -> None:
    inquiry = Inquiry("telegram", "g", "77", ANSWER, MONDAY)

    with pytest.raises(UnknownConsultationError):
        await house.staffing.draft_reply("-100:404", inquiry=inquiry)
    with pytest.raises(UnknownConsultationError):
        await house.staffing.settle_draft(404, send=True, inquiry=inquiry)


async def test_what_a_citizen_was_sent_is_no_message_to_reply_to(
    house: House, queued: Handled
) -> None:
    reference = house.keys.hash("message", "5:5").hex()
    said = queued.replies[0].id
    await house.database.write(
        lambda connection: outbox.mark_sent(connection, said, at=MONDAY, message_ref=reference)
    )

    with pytest.raises(UnknownConsultationError):
        await house.staffing.draft_reply(
            "5:5", inquiry=Inquiry("telegram", "g", "77", ANSWER, MONDAY)
        )


async def test_what_is_closed_gets_no_reply(house: House, queued: Handled) -> None:
    await house.taps("withdraw", queued)

    with pytest.raises(NotAllowedError):
        await house.draft(queued, ANSWER)


async def test_what_people_answered_goes_back_to_them_once_if_it_did_not_help(
    house: House, queued: Handled
) -> None:
    await house.staff_reply(queued, ANSWER)
    first = await house.taps("unsolved", queued)
    await house.staff_reply(queued, "再说一遍")
    second = await house.taps("unsolved", queued)

    assert (first.consultation.state, kinds_of(first)) == ("OPEN_QUEUE", [ReplyKind.HANDED_OVER])
    assert {"unsolved", "redone", "reopened"} <= set(first.consultation.labels)
    assert (second.consultation.state, kinds_of(second)) == ("OPEN_BOT", [ReplyKind.UNSOLVED])
    third = await house.taps("escalate", queued)
    assert third.consultation.state == "OPEN_QUEUE"
    await house.is_sound()


# Replies that never arrive.


async def fails(house: House, outgoing: Outgoing) -> None:
    """Delivery gives a reply up."""
    await house.staffing.note_undeliverable(outgoing, "chat 1001 not found", now=house.moment)


async def test_an_answer_that_never_arrives_ends_as_undeliverable(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["D01"])

    await fails(house, asked.replies[0])
    await house.desk.close_silent(MONDAY + timedelta(days=1))

    row = await house.row(asked)
    assert row.outcome == "UNDELIVERABLE"
    assert "undeliverable" in row.labels
    await house.is_sound()


async def test_a_referral_that_never_arrives_is_put_right(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.sure["I01"])

    await fails(house, asked.replies[0])

    row = await house.row(asked)
    assert (row.outcome, row.first_outcome) == ("UNDELIVERABLE", "UNDELIVERABLE")
    await house.is_sound()


async def test_a_persons_answer_that_never_arrives_is_told_to_the_staff(
    house: House, queued: Handled
) -> None:
    sent = await house.staff_reply(queued, ANSWER)

    await fails(house, sent.replies[0])

    assert (await house.row(queued)).outcome == "UNDELIVERABLE"
    assert (await house.to_staff())[-1].values == {"what": "undeliverable"}
    await house.is_sound()


async def test_it_is_noted_once_and_names_nobody(house: House, phrases: Phrases) -> None:
    asked = await house.says(phrases.sure["D01"])

    await fails(house, asked.replies[0])
    await fails(house, asked.replies[0])

    log = await house.log(asked)
    assert [event.kind for event in log] == ["asked", "undeliverable"]
    assert "1001" not in repr(log)


async def test_who_is_there_again_and_asks_on_is_answered_after_all(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["B01"])
    await fails(house, asked.replies[0])

    await house.says("那要多久？")
    await house.desk.close_silent(MONDAY + timedelta(days=1))

    assert (await house.row(asked)).outcome == "ANSWERED_KB"


async def test_who_had_the_contact_deleted_comes_for_the_answer(
    house: House, queued: Handled
) -> None:
    await mine.delete(house.database, queued.consultation.asker)
    sent = await house.staff_reply(queued, ANSWER)

    await fails(house, sent.replies[0])

    row = await house.row(queued)
    assert (row.outcome, "undeliverable" in row.labels) == ("ANSWERED_STAFF", True)
    assert (await house.to_staff())[-1].values == {"what": "undeliverable"}


async def test_a_thank_you_that_never_arrives_changes_no_outcome(
    house: House, phrases: Phrases
) -> None:
    asked = await house.says(phrases.sure["D01"])
    solved = await house.taps("solved", asked)

    await fails(house, solved.replies[0])
    await fails(house, asked.replies[0])

    assert (await house.row(asked)).outcome == "ANSWERED_KB"


async def test_word_to_the_staff_that_never_arrives_is_no_event_of_the_consultation(
    house: House, queued: Handled
) -> None:
    (told,) = await house.to_staff()

    await fails(house, told)

    assert await house.kinds(queued) == ["asked"]
    assert (await house.to_staff())[0].status == outbox.UNDELIVERABLE


# Signing in.


async def test_the_first_link_makes_an_administrator_once(house: House) -> None:
    link = await house.staffing.first_sign_in_link(now=MONDAY)
    assert link is not None

    session = await house.staffing.sign_in(link, now=MONDAY)
    assert session is not None
    member = await house.staffing.signed_in(session, now=MONDAY)

    assert member is not None
    assert member.role == "administrator"
    assert await house.staffing.sign_in(link, now=MONDAY) is None
    assert await house.staffing.first_sign_in_link(now=MONDAY) is None


async def test_links_and_sessions_end(house: House) -> None:
    link = await house.staffing.first_sign_in_link(now=MONDAY)
    late = await house.staffing.first_sign_in_link(now=MONDAY)
    assert link is not None
    assert late is not None

    assert await house.staffing.sign_in(late, now=MONDAY + FIRST_LINK_LIVES) is None
    session = await house.staffing.sign_in(link, now=MONDAY)
    assert session is not None
    assert await house.staffing.signed_in(session, now=MONDAY + SESSION_LIVES) is None
    assert await house.staffing.signed_in("guessed", now=MONDAY) is None


async def test_of_two_first_links_one_makes_the_administrator(house: House) -> None:
    links = [await house.staffing.first_sign_in_link(now=MONDAY) for _ in range(2)]

    sessions = await asyncio.gather(
        *[house.staffing.sign_in(link or "", now=MONDAY) for link in links]
    )

    assert sum(session is not None for session in sessions) == 1
    roles = [member.role for member in await house.staffing.everyone()]
    assert roles.count("administrator") == 1


async def test_who_is_taken_off_the_list_is_signed_out(house: House) -> None:
    link = await house.staffing.first_sign_in_link(now=MONDAY)
    session = await house.staffing.sign_in(link or "", now=MONDAY)
    member = await house.staffing.signed_in(session or "", now=MONDAY)
    assert member is not None

    await house.staffing.disable(member.id)

    assert await house.staffing.signed_in(session or "", now=MONDAY) is None


async def test_who_signs_out_is_out_with_every_copy_of_the_session(house: House) -> None:
    link = await house.staffing.first_sign_in_link(now=MONDAY)
    session = await house.staffing.sign_in(link or "", now=MONDAY)
    assert session is not None
    await house.staffing.sign_out("guessed")
    assert await house.staffing.signed_in(session, now=MONDAY) is not None

    await house.staffing.sign_out(session)

    assert await house.staffing.signed_in(session, now=MONDAY) is None
