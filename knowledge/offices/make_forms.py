"""Making an office's forms: each blank and filled in as an example, as docx files for A4 paper.

    python -m knowledge.offices.make_forms --office my-office/office.toml

writes them where that profile says its forms are, ``--output DIR`` into another folder.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.text.font import CT_RPr
from docx.shared import Cm, Length, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from knowledge.office import Office, OfficeError, load_office
from knowledge.offices.form_sheets import Field, Group, Sheet, sheets

FANGSONG, SONG, HEI = "仿宋", "宋体", "黑体"
LATIN = "Times New Roman"
WIDTHS = (Cm(1.1), Cm(3.1), Cm(5.3), Cm(2.4), Cm(5.1))
"""The columns of every form: group, label, value, label, value; together the width of the text."""
LINE = Cm(0.8)
EXAMPLE_MARK = "填写示例：人名、地址和事项都是虚构的，请勿照抄"


def make_forms(office: Office, folder: Path | None = None) -> tuple[Path, ...]:
    """Write every form of the office, blank and as an example, and say which files were written.

    They go where the profile says, or under the same names into ``folder``. Existing files are
    replaced.
    """
    written: list[Path] = []
    for sheet in sheets(office):
        form = office.forms[sheet.key]
        for path, filled in ((form.path, False), (form.example_path, True)):
            target = path if folder is None else folder / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            draw(sheet, office, filled=filled).save(str(target))
            written.append(target)
    return tuple(written)


def draw(sheet: Sheet, office: Office, *, filled: bool) -> DocxDocument:
    """The form as a document, blank or filled in with its example."""
    document = _paper(office, sheet)
    if filled:
        mark = _paragraph(document.add_paragraph(), WD_ALIGN_PARAGRAPH.RIGHT, after=0)
        _write(mark, f"【{EXAMPLE_MARK}】", font=HEI, size=10.5)
    title = _paragraph(document.add_paragraph(), WD_ALIGN_PARAGRAPH.CENTER, before=2, after=0)
    _write(title, sheet.title, font=SONG, size=22, bold=True)
    audience = _paragraph(document.add_paragraph(), WD_ALIGN_PARAGRAPH.CENTER, after=4)
    _write(audience, f"（{sheet.audience}）", font=FANGSONG, size=12)
    addressee = _paragraph(document.add_paragraph(), WD_ALIGN_PARAGRAPH.LEFT, after=3)
    _write(addressee, f"{sheet.addressee}：", font=FANGSONG, size=14)
    table = _grid(document)
    for group in sheet.groups:
        _add_group(table, group, filled=filled)
    _add_signatures(table, sheet.signatures, filled=filled)
    if sheet.registration:
        _add_group(table, sheet.registration, filled=False)
    _add_notes(document, sheet.notes)
    _add_footer(document, office)
    return document


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the forms as the command line asks; 0 on success, 2 if the profile is unusable."""
    parser = argparse.ArgumentParser(
        prog="python -m knowledge.offices.make_forms",
        description="Make an office's forms (docx), blank and filled in as examples.",
    )
    parser.add_argument("--office", type=Path, help="the office profile; default: the sample")
    parser.add_argument("--output", type=Path, help="folder; default: where the profile says")
    options = parser.parse_args(arguments)
    try:
        office = load_office(options.office, forms_exist=False)
        written = make_forms(office, options.output)
    except (OfficeError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{path}\n" for path in written))
    return 0


def _paper(office: Office, sheet: Sheet) -> DocxDocument:
    document = Document()
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    if defaults is not None:
        defaults.set(qn("w:eastAsia"), "zh-CN")  # else lines break before a full stop
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(1.6), Cm(1.5)
    section.header_distance = section.footer_distance = Cm(0.8)
    normal = cast(ParagraphStyle, document.styles["Normal"])
    normal.font.size = Pt(12)
    _set_fonts(normal.element.get_or_add_rPr(), FANGSONG)
    properties = document.core_properties
    properties.title = f"{sheet.title}（{sheet.audience}）"
    properties.author = properties.last_modified_by = office.name
    properties.comments = ""
    properties.language = "zh-CN"
    return document


def _grid(document: DocxDocument) -> Table:
    table: Table = document.add_table(rows=0, cols=len(WIDTHS))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = width
    return table


def _add_group(table: Table, group: Group, *, filled: bool) -> None:
    first = len(table.rows)
    for fields in group.rows:
        cells = _add_row(table, lines=max(field.lines for field in fields))
        if len(fields) == 1:
            _fill_field(cells[1], cells[2].merge(cells[4]), fields[0], filled=filled)
        else:
            _fill_field(cells[1], cells[2], fields[0], filled=filled)
            _fill_field(cells[3], cells[4], fields[1], filled=filled)
    heading = table.cell(first, 0).merge(table.cell(len(table.rows) - 1, 0))
    heading.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    # The column is one character wide, so that the heading runs down the side.
    paragraph = _paragraph(heading.paragraphs[0], WD_ALIGN_PARAGRAPH.CENTER, after=0)
    _write(paragraph, group.title, font=HEI, size=10.5)


def _fill_field(label: _Cell, value: _Cell, field: Field, *, filled: bool) -> None:
    for cell in (label, value):
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = _paragraph(label.paragraphs[0], WD_ALIGN_PARAGRAPH.CENTER, after=0)
    _write(paragraph, field.label, font=HEI, size=10.5)
    if field.hint:
        hint = _paragraph(label.add_paragraph(), WD_ALIGN_PARAGRAPH.CENTER, after=0)
        _write(hint, f"（{field.hint}）", font=SONG, size=8.5)
    for number, line in enumerate(field.text(filled=filled).split("\n")):
        paragraph = value.add_paragraph() if number else value.paragraphs[0]
        _paragraph(paragraph, WD_ALIGN_PARAGRAPH.LEFT, after=0)
        # A box that begins a line counts as Latin text in some programs: same font for both.
        latin = FANGSONG if field.choices else LATIN
        _write(paragraph, line, font=FANGSONG, size=12, latin=latin)


def _add_signatures(table: Table, signatures: Sequence[tuple[str, str]], *, filled: bool) -> None:
    cells = _add_row(table, lines=2)
    cell = cells[0].merge(cells[-1])
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for number, (label, example) in enumerate(signatures):
        if number % 2 == 0:
            paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
            _paragraph(paragraph, WD_ALIGN_PARAGRAPH.LEFT, before=7, after=7)
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(9.9))
        else:
            _write(paragraph, "\t", font=FANGSONG, size=12)
        _write(paragraph, f"{label}：", font=HEI, size=10.5)
        blank = "　　　年　　月　　日" if label.endswith("日期") else ""
        _write(paragraph, example if filled else blank, font=FANGSONG, size=12)


