"""Random lines to speak, as phones: frequent words of a language, pronounced by espeak-ng."""

from __future__ import annotations

import ctypes
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

import espeakng_loader
import wordfreq
from pypinyin import Style, lazy_pinyin

WORDS = 6000  #: of each language
FLATTENED = 0.6  #: exponent of a word's frequency: rare words are over-represented
SEPARATOR = "_"
IPA = 0x02
UTF8 = 1
SILENT = 2  #: espeak-ng's output that plays nothing

MARKS = re.compile(r"\([a-z-]+\)")  #: espeak-ng's mark for a change of language

IPA_ALIASES = {
    "tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ", "tɕ": "ʨ", "dʑ": "ʥ", "g": "ɡ",
    "ph": "pʰ", "th": "tʰ", "kh": "kʰ", "tʃh": "ʧʰ", "tsh": "ʦʰ", "tɕh": "ʨʰ", "ʂh": "ʂ",
    "ts.h": "ʈʂʰ", "ts.": "ʈʂ", "ɫ": "l", "ʐ": "ɻ",
}  # fmt: skip
ENGLISH = {
    "ɜː": "ɜɹ", "aɪ": "I", "eɪ": "A", "oʊ": "O", "əʊ": "Q", "aʊ": "W", "ɔɪ": "Y", "ɚ": "əɹ",
    "r": "ɹ", "ɐ": "ə", "aɪə": "Iə", "aɪɚ": "Iəɹ", "ɬ": "l", "x": "k", "iə": "iə", "l̩": "ᵊl",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """Names of a language in the three sources, and spellings of its phones."""

    espeak: str
    words: str
    kokoro: str  #: first letters of its voices' names
    share: float
    phones: dict[str, str]
    long_marks: bool = True


LANGUAGES = {
    "en-US": Language("en-us", "en", "a", 0.22, ENGLISH, False),
    "en-GB": Language("en", "en", "b", 0.10, {**ENGLISH, "ɜː": "ɜ"}, False),
    "de": Language("de", "de", "", 0.11, {}),
    "fr": Language("fr", "fr", "f", 0.11, {}),
    "es": Language("es", "es", "e", 0.11, {}),
    "it": Language("it", "it", "i", 0.09, {}),
    "pt": Language("pt-br", "pt", "p", 0.07, {"y": "i"}),
    "ja": Language("ja", "ja", "j", 0.07, {}),
    "zh": Language("cmn-latn-pinyin", "zh", "z", 0.06, {"χ": "x"}),
    "ko": Language("ko", "ko", "", 0.06, {"ɐ": "a", "q": "ɡ"}),
}


class Writer:
    """Writes random lines in phones, as the voices spell them."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        if self._library.espeak_Initialize(SILENT, 0, data, 0) < 0:
            raise SystemExit("espeak-ng does not start")
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._words = {name: _frequent(language) for name, language in LANGUAGES.items()}

    def line(self, language: str, chance: random.Random) -> tuple[str, str]:
        """(words, symbols) of one to three phrases in `language`."""
        choose = self._words[language]
        parts = [choose(chance, chance.randint(2, 7)) for _ in range(chance.randint(1, 3))]
        marks = chance.choices(",.?!", (5, 6, 1, 1), k=len(parts))
        spoken = [self.pronounce(part, language) + m for part, m in zip(parts, marks, strict=True)]
        written = [part + mark for part, mark in zip(parts, marks, strict=True)]
        return " ".join(written), " ".join(spoken)

    def pronounce(self, words: str, language: str) -> str:
        """The symbols of some words."""
        known = LANGUAGES[language]
        if self._library.espeak_SetVoiceByName(known.espeak.encode()):
            raise SystemExit(f"espeak-ng has no voice {known.espeak}")
        if known.words == "zh":
            words = " ".join(lazy_pinyin(words, style=Style.TONE3))
        left, out = ctypes.c_char_p(words.encode()), []
        while left.value:
            ipa = self._library.espeak_TextToPhonemes(
                ctypes.byref(left), UTF8, IPA | (ord(SEPARATOR) << 8)
            )
            out.append(
                " ".join(_respelt(word, known) for word in MARKS.sub("", ipa.decode()).split())
            )
        return " ".join(out)


def _respelt(word: str, language: Language) -> str:
    out = []
    for unit in word.split(SEPARATOR):
        stress = "".join(s for s in unit if s in "ˈˌ")
        bare = "".join(s for s in unit if s not in "ˈˌ-" and not s.isdigit())
        if language.words == "zh":
            bare = bare.replace("ɜ", "")  # a tone's number, transcribed as a vowel
        plain = "".join(
            kept
            for symbol in bare
            for kept in (symbol if symbol == "ç" else unicodedata.normalize("NFD", symbol))
            if not unicodedata.combining(kept) or kept == "\u0303"
        )
        plain = language.phones.get(plain, IPA_ALIASES.get(plain, plain)).replace(".", "")
        for twofold, one in (("tʃ", "ʧ"), ("dʒ", "ʤ"), ("ts", "ʦ"), ("dz", "ʣ"), ("g", "ɡ")):
            plain = plain.replace(twofold, one)
        if language.words == "en":
            plain = plain.replace("r", "ɹ")
        out.append(stress + (plain if language.long_marks else plain.replace("ː", "")))
    return "".join(out)


def _frequent(language: Language) -> Callable[[random.Random, int], str]:
    """Draws random words of a language, several at once."""
    words = [w for w in wordfreq.top_n_list(language.words, WORDS) if _sayable(w, language.words)]
    weights = (
        [wordfreq.word_frequency(w, language.words, minimum=1e-8) for w in words]
        if (
            language.words not in ("ja", "zh", "ko")  # their frequencies need a tokeniser
        )
        else [1 / (50 + place) for place in range(len(words))]
    )
    sums = list(accumulate(weight**FLATTENED for weight in weights))
    return lambda chance, count: " ".join(chance.choices(words, cum_weights=sums, k=count))


def _sayable(word: str, language: str) -> bool:
    if language == "ja":  # espeak-ng reads kana, not kanji
        return all("\u3041" <= symbol <= "\u30ff" for symbol in word)
    if language == "zh":
        return all("\u4e00" <= symbol <= "\u9fff" for symbol in word)
    return all(symbol.isalpha() or symbol == "'" for symbol in word)
