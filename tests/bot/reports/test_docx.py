"""The Word document: its words, its fonts as Word takes them, its page."""

from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Word
from docx.oxml.ns import qn

from bot.reports.docx import write_docx
from bot.reports.section import Grid, Section, write_section
from bot.reports.styles import STYLES
from tests.bot.reports.logbook import busy_year, statement_and_rows


@pytest.fixture
async def section(tmp_path: Path) -> Section:
    statement, _ = await statement_and_rows(busy_year(120), "2026", tmp_path)
    return write_section(statement, style=STYLES["section"])


@pytest.fixture
def word(section: Section, tmp_path: Path) -> Word:
    write_docx(tmp_path / "y.docx", section)
    return Document(str(tmp_path / "y.docx"))


def test_the_document_says_what_the_section_says(word: Word, section: Section) -> None:
    said = [paragraph.text for paragraph in word.paragraphs if paragraph.text]

    assert said[0] == "青岚州人民政府办公室\n2026年政府信息公开咨询处理情况"
    assert said[1:] == [
        block.caption if isinstance(block, Grid) else block.text for block in section.blocks
    ]


def test_the_tables_are_the_sections_tables(word: Word, section: Section) -> None:
    grids = [block for block in section.blocks if isinstance(block, Grid)]

    assert len(word.tables) == len(grids) == 5
    for table, grid in zip(word.tables, grids, strict=True):
        cells = [tuple(cell.text for cell in row.cells) for row in table.rows]
        assert cells == [grid.header, *grid.rows, grid.total]


def test_every_run_has_a_chinese_font_where_word_looks_for_it(word: Word) -> None:
    footers = (word.sections[0].footer, word.sections[0].even_page_footer)
    roots = [word.element.body, *(footer._element for footer in footers)]
    fonts = set()
    for root in roots:
        for run in root.iter(qn("w:r")):
            found = run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
            assert found is not None
            fonts.add(found.get(qn("w:eastAsia")))
    assert fonts == {"方正小标宋简体", "黑体", "仿宋_GB2312", "宋体"}


def test_a_machine_without_the_old_font_is_told_the_new_one(word: Word) -> None:
    (table,) = [
        part for part in word.part.package.iter_parts() if "fontTable" in str(part.partname)
    ]
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in table.blob.decode()


def test_the_page_is_a4_with_page_numbers_on_the_outer_side(word: Word) -> None:
    page = word.sections[0]

    # A length is kept in twentieths of a point: a little off whole millimetres.
    lengths = (page.page_width, page.page_height, page.left_margin, page.top_margin)
    assert [round(length.mm) for length in lengths if length] == [210, 297, 28, 37]
    assert word.settings.odd_and_even_pages_header_footer
    for footer, side in ((page.footer, "right"), (page.even_page_footer, "left")):
        (paragraph,) = footer.paragraphs
        assert " PAGE " in paragraph._p.xml
        assert f'<w:jc w:val="{side}"/>' in paragraph._p.xml


def test_long_tables_repeat_their_header_and_keep_rows_whole(word: Word) -> None:
    for table in word.tables:
        first, *others = [row._tr.xml for row in table.rows]
        assert "<w:tblHeader/>" in first
        assert not any("<w:tblHeader/>" in row for row in others)
        assert all("<w:cantSplit/>" in row for row in (first, *others))


def test_the_documents_own_data_name_the_office_alone(word: Word) -> None:
    properties = word.core_properties

    assert properties.author == properties.last_modified_by == "青岚州人民政府办公室"
    assert properties.title == "青岚州人民政府办公室2026年政府信息公开咨询处理情况"
    assert properties.comments == ""
