"""How a text is said: words as phones of core/sound/phones.py, in any language espeak-ng knows.

espeak-ng comes with the extra `dubsync[script]` and answers from a process of its own.
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

#: Changes whenever the same text would be said otherwise.
VERSION = "1"
LONGEST_S = 120.0  #: that espeak-ng may take over one answer

#: Phones that are not in PHONES, as phones that are; the phone network was taught so.
AS = {
    "ʦ": "ts", "ʣ": "dz", "ɕ": "ʃ", "ʂ": "ʃ", "ʑ": "ʒ", "ʐ": "ʒ", "ʨ": "ʧ", "ʥ": "ʤ", "ꭧ": "ʧ",
    "β": "b", "ɸ": "f", "ʋ": "v", "ɣ": "ɡ", "ɰ": "ɡ", "χ": "x", "ç": "x", "ʁ": "x", "ʝ": "j",
    "ɲ": "n", "ɳ": "n", "ɴ": "ŋ", "ʎ": "l", "ɭ": "l", "r": "ɾ", "ɽ": "ɾ", "ɻ": "ɹ", "ʈ": "t",
    "ɖ": "d", "c": "k", "ɟ": "ɡ", "q": "k", "ɥ": "w", "ɨ": "ɪ", "ᵻ": "ɪ", "ɯ": "u", "ɤ": "o",
    "œ": "ø", "ɒ": "ɔ", "ɐ": "ʌ", "ɚ": "ɜ", "ᵊ": "ə", "ʏ": "y",
}  # fmt: skip
#: Letters that espeak-ng writes for one of ours, in every language.
EVERYWHERE = {
    "tʃ": "ʧ", "dʒ": "ʤ", "tɕ": "ʧ", "dʑ": "ʤ", "g": "ɡ", "ɫ": "l", "ɬ": "l",
}  # fmt: skip
#: And in some: its r's, its strengths of breath, its tones.
IN = {
    "en": {"ɜː": "ɜɹ", "ɚ": "əɹ", "r": "ɹ", "ɐ": "ə", "x": "k", "l̩": "əl"},
    "ko": {"ɐ": "a", "q": "ɡ"},
    "pt": {"y": "i"},
    "zh": {"tsh": "ts", "ts.": "tʃ", "s.": "ʃ", "h": "", "ɜ": "", "ʐ": "ɹ"},
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text.

    written  as the text has it
    ways     how it may be said, likeliest first, each as places in PHONES; none where unknown
    """

    written: str
    ways: tuple[tuple[int, ...], ...]


def lacking(language: str, text: str) -> str:
    """The extra of dubsync without which `text` cannot be said; "" where nothing lacks.

    Args:
        language: its tag.
    """
    if not _installed("piper"):
        return "script"
    needs_reading = _base(language) == "ja" and any("一" <= letter <= "龥" for letter in text)
    return "script-ja" if needs_reading and not _installed("pyopenjtalk") else ""


@cache
def _installed(name: str) -> bool:
    return find_spec(name) is not None


def pronounced(texts: Sequence[str], language: str) -> tuple[tuple[Word, ...], ...]:
    """The words of each of `texts` in order, with the ways to say them.

    Args:
        language: its tag ("de", "pt-BR", "zh").

    Raises:
        ModelError: the extra is not installed, or espeak-ng does not know the language or fails.
    """
    base = _base(language)
    return tuple(
        tuple(Word(written, _ways(ways, base)) for written, ways in words)
        for words in _asked(texts, language)
    )


def _base(language: str) -> str:
    return language.lower().replace("_", "-").split("-")[0]


def _ways(letters: Sequence[str], language: str) -> tuple[tuple[int, ...], ...]:
    """Each way once; none that says nothing."""
    ways = (phones_of(way, language) for way in letters)
    return tuple(dict.fromkeys(way for way in ways if way))


def phones_of(letters: str, language: str = "") -> tuple[int, ...]:
    """Places in PHONES of what phonetic letters say; length, stress and tone are left out.

    Args:
        letters: of the International Phonetic Alphabet, as espeak-ng writes them.
        language: the first part of its tag.
    """
    plain = "".join(_plain(letter) for letter in letters)
    respelt = EVERYWHERE | IN.get(language, {})
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
    known = "".join(AS.get(letter, letter) for letter in out)
    return tuple(PHONES.index(letter) for letter in known if letter in PHONES)


def _plain(letter: str) -> str:
    """A letter without marks; the mark of a long vowel and of a syllable are kept."""
    if letter == "ç":
        return letter
    kept = [c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c)]
    return "".join(kept) if kept else letter * (letter == "\u0329")


def _asked(texts: Sequence[str], language: str) -> list[list[tuple[str, list[str]]]]:
    """What the process that knows espeak-ng says; see pronouncing.py."""
    try:
        run = subprocess.run(
            [sys.executable, "-m", "dubsync.speech.espeak_worker"],
            input=json.dumps({"language": language, "texts": list(texts)}).encode(),
            capture_output=True,
            timeout=LONGEST_S,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise ModelError(f"espeak-ng did not say the script's {language}: {error}") from error
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
