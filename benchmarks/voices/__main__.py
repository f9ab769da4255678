"""Diarization error on a real conversation and on mixtures with ground truth.

    python -m benchmarks.voices [--json] [--known-count] [--diarization NAME]

`en_two_speakers_30s.wav` is pyannote.audio's own sample; its truth is the sample.rttm that its
package carries.  Mixtures are made of the other files of ../shared/speech, each one person (their
truth: see mixing.py).  Scored by pyannote.metrics, no collar, overlaps counted.  Seconds are the
processor's, on one core.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from time import process_time

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.voices.mixing import Mixture, hushed, mix, with_noise
from dubsync.core.sound.audio import Sound
from dubsync.core.sound.voices import Turn
from dubsync.media.sound.stem import read_sound
from dubsync.speech.torchaudio_shim import pyannote_audio
from dubsync.speech.voices import RATE, who_speaks

SPEECH = Path(__file__).parents[3] / "shared" / "speech"
REAL = "en_two_speakers_30s.wav"
NOISE = "noisy_cafe_0db.wav"  #: a cafe, and somebody near who talks as loud as it is
#: Who talks with whom, for how many seconds, with which share of overlapping turns.
CASTS: tuple[tuple[str, tuple[str, ...], float, float], ...] = (
    ("two, German and French", ("de_1.wav", "fr_1.wav"), 60, 0.0),
    ("two, Italian and Spanish", ("it_1.wav", "es_1.wav"), 60, 0.2),
    ("two, Korean and Chinese", ("ko_1.wav", "zh_1.wav"), 60, 0.2),
    ("two, English", ("en_musetalk.wav", "en_jfk_inaugural.flac"), 60, 0.2),
    ("three, German, Japanese, Chinese", ("de_2.wav", "ja_1.wav", "zh_1.wav"), 90, 0.2),
    ("three, French, Italian, English", ("fr_2.wav", "it_1.wav", "en_1.wav"), 90, 0.4),
    ("four, es ko de en", ("es_1.wav", "ko_1.wav", "de_1.wav", "hallo_2.wav"), 120, 0.2),
)
#: Noise below the speech: the cafe with its speaker, who is one voice more and counted as an
#: error, and noise of its spectrum with nobody in it.
NOISES = (("cafe", 20), ("cafe", 10), ("hushed", 20), ("hushed", 10), ("hushed", 5))
NOISY = (1, 4)  #: of CASTS
#: Seconds after which nobody speaks, by ear-marks in the spectrogram: what follows is music alone
#: in the first, a crowd in the second, and as loud as the speech.
ENDS_S = {"zh_1.wav": 9.8, "en_jfk_inaugural.flac": 10.5}
MOST = 0.15


@dataclass(frozen=True, slots=True)
class Row:
    """One sound.  The error's parts are shares of the speech in it."""

    sound: str
    noise: str
    voices: int
    found: int
    error: float
    missed: float
    false_alarm: float
    confusion: float
    seconds: float
    seconds_per_minute: float


def sounds() -> Iterator[tuple[str, str, Mixture]]:
    """(name, added noise, mixture) of every test sound."""
    yield REAL, "", Mixture(_read(REAL), _sample_truth())
    cafe = _read(NOISE)
    beds = {"cafe": cafe, "hushed": hushed(cafe)}
    noisy = []
    for n, (name, cast, seconds, overlap) in enumerate(CASTS):
        people = {file.split(".")[0]: _read(file) for file in cast}
        mixture = mix(people, seconds=seconds, seed=n, overlap=overlap)
        yield name, "", mixture
        noisy += [(name, mixture)] * (n in NOISY)
    for name, mixture in noisy:
        for bed, snr in NOISES:
            yield name, f"{bed} {snr} dB", with_noise(mixture, beds[bed], snr)


def measured(
    name: str, noise: str, mixture: Mixture, *, known_count: bool, diarization: str
) -> Row:
    """Run who_speaks on a mixture and score the result."""
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotation(turns: Sequence[Turn]) -> Annotation:
        result = Annotation()
        for n, turn in enumerate(turns):
            result[Segment(turn.start, turn.stop), n] = turn.speaker
        return result

    sound = Sound(mixture.samples, RATE, Fraction(0))
    voices = len({turn.speaker for turn in mixture.truth})
    began = process_time()
    turns = who_speaks(sound, speakers=voices if known_count else None, diarization=diarization)
    took = process_time() - began
    parts = DiarizationErrorRate()(
        annotation(mixture.truth),
        annotation(turns),
        uem=Timeline([Segment(0, sound.seconds)]),
        detailed=True,
    )
    return Row(
        name,
        noise,
        voices,
        len({turn.speaker for turn in turns}),
        parts["diarization error rate"],
        *(parts[key] / parts["total"] for key in ("missed detection", "false alarm", "confusion")),
        sound.seconds,
        took * 60 / sound.seconds,
    )


def _read(file: str) -> np.ndarray:
    samples = np.array(read_sound(SPEECH / file, rate=RATE).samples)
    return samples[: round(ENDS_S.get(file, len(samples)) * RATE)]


def _sample_truth() -> tuple[Turn, ...]:
    """The conversation's ground truth from pyannote.audio's package."""
    rttm = Path(pyannote_audio().__file__ or "").parent / "sample" / "sample.rttm"
    result = []
    for line in rttm.read_text().splitlines():
        _, _, _, start, seconds, _, _, speaker, *_ = line.split()
        result.append(Turn(speaker, float(start), float(start) + float(seconds)))
    return tuple(result)


@click.command(help=__doc__)
@click.option("--json", "as_json", is_flag=True)
@click.option("--known-count", is_flag=True, help="Give the number of voices.")
@click.option("--diarization", default="shipped", show_default=True)
def main(as_json: bool, known_count: bool, diarization: str) -> None:
    import torch

    torch.set_num_threads(1)
    if not (SPEECH / REAL).exists():
        raise click.ClickException("the shared test material is not beside this checkout")
    rows = []
    for n, (name, noise, mixture) in enumerate(sounds()):
        if n == 0:  # the first run loads the networks
            measured(name, noise, mixture, known_count=known_count, diarization=diarization)
        rows.append(
            measured(name, noise, mixture, known_count=known_count, diarization=diarization)
        )
        if not as_json:
            row = rows[-1]
            click.echo(
                f"{row.error:6.1%} missed {row.missed:.1%} false {row.false_alarm:.1%} confused "
                f"{row.confusion:.1%} voices {row.found}/{row.voices}  {name} {noise}",
                err=True,
            )
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1))
        return
    table = Table("sound", "noise", "voices", "found", "DER %", "missed", "false", "confused",
                  "s per min")  # fmt: skip
    for row in rows:
        parts = (row.error, row.missed, row.false_alarm, row.confusion)
        table.add_row(row.sound, row.noise, str(row.voices), str(row.found),
                      *(f"{100 * part:.1f}" for part in parts),
                      f"{row.seconds_per_minute:.1f}")  # fmt: skip
    Console().print(table)
    clean = [row for row in rows if not row.noise]
    met = sum(row.error < MOST for row in clean)
    mean = np.mean([row.error for row in clean])
    click.echo(f"under {MOST:.0%}: {met} of {len(clean)} without noise; mean {mean:.1%}")


if __name__ == "__main__":
    main()
