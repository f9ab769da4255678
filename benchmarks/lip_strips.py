"""Ten frames in a row where lips matter, two renders one above the other, to be looked at.

    python -m benchmarks.lip_strips BEFORE AFTER --dub STEM [--at SECONDS] [--near X,Y] -o FOLDER

BEFORE and AFTER are renders of the same frames of one plate.  A picture is written for the surest
m, b or p, f or v, rounded vowel and spread vowel, for a pause between phrases and for a silence,
where there are such.  Under each mouth stand its frame number and the opening of the lips, tracked
again, in hundredths of the distance between the eyes; below it the dub's waveform and phones.
Printed for both: the share of frames in speech with shut lips (below .12 of the opening's range),
runs of five such frames or more, and the opening's deviation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from dubsync.core.face import FaceTrack
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.sound.audio import READING_RATE, AudioFeatures, Sound
from dubsync.core.sound.phones import LABIODENTAL, ROUNDED, VISEME_OF, VISEMES
from dubsync.engine import build
from dubsync.engine.sound.pauses import pauses_in
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_sound
from dubsync.media.stills.encode import jpeg
from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, box, fill, line, wide, write
from dubsync.qc.mouth import Curve, lips_centre, mouth_curves
from dubsync.qc.pictures.review_strip import Label, phone_labels
from dubsync.qc.sync import spoken
from dubsync.service.qc.before_after import cropped, mouth_frame
from dubsync.service.review.face import envelope
from dubsync.speech.audio_features import extract_features

COLUMNS, CELL = 10, (200, 140)  #: mouths in a strip; width and height of each, pixels
LEFT, WAVE, PHONE, CAPTION = 80, 60, 24, 22
BINS = 20  #: of the waveform in each frame
EACH = 3  #: strips of m, b and p; of each other kind there is one fewer
APART = 4  #: frames between two strips of one kind, at least
SHUT, LONG = 0.12, 5  #: share of the opening's range below which lips are shut; frames of a run
SPREAD = {VISEMES.index("spread close"), VISEMES.index("spread open")}
TONES = {"plain": (64, 72, 81), "shut": (146, 54, 50), "teeth": (132, 92, 34),
         "round": (88, 66, 140)}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """One face of a render: `pictures`, T of them, and `opening` (T,) in eye distances."""

    pictures: Sequence[RGB]
    opening: Curve


def main_face(movie: Path, near: tuple[float, float] | None) -> FaceTrack:
    """The face of `movie` seen longest, or the one whose lips are nearest to a point, pixels."""
    plate = probe_plate(movie)
    with open_square(plate) as reader:
        frames = reader.frames(plate.frames)
        tracks = build(EngineSettings()).track(frames, plate.frames, shot="", progress=silent)
    if near is None:
        return max(tracks, key=lambda track: len(track.frames))
    lips = [lips_centre(np.median(track.landmarks, axis=0)) for track in tracks]
    return tracks[int(np.argmin([np.hypot(x - near[0], y - near[1]) for x, y in lips]))]


def faces(movie: Path, like: FaceTrack, own: FaceTrack) -> Faces:
    """The mouths of `movie`, framed as `like`, so that both versions are framed alike."""
    plate = probe_plate(movie)
    with open_square(plate) as reader:
        pictures = [
            cropped(frame, mouth_frame(like.landmarks[n]), CELL)
            for n, frame in enumerate(reader.frames(plate.frames))
            if n < len(like.landmarks)
        ]
    landmarks = np.asarray(own.landmarks)
    return Faces(pictures, mouth_curves(landmarks, np.asarray(own.confidence) > 0).opening)


def moments(features: AudioFeatures, times: Curve) -> Iterator[tuple[str, int]]:
    """(kind, frame of its middle) of what is worth a look; `times` (T,) of the frames."""
    at = np.clip(np.rint(features.places(times)).astype(int), 0, len(features.loudness) - 1)
    phones = np.asarray(features.phones, np.float64)
    spread = [n for n, viseme in enumerate(VISEME_OF) if viseme in SPREAD]
    kinds = {
        "mbp": np.asarray(features.closure, np.float64),
        "fv": phones[:, sorted(LABIODENTAL)].sum(axis=1),
        "round": phones[:, sorted(ROUNDED)].sum(axis=1),
        "spread": phones[:, spread].sum(axis=1),
    }
    for kind, evidence in kinds.items():
        yield from ((kind, n) for n in _surest(evidence[at], EACH - (kind != "mbp")))
    for kind, silence in (("pause", False), ("silence", True)):
        found = [p for p in pauses_in(features) if p.silence == silence]
        middles = [float(features.start) + (p.first + p.stop) / 2 / READING_RATE for p in found]
        lengths = {m: p.stop - p.first for m, p in zip(middles, found, strict=True)}
        within = [m for m in middles if times[0] <= m <= times[-1]]
        for middle in sorted(within, key=lambda m: -lengths[m])[:2]:
            yield kind, int(np.argmin(np.abs(times - middle)))


def _surest(evidence: Curve, count: int) -> list[int]:
    """The frames of the `count` highest peaks above one half, APART from each other."""
    chosen: list[int] = []
    for n in np.argsort(-evidence, kind="stable"):
        if len(chosen) == count or evidence[n] < 0.5:
            break
        if all(abs(n - other) > APART + COLUMNS // 2 for other in chosen):
            chosen.append(int(n))
    return chosen


def figures(opening: Curve, talks: NDArray[np.bool_], limit: float) -> str:
    """Shut share, long shut runs and deviation of `opening` (T,) where the dub `talks`."""
    shut = talks & (opening < limit)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shut.astype(int), [0]])))
    lengths = edges[1::2] - edges[::2]
    return (
        f"shut {shut.sum() / max(talks.sum(), 1):.2f}, long shut {(lengths >= LONG).sum()}, "
        f"deviation {100 * np.nanstd(opening[talks]):.1f}"
    )


def strip(
    title: str, first: int, rows: Sequence[tuple[str, Faces]], wave: NDArray[np.float64],
    labels: Sequence[Label],
) -> RGB:  # fmt: skip
    """Frames `first` on, a row of mouths for each of `rows`; wave (T, BINS, 2)."""
    width, height = CELL
    size = (40 + len(rows) * (height + CAPTION) + WAVE + PHONE + 10, LEFT + COLUMNS * width, 3)
    canvas: RGB = np.full(size, GROUND, np.uint8)
    write(canvas, title, (10, 25), INK, 17, 600)
    top = 36
    for name, shown in rows:
        write(canvas, name, (10, top + height // 2), INK, 15)
        for column, n in enumerate(range(first, first + COLUMNS)):
            left = LEFT + column * width
            canvas[top : top + height, left : left + width - 3] = shown.pictures[n][:, : width - 3]
            text = f"{n}: {100 * shown.opening[n]:.1f}"
            write(canvas, text, (left + 4, top + height + 15), INK, 13)
        top += height + CAPTION
    part = wave[first : first + COLUMNS].reshape(-1, 2) / max(float(np.abs(wave).max()), 1e-4)
    x = LEFT + np.arange(len(part)) * width / BINS
    for side in (0, 1):
        edge = np.stack([x, top + WAVE / 2 * (1 - part[:, side])], axis=1)
        middle = np.stack([x[::-1], np.full(len(x), top + WAVE / 2)], axis=1)
        fill(canvas, np.concatenate([edge, middle]), (112, 150, 170))
    for column in range(COLUMNS + 1):
        line(canvas, [(LEFT + column * width, top), (LEFT + column * width, top + WAVE)], QUIET)
    _phones(canvas, labels, first, top + WAVE)
    return canvas


def _phones(canvas: RGB, labels: Sequence[Label], first: int, top: int) -> None:
    for label in labels:
        left, right = (
            LEFT + round((np.clip(at, first, first + COLUMNS) - first) * CELL[0])
            for at in (label.first, label.last)
        )
        if right - left > 2:
            box(canvas, left, top, right - 1, top + PHONE, TONES[label.tone])
            middle = (left + right - wide(label.text, 14)) // 2
            write(canvas, label.text, (middle, top + 17), INK, 14)


@click.command()
@click.argument("before", type=click.Path(exists=True, path_type=Path))
@click.argument("after", type=click.Path(exists=True, path_type=Path))
@click.option("--dub", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--at", default=0.0, help="Seconds into the dub at which the first frame is shown.")
@click.option("--near", help="X,Y of the face in pixels, where there are several.")
@click.option("--frame", "asked", type=int, multiple=True, help="The middle of one more strip.")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path))
def main(
    before: Path, after: Path, dub: Path, at: float, near: str | None, asked: tuple[int, ...],
    out: Path,
) -> None:  # fmt: skip
    """Write a picture of each moment into the folder OUT."""
    place = tuple(float(v) for v in near.split(",")) if near else None
    tracks = [
        main_face(movie, (place[0], place[1]) if place else None) for movie in (before, after)
    ]
    shown = [
        faces(movie, tracks[0], own) for movie, own in zip((before, after), tracks, strict=True)
    ]
    rate, total = probe_plate(before).frames.rate, min(len(face.opening) for face in shown)
    times = at + np.arange(total) / float(rate)
    sound = read_sound(dub)
    heard = Sound(sound.samples, sound.sample_rate, Fraction(0))
    features = extract_features(heard)
    edges = at + np.arange(total * BINS + 1) / BINS / float(rate)
    wave = envelope(heard, edges).reshape(total, BINS, 2)
    labels = phone_labels(features, times)
    talks = spoken(features, times)
    low, high = np.nanpercentile([face.opening[:total][talks] for face in shown], [1, 95])
    for name, face in zip(("before", "after"), shown, strict=True):
        click.echo(f"{name}: {figures(face.opening[:total], talks, low + SHUT * (high - low))}")
    out.mkdir(parents=True, exist_ok=True)
    for kind, middle in [*moments(features, times), *(("asked", n) for n in asked)]:
        first = min(max(middle - COLUMNS // 2, 0), total - COLUMNS)
        title = f"{out.name}   {kind} at frame {middle}   {times[middle]:.2f} s of {dub.name}"
        rows = list(zip(("before", "after"), shown, strict=True))
        picture = strip(title, first, rows, wave, labels)
        (out / f"{kind}_{middle:04d}.jpg").write_bytes(jpeg(picture, quality=85))
    np.savetxt(out / "opening.csv", np.stack([face.opening[:total] for face in shown], axis=1),
               fmt="%.4f", delimiter=",", header="before,after", comments="")  # fmt: skip


if __name__ == "__main__":
    main()
