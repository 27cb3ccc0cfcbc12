import asyncio
from datetime import timedelta

import pytest

from bot.desk.access import LOCKED_FOR, MOST_WRONG_CODES, Claim
from bot.desk.acts import LockedError, UnknownConsultationError
from bot.desk.receipts import show_receipt
from bot.store.consultations import Consultation
from knowledge.check_digits import check_digit
from tests.bot.desk.conftest import House, Phrases

NOBODYS = "2611230000000" + check_digit("2611230000000")


@pytest.fixture
async def asked(house: House, phrases: Phrases) -> Consultation:
    """Alice's consultation."""
    return (await house.says(phrases.sure["D01"])).consultation


def wrong_code(house: House, receipt: str, *, by: int = 1) -> Claim:
    right = int(house.keys.retrieval_code(receipt))
    return Claim(code=f"{(right + by) % 10_000:04d}")


def right_code(house: House, receipt: str) -> Claim:
    return Claim(code=house.keys.retrieval_code(receipt))


async def look_up(house: House, receipt: str, claim: Claim) -> Consultation:
    return await house.desk.look_up(receipt, claim=claim, now=house.moment)


async def guess_wrong(house: House, receipt: str, times: int) -> None:
    for number in range(times):
        with pytest.raises(UnknownConsultationError):
            await look_up(house, receipt, wrong_code(house, receipt, by=number + 1))


async def test_who_asked_may_see_and_nobody_else(house: House, asked: Consultation) -> None:
    assert await look_up(house, asked.receipt, house.claim("alice")) == asked
    for other in (house.claim("bob"), house.claim("alice", channel="web"), Claim()):
        with pytest.raises(UnknownConsultationError):
            await look_up(house, asked.receipt, other)


async def test_who_has_receipt_and_code_may_see_however_they_are_typed(
    house: House, asked: Consultation
) -> None:
    code = house.keys.retrieval_code(asked.receipt)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")

    for typed in (code, f" {code[:2]} {code[2:]}", code.translate(wide)):
        found = await look_up(house, show_receipt(asked.receipt), Claim(code=typed))
        assert found == asked


async def test_who_asked_needs_no_code_and_a_wrong_one_does_them_no_harm(
    house: House, asked: Consultation
) -> None:
    claim = Claim(asker=house.claim().asker, code=wrong_code(house, asked.receipt).code)

    assert await look_up(house, asked.receipt, claim) == asked


@pytest.mark.parametrize("typed", ["", "12345", "26112300000000", "我的编号忘了"])
async def test_what_is_no_receipt_number_is_unknown(house: House, typed: str) -> None:
    with pytest.raises(UnknownConsultationError):
        await look_up(house, typed, Claim(code="0000"))

    assert (await house.sizes())["wrong_codes"] == 0


async def test_five_wrong_codes_lock_the_receipt_for_an_hour(
    house: House, asked: Consultation
) -> None:
    await guess_wrong(house, asked.receipt, MOST_WRONG_CODES)

    with pytest.raises(LockedError) as caught:
        await look_up(house, asked.receipt, right_code(house, asked.receipt))
    assert caught.value.until == house.moment + LOCKED_FOR == house.moment + timedelta(hours=1)

    house.advance(hours=1)
    assert await look_up(house, asked.receipt, right_code(house, asked.receipt)) == asked


async def test_the_asker_is_not_locked_out_by_who_guesses(
    house: House, asked: Consultation
) -> None:
    await guess_wrong(house, asked.receipt, MOST_WRONG_CODES)

    assert await look_up(house, asked.receipt, house.claim()) == asked


async def test_the_right_code_forgives_the_wrong_ones_before(
    house: House, asked: Consultation
) -> None:
    for _ in range(3):
        await guess_wrong(house, asked.receipt, MOST_WRONG_CODES - 1)
        await look_up(house, asked.receipt, right_code(house, asked.receipt))

    assert (await house.sizes())["wrong_codes"] == 0


async def test_after_a_lock_counting_begins_anew(house: House, asked: Consultation) -> None:
    await guess_wrong(house, asked.receipt, MOST_WRONG_CODES)
    house.advance(hours=2)

    await guess_wrong(house, asked.receipt, MOST_WRONG_CODES - 1)

    assert await look_up(house, asked.receipt, right_code(house, asked.receipt)) == asked


async def test_a_receipt_that_does_not_exist_behaves_like_one_that_does(
    house: House, asked: Consultation
) -> None:
    for receipt in (asked.receipt, NOBODYS):
        await guess_wrong(house, receipt, MOST_WRONG_CODES)
        with pytest.raises(LockedError) as caught:
            await look_up(house, receipt, right_code(house, receipt))
        assert caught.value.until == house.moment + LOCKED_FOR


async def test_the_code_of_a_receipt_that_does_not_exist_opens_nothing(house: House) -> None:
    with pytest.raises(UnknownConsultationError):
        await look_up(house, NOBODYS, right_code(house, NOBODYS))


async def test_one_locked_receipt_locks_no_other(
    house: House, asked: Consultation, phrases: Phrases
) -> None:
    other = (await house.says(phrases.sure["D01"], who="bob")).consultation
    await guess_wrong(house, other.receipt, MOST_WRONG_CODES)

    assert await look_up(house, asked.receipt, right_code(house, asked.receipt)) == asked


async def test_guesses_at_once_are_counted_one_by_one(house: House, asked: Consultation) -> None:
    guesses = [
        look_up(house, asked.receipt, wrong_code(house, asked.receipt, by=number))
        for number in range(1, 20)
    ]

    results = await asyncio.gather(*guesses, return_exceptions=True)

    unknown = [item for item in results if isinstance(item, UnknownConsultationError)]
    assert len(unknown) == MOST_WRONG_CODES
    assert sum(isinstance(item, LockedError) for item in results) == 19 - MOST_WRONG_CODES


async def test_wrong_codes_of_acts_count_too_and_nothing_is_done(
    house: House, asked: Consultation
) -> None:
    before = await house.log(asked)
    for number in range(MOST_WRONG_CODES):
        with pytest.raises(UnknownConsultationError):
            await house.desk.act(
                "escalate",
                asked.receipt,
                claim=wrong_code(house, asked.receipt, by=number + 1),
                inquiry=house.inquiry(who="mallory"),
            )

    with pytest.raises(LockedError):
        await house.desk.add(
            asked.receipt,
            claim=right_code(house, asked.receipt),
            inquiry=house.inquiry("补充", who="mallory"),
        )
    assert await house.log(asked) == before
