"""Pieces: what is said, cut into messages that Telegram takes, with styles but no markup."""

from collections.abc import Iterator
from dataclasses import dataclass

from aiogram.utils.formatting import Bold, Italic, Text, sizeof

from handlers.replies import Words

LONGEST = 4096
"""UTF-16 units of one message's text (Bot API, sendMessage)."""

_STYLES: dict[str, type[Text]] = {"heading": Bold, "understood": Italic, "basis": Italic}
_SENTENCE_ENDS = "。！？；\n"


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """``gap`` is what separates it from the paragraph before, in the same message."""

    gap: str
    text: str
    style: type[Text]


def pieces(words: Words, *, longest: int = LONGEST) -> list[Text]:
    """The words as one message's text each, cut between paragraphs where they are too long.

    A single paragraph longer than ``longest`` (in UTF-16 units) is cut after a sentence.
    """
    messages: list[list[_Paragraph]] = []
    size = 0
    for paragraph in _paragraphs(words, longest=longest):
        needed = sizeof(paragraph.gap) + sizeof(paragraph.text)
        if not messages or size + needed > longest:
            messages.append([])
            size, needed = 0, sizeof(paragraph.text)
        messages[-1].append(paragraph)
        size += needed
    return [_joined(message) for message in messages]


def _joined(paragraphs: list[_Paragraph]) -> Text:
    nodes: list[object] = []
    for paragraph in paragraphs:
        if nodes:
            nodes.append(paragraph.gap)
        # An entity of no length would be refused.
        nodes.append(paragraph.style(paragraph.text) if paragraph.text else "")
    return Text(*nodes)


def _paragraphs(words: Words, *, longest: int) -> Iterator[_Paragraph]:
    for section in words.sections:
        style = _STYLES.get(section.role, Text)
        gap = "\n\n"
        for line in section.text.split("\n"):
            for part in _cut(line, longest=longest):
                yield _Paragraph(gap, part, style)
                gap = "\n"


def _cut(text: str, *, longest: int) -> Iterator[str]:
    while sizeof(text) > longest:
        head = text[:longest]
        while sizeof(head) > longest:
            head = head[: len(head) - (sizeof(head) - longest + 1) // 2]
        end = max(head.rfind(mark) for mark in _SENTENCE_ENDS) + 1
        end = end or len(head)
        yield text[:end]
        text = text[end:]
    yield text
