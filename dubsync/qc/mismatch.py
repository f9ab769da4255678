"""Score how visibly a plate's own mouth disagrees with the dub, before anything is rendered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import frame_seconds
from dubsync.qc.mouth import EYE_CORNERS, Curve, MouthCurves, eye_distance
from dubsync.qc.sync import closures, motion_in_silence, silent_frames, spoken

Flags = NDArray[np.bool_]

#: Error of the opening, eye distances, that counts as a full mismatch: unrelated speech is off by
#: 0.07 on average.  The error of the width has this weight.
WHOLLY_OFF, WIDTH_COUNTS = 0.10, 0.5
#: Weights in the score: mouth shape, closures with open lips, movement while the dub is silent.
PARTS = (0.5, 0.3, 0.2)
#: Lips this far from rest in silence, eye distances, visibly move.
MOVES = 0.03
#: Distance of the eyes as a share of the picture's height: at which a face is hardly visible, and
#: well visible.
FAR, NEAR = 0.012, 0.06
#: Cosine of the head's turn: in profile, and near enough to frontal.
PROFILE, FRONT = 0.45, 0.85
#: Seconds of dub from which a shot has its full score.
LONG_S = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Mismatch:
    """One face of one shot against its dub.

    score      0: no visible mismatch .. 100: clearly another language
    off        mean error of the lips' opening, eye distances, over `seconds`
    open_closures, closures   m, b, p with open lips, and all m, b, p
    silent_s   seconds in which the mouth speaks while the dub is silent
    visible    0..1 how well the mouth is visible
    seconds    duration of the frames in which the face has dub
    course     (T,) mismatch of each frame, 0..1
    reasons    in words, worst first
    """

    score: float
    off: float
    open_closures: int
    closures: int
    silent_s: float
    visible: float
    seconds: float
    course: Curve
    reasons: tuple[str, ...]


def mismatch(
    plate: MouthCurves,
    opening: Curve,
    width: Curve,
    owned: Flags,
    visible: Curve,
    features: AudioFeatures,
    times: Curve,
) -> Mismatch:
    """Compare the plate's mouth with the target mouth of the dub.

    Args:
        plate: the plate's curves over T frames.
        opening, width: (T,) of the target, eye distances.
        owned: (T,) frames in which the dub drives the mouth.
        visible: (T,) see `visibility`.
        features: the dub.
        times: (T,) seconds, on the features' clock, at which each frame is shown.

    Source: ours.
    """
    use = owned & plate.seen & np.isfinite(opening)
    frame_s = frame_seconds(times)
    apart = np.where(use, np.abs(opening - plate.opening), 0.0)
    wider = np.where(use & np.isfinite(width), np.abs(width - plate.width), 0.0)
    course = visible * np.clip((apart + WIDTH_COUNTS * wider) / WHOLLY_OFF, 0, 1)
    met = closures(_only(plate, use), features, times, 0)
    missed = [n for n, hit in zip(met.frames, met.hit, strict=True) if not hit]
    silent = owned & silent_frames(features, times)
    rest = float(np.nanpercentile(plate.opening, 5)) if plate.seen.any() else 0.0
    moves = np.nan_to_num(motion_in_silence(plate, silent, rest)) > MOVES
    speaking = use & ~silent
    parts = (
        _mean(course, speaking),
        _mean(visible, np.isin(np.arange(len(times)), missed)) * len(missed)
        / max(len(met.frames), 1),
        _mean(visible * moves, silent),
    )  # fmt: skip
    course = np.where(silent, visible * moves, course)
    course[missed] = np.maximum(course[missed], visible[missed])
    seconds = float(use.sum()) * frame_s
    score = 100 * min(seconds / LONG_S, 1) * float(np.dot(PARTS, parts))
    silent_s = float(moves.sum()) * frame_s
    off = float(apart[speaking].mean()) if speaking.any() else 0.0
    seen = _mean(visible, use)
    facts = {
        f"{len(missed)} of {len(met.frames)} m, b, p with open lips": parts[1] if missed else 0,
        f"lip opening off by {100 * off:.0f} % of the eye distance": parts[0],
        f"speaks for {silent_s:.1f} s while the dub is silent": parts[2],
    }
    weighed = sorted(facts, key=lambda text: -facts[text])
    reasons = [text for text in weighed if facts[text] > 0.03]
    if _still(plate, opening, speaking & spoken(features, times)):
        reasons.insert(0, "the mouth is still while the dub speaks")
    if seen < 0.5 and use.any():
        reasons.append("hardly visible")
    return Mismatch(
        score, off, len(missed), len(met.frames), silent_s, seen, seconds, course, tuple(reasons)
    )


def visibility(landmarks: NDArray[np.floating], seen: Flags, height: int) -> Curve:
    """(T,) 0..1 how well a mouth is visible: from the face's size in the picture and its turn.

    Args:
        landmarks: (T, 478, 3) plate pixels.
        seen: (T,) where the face is.
        height: of the picture, pixels.
    """
    eyes = np.maximum(eye_distance(landmarks), 1e-6)
    right, left = (landmarks[:, pair, :2].mean(axis=1) for pair in map(list, EYE_CORNERS))
    turn = np.linalg.norm(right - left, axis=-1) / eyes
    large = np.clip((eyes / height - FAR) / (NEAR - FAR), 0, 1)
    front = np.clip((turn - PROFILE) / (FRONT - PROFILE), 0, 1)
    return np.asarray(np.where(seen, large * front, 0.0), np.float64)


def _only(plate: MouthCurves, use: Flags) -> MouthCurves:
    hidden = (np.where(use, c, np.nan) for c in (plate.opening, plate.width, plate.jaw))
    return MouthCurves(*hidden)


def _mean(values: Curve, where: Flags) -> float:
    return float(values[where].mean()) if where.any() else 0.0


def _still(plate: MouthCurves, opening: Curve, speaking: Flags) -> bool:
    """Whether the plate's lips hardly move where the target's do."""
    if speaking.sum() < 6:
        return False
    return bool(plate.opening[speaking].std() < 0.25 * opening[speaking].std())
