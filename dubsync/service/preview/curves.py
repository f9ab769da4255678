"""The mouth of a shot over time: plate, take, sound, and what a tweak makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import Contact
from dubsync.core.face import Performance, Stretch
from dubsync.core.result import RenderedShot
from dubsync.core.steps import AlignedAudio
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.qc.mouth import MouthCurves, mouth_curves, opening_of
from dubsync.service.preview.curve_values import (
    MEASURES,
    CharacterCurves,
    Curve,
    Measure,
    ShotCurves,
    Source,
)
from dubsync.service.preview.previewed_face import PreviewedFace
from dubsync.service.preview.previewed_shot import PreviewedShot, Tweaks
from dubsync.service.preview.shot_sound import HeardShot, heard_shot
from dubsync.service.qc.retrack import Face, Mouth
from dubsync.service.qc.shown_contacts import shown_contacts
from dubsync.service.reel.comp_by_hand import comp_at
from dubsync.service.reel.comp_list import character_comp
from dubsync.service.reel.pipeline import FaceMotion
from dubsync.service.stems.spoken_dub import track_words

#: Model units by which a take's mouth must differ from the sound's to count as driving.
APART = 1e-4
PERCENT = 100.0  #: of the distance between the eyes


def shot_curves(
    shown: PreviewedShot, tweaks: Tweaks | None = None, heard: HeardShot | None = None
) -> ShotCurves:
    """The curves of a shot with `tweaks`; see `PreviewedShot.picture`.

    Takes, sound and plate are as measured in the plate's own pictures; what a mouth's coefficients
    measure is learnt from those.  So a result is what the picture should show, not what it shows:
    QC tracks the render again.

    Args:
        heard: of the shot, from an earlier call; None: it is read.

    Raises:
        ConsentMissing, SettingsError: as `PreviewedShot.picture`.
        MediaError: a stem cannot be read.
    """
    shown.require_consent()
    meant = shown.meant(tweaks)
    heard = heard or heard_shot(shown.reel, shown.shot)
    characters = {}
    for name in shown.characters:
        mine = [face for face in shown.faces if face.face.character == name]
        characters[name] = _curves(name, mine, meant[name], shown, heard)
    return ShotCurves(shown.shot.name, shown.frames, characters, heard.sound)


def _curves(
    character: str,
    faces: Sequence[PreviewedFace],
    tweak: Tweak,
    shown: PreviewedShot,
    heard: HeardShot,
) -> CharacterCurves:
    frames = shown.frames
    sound, features = heard.with_words(character, tweak.spoken)
    seen, landmarks = _seen(faces, frames)
    plate = mouth_curves(landmarks, seen)
    result = _Mouths.of(faces, tweak, frames)
    slipped = replace(Tweak()._with("slip_ms", tweak.curve("slip_ms")), spoken=tweak.spoken)
    by_sound = _Mouths.of(faces, slipped.held("take", 0).held("sound", 1), frames).wanted
    by_take = _Mouths.of(faces, slipped, frames).wanted
    taken = np.asarray((np.abs(by_take - by_sound) > APART).any(axis=1), bool)
    by_take = np.where(taken[:, None], by_take, np.nan)
    curves: dict[Measure, dict[Source, Curve]] = {}
    for measure in MEASURES:
        own = getattr(plate, measure)
        known = np.isfinite(own) & np.isfinite(result.own).all(axis=1)
        learnt = result.own[known], own[known]
        kept = own - _measured(result.own, *learnt)
        made = _measured(result.made, *learnt) + (1 - result.weight) * kept
        made = np.where(result.weight > 0, np.maximum(made, 0), own)
        curves[measure] = {
            "plate": own, "take": _measured(by_take, *learnt),
            "sound": _measured(by_sound, *learnt), "result": made,
        }  # fmt: skip
    contacts = _contacts(character, curves, plate, result, landmarks, seen, tweak, shown, features)
    percent = {
        measure: {source: PERCENT * curve for source, curve in each.items()}
        for measure, each in curves.items()
    }
    shares = _shares(result, tweak, frames)
    words = heard.words[character] if tweak.spoken is None else track_words(tweak.spoken)
    comp = character_comp(
        character, words, comp_at(shown.shot, tweak, words), result.performances
    )  # fmt: skip
    return CharacterCurves(
        character, percent, result.weight, shares, result.stretches, contacts, sound, comp
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Mouths:
    """A face's coefficients over a shot's frames, NaN where it is not tracked.

    own, wanted, made  (T, M) in the plate, as driven, and as retargeted
    weight             (T,)
    """

    own: Curve
    wanted: Curve
    made: Curve
    weight: Curve
    stretches: tuple[Stretch, ...]
    performances: tuple[Performance, ...]

    @classmethod
    def of(cls, faces: Sequence[PreviewedFace], tweak: Tweak, frames: FrameRange) -> _Mouths:
        width = faces[0].to_drive.original.mouth.shape[1] if faces else 1
        own, wanted, made = (np.full((len(frames), width), np.nan) for _ in range(3))
        weight = np.zeros(len(frames))
        stretches: list[Stretch] = []
        performances: list[Performance] = []
        for face in faces:
            for block in face.blocks:
                motion = face.motion(tweak, block)
                both = block.overlap(frames)
                if both is None:
                    continue
                here = slice(both.start - frames.start, both.stop - frames.start)
                first = motion.track.frames.start
                rows = slice(both.start - first, both.stop - first)
                own[here] = motion.original.mouth[rows]
                wanted[here] = motion.performance.mouth[rows]
                made[here] = motion.corrected.mouth[rows]
                weight[here] = motion.performance.weight[rows]
                stretches += _within(motion, both)
                performances.append(motion.performance)
        return cls(
            own, wanted, made, weight, tuple(_joined(stretches)), tuple(performances)
        )  # fmt: skip


def _within(motion: FaceMotion, frames: FrameRange) -> list[Stretch]:
    """The motion's stretches, cut to `frames`."""
    last = frames.stop - 1
    return [
        replace(one, first=max(one.first, frames.start), last=min(one.last, last))
        for one in motion.performance.stretches
        if one.first <= last and one.last >= frames.start
    ]


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Stretches in order, those that a block's edge parted joined again."""
    result: list[Stretch] = []
    for one in sorted(stretches, key=lambda stretch: stretch.first):
        before = result[-1] if result else None
        if before and (before.last + 1, before.source, before.reason) == (
            one.first, one.source, one.reason
        ):  # fmt: skip
            result[-1] = replace(before, last=one.last)
        else:
            result.append(one)
    return result


