"""Pronounce a text: words as phones of core/sound/phones.py, in any language of espeak-ng.

espeak-ng comes with the extra `dubsync[script]` and runs in a separate process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from dubsync.core.errors import ModelError
from dubsync.core.sound.phones import PHONES

#: Raise when the same text would get other phones; part of cache keys.
VERSION = "1"
LONGEST_S = 120.0  #: time limit of one call of espeak-ng

#: For phones outside PHONES: the phones to use instead.  The phone network was trained with them.
FALLBACK_PHONES = {
    "ʦ": "ts", "ʣ": "dz", "ɕ": "ʃ", "ʂ": "ʃ", "ʑ": "ʒ", "ʐ": "ʒ", "ʨ": "ʧ", "ʥ": "ʤ", "ꭧ": "ʧ",
    "β": "b", "ɸ": "f", "ʋ": "v", "ɣ": "ɡ", "ɰ": "ɡ", "χ": "x", "ç": "x", "ʁ": "x", "ʝ": "j",
    "ɲ": "n", "ɳ": "n", "ɴ": "ŋ", "ʎ": "l", "ɭ": "l", "r": "ɾ", "ɽ": "ɾ", "ɻ": "ɹ", "ʈ": "t",
    "ɖ": "d", "c": "k", "ɟ": "ɡ", "q": "k", "ɥ": "w", "ɨ": "ɪ", "ᵻ": "ɪ", "ɯ": "u", "ɤ": "o",
    "œ": "ø", "ɒ": "ɔ", "ɐ": "ʌ", "ɚ": "ɜ", "ᵊ": "ə", "ʏ": "y",
}  # fmt: skip
#: Spellings of espeak-ng for phones of PHONES, in every language.
IPA_ALIASES = {
    "tʃ": "ʧ", "dʒ": "ʤ", "tɕ": "ʧ", "dʑ": "ʤ", "g": "ɡ", "ɫ": "l", "ɬ": "l",
}  # fmt: skip
#: Spellings for single languages: their r sounds, aspiration, tones.
PHONES_BY_LANGUAGE = {
    "en": {"ɜː": "ɜɹ", "ɚ": "əɹ", "r": "ɹ", "ɐ": "ə", "x": "k", "l̩": "əl"},
    "ko": {"ɐ": "a", "q": "ɡ"},
    "pt": {"y": "i"},
    "zh": {"tsh": "ts", "ts.": "tʃ", "s.": "ʃ", "h": "", "ɜ": "", "ʐ": "ɹ"},
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text.

    written  as the text has it
    ways     its pronunciations, likeliest first, each as places in PHONES; none where unknown
    """

    written: str
    ways: tuple[tuple[int, ...], ...]


def lacking(language: str, text: str) -> str:
    """The extra of dubsync that must be installed to pronounce `text`; "": none is missing.

    Args:
        language: tag of the text's language.
    """
    if not _installed("piper"):
        return "script"
    needs_reading = _base(language) == "ja" and any("一" <= letter <= "龥" for letter in text)
    return "script-ja" if needs_reading and not _installed("pyopenjtalk") else ""


@cache
def _installed(name: str) -> bool:
    return find_spec(name) is not None


def pronounced(texts: Sequence[str], language: str) -> tuple[tuple[Word, ...], ...]:
    """The words of each of `texts` in order, with their pronunciations.

    Args:
        language: tag of the texts' language ("de", "pt-BR", "zh").

    Raises:
        ModelError: the extra is not installed, or espeak-ng does not know the language or fails.
    """
    base = _base(language)
    return tuple(
        tuple(Word(written, _ways(ways, base)) for written, ways in words)
        for words in _run_espeak(texts, language)
    )


def _base(language: str) -> str:
    return language.lower().replace("_", "-").split("-")[0]


def _ways(letters: Sequence[str], language: str) -> tuple[tuple[int, ...], ...]:
    """The pronunciations without duplicates and empty ones."""
    ways = (phones_of(way, language) for way in letters)
    return tuple(dict.fromkeys(way for way in ways if way))


def phones_of(letters: str, language: str = "") -> tuple[int, ...]:
    """Places in PHONES of the phonetic `letters`; length, stress and tone are dropped.

    Args:
        letters: of the International Phonetic Alphabet, as espeak-ng writes them.
        language: the first part of the language's tag.
    """
    plain = "".join(_plain(letter) for letter in letters)
    respelt = IPA_ALIASES | PHONES_BY_LANGUAGE.get(language, {})
    longest = max(map(len, respelt))
    out: list[str] = []
    at = 0
    while at < len(plain):
        for length in range(longest, 0, -1):
            part = plain[at : at + length]
            if len(part) == length and (length == 1 or part in respelt):
                out += respelt.get(part, part)
                at += length
                break
    known = "".join(FALLBACK_PHONES.get(letter, letter) for letter in out)
    return tuple(PHONES.index(letter) for letter in known if letter in PHONES)


def _plain(letter: str) -> str:
    """A letter without its marks; the marks of length and of a syllabic consonant are kept."""
    if letter == "ç":
        return letter
    kept = [c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c)]
    return "".join(kept) if kept else letter * (letter == "\u0329")


def _run_espeak(texts: Sequence[str], language: str) -> list[list[tuple[str, list[str]]]]:
    """Words and pronunciations from the espeak-ng process; see espeak_worker.py."""
    try:
        run = subprocess.run(
            [sys.executable, "-m", "dubsync.speech.espeak_worker"],
            input=json.dumps({"language": language, "texts": list(texts)}).encode(),
            capture_output=True,
            timeout=LONGEST_S,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise ModelError(f"espeak-ng failed on the script's {language}: {error}") from error
    answer = json.loads(run.stdout)
    if missing := answer.get("missing"):
        extra = "script-ja" if missing == "pyopenjtalk" else "script"
        raise ModelError(
            f"a script in {language} needs {missing}, which is not installed",
            hint=f"pip install 'dubsync[{extra}]'",
        )
    if unknown := answer.get("unknown"):
        raise ModelError(
            f"espeak-ng has no voice for the language {unknown}",
            hint="is it a tag like de, fr or pt-BR?",
        )
    return [[(word, ways) for word, ways in text] for text in answer["texts"]]
