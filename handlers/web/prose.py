"""Prose: a reply's plain text laid out as paragraphs and lists, its addresses made into links."""

import re
from dataclasses import dataclass

_ADDRESS = re.compile(
    r"(?P<url>https?://[^\s<>\"'，。；：！？、（）《》〈〉「」『』【】〔〕“”‘’…—]+)"
    r"|(?<![\d-])(?<!传真：)(?<!传真)(?P<phone>0\d{2,3}-\d{7,8})(?![\d-])"
)
"""A web address ends before full-width punctuation; a telephone number has its area code
and is no fax."""
_ITEM = re.compile(r"(?:-|·)\s+")
_NUMBERED = re.compile(r"\d{1,2}[.、．]\s*(?=\D)")
_ENDS = ".,;:!?)"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; with ``href`` it is a link."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph ``p`` (one line), or a list ``ul`` or ``ol`` of lines."""

    tag: str
    lines: tuple[tuple[Piece, ...], ...]


def laid_out(text: str) -> list[Block]:
    """The text as blocks: lines that begin with a dash or a number make a list."""
    blocks: list[tuple[str, list[tuple[Piece, ...]]]] = []
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            continue
        tag, content = _kind(line)
        if tag != "p" and blocks and blocks[-1][0] == tag:
            blocks[-1][1].append(linked(content))
        else:
            blocks.append((tag, [linked(content)]))
    return [Block(tag, tuple(lines)) for tag, lines in blocks]


def linked(line: str) -> tuple[Piece, ...]:
    """The line in pieces, web addresses and telephone numbers as links."""
    pieces: list[Piece] = []
    end = 0
    for found in _ADDRESS.finditer(line):
        shown = found[0].rstrip(_ENDS) if found["url"] else found[0]
        if found.start() > end:
            pieces.append(Piece(line[end : found.start()]))
        href = shown if found["url"] else "tel:" + shown.replace("-", "")
        pieces.append(Piece(shown, href))
        end = found.start() + len(shown)
    if end < len(line):
        pieces.append(Piece(line[end:]))
    return tuple(pieces)


def _kind(line: str) -> tuple[str, str]:
    if found := _ITEM.match(line):
        return "ul", line[found.end() :]
    if found := _NUMBERED.match(line):
        return "ol", line[found.end() :]
    return "p", line