def _seen(
    faces: Sequence[PreviewedFace], frames: FrameRange
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """(T,) where the face is seen with its mouth free, and its landmarks (T, 478, 3)."""
    if len(faces) == 1 and faces[0].track.frames == frames:  # the usual case: nothing is copied
        return _free(faces[0]), faces[0].track.landmarks
    seen, landmarks = np.zeros(len(frames), bool), np.zeros((len(frames), 478, 3), np.float32)
    for face in faces:
        both = face.track.frames.overlap(frames)
        if both is None:
            continue
        first = face.track.frames.start
        here = slice(both.start - frames.start, both.stop - frames.start)
        rows = slice(both.start - first, both.stop - first)
        landmarks[here] = face.track.landmarks[rows]
        seen[here] = _free(face)[rows]
    return seen, landmarks


def _free(face: PreviewedFace) -> NDArray[np.bool_]:
    """(T,) where a track's face is seen and nothing covers its lower part."""
    seen = np.asarray(face.track.confidence > 0)
    if face.track.holdout is not None:
        seen = seen & ~face.track.holdout.covered
    return np.asarray(seen, bool)


def _measured(mouths: Curve, own: Curve, known: Curve) -> Curve:
    """(T,) a measure of mouths (T, M), learnt from `own` (N, M) and `known` (N,); NaN for gaps."""
    there = np.isfinite(mouths).all(axis=1)
    result = np.full(len(mouths), np.nan)
    if there.any() and len(own):
        result[there] = opening_of(mouths[there], own, known)
    return result


def _shares(result: _Mouths, tweak: Tweak, frames: FrameRange) -> Curve:
    """(T, 3) how much of the result comes from take, sound and plate."""
    mix = tweak.shares(frames)[:, :2]
    of_take = mix[:, 0] / np.maximum(mix.sum(axis=1), 1e-9)
    taken = np.zeros(len(frames))
    for one in result.stretches:
        if one.source not in ("sound", "plate"):
            taken[one.first - frames.start : one.last + 1 - frames.start] = 1
    take = result.weight * taken * of_take
    return np.stack([take, result.weight - take, 1 - result.weight], axis=1)


def _contacts(
    character: str,
    curves: Mapping[Measure, Mapping[Source, Curve]],
    plate: MouthCurves,
    result: _Mouths,
    landmarks: NDArray[np.float32],
    seen: NDArray[np.bool_],
    tweak: Tweak,
    shown: PreviewedShot,
    features: AlignedAudio,
) -> tuple[Contact, ...]:
    """Every contact that the dub asks for, judged as QC judges a render that shows the result."""
    made = MouthCurves(*(curves[measure]["result"] for measure in MEASURES))
    if not seen.any() or not made.seen.any():
        return ()
    shot, frames = shown.shot, shown.frames
    stand_in = RenderedShot(shot, 0, frames, "", "", "", 0, None, shot.characters, "")
    still = np.zeros((len(landmarks), 2), np.float32)
    face = Face(character, (), landmarks, seen, result.weight, still, np.zeros(len(seen), bool))
    mouth = Mouth(plate, made, made.opening, result.made, result.made)
    slip = float(np.median(tweak.at("slip_ms", frames)))
    return shown_contacts(face, mouth, landmarks, features, slip, stand_in)