def _add_row(table: Table, *, lines: int) -> list[_Cell]:
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    row.height = Length(LINE * lines + Cm(0.2))
    row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
    no_split = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(no_split)
    cells = list(row.cells)
    for cell, width in zip(cells, WIDTHS, strict=True):
        cell.width = width
    return cells


def _add_notes(document: DocxDocument, notes: Sequence[str]) -> None:
    heading = _paragraph(document.add_paragraph(), WD_ALIGN_PARAGRAPH.LEFT, before=5, after=0)
    _write(heading, "填写说明", font=HEI, size=10)
    for number, note in enumerate(notes, start=1):
        paragraph = _paragraph(document.add_paragraph(), WD_ALIGN_PARAGRAPH.LEFT, after=0)
        paragraph.paragraph_format.left_indent = Pt(13)
        paragraph.paragraph_format.first_line_indent = Pt(-13)
        _write(paragraph, f"{number}.\t{note}", font=SONG, size=9.5)


def _add_footer(document: DocxDocument, office: Office) -> None:
    footer = document.sections[0].footer
    paragraph = _paragraph(footer.paragraphs[0], WD_ALIGN_PARAGRAPH.CENTER, after=0)
    _write(paragraph, f"{office.name}制　电话{office.phone}", font=SONG, size=9)


def _paragraph(
    paragraph: Paragraph, alignment: WD_ALIGN_PARAGRAPH, *, before: float = 0, after: float
) -> Paragraph:
    paragraph.alignment = alignment
    shape = paragraph.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.line_spacing = 1.0
    return paragraph


def _write(
    paragraph: Paragraph,
    text: str,
    *,
    font: str,
    size: float,
    bold: bool = False,
    latin: str = LATIN,
) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.bold = bold
    _set_fonts(run._r.get_or_add_rPr(), font, latin=latin)


def _set_fonts(properties: CT_RPr, font: str, *, latin: str = LATIN) -> None:
    # run.font.name sets Latin text only, and leaves Chinese text to whoever opens the file.
    fonts = properties._add_rFonts() if properties.rFonts is None else properties.rFonts
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script, name in (("ascii", latin), ("hAnsi", latin), ("eastAsia", font), ("cs", latin)):
        fonts.set(qn(f"w:{script}"), name)
    # Quotation marks and boxes exist in both worlds; the hint makes them Chinese.
    fonts.set(qn("w:hint"), "eastAsia")


if __name__ == "__main__":
    sys.exit(main())
