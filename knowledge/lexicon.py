"""The word lists that come with the package and with what it is built on, read once."""

from functools import cache
from importlib.util import find_spec
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


@cache
def read_pairs(name: str) -> dict[str, str]:
    """What stands before and after the first ``=`` of each line of ``name.txt``."""
    return {left: right for left, _, right in (line.partition("=") for line in read_list(name))}


def longest_first(terms: tuple[str, ...]) -> list[str]:
    """The terms as a pattern of alternatives wants them, so that none hides a longer one."""
    return sorted(set(terms), key=lambda term: (-len(term), term))


def installed_text(package: str, name: str) -> str:
    """A data file of an installed package, which is not imported for it.

    Importing the word cutter or the table of sounds takes 0.3 s and 90 MB each time, for code
    that we do not call. Raises FileNotFoundError if the package or the file is not there.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{package} is not installed")
    return Path(spec.submodule_search_locations[0], name).read_text(encoding="utf-8")
