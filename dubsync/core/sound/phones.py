"""The set of phones, and the viseme of each.

There is one set for all languages: sounds that differ between languages but not on the lips (a
retroflex t, a breathy b) are one phone here.
"""

from __future__ import annotations

#: Symbols of the International Phonetic Alphabet, one for each column of AudioFeatures.phones;
#: "sil" is a pause, and comes first.
PHONES: tuple[str, ...] = (
    "sil", "p", "b", "m", "f", "v", "θ", "ð", "t", "d", "s", "z", "ʃ", "ʒ", "ʧ", "ʤ", "k", "ɡ",
    "n", "ŋ", "l", "ɹ", "ɾ", "x", "h", "w", "j", "i", "ɪ", "e", "ɛ", "æ", "a", "ɑ", "ɔ", "o",
    "ʊ", "u", "y", "ø", "ʌ", "ə", "ɜ",
)  # fmt: skip

_OF_LIPS: dict[str, tuple[str, ...]] = {
    "rest": ("sil",),
    "closed": ("p", "b", "m"),
    "lip teeth": ("f", "v"),
    "tongue teeth": ("θ", "ð"),
    "tongue": ("t", "d", "n", "l", "ɾ"),
    "hiss": ("s", "z"),
    "hush": ("ʃ", "ʒ", "ʧ", "ʤ"),
    "back": ("k", "ɡ", "ŋ", "x", "h"),
    "r": ("ɹ", "ɜ"),
    "round close": ("w", "u", "ʊ", "y"),
    "round open": ("o", "ɔ", "ø"),
    "spread close": ("i", "ɪ", "j"),
    "spread open": ("e", "ɛ", "æ"),
    "wide": ("a", "ɑ", "ʌ"),
    "neutral": ("ə",),
}

#: Names of the visemes; "rest" comes first.
VISEMES: tuple[str, ...] = tuple(_OF_LIPS)

#: For each phone, the place of its viseme in VISEMES.
VISEME_OF: tuple[int, ...] = tuple(
    next(place for place, phones in enumerate(_OF_LIPS.values()) if phone in phones)
    for phone in PHONES
)


def _places(*phones: str) -> frozenset[int]:
    return frozenset(PHONES.index(phone) for phone in phones)


#: Places in PHONES of phones that close the lips,
BILABIAL: frozenset[int] = _places("p", "b", "m")
#: that put the lower lip on the upper teeth,
LABIODENTAL: frozenset[int] = _places("f", "v")
#: that need open lips,
VOWELS: frozenset[int] = frozenset(range(PHONES.index("i"), len(PHONES)))
#: and that round the lips.
ROUNDED: frozenset[int] = _places("w", "u", "ʊ", "y", "o", "ɔ", "ø")
