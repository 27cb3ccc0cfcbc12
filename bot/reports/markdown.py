"""The section as Markdown."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.reports.section import Grid, Heading, Paragraph, Section

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def write_markdown(path: Path, section: Section) -> None:
    """Write the section as a Markdown file. Raises OSError."""
    path.write_text(markdown(section), encoding="utf-8")


def markdown(section: Section) -> str:
    """The section as CommonMark with tables; no text in it is taken for markup."""
    return "\n\n".join(_blocks(section)) + "\n"


def _blocks(section: Section) -> Iterator[str]:
    yield f"# {_plain(section.title)}"
    for block in section.blocks:
        match block:
            case Heading(text):
                yield f"## {_plain(text)}"
            case Paragraph(text):
                yield _plain(text)
            case Grid():
                yield f"**{_plain(block.caption)}**"
                yield _table(block)


def _table(grid: Grid) -> str:
    numbers = len(grid.header) - grid.texts
    lines = [
        _line(grid.header),
        "|" + " --- |" * grid.texts + " ---: |" * numbers,
        *(_line(row) for row in grid.rows),
        "|" + "".join(f" **{_plain(cell)}** |" if cell else "  |" for cell in grid.total),
    ]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {_plain(cell)} |" for cell in cells)


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
