"""Messages as people write them, in sections by what they are."""

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".txt")


@cache
def messages(section: str) -> tuple[str, ...]:
    """The messages of one section of ``messages.txt``."""
    sections = FILE.read_text(encoding="utf-8").split("\n\n")
    (found,) = (one for one in sections if one.startswith(f"[{section}]"))
    return tuple(found.splitlines()[1:])
