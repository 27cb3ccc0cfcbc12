"""Troubles that a test orders: errors in place of answers, and connections that break."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .rules import ApiError

Breaks = Literal["", "before", "after"]
POLLING = "getupdates"


@dataclass(slots=True)
class Fault:
    """What happens to the next ``remaining`` requests of some methods (none named: all but polls).

    Either ``error`` is the answer and nothing is done, as an HTML page of a proxy if ``page``, or
    the connection ``breaks`` before the work is done or after it.
    """

    remaining: int
    methods: frozenset[str]
    error: ApiError | None = None
    page: bool = False
    breaks: Breaks = ""

    def concerns(self, method: str) -> bool:
        name = method.lower()
        return name in self.methods if self.methods else name != POLLING


class Faults:
    """The ordered troubles, taken in the order in which they were ordered."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(
        self,
        count: int,
        methods: Iterable[str],
        *,
        error: ApiError | None = None,
        page: bool = False,
        breaks: Breaks = "",
    ) -> None:
        """Let the next ``count`` requests of these methods go wrong."""
        names = frozenset(method.lower() for method in methods)
        self._ordered.append(Fault(count, names, error=error, page=page, breaks=breaks))

    def take(self, method: str) -> Fault | None:
        """The trouble of this one request, if any; it is used up."""
        fault = next((f for f in self._ordered if f.remaining and f.concerns(method)), None)
        if fault is not None:
            fault.remaining -= 1
        return fault

    def clear(self) -> None:
        """All is well again."""
        self._ordered.clear()
