"""How Chinese sounds: each syllable as one sign, alike where people mix sounds up.

Initials zh/z, ch/c, sh/s, n/l and finals ang/an, eng/en, ing/in count as the same, and tones do
not count. A sign is a character of Unicode's private use area, so that a text and its sound have
the same length.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from knowledge.lexicon import installed_text, read_pairs

FIRST_SIGN = 0xE000
_SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)([aeiouv][a-z]*)")
_MERGED = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}
_FIRST_CHARACTER, _LAST_CHARACTER = 0x4E00, 0x9FFF


def sound_of(text: str) -> str:
    """The text with each Chinese character replaced by the sign of its syllable."""
    return text.translate(_signs())


def sounds_of_words(words: Sequence[str]) -> list[str]:
    """The same for each of these words, of which some are read otherwise (重复, 银行)."""
    sounds = sound_of("\n".join(words)).split("\n") if words else []
    readings = read_pairs("readings")
    for place, word in enumerate(words):
        if word in readings:
            sounds[place] = "".join(sign_of(one) or "" for one in readings[word].split())
    return sounds


def sign_of(syllable: str) -> str | None:
    """The sign of a syllable written in letters without a tone; None if there is no such one."""
    return _syllables().get(syllable)


def initial_of(character: str) -> str:
    """The letter with which a Chinese character's syllable begins; "" for any other character."""
    return _initials().get(ord(character), "")


@cache
def _readings() -> dict[int, str]:
    """Code point → the commonest reading of that character, without its tone."""
    table: dict[str, str] = json.loads(installed_text("pypinyin", "pinyin_dict.json"))
    return {
        point: _without_tone(readings.partition(",")[0])
        for point, readings in ((int(key), value) for key, value in table.items())
        if _FIRST_CHARACTER <= point <= _LAST_CHARACTER
    }


@cache
def _syllables() -> dict[str, str]:
    numbers: dict[str, int] = {}
    found: dict[str, str] = {}
    for syllable in sorted(set(_readings().values())):
        if _SYLLABLE.fullmatch(syllable):
            number = numbers.setdefault(_merged(syllable), len(numbers))
            found[syllable] = chr(FIRST_SIGN + number)
    for syllable, sign in list(found.items()):  # ü is typed as v, or as u where it is heard so
        if "v" in syllable:
            found[syllable.replace("v", "ü")] = sign
            found.setdefault(syllable.replace("v", "u"), sign)
    found["shei"] = found["shui"]  # 谁, as it is said
    return found


@cache
def _signs() -> dict[int, str]:
    syllables = _syllables()
    return {
        point: syllables[reading] for point, reading in _readings().items() if reading in syllables
    }


@cache
def _initials() -> dict[int, str]:
    return {point: reading[0] for point, reading in _readings().items() if reading}


def _merged(syllable: str) -> str:
    found = _SYLLABLE.fullmatch(syllable)
    if found is None:
        return syllable
    initial, final = found.groups()
    initial = _MERGED.get(initial, initial)
    return initial + (final[:-1] if final.endswith("ng") and final != "ong" else final)


def _without_tone(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(one for one in letters if not unicodedata.combining(one))
