"""A small Telegram Bot API server on loopback, for tests that run a real bot process.

It keeps the rules of https://core.telegram.org/bots/api that a bot can trip over, with the
words and codes of the official server (https://github.com/tdlib/telegram-bot-api)::

    async with BotApi.start(token="42:TEST") as api:
        alice = api.person(1001, "Alice")
        await api.says(alice, "政府信息公开怎么申请")
        answer = await api.next_sent(alice)

``api.base_url`` is what a bot takes for the Bot API's address. Nothing here sleeps until
something has probably happened: every ``wait_…`` and ``next_…`` returns as soon as it has.

Not kept: flood limits by themselves (``too_many_requests`` orders them), the 24 hours after which
updates are dropped, the half-second politeness between polls, downloading files, and what
``parse_mode`` and automatic entities make of a text (it is checked, and stays as it was sent).
"""

from .chats import Group, Person
from .records import AnsweredCallback, Call, Delivery, Refusal, Sent, Upload
from .rules import ApiError
from .server import BotApi

__all__ = [
    "AnsweredCallback",
    "ApiError",
    "BotApi",
    "Call",
    "Delivery",
    "Group",
    "Person",
    "Refusal",
    "Sent",
    "Upload",
]
