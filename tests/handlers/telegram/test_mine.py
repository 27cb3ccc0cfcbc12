import json

import pytest

from tests.bot_api import BotApi, Person
from tests.handlers.telegram.conftest import PUBLIC_URL, QUESTION, Service

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_privacy_says_what_is_kept_and_how_to_delete_it(
    telegram: Service, alice: Person
) -> None:
    (answer,) = await telegram.said(alice, "/privacy")

    assert all(word in answer.text for word in ("境外", "/export_mine", "/delete", PUBLIC_URL))


async def test_the_copy_holds_ones_own_words_and_nobody_elses(
    telegram: Service, alice: Person, bob: Person
) -> None:
    (nothing,) = await telegram.said(alice, "/export_mine")
    await telegram.said(alice, QUESTION)
    await telegram.said(bob, "转人工")
    (copy,) = await telegram.said(alice, "/export_mine")

    assert "没有存" in nothing.text
    assert copy.document is not None
    assert copy.document.name == "zixun-20261123.json"
    (consultation,) = json.loads(copy.document.content)
    assert consultation["outcome"] == "在办"
    assert consultation["opened_at"] == "2026-11-23T10:00:00+08:00"
    assert [event["text"] for event in consultation["events"]] == [QUESTION]


async def test_nothing_is_deleted_before_a_second_yes(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    await telegram.said(alice, QUESTION)
    (question,) = await telegram.said(alice, "/delete")
    (no,) = await telegram.tapped(alice, question, "不删")
    (copy,) = await telegram.said(alice, "/export_mine")
    (yes,) = await telegram.tapped(alice, question, "删除")
    (empty,) = await telegram.said(alice, "/export_mine")

    assert no.text == "没有删除。"
    assert copy.document and QUESTION.encode() in copy.document.content
    assert "1 条" in yes.text
    assert empty.document and QUESTION.encode() not in empty.document.content
    (consultation,) = await telegram.consultations()
    assert consultation.topic is not None


async def test_who_asks_again_after_deleting_everything_is_answered(
    telegram: Service, alice: Person
) -> None:
    await telegram.said(alice, QUESTION)
    (question,) = await telegram.said(alice, "/delete")
    await telegram.tapped(alice, question, "删除")

    (answer,) = await telegram.said(alice, QUESTION)

    assert "依据：" in answer.text
