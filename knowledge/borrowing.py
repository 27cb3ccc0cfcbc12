"""Ways of asking lent to entries that have none of their own, by guides on the same matter.

An office's own guides, and guides drawn from a document, come without the ways in which people
ask. Those of the embedded guides fit them where the matter is the same.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge.corpus import Entry
from knowledge.matching import FEWEST_PHRASINGS, Match, Matcher
from knowledge.text import normalise

_DISCLOSURE = re.compile("公开|政府信息|答复|申请人|行政机关")
_DENSE = 1.2  # such words in a hundred characters
_SHORTEST = 20
_READ = 200  # characters of an entry by which its matter is told
_BODY_SHARE = 0.7
_SURE, _ALONE = 0.45, 0.6
_SPREAD = 1.5
_CONSIDERED = 8


def with_borrowed(entries: Sequence[Entry], *, lenders: Matcher) -> tuple[Entry, ...]:
    """The entries, those on a lender's matter with the lender's phrasings added.

    Nothing is lent unless most of the entries are about disclosure, the lenders' field. Each
    lender lends to the entry that it fits best; an entry whose best lender is taken gets the next
    one that fits, or shares.
    """
    bare = bare_of_the_field(entries)
    if 2 * len(bare) <= len(entries):
        return tuple(entries)
    claims = sorted(
        (
            (-share, number, lender)
            for number in bare
            for lender, share in _fitting(entries[number], lenders=lenders).items()
        )
    )
    lent: dict[int, str] = {}
    taken: set[str] = set()
    for share, number, lender in claims:
        if number not in lent and lender not in taken and -share >= _SURE:
            lent[number] = lender
            taken.add(lender)
    for share, number, lender in claims:
        if number not in lent and -share >= _ALONE:
            lent[number] = lender
    phrasings = {entry.id: entry.phrasings for entry in lenders.corpus.entries}
    return tuple(
        replace(entry, phrasings=entry.phrasings + phrasings[lent[number]])
        if number in lent
        else entry
        for number, entry in enumerate(entries)
    )


def bare_of_the_field(entries: Sequence[Entry]) -> list[int]:
    """The numbers of the entries about disclosure that have hardly a phrasing of their own."""
    return [
        number
        for number, entry in enumerate(entries)
        if len(entry.phrasings) < FEWEST_PHRASINGS and _is_of_the_field(entry)
    ]


def _is_of_the_field(entry: Entry) -> bool:
    text = normalise(f"{entry.title} {' '.join(entry.passages)}")
    return 100 * len(_DISCLOSURE.findall(text)) >= _DENSE * max(len(text), _SHORTEST)


def _fitting(entry: Entry, *, lenders: Matcher) -> dict[str, float]:
    """How far each lender is about the entry's matter: by its title, its body and both."""
    body = normalise(" ".join(entry.passages))
    found: dict[str, float] = {}
    for text, weight in (
        (entry.title, 1.0),
        (body[: _READ * 3 // 4], _BODY_SHARE),
        (f"{normalise(entry.title)} {body}"[:_READ], _BODY_SHARE),
    ):
        for lender, share in _shares(lenders.match(text)).items():
            found[lender] = found.get(lender, 0.0) + weight * share
    return found


def _shares(match: Match) -> dict[str, float]:
    considered = match.candidates[:_CONSIDERED]
    if not considered:
        return {}
    odds = [math.exp((one.score - considered[0].score) / _SPREAD) for one in considered]
    return {one.id: odd / sum(odds) for one, odd in zip(considered, odds, strict=True)}
