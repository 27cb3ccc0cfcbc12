"""The section as a Word document that looks like an official one.

Source: GB/T 9704-2012 (党政机关公文格式): A4, text area of 156 mm by 225 mm, title in 小标宋 2号,
headings in 黑体 3号, text in 仿宋 3号 on lines of 28 pt, page numbers in 宋体 4号 between dashes
on the outer side.
"""

from pathlib import Path

from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENTATION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import _Footer
from docx.shared import Mm, Pt
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from bot.reports.section import Grid, Heading, Paragraph, Section

LATIN = "Times New Roman"
TITLE_FONT = "方正小标宋简体"
HEADING_FONT = "黑体"
TEXT_FONT = "仿宋_GB2312"
PAGE_FONT = "宋体"
ALTERNATIVES = {TITLE_FONT: "宋体", TEXT_FONT: "仿宋"}
"""What to use where a font is not installed: newer systems have 仿宋 without the suffix."""

TITLE_SIZE = Pt(22)
TEXT_SIZE = Pt(16)
CAPTION_SIZE = Pt(14)
TABLE_SIZE = Pt(12)
PAGE_SIZE = Pt(14)
LINE = Pt(28)
TEXT_WIDTH_MM = 156
SHORT_TABLE = 8


def write_docx(path: Path, section: Section) -> None:
    """Write the section as a docx file. Raises OSError."""
    document = Document()
    _set_up(document, section)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_after = LINE
    _spaced(title, Pt(34))
    for number, line in enumerate(section.title_lines):
        run = _run(title, line, font=TITLE_FONT, size=TITLE_SIZE)
        if number < len(section.title_lines) - 1:
            run.add_break()
    for block in section.blocks:
        match block:
            case Heading(text):
                heading = document.add_heading(level=1)
                _spaced(heading, LINE)
                _indent(heading)
                _run(heading, text, font=HEADING_FONT, size=TEXT_SIZE)
            case Paragraph(text):
                paragraph = document.add_paragraph()
                paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
                _spaced(paragraph, LINE)
                _indent(paragraph)
                _run(paragraph, text, font=TEXT_FONT, size=TEXT_SIZE)
            case Grid():
                _add_grid(document, block)
    document.save(str(path))


def _set_up(document: Word, section: Section) -> None:
    page = document.sections[0]
    page.orientation = WD_ORIENTATION.PORTRAIT
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.footer_distance = Mm(25)
    document.settings.odd_and_even_pages_header_footer = True
    _number(page.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _number(page.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    properties = document.core_properties
    properties.title, properties.author = section.title, section.office
    properties.last_modified_by = section.office
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = section.cut_off.replace(tzinfo=None)
    for name, font in (("Normal", TEXT_FONT), ("Heading 1", HEADING_FONT)):
        look = document.styles[name].element.get_or_add_rPr()
        _fonts(look, font)
        # An official document's headings are neither blue nor bold, as the template's are.
        for tag in ("w:color", "w:b", "w:bCs"):
            for element in look.findall(qn(tag)):
                look.remove(element)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    _name_alternatives(document)


def _add_grid(document: Word, grid: Grid) -> None:
    caption = document.add_paragraph()
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before = Pt(10)
    caption.paragraph_format.space_after = Pt(4)
    _run(caption, grid.caption, font=HEADING_FONT, size=CAPTION_SIZE)
    table = document.add_table(rows=0, cols=len(grid.header), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = [Mm(TEXT_WIDTH_MM * width / sum(grid.widths)) for width in grid.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    _add_row(table, grid.header, texts=grid.texts, font=HEADING_FONT, together=True, header=True)
    for number, row in enumerate(grid.rows, start=1):
        # Short tables are not torn; of long ones neither header nor total stands alone.
        together = len(grid.rows) <= SHORT_TABLE or number in (1, len(grid.rows))
        _add_row(table, row, texts=grid.texts, font=TEXT_FONT, together=together)
    _add_row(table, grid.total, texts=grid.texts, font=HEADING_FONT, together=False)
    for written in table.rows:
        for cell, width in zip(written.cells, widths, strict=True):
            cell.width = width
    after = document.add_paragraph()
    after.paragraph_format.space_after = Pt(0)
    _spaced(after, Pt(14))


def _add_row(
    table: Table,
    cells: tuple[str, ...],
    *,
    texts: int,
    font: str,
    together: bool,
    header: bool = False,
) -> None:
    """Add a row; ``together`` keeps it on the page of the next one."""
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    _keep_whole(row, is_header=header)
    for column, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
        paragraph.paragraph_format.keep_with_next = together
        if header:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif column >= texts:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if text:
            _run(paragraph, text, font=font, size=TABLE_SIZE)


def _keep_whole(row: _Row, *, is_header: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if is_header:
        properties.append(OxmlElement("w:tblHeader"))


def _run(paragraph: WordParagraph, text: str, *, font: str, size: Pt) -> Run:
    run = paragraph.add_run(text)
    run.font.size = size
    _fonts(run._r.get_or_add_rPr(), font)
    return run


def _fonts(properties: object, font: str) -> None:
    """Set all fonts: Word takes Chinese from eastAsia, which python-docx leaves alone."""
    fonts = properties.get_or_add_rFonts()  # type: ignore[attr-defined]
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)
    for name in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(name), LATIN)
    fonts.set(qn("w:eastAsia"), font)
    # Without the hint, quotation marks and dashes come out in the Latin font.
    fonts.set(qn("w:hint"), "eastAsia")


def _spaced(paragraph: WordParagraph, line: Pt) -> None:
    layout = paragraph.paragraph_format
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    layout.line_spacing = line
    layout.space_before = Pt(0)
    if layout.space_after is None:
        layout.space_after = Pt(0)


def _indent(paragraph: WordParagraph) -> None:
    """Indent the first line by two characters, whatever their size."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(int(TEXT_SIZE.pt * 2 * 20)))


def _number(footer: _Footer, side: WD_ALIGN_PARAGRAPH) -> None:
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = side
    _run(paragraph, "— ", font=PAGE_FONT, size=PAGE_SIZE)
    for kind in ("begin", None, "separate", "text", "end"):
        run = _run(paragraph, "1" if kind == "text" else "", font=PAGE_FONT, size=PAGE_SIZE)
        if kind is None:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = " PAGE "
            run._r.append(code)
        elif kind != "text":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
    _run(paragraph, " —", font=PAGE_FONT, size=PAGE_SIZE)


def _name_alternatives(document: Word) -> None:
    """Say in the font table what stands in for a font that a machine does not have."""
    part = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in ALTERNATIVES.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", f"{fonts}</w:fonts>".encode())
