"""The consultation section of the annual report as data: what it says, not how it looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.reports.statement import Statement, as_json


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading within the section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that adds up: ``total`` is its last row.

    ``widths`` are the columns' shares of the page; ``texts`` is how many columns, from the left,
    hold text rather than numbers.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...]
    widths: tuple[int, ...]
    texts: int = 1


Block = Heading | Paragraph | Grid
Part = Callable[[Statement], Sequence[Block]]
"""One part of a style: what it says about a statement, nothing if there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Style:
    """One way to write the section: the lines of its title, and its parts."""

    code: str
    label: str
    title: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The written section: every number in its blocks comes from ``statement``."""

    style: str
    title_lines: tuple[str, ...]
    office: str
    cut_off: datetime
    blocks: tuple[Block, ...]
    statement: Statement

    @property
    def title(self) -> str:
        """The title in one line."""
        return "".join(self.title_lines)


class UnknownStyleError(ValueError):
    """No such style; the message lists those there are."""


def choose_style(code: str, styles: Mapping[str, Style]) -> Style:
    """The style with that code; raises UnknownStyleError."""
    if code not in styles:
        there = "、".join(f"{style.code}（{style.label}）" for style in styles.values())
        raise UnknownStyleError(f"没有名为 {code} 的样式，现有：{there}")
    return styles[code]


def write_section(statement: Statement, *, style: Style) -> Section:
    """The section in that style."""
    blocks = [block for part in style.parts for block in part(statement)]
    return Section(
        style=style.code,
        title_lines=tuple(
            line.format(office=statement.office, period=statement.period.label)
            for line in style.title
        ),
        office=statement.office,
        cut_off=statement.cut_off,
        blocks=tuple(_numbered(blocks)),
        statement=statement,
    )


def section_as_json(section: Section) -> dict[str, Any]:
    """The section with the statement it was written from."""
    return {
        "style": section.style,
        "title": section.title,
        "office": section.office,
        **as_json(section.statement),
        "blocks": [
            {"kind": type(block).__name__.lower(), **asdict(block)} for block in section.blocks
        ],
    }


def _numbered(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with headings and tables counted as they are actually there."""
    headings = tables = 0
    numbered: list[Block] = []
    for block in blocks:
        match block:
            case Heading(text):
                headings += 1
                numbered.append(Heading(f"{NUMERALS[headings]}、{text}"))
            case Grid():
                tables += 1
                caption = f"表{tables}  {block.caption}"
                numbered.append(
                    Grid(
                        caption=caption,
                        header=block.header,
                        rows=block.rows,
                        total=block.total,
                        widths=block.widths,
                        texts=block.texts,
                    )
                )
            case _:
                numbered.append(block)
    return numbered


NUMERALS = "零一二三四五六七八九十"
"""Chinese numerals, as headings are counted; no style has more than ten."""
