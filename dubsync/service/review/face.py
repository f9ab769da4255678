"""One face of a review strip: its mouth pictures, its curves, and the dub they follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Frame
from dubsync.core.progress import Progress
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Shot
from dubsync.core.sound.audio import Sound
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.qc.chart import Mark
from dubsync.qc.drawing import RGB
from dubsync.qc.mouth import Curve, MouthCurves, mouth_curves, opening_of
from dubsync.qc.pictures.review_strip import (
    PICTURE,
    WAVE_BINS,
    Label,
    ReviewStrip,
    Source,
    phone_labels,
)
from dubsync.qc.sync import Closures, closures, readings, spoken, target_closures
from dubsync.service.qc.before_after import cropped, mouth_frame
from dubsync.service.qc.retrack import Face, TrackedAgain
from dubsync.service.reel.pipeline import Part
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.stems.sound_keys import read_stem
from dubsync.service.tweaks.commands import record_text

HZ = 16000  #: of the waveform
#: Model units by which a take's mouth must differ from the sound's to count as driving.
APART = 1e-4
FROM_SOUND = Tweak().held("take", 0).held("sound", 1)
FROM_TAKE = Tweak()


class Pictures:
    """A face's mouth in some frames of plate and render, collected while they are read."""

    def __init__(self, face: Face, frames: FrameRange, wanted: Sequence[int]) -> None:
        self._face, self._first, self._wanted = face, frames.start, frozenset(wanted)
        self.plate: dict[int, RGB] = {}
        self.render: dict[int, RGB] = {}

    def offer(self, place: int, before: Frame, after: Frame | None) -> None:
        """Consider frame `place`, from the shot's first, in plate and, if given, render."""
        number = self._first + place
        if number not in self._wanted or not self._face.seen[place]:
            return
        box = mouth_frame(self._face.landmarks[place])
        self.plate[number] = cropped(before, box, PICTURE)
        if after is not None:
            self.render[number] = cropped(after, box, PICTURE)


@dataclass(frozen=True, slots=True, eq=False)
class FaceSeen:
    """A face, its pictures, and its tracking in the render; None if there is no render."""

    face: Face
    pictures: Pictures
    again: TrackedAgain | None


@dataclass(frozen=True, slots=True)
class Alternatives:
    """A shot's parts as driven by sound alone, and by its takes if it has any."""

    sound: tuple[Part, ...]
    take: tuple[Part, ...]

    @classmethod
    def of(cls, plan: ShotPlan, progress: Progress) -> Alternatives:
        """Driven without an artist's tweaks."""
        by_sound = plan.driven_with(FROM_SOUND, progress)
        by_take = plan.driven_with(FROM_TAKE, progress)
        return cls(by_sound.parts, by_take.parts)


def face_strip(
    reel: Reel, rendered: RenderedShot, seen: FaceSeen, others: Alternatives, title: str
) -> ReviewStrip:
    """The strip of one face, as data to draw."""
    shot, frames, face = rendered.shot, rendered.frames, seen.face
    heard = reel.audio_analysis.dub_audio(
        reel.stem(face.character, shot), shot, frames, reel.spoken(face.character, shot.name)
    )
    times = np.asarray(heard.times)
    plate = mouth_curves(face.landmarks, face.seen)
    render = mouth_curves(seen.again.landmarks, seen.again.seen) if seen.again else None
    opening, width = _curves(seen, others, plate, render, frames)
    met = render or MouthCurves(opening["target"], width["target"], width["target"])
    dub_closures = closures(met, heard.features, times, frames.start)
    asked_closures = target_closures(
        met.opening, opening["target"], face.weight > 0, times, frames.start
    )
    rising = len(times) > 1 and bool((np.diff(times) > 0).all())
    drop = reel.turnover.cut.drop
    return ReviewStrip(
        title=title,
        frames=frames,
        cut=shot.source,
        shown_at=[record_text(f, shot, drop) for f in range(frames.start, frames.stop)],
        plate=seen.pictures.plate,
        render=seen.pictures.render,
        wave=_wave(reel, shot, face.character, times),
        lines=_lines(shot, face.character, times) if rising else (),
        phones=phone_labels(heard.features, times) if rising else (),
        spoken=spoken(heard.features, times),
        opening=opening,
        width=width,
        closure_evidence=readings(
            np.asarray(heard.features.closure, np.float64), heard.features, times
        ),
        dub_closures=_marks(dub_closures),
        target_closures=_marks(asked_closures),
        weight=face.weight,
        tweaks=_tweaks(reel.tweaks.get(shot.name, {}).get(face.character, Tweak()), frames),
    )


def _marks(result: Closures) -> tuple[Mark, ...]:
    return tuple(Mark(n, hit) for n, hit in zip(result.frames, result.hit, strict=True))


def envelope(sound: Sound, edges: Curve) -> Curve:
    """(N-1, 2) lowest and highest sample between `edges` (N,), seconds on the sound's clock."""
    at = np.rint((edges - float(sound.start)) * sound.sample_rate).astype(np.intp)
    at = np.clip(at, 0, len(sound.samples))
    wave = np.zeros((len(edges) - 1, 2))
    for n, (a, b) in enumerate(zip(at[:-1], at[1:], strict=True)):
        part = sound.samples[min(a, b) : max(a, b)]
        if len(part):
            wave[n] = part.min(), part.max()
    return wave


