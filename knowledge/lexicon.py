"""The word lists that come with the package, read once."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("lexicon")


@cache
def read_list(name: str) -> tuple[str, ...]:
    """The lines of ``name.txt`` in their order, comments and blank lines left out."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def read_groups(name: str) -> dict[str, tuple[str, ...]]:
    """Name → terms of ``name.txt``, whose lines are ``group: term term …``.

    A group may take several lines. Raises ValueError naming file and line if one has no group.
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in read_list(name):
        group, colon, terms = line.partition(":")
        if not colon:
            raise ValueError(f"{name}.txt: {line!r} is not written as group: term term")
        found[group] = found.get(group, ()) + tuple(terms.split())
    return found


def longest_first(terms: tuple[str, ...]) -> list[str]:
    """The terms as a pattern of alternatives wants them, so that none hides a longer one."""
    return sorted(set(terms), key=lambda term: (-len(term), term))
