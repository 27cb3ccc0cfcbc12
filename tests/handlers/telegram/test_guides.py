from itertools import groupby

import pytest

from handlers.telegram.guides import ALL_CATEGORIES, ON_A_PAGE, page_words
from knowledge.guides import Guide
from tests.bot_api import BotApi, Person
from tests.handlers.telegram.conftest import Service, data_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_guide_is_on_exactly_one_page(guides: tuple[Guide, ...]) -> None:
    categories = page_words(guides, category=ALL_CATEGORIES, page=0).buttons
    found: list[str] = []
    for number in range(len(categories)):
        page, more = 0, True
        while more:
            acts = [
                button.act for button in page_words(guides, category=number, page=page).buttons
            ]
            opened = [act.removeprefix("guide:") for act in acts if act.startswith("guide:")]
            assert len(opened) <= ON_A_PAGE
            found += opened
            page += 1
            more = f"browse:{number}:{page}" in acts

    assert sorted(found) == sorted(guide.id for guide in guides)
    assert [button.label for button in categories] == [
        name for name, _ in groupby(guide.category for guide in guides)
    ]


async def test_the_guides_are_browsed_in_one_message(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    (list_,) = await telegram.said(alice, "/guides")
    assert await telegram.tapped(alice, list_, list_.labels[1]) == []
    (page,) = await api.wait_for_edited(1)
    (answer,) = await telegram.tapped(alice, page, page.labels[0])

    assert page.message_id == list_.message_id
    assert page.text.startswith(list_.labels[1])
    assert "依据：" in answer.text
    (consultation,) = await telegram.consultations()
    assert consultation.topic is not None


async def test_a_page_tapped_twice_is_turned_once(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    (list_,) = await telegram.said(alice, "/guides")
    data = data_of(list_, list_.labels[0])
    for _ in range(2):
        await api.taps(alice, list_, data)
    await telegram.settle()

    assert len(api.edited) == 1
    assert len(api.sent_to(alice)) == 1
    assert await telegram.dead_letters() == []


async def test_a_page_of_a_deleted_message_is_sent_anew(
    telegram: Service, alice: Person, api: BotApi
) -> None:
    (list_,) = await telegram.said(alice, "/guides")
    await telegram.bot.delete_message(alice.id, list_.message_id)
    await api.taps(alice, list_, data_of(list_, list_.labels[0]))
    await telegram.settle()

    assert "全部类别" in api.sent_to(alice)[-1].labels
