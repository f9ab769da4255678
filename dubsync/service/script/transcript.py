"""A machine-made script: the words that a transcriber hears in the stems, line by line.

Every line is marked as machine-made (core/script.py) until a person has corrected or checked it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.digest import digest
from dubsync.core.progress import Progress, Step
from dubsync.core.script import UNSURE, Script, ScriptLine, machine_note
from dubsync.core.shot import ProjectWarning, Stem
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.script.unsure_words import marked_words
from dubsync.service.script.windows import VERSION as WINDOWS_VERSION
from dubsync.service.script.windows import Span, Window, placed, window_sound, windows
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.sound_keys import read_stem
from dubsync.service.store.folder import Store
from dubsync.speech.intervals import only
from dubsync.speech.lines import spoken_runs
from dubsync.speech.speech_amount import amount_of
from dubsync.speech.transcription import RATE, HeardWord, Transcriber

#: Utterances of one line: a pause between them is at most so long, or UNFINISHED_S in a sentence.
PAUSE_S, UNFINISHED_S = 0.6, 1.5
LONG_S = 10.0  #: a line that would be longer ends at the end of a sentence
#: Letters a second beyond which nobody speaks: the model completed what it had not heard.
FASTEST = 40.0
UNHEARD_S = 0.5  #: speech without words is a line from this length on
#: Probability from which another language than the project's is a warning.
FOREIGN = 0.7
_ENDS = ".?!\u2026\u3002\uff1f\uff01\u061f\u0964"


@dataclass(frozen=True, slots=True)
class Model:
    """A transcriber, and `digest` of its files, which the notes of its lines name."""

    transcriber: Transcriber
    digest: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A machine-made script.

    unsure   number of words that are marked as unsure
    unheard  number of lines without words: speech is heard, but not understood
    """

    script: Script
    unsure: int
    unheard: int
    warnings: tuple[ProjectWarning, ...]


@dataclass(frozen=True, slots=True)
class _Heard:
    """A stretch of speech with its words; seconds from the stem's first sample."""

    start: float
    stop: float
    words: tuple[HeardWord, ...]

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words).strip()

    @property
    def ended(self) -> bool:
        """Whether it ends a sentence, or has no words that could go on."""
        return not self.text or self.text.rstrip("\"'\u00bb\u201d)").endswith(tuple(_ENDS))


def transcribed(
    stems: Sequence[Stem],
    record: FrameRange,
    model: Model,
    audio: AudioAnalysisCache,
    store: Store,
    *,
    drop: bool,
    progress: Progress,
) -> Transcript:
    """The words of `stems` within the cut, as a script in record time.

    Only what our own detector calls speech is given to the model.  Each window's words are kept,
    so that work that was stopped goes on from there.

    Args:
        record: the frames of the cut that the stems were made for.
        drop: whether the cut's timecode is drop-frame.

    Raises:
        SettingsError: the model does not know a stem's language.
        ModelError: the model fails.
    """
    names = [model.transcriber.check_language(stem.language) for stem in stems]
    lines: list[ScriptLine] = []
    warnings: list[ProjectWarning] = []
    for stem, language in zip(stems, names, strict=True):
        listener = _Listener(stem, language, model, audio, store)
        heard, told = listener.listen(record, progress)
        lines += [_line(one, stem, record.rate, model.digest) for one in _lines(heard)]
        warnings += told
    lines.sort(key=lambda line: (line.start, line.stop))
    numbered = [replace(line, number=str(n)) for n, line in enumerate(lines, start=1)]
    tags = {stem.language for stem in stems}
    script = Script(
        "", "machine-made", tuple(numbered), tags.pop() if len(tags) == 1 else "",
        rate=record.rate, drop=drop, kind="asRecorded",
    )  # fmt: skip
    unsure = sum(line.text.count(UNSURE) for line in numbered)
    return Transcript(script, unsure, sum(not line.text for line in numbered), tuple(warnings))


