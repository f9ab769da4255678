"""Synthetic voices with phone times: Kokoro (Apache-2.0) on ONNX Runtime, phones by espeak-ng.

Kokoro predicts how long each phone lasts before it makes a sound. The int8 model rounds and clips
these durations in one tensor; made an output, it gives one number per token in units of 600
samples (25 ms at 24 kHz), and the sound is exactly that long. The labels run late against the
sound by about 62 ms (measured: where single mel frames separate the phones best, in five
languages), so that much is taken off.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper
from scipy.signal import resample_poly

MODEL_RATE = 24000
RATE = 48000
UNIT = 0.025
"""Seconds of one duration unit."""

LABELS_LATE = 0.062
"""Seconds by which the labels trail the sound."""

DURATIONS = "/encoder/Clip_output_0"
ROOM = 0.08
"""Seconds kept before the first phone and after the last."""

LEVEL = 10 ** (-23 / 20)
"""Root mean square of a line, where it speaks."""

ENGLISH = (
    ("ɜːɹ", "ɜɹ"),
    ("ɜː", "ɜɹ"),
    ("aɪ", "I"),
    ("eɪ", "A"),
    ("oʊ", "O"),
    ("aʊ", "W"),
    ("ɔɪ", "Y"),
    ("dʒ", "ʤ"),
    ("tʃ", "ʧ"),
    ("ɚ", "əɹ"),
    ("r", "ɹ"),
    ("ɐ", "ə"),
    ("ɬ", "l"),
    ("x", "k"),
    ("ː", ""),
)
ROMANCE = (("tʃ", "ʧ"), ("dʒ", "ʤ"), ("ts", "ʦ"), ("dz", "ʣ"), ("g", "ɡ"))
"""From espeak's spelling of phones to the one Kokoro was trained on."""

Phone = tuple[str, float, float]
"""IPA symbol (a leading ' marks stress; 'sil' is silence), start and end in seconds."""


@dataclass(frozen=True)
class Spoken:
    """One spoken line."""

    samples: np.ndarray
    """Mono float32 at RATE."""
    phones: list[Phone]
    """Seconds from the first sample."""

    @property
    def first(self) -> float:
        """Seconds at which the first phone starts."""
        return self.phones[0][1]

    @property
    def length(self) -> float:
        """Seconds from the first phone's start to the last one's end."""
        return self.phones[-1][2] - self.phones[0][1]


def phonemes(text: str, language: str) -> str:
    """Kokoro's spelling of a text; punctuation is kept, for it carries the pauses."""
    english = language.startswith("en")
    out = []
    for part in re.findall(r"[^,.!?;:]+|[,.!?;:]", text):
        if part in ",.!?;:":
            out.append(part)
            continue
        command = ["espeak-ng", "-q", "--ipa", "-v", "en-us" if english else language[:2], part]
        ipa = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        ipa = re.sub(r"\([a-z-]+\)|[\u0361\u200d\n]", "", ipa).strip()
        for old, new in ENGLISH if english else ROMANCE:
            ipa = ipa.replace(old, new)
        out.append((" " if out else "") + ipa)
    return "".join(out)


class Voices:
    """The synthesiser and all its voices."""

    def __init__(self, parts: list[Path], vocabulary: Path, voices: Path, seed: int = 1) -> None:
        ort.set_seed(seed)  # the model adds noise; the same seed adds the same
        model = onnx.load_from_string(b"".join(p.read_bytes() for p in parts))
        model.graph.output.append(helper.make_tensor_value_info(DURATIONS, TensorProto.FLOAT, None))
        self._session = ort.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        self._ids: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"]
        self._folder = voices

    def _style(self, voice: str, tokens: int) -> np.ndarray:
        table = np.fromfile(self._folder / f"{voice}.bin", np.float32).reshape(-1, 1, 256)
        return table[tokens - 1]

    def say(self, text: str, language: str, voice: str, speed: float = 1.0) -> Spoken:
        """Speak a text. Speed 1 is the voice's own; 1.2 is a fifth faster."""
        symbols = "".join(c for c in phonemes(text, language) if c in self._ids)
        feed = {
            self._session.get_inputs()[0].name: np.array(
                [[0, *(self._ids[c] for c in symbols), 0]], np.int64
            ),
            "style": self._style(voice, len(symbols)),
            "speed": np.array([speed], np.float32),
        }
        sound, units = (np.ravel(x) for x in self._session.run(None, feed))
        if len(sound) != round(MODEL_RATE * UNIT) * int(units.sum()):
            raise SystemExit("the voice model's durations do not add up to its sound")
        return _trimmed(resample_poly(sound, RATE, MODEL_RATE), label(symbols, units))

    def say_in(self, text: str, language: str, voice: str, seconds: float) -> Spoken:
        """Speak a text in about so many seconds (within 0.05 s where the speed allows)."""
        speed = 1.0
        spoken = self.say(text, language, voice, speed)
        for _ in range(3):
            if abs(spoken.length - seconds) < 0.05:
                break
            speed = float(np.clip(speed * spoken.length / seconds, 0.75, 1.3))
            spoken = self.say(text, language, voice, speed)
        return spoken


def label(symbols: str, units: np.ndarray) -> list[Phone]:
    """Phones with times from tokens and their durations (first and last token are padding).

    Stress marks count towards the phone they stress, length marks and word gaps towards the phone
    before, and gaps beside punctuation are silence.
    """
    edges = np.concatenate([[0], np.cumsum(units)]) * UNIT - LABELS_LATE
    phones: list[list] = []
    pending: float | None = None
    stress = ""
    for i, symbol in enumerate(symbols):
        start, end = float(edges[i + 1]), float(edges[i + 2])
        if symbol in "ˈˌ":
            stress, pending = "'" if symbol == "ˈ" else "", start if pending is None else pending
            continue
        if symbol in ",.!?;:" or (symbol == " " and phones and phones[-1][0] == "sil"):
            if phones and phones[-1][0] == "sil":
                phones[-1][2] = end
            else:
                phones.append(["sil", start, end])
        elif symbol in " ːʰʲ\u0303" and phones:
            phones[-1][2] = end
        else:
            phones.append([stress + symbol, start if pending is None else pending, end])
            pending, stress = None, ""
    while phones and phones[-1][0] == "sil":
        phones.pop()
    return [(p, a, b) for p, a, b in phones]


def _trimmed(samples: np.ndarray, phones: list[Phone]) -> Spoken:
    """Cut to the speech plus ROOM on either side, with short fades, at the common LEVEL."""
    first = max(0, round((phones[0][1] - ROOM) * RATE))
    last = min(len(samples), round((phones[-1][2] + ROOM + 0.1) * RATE))
    cut = samples[first:last].astype(np.float32)
    fade = np.linspace(0, 1, RATE // 50, dtype=np.float32)
    cut[: len(fade)] *= fade
    cut[-len(fade) :] *= fade[::-1]
    loud = cut[np.abs(cut) > 0.05 * np.abs(cut).max()]
    cut *= LEVEL / max(1e-6, float(np.sqrt(np.mean(loud**2))))
    shift = first / RATE
    return Spoken(cut, [(p, a - shift, b - shift) for p, a, b in phones])
