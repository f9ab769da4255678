"""Diarization: who speaks when in a sound with several voices.

pyannote.audio's pipeline runs on weights that ship with dubsync (weights/); nothing is downloaded.
pyannote.audio and torch are imported at first use, which takes some seconds.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as from_safetensors

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.shipped import shipped
from dubsync.core.sound.audio import Sound
from dubsync.core.sound.voices import Turn
from dubsync.speech.audio_features import ANALYSIS_RATE, analysed_samples
from dubsync.speech.rediarize import rediarize
from dubsync.speech.torchaudio_shim import pyannote_audio

#: Raise when the same sound would give other turns; part of cache keys.
VERSION = "1"
SHIPPED = "shipped"  #: the pipeline that uses the weights in this package
RATE = ANALYSIS_RATE
WEIGHTS = Path(__file__).parent / "weights"
DIGESTS = {
    "voice_segmentation.safetensors": (
        "2187ecc48870e96c3f7b6f0cc6978a9f01b8145a79120b34c0409de3c3468db5"
    ),
    "voiceprint.safetensors": "fb2df408178661b2fb6939ef616a4c9fd6998cfd5b8aaf856f15a859e9d4b461",
}
#: Step of the ten-second window, as a share of it.
MOVED_ON = 0.2
#: Largest cosine distance between two stretches of one voice.  Anything from 0.45 to 0.65 gave the
#: same result on mixtures of the voices in shared/footage and shared/takes.
SAME_VOICE = 0.55
#: Fewest stretches of a voice; fewer go to the nearest voice (pyannote.audio's min_cluster_size).
LEAST_STRETCHES = 4
PRINT_S = 20.0  #: most seconds of a voice that its voiceprint is computed from
_STAGES = {"segmentation": "detect speech", "embeddings": "compare voices"}


def who_speaks(
    sound: Sound,
    *,
    speakers: int | None = None,
    most: int | None = None,
    diarization: str = SHIPPED,
    name: str = "",
    progress: Progress = silent,
) -> tuple[Turn, ...]:
    """Every turn in `sound`, in order; voices are "Speaker 1", ... in order of first word.

    Several may speak at once (three within ten seconds, two at a time).

    Args:
        sound: at any sample rate; it is resampled to 16 kHz.
        speakers: the number of voices, where it is known.
        most: the most voices there can be.
        diarization: "shipped", or a pyannote.audio pipeline by its Hugging Face name or folder.
        name: of the sound, for progress.

    Raises:
        MediaError: no samples at all.
        ModelError: the pipeline cannot be loaded, or shipped weights were altered.

    Source: Bredin 2023, "pyannote.audio 2.1 speaker diarization pipeline"; segmentation after
    Plaquet and Bredin 2023, "Powerset multi-class cross entropy loss for neural speaker
    diarization"; voices after CAM++, see voiceprint.py.
    """
    pipeline = _shipped() if diarization == SHIPPED else _by_name(diarization)
    import torch

    samples = _resampled(sound)
    file = {"waveform": torch.from_numpy(samples)[None], "sample_rate": RATE, "uri": "stem"}

    def hook(step: str, _: object, total: int = 0, completed: int = 0, **__: object) -> None:
        if step in _STAGES and total:
            progress(Step(_STAGES[step], name, completed, total, unit=""))

    with _undisturbed():
        result = pipeline(file, num_speakers=speakers, max_speakers=most, hook=hook)
    turns = _turns(getattr(result, "speaker_diarization", result), sound.seconds)

    def prints(spans: Sequence[tuple[float, float]]) -> Array:
        rows = []
        for n, (start, stop) in enumerate(spans):
            rows.append(_print(samples[round(start * RATE) : round(stop * RATE)]))
            progress(Step("refine turns", name, n + 1, len(spans), unit=""))
        return np.array(rows)

    return _numbered(rediarize(turns, prints, most=speakers or most), float(sound.start))


def voiceprint(sound: Sound, spans: Sequence[tuple[float, float]] | None = None) -> Array:
    """(192,) voiceprint of the voice in `spans`, of length 1; zeros if there is too little speech.

    Args:
        sound: at any sample rate.
        spans: (start, stop) in seconds on the sound's own clock, with one voice alone in all of
            them; None: the whole sound.  The longest are used, up to 20 s in total.
    """
    samples = _resampled(sound)
    clock = float(sound.start)
    if spans is not None:
        samples = np.concatenate(
            [np.zeros(0, np.float32)]
            + [
                samples[int((a - clock) * RATE) : int((b - clock) * RATE)]
                for a, b in _longest(spans)
            ]
        )
    return _print(samples)


def _print(samples: Array) -> Array:
    if len(samples) < RATE // 4:
        return np.zeros(192, np.float32)
    network = _voiceprint_network()
    import torch

    with torch.inference_mode():
        result = network(torch.from_numpy(samples)[None, None])[0].numpy()
    return np.asarray(result / np.linalg.norm(result), np.float32)


def _longest(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    left, chosen = PRINT_S, []
    for start, stop in sorted(spans, key=lambda span: span[0] - span[1]):
        if left <= 0:
            break
        chosen.append((start, min(stop, start + left)))
        left -= stop - start
    return sorted(chosen)


def _resampled(sound: Sound) -> Array:
    return np.array(analysed_samples(sound))  # torch wants samples that it may write to


def _turns(annotation: Any, seconds: float) -> tuple[Turn, ...]:
    return tuple(
        Turn(str(label), max(part.start, 0.0), min(part.end, seconds))
        for part, _, label in annotation.itertracks(yield_label=True)
        if min(part.end, seconds) > max(part.start, 0.0)
    )


def _numbered(turns: Sequence[Turn], clock: float) -> tuple[Turn, ...]:
    """Turns in order of time, on the sound's clock, with voices numbered by their first word."""
    ordered = sorted(turns, key=lambda turn: (turn.start, turn.stop))
    order = {name: n + 1 for n, name in enumerate(dict.fromkeys(t.speaker for t in ordered))}
    return tuple(
        Turn(f"Speaker {order[t.speaker]}", clock + t.start, clock + t.stop) for t in ordered
    )