def _wave(reel: Reel, shot: Shot, character: str, times: Curve) -> Curve:
    """(T, WAVE_BINS, 2) of the character's own stem."""
    stem = reel.stem(character, shot)
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1 / float(shot.record.rate)
    ends = np.append(times, times[-1] + step)
    at = np.arange(len(times) * WAVE_BINS + 1) / WAVE_BINS
    edges = np.interp(at, np.arange(len(ends)), ends)
    first = Fraction(float(edges.min())) - Fraction(1, 10)
    seconds = Fraction(float(np.ptp(edges))) + Fraction(1, 5)
    heard = read_stem(stem, first - stem.start, seconds, HZ)
    sound = Sound(heard.samples, HZ, heard.start + stem.start)
    return envelope(sound, edges).reshape(len(times), WAVE_BINS, 2)


def _lines(shot: Shot, character: str, times: Curve) -> tuple[Label, ...]:
    """The character's lines, in frames; `times` (T,) must rise."""
    ends = np.append(times, times[-1] + (times[-1] - times[-2]))
    places = np.arange(len(ends))
    labels = []
    for line in shot.lines:
        seconds = [float(f / line.record.rate) for f in (line.record.start, line.record.stop)]
        if line.character == character and seconds[1] > ends[0] and seconds[0] < ends[-1]:
            first, last = np.interp(seconds, ends, places)
            labels.append(Label(float(first), float(last), line.name))
    return tuple(labels)


def _curves(
    seen: FaceSeen,
    others: Alternatives,
    plate: MouthCurves,
    render: MouthCurves | None,
    frames: FrameRange,
) -> tuple[dict[Source, Curve], dict[Source, Curve]]:
    """Opening and width (T,) in the plate, from sound, from the take, as planned, as rendered."""
    face = seen.face
    by_sound, by_take = (
        _placed([(p, p.performance.mouth) for p in parts if p.character == face.character], frames)
        for parts in (others.sound, others.take)
    )
    target = _placed([(p, p.corrected.mouth) for p in face.parts], frames)
    own = _placed([(p, p.original.mouth) for p in face.parts], frames)
    taken = np.abs(by_take - by_sound).max(axis=1) > APART
    by_take = np.where(taken[:, None], by_take, np.nan)
    mouths: dict[Source, Curve] = {"sound": by_sound, "target": target}
    if taken.any():
        mouths["take"] = by_take
    opening = _measured(mouths, own, plate.opening, render.opening if render else None)
    return opening, _measured(mouths, own, plate.width, render.width if render else None)


def _measured(
    mouths: Mapping[Source, Curve], own: Curve, plate: Curve, render: Curve | None
) -> dict[Source, Curve]:
    """One measure (T,) of plate, mouths (T, M) and render.

    What a mouth's coefficients measure is learnt from the plate's own, `own` (T, M)."""
    known = np.isfinite(plate) & np.isfinite(own).all(axis=1)
    curves: dict[Source, Curve] = {"plate": plate}
    curves |= {
        name: _regressed(wanted, own[known], plate[known]) for name, wanted in mouths.items()
    }
    if render is not None:
        curves["render"] = render
    return curves


def _regressed(mouths: Curve, own: Curve, known: Curve) -> Curve:
    """(T,) the measure of mouths (T, M), by regression; NaN where there is no mouth."""
    there = np.isfinite(mouths).all(axis=1)
    answer = np.full(len(mouths), np.nan)
    if there.any():
        answer[there] = opening_of(mouths[there], own, known)
    return answer


def _placed(values: Sequence[tuple[Part, NDArray[np.float32]]], frames: FrameRange) -> Curve:
    """(T, M) values of the parts on `frames`; NaN elsewhere."""
    placed = np.full((len(frames), values[0][1].shape[1]), np.nan)
    for part, own in values:
        both = part.track.frames.overlap(frames)
        if both is not None:
            shift = part.track.frames.start
            placed[both.start - frames.start : both.stop - frames.start] = own[
                both.start - shift : both.stop - shift
            ]
    return placed


def _tweaks(tweak: Tweak, frames: FrameRange) -> dict[str, list[Label]]:
    """Control -> labels of its values, in frames from the strip's first."""
    rows: dict[str, list[Label]] = {}
    for name, curve in tweak.curves:
        if not tweak.overrides(name, frames):
            continue
        row = rows.setdefault(name, [])
        if curve.constant:
            row.append(Label(0, len(frames), f"{curve.value:g}"))
        ends = [frame for frame, _ in curve.keys[1:]] + [frames.stop]
        for (frame, value), end in zip(curve.keys, ends, strict=False):
            row.append(Label(frame - frames.start, end - frames.start, f"{value:g}"))
        for span in curve.spans:
            first, last = span.first - frames.start, span.last + 1 - frames.start
            row.append(Label(first, last, f"{span.value:g}"))
    for key in tweak.visemes:
        row = rows.setdefault("viseme", [])
        row.append(Label(key.first - frames.start, key.last + 1 - frames.start, key.viseme))
    for touch in tweak.contacts:
        row = rows.setdefault("contact", [])
        row.append(Label(touch.first - frames.start, touch.last + 1 - frames.start, touch.kind))
    return rows
