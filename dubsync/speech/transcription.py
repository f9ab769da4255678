"""The words in a sound by a Whisper model, through faster-whisper (extra `dubsync[transcribe]`).

The model is a folder that the user names; nothing is ever downloaded.  faster-whisper is imported
when a model is opened, and in no other module.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol

from dubsync.core.arrays import Array
from dubsync.core.documents import DamagedDocument, parse_json
from dubsync.core.errors import ModelError, SettingsError

#: Raise when the same sound would get other words; part of cache keys.
VERSION = "1"
RATE = 16000  #: Hz
WINDOW_S = 30.0  #: the longest sound that the model hears at once

#: A segment is not believed beyond these limits, which are Whisper's own.
#: Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", 4.5.
LEAST_LOGPROB = -1.0
MOST_NO_SPEECH = 0.6
MOST_COMPRESSED = 2.4  #: of the text by gzip; above it the text repeats itself

_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARY = ("vocabulary.json", "vocabulary.txt")
#: Whisper's names of languages, where BCP-47 has another.
_LANGUAGES = {"nb": "no", "cmn": "zh", "fil": "tl", "jv": "jw", "iw": "he", "in": "id"}
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def how_to_get(folder: Path) -> str:
    """What to do for a model, as a hint."""
    return (
        "dubsync downloads no model.  On a machine with a network: hf download "
        f"Systran/faster-whisper-small --local-dir {folder.name or 'FOLDER'}  (0.5 GB, about 99 "
        "languages); then name that folder"
    )


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as heard.

    text         with the blank or mark before it; joined, words give the text
    start, stop  seconds from the first sample, to about 0.1 s
    sure         the model's confidence, 0..1
    """

    text: str
    start: float
    stop: float
    sure: float


class Transcriber(Protocol):
    """A model that hears words."""

    @property
    def key(self) -> Mapping[str, str]:
        """What decides its words beside the model's files: versions, device."""

    def heard(self, samples: Array, language: str) -> tuple[HeardWord, ...]:
        """The words in `samples` (N,), 16 kHz and at most WINDOW_S long, in order.

        Args:
            language: see `spoken_language`.
        """

    def language(self, samples: Array) -> tuple[str, float]:
        """Whisper's name of the likeliest language of `samples`, and its probability, 0..1; one of
        English alone knows no other, and its probability is 0."""

    def check_language(self, tag: str) -> str:
        """The model's name of the language `tag`.

        Raises:
            SettingsError: the model does not know it.
        """


def model_files(folder: Path) -> tuple[Path, ...]:
    """The files of the model in `folder`, in order of name.

    Raises:
        ModelError: it is no folder, or no Whisper model in CTranslate2's form.
    """
    hint = how_to_get(folder)
    if not folder.is_dir():
        raise ModelError(f"{folder} is not a folder with a Whisper model", hint=hint)
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in _VOCABULARY):
        missing.append(" or ".join(_VOCABULARY))
    if missing:
        if any(folder.glob("*.safetensors")) or (folder / "pytorch_model.bin").is_file():
            hint = (
                f"that is a model of Transformers.  Convert it: ct2-transformers-converter --model "
                f"{folder} --output_dir NEW_FOLDER --copy_files tokenizer.json "
                "preprocessor_config.json"
            )
        raise ModelError(
            f"{folder} is no Whisper model for faster-whisper: it has no {', '.join(missing)}",
            hint=hint,
        )
    for name in ("config.json", "tokenizer.json"):  # whose libraries raise bare exceptions
        try:
            parse_json((folder / name).read_text(encoding="utf-8"))
        except (DamagedDocument, UnicodeDecodeError) as error:
            raise ModelError(f"{folder / name} is damaged: {error}", hint=hint) from error
    names = (*_NEEDED, *_VOCABULARY, "preprocessor_config.json")
    return tuple(sorted(folder / name for name in names if (folder / name).is_file()))


def open_transcriber(folder: Path, device: Literal["cpu", "cuda"] = "cpu") -> Transcriber:
    """The Whisper model in `folder`.

    Raises:
        ModelError: the extra is not installed, or `folder` holds no model that can be opened.
    """
    if find_spec("faster_whisper") is None:
        raise ModelError(
            "hearing words needs faster-whisper, which is not installed",
            hint="pip install 'dubsync[transcribe]'",
        )
    model_files(folder)
    with _offline():
        import ctranslate2
        import faster_whisper

        try:
            model = faster_whisper.WhisperModel(
                str(folder), device=device, local_files_only=True,
                compute_type="int8" if device == "cpu" else "default",
            )  # fmt: skip
        except (RuntimeError, ValueError, OSError, KeyError) as error:
            raise ModelError(
                f"the Whisper model in {folder} cannot be opened: {error}", hint=how_to_get(folder)
            ) from error
    versions = {p.__name__: str(p.__version__) for p in (faster_whisper, ctranslate2)}
    return _Whisper(model, folder, {"version": VERSION, "device": device} | versions)


@contextmanager
def _offline() -> Iterator[None]:
    """Hugging Face's libraries, where they are imported now, never use the network."""
    before = {name: os.environ.get(name) for name in _OFFLINE}
    os.environ.update(_OFFLINE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Whisper:
    """A Transcriber by faster-whisper.  Deterministic: beam search, and no sampling."""

    def __init__(self, model: Any, folder: Path, key: Mapping[str, str]) -> None:
        self._model, self._folder, self._key = model, folder, key

    @property
    def key(self) -> Mapping[str, str]:
        return self._key

    def heard(self, samples: Array, language: str) -> tuple[HeardWord, ...]:
        try:
            segments, _ = self._model.transcribe(
                samples,
                language=language,
                task="transcribe",
                temperature=[0.0],
                # Each window stands alone: an error does not spread to the next.
                condition_on_previous_text=False,
                word_timestamps=True,
                no_speech_threshold=MOST_NO_SPEECH,
                log_prob_threshold=LEAST_LOGPROB,
                compression_ratio_threshold=MOST_COMPRESSED,
            )
            believed = [segment for segment in segments if _believed(segment)]
        except RuntimeError as error:
            raise ModelError(
                f"the Whisper model in {self._folder} failed: {error}",
                hint='with an NVIDIA GPU, set device = "cpu" under [engine] in dubsync.toml',
            ) from error
        return tuple(
            HeardWord(word.word, float(word.start), float(word.end), float(word.probability))
            for segment in believed
            for word in segment.words or ()
        )

    def language(self, samples: Array) -> tuple[str, float]:
        if self._english_only:
            return "en", 0.0
        name, sure, _ = self._model.detect_language(samples)
        return str(name), float(sure)

    @property
    def _english_only(self) -> bool:
        return list(self._model.supported_languages) == ["en"]

    def check_language(self, tag: str) -> str:
        known: Sequence[str] = self._model.supported_languages
        base = tag.lower().replace("_", "-").split("-")[0]
        name = _LANGUAGES.get(base, base)
        if name in known:
            return name
        if self._english_only:
            raise SettingsError(
                f"the model in {self._folder} knows English only, and the dub is in {tag}",
                hint="name a multilingual model: one whose name does not end in .en",
            )
        raise SettingsError(
            f"the model in {self._folder} does not know the language {tag}",
            hint="it knows " + ", ".join(sorted(known)),
        )


def _believed(segment: Any) -> bool:
    """Whether a segment is understood, and no repetition; faster-whisper drops silent ones."""
    repeated = segment.compression_ratio > MOST_COMPRESSED
    return segment.avg_logprob >= LEAST_LOGPROB and not repeated