# -- pipelines -------------------------------------------------------------------------------


@cache
def _shipped() -> Any:
    """pyannote.audio's SpeakerDiarization over the networks in weights/."""
    pyannote_audio()
    with _undisturbed():
        from pyannote.audio.core.plda import PLDA
        from pyannote.audio.pipelines import SpeakerDiarization

        class NoPlda(PLDA):  # type: ignore[misc]  # pyannote.audio is not typed
            """A placeholder: the pipeline requires one, but this clustering does not use it."""

            def __init__(self) -> None:
                self.lda_dimension = 0

        pipeline = SpeakerDiarization(
            segmentation=_segmentation_network(),
            segmentation_step=MOVED_ON,
            embedding=_voiceprint_network(),
            embedding_exclude_overlap=True,
            plda=NoPlda(),
            clustering="AgglomerativeClustering",
            segmentation_batch_size=8,
            embedding_batch_size=3,
        )
        pipeline.instantiate(
            {
                "segmentation": {"min_duration_off": 0.0},
                "clustering": {
                    "method": "average",
                    "threshold": SAME_VOICE,
                    "min_cluster_size": LEAST_STRETCHES,
                },
            }
        )
    return pipeline


@cache
def _segmentation_network() -> Any:
    """pyannote/segmentation-3.0: which of three voices speak, at most two at once."""
    pyannote_audio()
    with _undisturbed():
        from pyannote.audio.core.task import Problem, Resolution, Specifications
        from pyannote.audio.models.segmentation import PyanNet

        network = PyanNet(sincnet={"stride": 10}, lstm={"num_layers": 4})
        network.specifications = Specifications(
            problem=Problem.MONO_LABEL_CLASSIFICATION,
            resolution=Resolution.FRAME,
            duration=10.0,
            classes=["speaker#1", "speaker#2", "speaker#3"],
            powerset_max_classes=2,
            permutation_invariant=True,
        )
        network.build()
        _fill(network, "voice_segmentation.safetensors")
    return network


@cache
def _voiceprint_network() -> Any:
    pyannote_audio()
    with _undisturbed():
        from dubsync.speech.voiceprint import Voiceprint

        network = Voiceprint()
        _fill(network, "voiceprint.safetensors")
    return network


def _fill(network: Any, file: str) -> None:
    """Load shipped weights into `network`; 8-bit arrays have a scale ("step") for each row."""
    import torch

    arrays = from_safetensors(shipped(WEIGHTS / file, DIGESTS[file], "voice model"))
    state = {}
    for name, array in arrays.items():
        if name.endswith(".step"):
            continue
        value = array.astype(np.float32)
        if f"{name}.step" in arrays:
            value *= arrays[f"{name}.step"].reshape(-1, *[1] * (array.ndim - 1))
        state[name] = torch.from_numpy(value)
    network.load_state_dict(state)
    network.eval()


@cache
def _by_name(name: str) -> Any:
    """A pyannote.audio pipeline from a folder, or from Hugging Face with the user's own access."""
    audio = pyannote_audio()
    with _undisturbed():
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError

        try:
            with contextlib.redirect_stdout(io.StringIO()):  # it prints advice there
                pipeline = audio.Pipeline.from_pretrained(name)
        except (HfHubHTTPError, HFValidationError, OSError) as error:
            raise _cannot_load(name, str(error).split("\n")[0]) from error
    if pipeline is None:
        raise _cannot_load(name, "it names no pipeline")
    return pipeline


def _cannot_load(name: str, why: str) -> ModelError:
    return ModelError(
        f"the diarization pipeline {name!r} cannot be loaded: {why}",
        hint=f"accept its conditions at https://hf.co/{name} and run `hf auth login`, "
        'or set diarization = "shipped" under [speech]',
    )


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hide the training advice of pyannote.audio and lightning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"(pyannote|lightning|pytorch_|torch|asteroid).*")
        yield
