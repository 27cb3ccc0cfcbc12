"""The file of vectors: what was kept comes back, whatever happened to the file in between."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.jobs.vectors import Row, VectorFile

ROOT = Path(__file__).parents[3]
ADDING = """
import sys
from pathlib import Path
from bot.jobs.vectors import VectorFile
from tests.bot.jobs.test_vectors import made

for number in range(int(sys.argv[2]), int(sys.argv[3])):
    VectorFile(Path(sys.argv[1])).add(made(number))
"""


def made(*numbers: int, dimensions: int = 4) -> dict[bytes, Row]:
    """A row for each number, all its values that number, under a key made from it."""
    return {
        number.to_bytes(32, "big"): np.full(dimensions, number, dtype=np.float16)
        for number in numbers
    }


def numbers(rows: dict[bytes, Row]) -> list[int]:
    """The numbers whose rows these are, having checked that each is under its own key."""
    for key, row in rows.items():
        np.testing.assert_array_equal(row, np.full(len(row), int.from_bytes(key, "big")))
    return [int.from_bytes(key, "big") for key in rows]


@pytest.fixture
def file(tmp_path: Path) -> VectorFile:
    return VectorFile(tmp_path / "vectors" / "some.vectors")


def test_without_a_file_nothing_is_kept_and_no_folder_is_made(file: VectorFile) -> None:
    assert file.read() == {}
    assert not file.path.parent.exists()


def test_what_was_added_is_read_in_its_order(file: VectorFile) -> None:
    file.add(made(2, 1))
    file.add(made(3))

    assert numbers(file.read()) == [2, 1, 3]


def test_adding_nothing_makes_no_file(file: VectorFile) -> None:
    file.add({})

    assert not file.path.exists()


def test_what_is_kept_is_not_kept_twice(file: VectorFile) -> None:
    file.add(made(1, 2))
    size = file.path.stat().st_size

    file.add(made(2, 1))

    assert file.path.stat().st_size == size


def test_a_row_takes_two_bytes_a_dimension_and_36_more(file: VectorFile) -> None:
    file.add(made(1, dimensions=384))
    size = file.path.stat().st_size

    file.add(made(2, dimensions=384))

    assert file.path.stat().st_size - size == 2 * 384 + 36


def test_a_file_cut_off_anywhere_gives_what_is_whole_and_can_be_added_to(
    file: VectorFile,
) -> None:
    file.add(made(1, 2))
    whole = file.path.read_bytes()
    record = 4 + 32 + 2 * 4

    for length in range(len(whole)):
        file.path.write_bytes(whole[:length])
        left = max(length - (len(whole) - 2 * record), 0) // record
        assert numbers(file.read()) == [1, 2][:left], length

        file.add(made(3))
        assert numbers(file.read()) == [*[1, 2][:left], 3], length


def test_any_byte_that_changed_costs_its_row_and_those_behind_it(file: VectorFile) -> None:
    file.add(made(1, 2))
    whole = file.path.read_bytes()
    record = 4 + 32 + 2 * 4
    header = len(whole) - 2 * record

    for at in range(len(whole)):
        file.path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        sound = [] if at < header + record else [1]
        assert numbers(file.read()) == sound, at

        file.add(made(1, 2))
        assert numbers(file.read()) == [1, 2], at


def test_a_file_of_something_else_is_replaced(file: VectorFile) -> None:
    file.path.parent.mkdir()
    file.path.write_text("这不是向量文件，内容随便写一些，写得长一点。" * 20, encoding="utf-8")

    assert file.read() == {}
    file.add(made(1))

    assert numbers(file.read()) == [1]


def test_rows_of_another_length_take_the_place_of_all(file: VectorFile) -> None:
    file.add(made(1, 2))

    file.add(made(3, dimensions=6))

    assert numbers(file.read()) == [3]


def test_processes_that_add_at_once_lose_nothing_and_keep_nothing_twice(
    file: VectorFile,
) -> None:
    ranges = [(1, 60), (30, 90), (1, 90)]
    running = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", ADDING, file.path, str(first), str(last)], cwd=ROOT
        )
        for first, last in ranges
    ]
    seen: set[int] = set()
    while any(process.poll() is None for process in running):
        now = set(numbers(file.read()))
        assert seen <= now
        seen = now

    assert [process.returncode for process in running] == [0, 0, 0]
    assert sorted(numbers(file.read())) == list(range(1, 90))
    file.add(made(90))
    record = 4 + 32 + 2 * 4
    assert file.path.stat().st_size == len(b"zixun vectors 1\n") + 4 + 90 * record
