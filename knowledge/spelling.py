"""What was meant by pinyin, by the initials of a word, and by a character that only sounds alike.

The words between which is chosen are the dictionary's and the field's; those that the entries use
are likelier, and so are words that stand side by side in the entries.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from knowledge.lexicon import read_list
from knowledge.sounds import initial_of, sign_of, sound_of, sounds_of_words
from knowledge.words import Words, everyday_wordings

LONGEST_PINYIN = 240
"""Letters in a row that are read; a longer row is left as it is."""
_LATIN = re.compile(r"[a-zü]+(?:['’ ]+[a-zü]+)*", re.IGNORECASE)
_RUN = re.compile(r"[a-zü]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_FEWEST_LETTERS = 4
_MOST_FOREIGN = 0.34
_BEAM = 6
_MEANINGS = 3
_LONGEST_WORD = 4
_LONGEST_SYLLABLE = 6
_HELD, _NEIGHBOURS, _SPOKEN, _CHANGED = 3.0, 2.0, 3.0, 7.0
_UNLIKELY = -14.0
"""Words less likely than this are no meaning of pinyin unless they are the field's."""


@dataclass(frozen=True, slots=True)
class _Guess:
    likelihood: float
    text: str


class Speller:
    """Reads what was typed by sound. Built once; ``holds`` says whether the entries use a text."""

    def __init__(self, words: Words, *, holds: Callable[[str], bool]) -> None:
        self._words = words
        self._held = holds

    def spelt_out(self, text: str) -> str:
        """The text with its pinyin written in characters; other letters stay as they are.

        “xinxi gongkai zenme 申请” becomes 信息公开怎么申请, “gk” 公开. A text in another language
        is returned unchanged.
        """
        rows = list(_LATIN.finditer(text))
        runs = [run for row in rows for run in _RUN.findall(row.group().lower())]
        if not runs:
            return text
        pinyin = [run for run in runs if _is_pinyin(run) or run in self._abbreviations]
        letters = sum(map(len, runs))
        foreign = letters - sum(map(len, pinyin))
        short = letters < _FEWEST_LETTERS and not any(run in self._abbreviations for run in runs)
        if short or letters > LONGEST_PINYIN or foreign > _MOST_FOREIGN * letters:
            return text
        return _LATIN.sub(lambda row: self._read(row.group().lower()), text)

    def corrected(self, normal: str) -> str:
        """The normalised text with words that are none replaced by ones that sound the same.

        “正府信息” becomes 政府信息. Only words that the entries use are put in, and only for
        characters that stand together neither in the entries nor in the dictionary.
        """
        return _CHINESE.sub(lambda found: self._correct(found.group()), normal)

    def _correct(self, text: str) -> str:
        """The likeliest reading of Chinese characters, right to left like the word cutter."""
        size = len(text)
        beside = [self._held(text[at : at + 2]) for at in range(size - 1)]
        if all(beside):
            return text
        best = [_Guess(0.0, "")] * (size + 1)
        likelihood = self._words.likelihood
        sounds = sound_of(text)
        for start in range(size - 1, -1, -1):
            most = best[start + 1].likelihood + likelihood(text[start])
            word = text[start]
            for length in range(2, min(_LONGEST_WORD, size - start) + 1):
                written = text[start : start + length]
                held = all(beside[start : start + length - 1])
                after = best[start + length].likelihood
                if self._words.is_word(written):
                    chance = likelihood(written) + after
                    if held:
                        chance += _HELD
                    if chance > most:
                        most, word = chance, written
                    continue
                if held:
                    continue
                for meant in self._by_sound.get(sounds[start : start + length], ()):
                    changed = sum(a != b for a, b in zip(meant, written, strict=True))
                    chance = likelihood(meant) + after + _HELD - _CHANGED
                    if changed <= length // 2 and chance > most and self._held(meant):
                        most, word = chance, meant
            best[start] = _Guess(most, word)
        words, start = [], 0
        while start < size:
            words.append(best[start].text)
            start += len(best[start].text)
        return "".join(words)

    def _read(self, row: str) -> str:
        """Letters in a row, words parted by spaces, as the likeliest characters."""
        pieces: list[str] = []
        stretch: list[str] = []
        for run in [*_RUN.findall(row), ""]:
            if run and _is_pinyin(run):
                stretch.append(run)
                continue
            if stretch:
                pieces.append(self._decoded(stretch))
                stretch = []
            if run:
                pieces.append(self._abbreviations.get(run, f" {run} "))
        return "".join(pieces)

    def _decoded(self, runs: list[str]) -> str:
        """The characters for whole syllables, by a beam over the letters."""
        letters = "".join(runs)
        ends, at = set[int](), 0
        for run in runs:
            at += len(run)
            ends.add(at)
        beams: list[list[_Guess]] = [[] for _ in range(len(letters) + 1)]
        beams[0] = [_Guess(0.0, "")]
        for start in range(len(letters)):
            if not beams[start]:
                continue
            kept = sorted(beams[start], key=lambda one: (-one.likelihood, one.text))[:_BEAM]
            for end, sound in _sounds_from(letters, start, ends=ends):
                for word in self._meanings(sound):
                    own = self._chance(word)
                    beams[end] += [self._joined(one, word, own=own) for one in kept]
        if not beams[-1]:
            return letters
        return max(beams[-1], key=lambda one: (one.likelihood, one.text)).text

    def _joined(self, before: _Guess, word: str, *, own: float) -> _Guess:
        """One guess more, likelier if the entries have the two words side by side."""
        beside = bool(before.text) and self._held(before.text[-1] + word[0])
        likelihood = before.likelihood + own + (_NEIGHBOURS if beside else 0.0)
        return _Guess(likelihood, before.text + word)

    def _meanings(self, sound: str) -> tuple[str, ...]:
        found = self._by_sound.get(sound, ())
        if len(found) <= _MEANINGS:
            return found
        return tuple(sorted(found, key=lambda word: (-self._chance(word), word))[:_MEANINGS])

    def _chance(self, word: str) -> float:
        """How likely a word is typed here: the dictionary's counts are those of newspapers."""
        chance = self._words.likelihood(word)
        if word in self._spoken:
            chance += _SPOKEN
        return chance + _HELD if len(word) > 1 and self._held(word) else chance

    @cached_property
    def _by_sound(self) -> dict[str, tuple[str, ...]]:
        """Sound → the words that have it, likeliest first."""
        likely = self._words.likelihood
        words = sorted(self._vocabulary(), key=lambda word: (-likely(word), word))
        found: dict[str, tuple[str, ...]] = {}
        for word, sound in zip(words, sounds_of_words(words), strict=True):
            found[sound] = (*found.get(sound, ()), word)
        return found

    @cached_property
    def _spoken(self) -> frozenset[str]:
        return frozenset(read_list("spoken"))

    @cached_property
    def _abbreviations(self) -> dict[str, str]:
        """Initials of two to four of the field's characters → the first of its words with them."""
        found: dict[str, str] = {}
        for word in read_list("abbreviated"):
            found.setdefault("".join(map(initial_of, word)), word)
        return found

    def _vocabulary(self) -> Iterable[str]:
        ours = dict.fromkeys((*read_list("words"), *read_list("spoken")))
        for everyday, official in everyday_wordings().items():
            ours.update(dict.fromkeys((everyday, *official)))
        likely = self._words.likelihood
        ours.update(
            dict.fromkeys(word for word in self._words.every_word() if likely(word) > _UNLIKELY)
        )
        return (
            word for word in ours if len(word) <= _LONGEST_WORD + 2 and _CHINESE.fullmatch(word)
        )


def _is_pinyin(run: str) -> bool:
    """Whether a run of letters is whole syllables."""
    reached = {0}
    for start in range(len(run)):
        if start in reached:
            for end in range(start + 1, min(start + _LONGEST_SYLLABLE, len(run)) + 1):
                if sign_of(run[start:end]) is not None:
                    reached.add(end)
    return len(run) in reached


def _sounds_from(letters: str, start: int, *, ends: set[int]) -> Iterator[tuple[int, str]]:
    """Where words of up to six syllables that begin here may end, with their sounds."""
    reached = [(start, "")]
    for _ in range(_LONGEST_WORD + 2):
        further: list[tuple[int, str]] = []
        for at, sound in reached:
            for end in range(at + 1, min(at + _LONGEST_SYLLABLE, len(letters)) + 1):
                sign = sign_of(letters[at:end])
                if sign is not None:
                    further.append((end, sound + sign))
                if end in ends:
                    break
        yield from further
        reached = further
