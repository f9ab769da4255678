"""Makes the long reel: python -m benchmarks.reel.make FOLDER [--minutes M] [--events N]."""

from __future__ import annotations

import argparse
import wave
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.reel.cut import START, Cutting, edl, make_cut
from benchmarks.reel.plates import RATE, SHARED, make_plates
from dubsync.core.sound.tracks import WHOLE
from dubsync.media.sound.stem import read_sound

LANGUAGE = "de-DE"
#: Hz of the stems.
SOUND_RATE = 16000
SPEECH = ("de_1.wav", "de_2.wav", "fr_1.wav", "fr_2.wav", "it_1.wav", "es_1.wav", "en_musetalk.wav",
          "hallo_2.wav", "ko_1.wav", "zh_1.wav")  # fmt: skip
#: Share of the events that have dialogue.
SPOKEN = 0.4


def make_reel(folder: Path, *, minutes: float, events: int) -> Path:
    """The project in `folder`: plates, cut, stems, consent records, dubsync.toml."""
    plates = make_plates(folder / "plates")
    cut = make_cut(plates, seconds=60 * minutes, events=events, spoken=SPOKEN)
    (folder / "long.edl").write_text(edl(cut, "LONG REEL"))
    (folder / "dub").mkdir(exist_ok=True)
    for character, samples in stems(cut).items():
        write_wav(folder / "dub" / f"{character}_de.wav", samples)
    _project(folder, sorted({one.plate.character for one in cut if one.spoken}))
    return folder


def stems(cut: Sequence[Cutting], seed: int = 20) -> dict[str, NDArray[np.float32]]:
    """Character -> their whole dub: words under their own events, else silence.

    The words begin a little after the cut and end before the next, with a breath in longer ones.
    """
    dice, voices = Random(seed), _voices()
    end = max(one.record + one.frames for one in cut) - START
    whole: dict[str, NDArray[np.float32]] = {}
    cursor = {name: count(dice.randrange(100)) for name in {o.plate.character for o in cut}}
    for one in (one for one in cut if one.spoken):
        who = one.plate.character
        stem = whole.setdefault(who, np.zeros(end * SOUND_RATE // RATE, np.float32))
        first = round((one.record - START) / RATE * SOUND_RATE + dice.uniform(0.08, 0.25) * 16000)
        last = round((one.record + one.frames - START - 2) / RATE * SOUND_RATE)
        voice = voices[next(cursor[who]) % len(voices)]
        at = dice.randrange(0, max(1, len(voice) - (last - first)))
        said = voice[at : at + last - first].copy()
        if len(said) > 2.2 * SOUND_RATE:  # a breath
            middle = len(said) // 2 + dice.randrange(-4000, 4000)
            said[middle : middle + round(dice.uniform(0.25, 0.5) * SOUND_RATE)] = 0
        stem[first : first + len(said)] = said
    return whole


def _voices() -> list[NDArray[np.float32]]:
    return [
        np.asarray(read_sound(SHARED / "speech" / name, rate=SOUND_RATE, choice=WHOLE).samples,
                   np.float32).reshape(-1)
        for name in SPEECH
    ]  # fmt: skip


def write_wav(path: Path, samples: NDArray[np.float32]) -> None:
    """Mono samples at SOUND_RATE as 16-bit WAV."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, SOUND_RATE, len(samples), "NONE", ""))
        out.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())


def _project(folder: Path, characters: Sequence[str]) -> None:
    (folder / "consent").mkdir(exist_ok=True)
    today = datetime.now(UTC).date()
    parts = [
        f'[project]\nname = "long_reel"\nlanguage = "{LANGUAGE}"\ncut = "long.edl"\n'
        f'rate = "{RATE}"\nmedia = ["plates"]\nhandles = 4\n'
    ]
    for who in characters:
        performer = f"bench-{who.lower()}"
        parts.append(f'[characters.{who}]\nperformer = "{performer}"\ndub = "dub/{who}_de.wav"\n')
        (folder / "consent" / f"{who}.toml").write_text(
            f'[consent]\nid = "{performer}"\nperformer = "{performer}"\n'
            'operations = ["lip_reenact", "train_model"]\nlanguages = ["*"]\nbasis = "consent"\n'
            'statement = "a benchmark that stays on this machine"\nsignatory = "nobody"\n'
            f"valid_from = {today - timedelta(30)}\nvalid_until = {today + timedelta(3650)}\n"
        )
    parts.append('[engine]\ndevice = "cpu"\ntrain_minutes = 0\n')
    (folder / "dubsync.toml").write_text("\n".join(parts))


def main() -> None:
    """Make the reel that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--events", type=int, default=250)
    asked = parser.parse_args()
    print(make_reel(asked.folder, minutes=asked.minutes, events=asked.events))


if __name__ == "__main__":
    main()
