"""Figures: pure functions from counts to numbers that say where they come from and add up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from bot.reports.counts import INQUIRY, NOT_DISCLOSURE, Counts
from bot.reports.definitions import DEFINITIONS
from bot.reports.labels import NATURES, UNKNOWN, Labels

RECEIVED = ("channel", "topic", "nature", "region", "agency", "caller", "hour", "weekday")
"""The dimensions by which everything received is counted; a year's also by month."""

SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    "C*": ("channel",),
    "T*": ("topic",),
    "K*": ("nature",),
    "R*": ("region", "agency"),
    "U*": ("caller",),
}
"""The figures that are what was received (Q1), shown by some of its dimensions."""

SATISFIED = ("very_satisfied", "satisfied")
SIGNED = frozenset({"bridge", "balance"})
"""The dimensions whose parts have signs: how one figure comes from others."""

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with all that is printed beside it.

    ``value`` is a count, a rate in percent with one decimal, or None where it is undefined. A
    rate has ``numerator`` and ``denominator``; ``n`` is how many consultations it rests on.
    ``by`` holds, for each dimension, parts that add up to the value (of a rate: to its
    denominator).
    """

    code: str
    value: int | Decimal | None
    n: int
    numerator: int | None = None
    denominator: int | None = None
    approximate: bool = False
    by: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its name for people."""
        return DEFINITIONS[self.code].label

    @property
    def unit(self) -> str:
        """What it counts."""
        return DEFINITIONS[self.code].unit

    @property
    def definition(self) -> str:
        """What it means, in one or two sentences."""
        return DEFINITIONS[self.code].text

    @property
    def whole(self) -> int:
        """What its parts add up to."""
        return self.n if self.denominator is None else self.denominator


def rate(numerator: int, denominator: int) -> Decimal | None:
    """The percentage with one decimal, rounded half up; None if there is nothing to divide by."""
    if denominator == 0:
        return None
    return (Decimal(100 * numerator) / denominator).quantize(_TENTH, rounding=ROUND_HALF_UP)


def figures(counts: Counts, *, labels: Labels) -> tuple[Figure, ...]:
    """Every figure of the period, in the order in which they are printed."""
    months = ("month",) if counts.period.is_year else ()

    def counted(code: str, *dimensions: str) -> dict[str, Mapping[str, int]]:
        return {item: _parts(counts, code, item, labels=labels) for item in dimensions}

    def number(code: str, value: int, by: Mapping[str, Mapping[str, int]]) -> Figure:
        return Figure(code, value, n=value, by=by)

    total = counts.totals
    received = counted("Q1", *RECEIVED, *months)
    rated = counted("S1", "rating")
    satisfied = sum(rated["rating"][key] for key in SATISFIED)
    return (
        number("Q1", total["Q1"], received),
        number(
            "Q1g", total["Q1g"], counted("Q1g", *RECEIVED, *months) | {"bridge": _bridge(counts)}
        ),
        number("Q2", total["Q2"], counted("Q2", "channel")),
        number("Q3", total["Q3"], counted("Q3", "channel")),
        *(
            number(code, total["Q1"], {item: received[item] for item in dimensions})
            for code, dimensions in SHOWN_BY.items()
        ),
        number("O*", total["O*"], counted("O*", "outcome", "channel", *months)),
        number("X0", counts.balances[-1].ending, {"balance": _balance(counts)}),
        Figure(
            "S1",
            rate(satisfied, total["S1"]),
            n=total["S1"],
            numerator=satisfied,
            denominator=total["S1"],
            by=rated,
        ),
    )


def _parts(counts: Counts, code: str, dimension: str, *, labels: Labels) -> dict[str, int]:
    """The parts as printed: a closed list in its own order, an open one by size; 未知 last."""
    found = counts.by(code, dimension)
    known: Iterable[str] = labels.known(dimension)
    if dimension == "month":
        known = [month.key for month in counts.period.months()]
    parts = {key: found.get(key, 0) for key in known}
    rest = sorted(found.keys() - parts.keys() - {UNKNOWN}, key=lambda key: (-found[key], key))
    parts |= {key: found[key] for key in rest}
    if UNKNOWN in found:
        parts[UNKNOWN] = found[UNKNOWN]
    return parts


def _bridge(counts: Counts) -> dict[str, int]:
    """From everything received down to what was about disclosure: signed parts of Q1g."""
    taken = counts.by("bridge", "bridge")
    keys = [*(key for key in NATURES if key != INQUIRY), *NOT_DISCLOSURE]
    if UNKNOWN in taken:
        keys.append(UNKNOWN)
    return {"Q1": counts.totals["Q1"]} | {key: -taken.get(key, 0) for key in keys}


def _balance(counts: Counts) -> dict[str, int]:
    whole = counts.balances[-1]
    return {"opening": whole.opening, "received": whole.received, "closed": -whole.closed}
