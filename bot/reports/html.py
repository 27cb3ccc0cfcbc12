"""The section as one HTML page that needs nothing else and prints on A4."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from bot.reports.section import Grid, Heading, Paragraph, Section

_STYLE = """
@page { size: A4; margin: 37mm 26mm 35mm 28mm; }
body { max-width: 40em; margin: 3em auto; padding: 0 1em; color: #111; background: #fff;
  font: 1.125rem/1.8 "仿宋_GB2312", "仿宋", FangSong, "Noto Serif CJK SC", serif; }
h1 { font: 1.6rem/1.5 "方正小标宋简体", "Noto Serif CJK SC", SimSun, serif; text-align: center;
  margin: 0 0 1.5em; }
h2 { font: 1.15rem/1.8 SimHei, "黑体", "Noto Sans CJK SC", sans-serif; margin: 1.2em 0 0.3em;
  text-indent: 2em; }
p { margin: 0; text-indent: 2em; text-align: justify; }
table { width: 100%; border-collapse: collapse; margin: 0.8em 0 1.4em; font-size: 0.9em;
  line-height: 1.5; break-inside: avoid; }
caption { font-weight: bold; padding: 0.3em; }
th, td { border: 1px solid #333; padding: 0.25em 0.6em; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
tfoot td { font-weight: bold; border-top-width: 2px; }
@media print { body { max-width: none; margin: 0; padding: 0; font-size: 16pt; } }
""".strip()


def write_html(path: Path, section: Section) -> None:
    """Write the section as an HTML file. Raises OSError."""
    path.write_text(html(section), encoding="utf-8")


def html(section: Section) -> str:
    """The section as a whole page."""
    title = escape(section.title)
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="zh-CN">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>\n{_STYLE}\n</style>",
            "</head>",
            "<body>",
            f"<h1>{'<br>'.join(escape(line) for line in section.title_lines)}</h1>",
            *_blocks(section),
            "</body>",
            "</html>",
            "",
        )
    )


def _blocks(section: Section) -> Iterator[str]:
    for block in section.blocks:
        match block:
            case Heading(text):
                yield f"<h2>{escape(text)}</h2>"
            case Paragraph(text):
                yield f"<p>{escape(text)}</p>"
            case Grid():
                yield from _table(block)


def _table(grid: Grid) -> Iterator[str]:
    yield f"<table>\n<caption>{escape(grid.caption)}</caption>"
    header = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.header)
    yield f"<thead><tr>{header}</tr></thead>\n<tbody>"
    for row in grid.rows:
        yield _line(row, texts=grid.texts)
    yield f"</tbody>\n<tfoot>{_line(grid.total, texts=grid.texts)}</tfoot>\n</table>"


def _line(cells: Sequence[str], *, texts: int) -> str:
    names = "".join(f"<td>{escape(cell)}</td>" for cell in cells[:texts])
    numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells[texts:])
    return f"<tr>{names}{numbers}</tr>"
