from bot.desk.channels import Channel, Parcel, registry
from bot.desk.ratings import OFFERED, RATINGS
from bot.store.tables import consultations
from tests.bot.desk.made import width


async def _send(_parcel: Parcel) -> str | None:
    return None


def test_every_channel_is_registered_whether_or_not_it_is_connected() -> None:
    channels = registry()

    assert {"telegram", "web", "hotline", "phone", "onsite", "letter", "email", "other"} <= set(
        channels
    )
    assert all(channel.code == code for code, channel in channels.items())
    assert all(channel.sender is None for channel in channels.values())
    assert {channel.statistics_code for channel in channels.values()} <= set(channels)
    assert max(map(len, channels)) <= width(consultations.c.channel)


def test_a_connected_channel_takes_the_place_of_the_plain_one() -> None:
    connected = Channel("telegram", "Telegram", "telegram", sender=_send)

    channels = registry([connected])

    assert channels["telegram"] is connected
    assert channels["web"].sender is None


def test_what_citizens_are_offered_can_be_kept() -> None:
    assert set(OFFERED) <= set(RATINGS)
    assert max(map(len, RATINGS)) <= width(consultations.c.rating)
