"""Text to phonetic letters, run as a separate process.

    python -m dubsync.speech.espeak_worker < {"language": "de", "texts": ["..."]}

Writes {"texts": [[["word", ["in this sentence", "on its own"]], ...], ...]}, pronunciations in the
International Phonetic Alphabet, or {"missing": the package to install} or {"unknown": language}.

espeak-ng is GPL-3, so it is loaded in this process and in no other (docs/decisions, DR018).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec, module_from_spec

#: espeak-ng's voices by language tag, where the names differ.
VOICES = {"en": "en-us", "en-gb": "en", "zh": "cmn", "pt": "pt-br"}
#: Separators of clauses; not the point or comma within a number.
CLAUSE = re.compile(r"[;!?…—–()\[\]\"«»„“”¿¡。，、！？；：「」『』・]+|[.,:]+(?=\D|$)|\s-+\s")
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
KANJI = re.compile(f"[{HAN}々]")
CHINESE = re.compile(f"[{HAN}]|[^\\s{HAN}]+")
OTHER_VOICE = re.compile(r"\([^)]*\)")  #: espeak-ng's mark for a change of language
DEVOICED = "’"  #: Open JTalk's mark of a devoiced vowel

Spelled = tuple[str, list[str]]  #: a word as written, and its pronunciations


def spelled(text: str, language: str, say: Callable[[str], str]) -> list[Spelled]:
    """Each word of `text` with its pronunciations; an empty pronunciation means none is known.

    Args:
        language: the first part of its tag, in lower case.
        say: from words to phonetic letters, with a blank between words that are spoken apart.
    """
    out: list[Spelled] = []
    for clause in CLAUSE.split(text):
        if language == "ja":
            out += [(word, [say(kana)]) for word, kana in _japanese(clause)]
            continue
        words = CHINESE.findall(clause) if language == "zh" else clause.split()
        words = [word for word in words if any(c.isalnum() for c in word)]
        joined = "" if language == "zh" else " "
        for word, here in zip(words, _apart(words, joined, say), strict=True):
            alone = say(word).replace(" ", "")
            out.append((word, [here] if here == alone else [here, alone]))
    return out


def _apart(words: Sequence[str], joined: str, say: Callable[[str], str]) -> list[str]:
    """The phonetic letters of each of the words, spoken as one clause.

    espeak-ng joins small words ("of the") and splits others ("25").  Such a run of words is halved
    until each word has its own letters.
    """
    if not words:
        return []
    letters = say(joined.join(words)).split()
    if len(letters) == len(words):
        return letters
    if len(words) == 1:
        return ["".join(letters)]
    half = len(words) // 2
    return _apart(words[:half], joined, say) + _apart(words[half:], joined, say)


def _japanese(clause: str) -> list[tuple[str, str]]:
    """Words as written, and their pronunciation in kana."""
    if not clause.strip():
        return []
    try:
        import pyopenjtalk
    except ImportError:
        if KANJI.search(clause):
            raise  # espeak-ng reads kana alone
        return [(word, word) for word in clause.split()]
    result = [(word["string"], word["pron"]) for word in pyopenjtalk.run_frontend(clause)]
    return [(word, pron.replace(DEVOICED, "")) for word, pron in result if pron not in ("、", "")]


def _voice(language: str) -> Callable[[str], str] | None:
    """The function that pronounces words in `language`; None: espeak-ng has no such voice."""
    _without_synthesiser("piper")
    from piper import espeakbridge
    from piper.phonemize_espeak import ESPEAK_DATA_DIR

    espeakbridge.initialize(str(ESPEAK_DATA_DIR))
    base = language.split("-")[0]
    for name in (VOICES.get(language, language), VOICES.get(base, base)):
        try:
            espeakbridge.set_voice(name)
        except RuntimeError:
            continue

        def say(words: str) -> str:
            parts = [letters for letters, _, _ in espeakbridge.get_phonemes(words)]
            return OTHER_VOICE.sub("", " ".join(parts))

        return say
    return None


def _without_synthesiser(name: str) -> None:
    """Let a package's modules be imported without running its slow `__init__`."""
    spec = find_spec(name)
    if spec is not None:
        sys.modules.setdefault(name, module_from_spec(spec))


def _answer(language: str, texts: Sequence[str]) -> dict[str, object]:
    language = language.lower().replace("_", "-")
    try:
        say = _voice(language)
        if say is None:
            return {"unknown": language}
        base = language.split("-")[0]
        return {"texts": [spelled(text, base, say) for text in texts]}
    except ImportError as error:
        return {"missing": (error.name or "piper").split(".")[0]}


if __name__ == "__main__":
    request = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(
        json.dumps(_answer(request["language"], request["texts"]), ensure_ascii=False).encode()
    )
