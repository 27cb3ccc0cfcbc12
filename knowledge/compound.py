"""Two or three questions asked at once, taken apart."""

import re
from functools import cache

from knowledge.lexicon import longest_first, read_list
from knowledge.text import tidy

MOST_PARTS = 3
SHORTEST, LONGEST = 2, 24
"""Characters of a part; whoever needs more for it is telling one story."""

_BOUNDARY = re.compile(
    r"[，,。；;？?！!\n、]+|(?:还有|另外|顺便问|再问|以及)(?:就是|一下|下)?[，,：:]?"
)


def split(text: str) -> tuple[str, ...]:
    """The questions of a message, two or three, or the whole message as the only one.

    A message is only taken apart if every piece of it asks something and is short; what leads up
    to a question without asking stays with it, and then the message is one question.
    """
    pieces = [piece.strip() for piece in _BOUNDARY.split(text) if piece and tidy(piece)]
    if not 2 <= len(pieces) <= MOST_PARTS or not all(map(_asks, pieces)):
        return (text.strip(),)
    return tuple(pieces)


def _asks(piece: str) -> bool:
    plain = tidy(piece).replace(" ", "")
    return SHORTEST <= len(plain) <= LONGEST and bool(_cues().search(plain))


@cache
def _cues() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, longest_first(read_list("questions")))))
