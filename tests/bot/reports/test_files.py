from pathlib import Path

import pytest

from bot.reports.files import OutputError, check_output, write_files


def write_new(path: Path) -> None:
    path.write_text("new")


def test_files_are_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "figures.csv"
    target.write_text("old")

    write_files([(target, write_new)])

    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_when_the_second_file_fails_the_first_is_not_put_in_place(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("old")

    def full(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match=r"b\.csv：No space left"):
        write_files([(first, write_new), (second, full)])

    assert first.read_text() == "old"
    assert list(tmp_path.iterdir()) == [first]


def test_a_link_stays_a_link_to_the_file_it_names(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)

    write_files([(link, write_new)])

    assert link.is_symlink()
    assert target.read_text() == "new"


def test_what_cannot_be_a_file_is_refused_before_any_work(tmp_path: Path) -> None:
    for path, problem in (
        (tmp_path, "是文件夹"),
        (tmp_path / "nowhere" / "a.csv", "文件夹不存在"),
        (Path("/dev/null"), "不是普通文件"),
        (tmp_path / ("长" * 200), "不能用"),
    ):
        with pytest.raises(OutputError, match=problem):
            check_output(path)
    check_output(tmp_path / "a.csv")
