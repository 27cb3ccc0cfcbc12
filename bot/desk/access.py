"""Who may see and act on a consultation: its own asker, or who holds receipt and code."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.desk.acts import LockedError, UnknownConsultationError
from bot.desk.keys import Keys
from bot.desk.receipts import parse_receipt
from bot.store import consultations, wrong_codes
from bot.store.consultations import Consultation

MOST_WRONG_CODES = 5
LOCKED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """By what right somebody asks for a consultation: as its asker (keyed hash), or by code."""

    asker: bytes | None = None
    code: str | None = None


def authorise(
    connection: Connection, typed: str, claim: Claim, *, keys: Keys, now: datetime
) -> Consultation | None:
    """The consultation if the claim holds, else None with the wrong code counted.

    Call it in a unit that writes, and refuse only after the unit has committed: raising inside
    would take the count back. Raises LockedError while the receipt is locked (for codes only: an
    asker cannot be locked out of their own matter by somebody who guesses), and
    UnknownConsultationError for what is no receipt number at all.
    """
    receipt = parse_receipt(typed)
    if receipt is None:
        raise UnknownConsultationError
    found = consultations.by_receipt(connection, receipt)
    if found is not None and claim.asker is not None and claim.asker == found.asker:
        return found
    if claim.code is None:
        return None
    # Numbers that do not exist are counted and locked like those that do, so that neither the
    # answer nor its delay tells which is which.
    count, locked_until = wrong_codes.of_receipt(connection, receipt)
    if locked_until is not None:
        if locked_until > now:
            raise LockedError(locked_until)
        count = 0
    if keys.matches(receipt, claim.code) and found is not None:
        if count or locked_until is not None:
            wrong_codes.forget(connection, receipt)
        return found
    count += 1
    locked = now + LOCKED_FOR if count >= MOST_WRONG_CODES else None
    wrong_codes.note(connection, receipt, count=count, locked_until=locked)
    return None
