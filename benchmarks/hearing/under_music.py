"""Recorded speech under music that taught nothing, at +5, 0, -5 dB, against the same speech alone.

    python -m benchmarks.hearing.under_music [--frames 150]

Four seconds of music, a recorded line of ../shared/speech over it, four seconds of music.  Printed
for each level: share of the music-only frames in which the mouth moves, and how the opening in the
line correlates with the opening that the line alone drives.  The head drives katiehill's face.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.hearing.measure import FRAME_RATE, Mouth, _features
from benchmarks.hearing.notes import RATE, Samples, unit
from benchmarks.hearing.other_music import OTHER_MUSIC
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine import build
from dubsync.engine.motion.basis import learn_basis
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_sound

SHARED = Path(__file__).parents[2].parent / "shared"
LINES = ("it_1.wav", "de_1.wav", "fr_1.wav", "es_1.wav")
FACE = "katiehill_512_8s.mp4"
LEVELS_DB = (5, 0, -5)
AROUND_S, LEAST_S = 4.0, 0.5  #: music before and after a line; this near to it nothing is counted
FIRST_SEED = 81000


def mouth(frames: int) -> Mouth:
    """The face of FACE, from its first `frames` frames."""
    plate = probe_plate(SHARED / "footage" / FACE)
    span = FrameRange(plate.frames.start, plate.frames.start + frames, plate.frames.rate)
    with open_square(plate) as reader:
        tracks = build(EngineSettings()).track(
            reader.frames(span), span, shot="face", progress=silent
        )
    return Mouth(learn_basis([tracks[0]]), line(LINES[0]))


def line(name: str) -> Samples:
    """A recorded line, at the level of a dub."""
    samples = np.asarray(read_sound(SHARED / "speech" / name, rate=RATE).samples, np.float64)
    return 0.1 * unit(samples)


def rows(face: Mouth) -> Iterator[tuple[str, int, float, float]]:
    """(music, dB, share of music-only frames that move, correlation of the opening)."""
    kinds = [name for name in OTHER_MUSIC if name != "talk_box"]
    for n, kind in enumerate(kinds):
        spoken = line(LINES[n % len(LINES)])
        silence = np.zeros(int(AROUND_S * RATE))
        voice = np.concatenate([silence, spoken, silence])
        clean = face.channels(_features(voice))[:, 0]
        bed = unit(OTHER_MUSIC[kind](np.random.default_rng(FIRST_SEED + n), len(voice) / RATE))
        bed = np.pad(bed, (0, max(0, len(voice) - len(bed))))[: len(voice)]
        for level in LEVELS_DB:
            features = _features(voice + 0.1 * bed * 10 ** (-level / 20))
            driven, moving = face.channels(features)[:, 0], face.moving(features)
            first, last = (
                round((AROUND_S + extra) * FRAME_RATE)
                for extra in (-LEAST_S, len(spoken) / RATE + LEAST_S)
            )
            alone = np.concatenate([moving[:first], moving[last:]])
            inside = slice(first, last)
            like = float(np.corrcoef(clean[inside], driven[inside])[0, 1])
            yield kind, level, float(alone.mean()), like


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.hearing.under_music", description=__doc__)
    parser.add_argument("--frames", type=int, default=150)
    found = []
    for row in rows(mouth(parser.parse_args().frames)):
        found.append(row)
        print(f"{row[0]:16} {row[1]:+3d} dB  moves {row[2]:.3f}  opening {row[3]:.3f}", flush=True)
    for level in LEVELS_DB:
        held = [(moved, like) for _, at, moved, like in found if at == level]
        moved, like = np.nanmean(held, axis=0)
        print(f"{'mean':16} {level:+3d} dB  moves {moved:.3f}  opening {like:.3f}")


if __name__ == "__main__":
    main()