# -- listening ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Listener:
    """Listens to one stem; `language` is the model's name of it."""

    stem: Stem
    language: str
    model: Model
    audio: AudioAnalysisCache
    store: Store

    def listen(
        self, record: FrameRange, progress: Progress
    ) -> tuple[list[_Heard], list[ProjectWarning]]:
        """What is heard in the utterances within `record`, and warnings."""
        name, first = Path(self.stem.path).name, self.stem.start
        features = self.audio.stem_features(replace(self.stem, start=Fraction(0)))
        within = tuple(float(frame / record.rate - first) for frame in (record.start, record.stop))
        spans = [s for s in spoken_runs(features) if s[1] > within[0] and s[0] < within[1]]
        words: dict[int, list[HeardWord]] = {}
        warnings: list[ProjectWarning] = []
        done = 0
        for n, window in enumerate(windows(spans, features)):
            progress(Step("transcribe", self.stem.character, done, len(spans), unit="lines"))
            said, (spoken, sure) = self._window(window, ask_language=not n)
            for utterance, word in placed(said, window):
                words.setdefault(utterance, []).append(word)
            if spoken != self.language and sure >= FOREIGN:
                warnings.append(_foreign(name, self.stem.language, spoken, sure))
            done = window[-1].utterance + 1
        progress(Step("transcribe", self.stem.character, done, len(spans), unit="lines"))
        heard = [
            _Heard(start, stop, _spoken(words.get(n, ()), stop - start))
            for n, (start, stop) in enumerate(spans)
        ]
        return [one for one in heard if one.words or _is_speech(one, features)], warnings

    def _window(
        self, window: Window, *, ask_language: bool
    ) -> tuple[list[HeardWord], tuple[str, float]]:
        """The words of a window as cached, and where asked its likeliest language."""
        stem, transcriber = self.stem, self.model.transcriber
        key = digest(
            "transcript", WINDOWS_VERSION, self.model.digest, transcriber.key, self.language,
            self.store.file_digest(Path(stem.path)), stem.heard, stem.turns,
            [(*piece.taken, piece.at) for piece in window], ask_language,
        )  # fmt: skip

        def make() -> dict[str, np.ndarray]:
            sound = window_sound(window, self._samples)
            spoken = transcriber.language(sound) if ask_language else (self.language, 0.0)
            return _to_arrays(transcriber.heard(sound, self.language), spoken)

        return _from_arrays(self.store.arrays("transcripts", key, make))

    def _samples(self, span: Span) -> Array:
        """The samples of a span; in a mixed stem, other voices are silenced."""
        first, last = (Fraction(round(at * RATE), RATE) for at in span)
        sound = read_stem(self.stem, first, last - first, RATE)
        return (sound if self.stem.turns is None else only(sound, self.stem.turns)).samples


def _to_arrays(words: Sequence[HeardWord], spoken: tuple[str, float]) -> dict[str, np.ndarray]:
    said = json.dumps([[word.text for word in words], spoken[0]]).encode()
    rows = [(word.start, word.stop, word.sure) for word in words]
    return {
        "said": np.frombuffer(said, np.uint8),
        "times": np.array(rows, np.float64).reshape(-1, 3),
        "sure": np.array([spoken[1]]),
    }


def _from_arrays(
    arrays: Mapping[str, np.ndarray],
) -> tuple[list[HeardWord], tuple[str, float]]:
    texts, spoken = json.loads(arrays["said"].tobytes())
    rows = arrays["times"].tolist()
    words = [HeardWord(text, *row) for text, row in zip(texts, rows, strict=True)]
    return words, (spoken, float(arrays["sure"][0]))


def _spoken(words: Sequence[HeardWord], seconds: float) -> tuple[HeardWord, ...]:
    """The words of an utterance of so many seconds; none where nobody can speak so fast."""
    letters = sum(c.isalnum() for word in words for c in word.text)
    return tuple(words) if letters <= FASTEST * seconds else ()


def _is_speech(one: _Heard, features: AudioFeatures) -> bool:
    """Whether a stretch without words is speech still, not a breath, an effort or music."""
    return amount_of(features, (one.start, one.stop)).seconds >= UNHEARD_S


def _foreign(stem: str, language: str, spoken: str, sure: float) -> ProjectWarning:
    return ProjectWarning(
        stem,
        f"the model hears the language {spoken} ({sure:.0%}), the project says {language}; its "
        "words may be a translation",
        "check the language in dubsync.toml, and that it is the right stem",
    )


# -- lines --------------------------------------------------------------------------------------


def _lines(heard: Sequence[_Heard]) -> Iterator[_Heard]:
    """Utterances joined to lines over short pauses, and long ones split after sentences."""
    line: _Heard | None = None
    for one in (part for utterance in heard for part in _sentences(utterance)):
        if line is not None and _goes_on(line, one):
            line = _Heard(line.start, one.stop, line.words + one.words)
            continue
        if line is not None:
            yield line
        line = one
    if line is not None:
        yield line


def _goes_on(line: _Heard, after: _Heard) -> bool:
    """Whether `after` is of the same line."""
    if not (line.text and after.text) or after.stop - line.start > LONG_S:
        return False
    return after.start - line.stop <= (PAUSE_S if line.ended else UNFINISHED_S)


def _sentences(one: _Heard) -> Iterator[_Heard]:
    """An utterance; one longer than LONG_S is split after its sentences."""
    start, words = one.start, []
    for n, word in enumerate(one.words[:-1]):
        words.append(word)
        part = _Heard(start, one.words[n + 1].start, tuple(words))
        if one.stop - one.start > LONG_S and part.ended and part.stop > start:
            yield part
            start, words = part.stop, []
    yield _Heard(start, one.stop, tuple([*words, *one.words[-1:]]))


def _line(heard: _Heard, stem: Stem, rate: Fraction, model: str) -> ScriptLine:
    """A line of the script on whole frames, with its mark."""
    first = floor((stem.start + Fraction(heard.start)) * rate)
    last = max(ceil((stem.start + Fraction(heard.stop)) * rate), first + 1)
    text, unsure = marked_words(heard.words)
    confidence = None
    if heard.words:
        confidence = sum(word.sure for word in heard.words) / len(heard.words)
    note = machine_note(text, model, confidence, unsure)
    return ScriptLine(
        stem.character, text, Fraction(first) / rate, Fraction(last) / rate, notes=note
    )
