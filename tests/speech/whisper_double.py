"""A double of faster-whisper, so that its users are tested where it is not installed.

It has what faster-whisper 1.2 documents of `WhisperModel`: the constructor's arguments,
`transcribe` (a generator of segments with words, and information), `detect_language` and
`supported_languages`.
It hears nothing: a test says what each window holds.
"""

import os
import sys
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest


@dataclass
class Hearing:
    """What the double hears, and how it was asked.

    says       samples -> [(word with its blank, start, end, probability)]
    segment    fields of each segment, as avg_logprob
    """

    says: object = lambda samples: []
    segment: dict = field(default_factory=dict)
    languages: tuple = ("en", "fr", "de", "no", "zh")
    spoken: tuple = ("fr", 0.99)
    fails: bool = False
    made: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    offline: list = field(default_factory=list)


def model_class(hearing):
    class WhisperModel:
        def __init__(self, model_size_or_path, device="auto", device_index=0,
                     compute_type="default", cpu_threads=0, num_workers=1, download_root=None,
                     local_files_only=False):  # fmt: skip
            hearing.made.append((model_size_or_path, device, local_files_only))
            hearing.offline.append(os.environ.get("HF_HUB_OFFLINE"))
            if hearing.fails:
                raise RuntimeError("File model.bin is incomplete")

        @property
        def supported_languages(self):
            return list(hearing.languages)

        def transcribe(self, audio, language=None, **options):
            hearing.asked.append((len(audio) / 16000, language, options))
            words = [
                SimpleNamespace(
                    word=w, start=np.float64(a), end=np.float64(b), probability=np.float64(p)
                )
                for w, a, b, p in hearing.says(audio)
            ]
            usual = {"avg_logprob": -0.3, "no_speech_prob": 0.01, "compression_ratio": 1.1}
            segment = SimpleNamespace(words=words, **(usual | hearing.segment))
            return iter([segment] if words else []), SimpleNamespace(language=language)

        def detect_language(self, audio=None, **options):
            return (*hearing.spoken, [hearing.spoken])

    return WhisperModel


@pytest.fixture
def whisper(monkeypatch):
    """faster-whisper's double, installed for this test."""
    result = Hearing()
    for name in ("faster_whisper", "ctranslate2"):
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        module.__version__ = "0 (double)"
        module.WhisperModel = model_class(result)
        monkeypatch.setitem(sys.modules, name, module)
    return result


@pytest.fixture
def whisper_folder(tmp_path):
    """A folder with the files of a model, none of which can be used."""
    folder = tmp_path / "whisper"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "vocabulary.txt", "model.bin"):
        (folder / name).write_text("{}")
    return folder
