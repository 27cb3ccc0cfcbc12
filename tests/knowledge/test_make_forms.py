import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as DocxDocument
from docx.oxml.ns import qn
from docx.shared import Cm

from knowledge.office import SAMPLE_OFFICE, Office, load_office
from knowledge.offices.make_forms import main, make_forms

ASKED = {
    "application-person": [
        "姓名", "证件名称", "证件号码", "联系电话", "电子邮箱", "通信地址", "邮政编码",
        "名称", "文号", "其他特征性描述", "获取信息的方式", "获取信息的途径",
    ],
    "application-organisation": [
        "名称", "证件名称", "证件号码", "联系人", "联系电话", "电子邮箱", "通信地址", "邮政编码",
        "名称", "文号", "其他特征性描述", "获取信息的方式", "获取信息的途径",
    ],
    "authorisation": ["委托人", "受托人", "所涉信息", "代理权限", "委托期限"],
    "correction": [
        "姓名或名称", "证件名称", "证件号码", "联系电话", "通信地址", "名称", "文号",
        "现在的记录", "应当更正为", "证据材料",
    ],
}  # fmt: skip
"""What the Regulation, Articles 29 and 41, and the Civil Code, Article 165, have people state."""

FORMS = [(key, filled) for key in ASKED for filled in (False, True)]


@pytest.fixture(scope="module")
def office() -> Office:
    return load_office()


def opened(office: Office, key: str, filled: bool) -> DocxDocument:
    form = office.forms[key]
    return Document(str(form.example_path if filled else form.path))


def texts(document: DocxDocument) -> list[str]:
    """Every paragraph's text in the document's order, tables and footer included."""
    parts = [document.element, document.sections[0].footer._element]
    return [
        "".join(text.text or "" for text in paragraph.iter(qn("w:t")))
        for part in parts
        for paragraph in part.iter(qn("w:p"))
    ]


def fonts(document: DocxDocument) -> Iterator[dict[str, str]]:
    """The fonts that each run names itself."""
    for part in (document.element, document.sections[0].footer._element):
        for run in part.iter(qn("w:r")):
            found = run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
            assert found is not None, "a run without fonts"
            yield {name.rpartition("}")[2]: value for name, value in found.attrib.items()}


@pytest.mark.parametrize("key", ASKED)
def test_a_form_asks_what_the_law_asks_and_nothing_about_purpose(office: Office, key: str) -> None:
    said = texts(opened(office, key, filled=False))

    for label in ASKED[key]:
        assert said.count(label) >= ASKED[key].count(label), label
    asked = [text for text in said if not text.endswith("。")]  # the notes are sentences
    assert not [text for text in asked if re.search("用途|特殊需要|目的", text)]


@pytest.mark.parametrize(("key", "filled"), FORMS)
def test_every_run_names_its_chinese_font(office: Office, key: str, filled: bool) -> None:
    named = list(fonts(opened(office, key, filled)))

    assert len(named) > 30
    for font in named:
        assert font["eastAsia"] in {"仿宋", "宋体", "黑体"}
        assert {"ascii", "hAnsi", "cs", "hint"} <= set(font)
        assert not [name for name in font if name.endswith("Theme")]


@pytest.mark.parametrize(("key", "filled"), FORMS)
def test_a_form_is_a_bordered_table_on_a4(office: Office, key: str, filled: bool) -> None:
    document = opened(office, key, filled)
    (section,) = document.sections
    (table,) = document.tables

    assert section.page_width is not None
    assert section.page_height is not None
    assert abs(section.page_width - Cm(21)) < Cm(0.01)
    assert abs(section.page_height - Cm(29.7)) < Cm(0.01)
    assert table.style is not None
    assert table.style.name == "Table Grid"


@pytest.mark.parametrize(("key", "filled"), FORMS)
def test_a_form_names_the_office_where_and_when_to_bring_it(
    office: Office, key: str, filled: bool
) -> None:
    said = "\n".join(texts(opened(office, key, filled)))

    for fact in (office.name, office.address, office.phone, office.hours_text()):
        assert fact in said
    assert ("填写示例" in said) is filled


@pytest.mark.parametrize("key", ASKED)
def test_a_blank_form_is_empty_where_people_write(office: Office, key: str) -> None:
    said = "\n".join(texts(opened(office, key, filled=False)))

    assert "示例" not in said
    assert "■" not in said
    assert "□" in said


@pytest.mark.parametrize("key", ASKED)
def test_an_example_has_no_number_that_could_be_somebody_s(office: Office, key: str) -> None:
    said = "\n".join(texts(opened(office, key, filled=True)))

    assert "（示例，请填本" in said
    assert "■" in said or key == "correction"
    assert not re.search(r"\d{15}", said)
    assert not re.search(r"1\d{10}", said)
    assert set(re.findall(r"0\d{2,3}-\d{7,8}", said)) <= {office.phone, office.fax}


def test_the_shipped_forms_are_what_the_profile_makes(office: Office, tmp_path: Path) -> None:
    made = make_forms(office, tmp_path)

    assert len(made) == 8
    for path in made:
        shipped = SAMPLE_OFFICE.parent / "forms" / path.name
        assert texts(Document(str(path))) == texts(Document(str(shipped)))


def test_another_office_gets_forms_with_its_own_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / "office.toml"
    sample = SAMPLE_OFFICE.read_text(encoding="utf-8")
    profile.write_text(
        sample.replace("青岚州", "云溪州").replace("0690-2120012", "0690-7654321"),
        encoding="utf-8",
    )

    assert main(["--office", str(profile)]) == 0

    assert len(capsys.readouterr().out.splitlines()) == 8
    office = load_office(profile)  # its forms are now where it says they are
    said = "\n".join(texts(Document(str(office.forms["correction"].path))))
    assert "云溪州人民政府办公室" in said
    assert "0690-7654321" in said
    assert "青岚州" not in said


def test_an_unusable_profile_is_reported_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / "office.toml"
    profile.write_text("name = 3", encoding="utf-8")

    assert main(["--office", str(profile), "--output", str(tmp_path / "forms")]) == 2

    assert "office.toml: name: expected a text, got 3" in capsys.readouterr().err
    assert not (tmp_path / "forms").exists()
