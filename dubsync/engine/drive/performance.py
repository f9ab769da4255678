"""Drive the mouth: takes in their spans, sound elsewhere, pauses where neither speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_dilation

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.face import MotionTrack, Performance, Stretch
from dubsync.core.sound.audio import READING_RATE
from dubsync.core.steps import Actor, AlignedAudio, SpeakingStyle, TakeCue, frame_seconds
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import regions_at
from dubsync.core.tweak.controls import MIX
from dubsync.core.tweak.take_comp import BY_HAND, PLATE
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.actor import ours
from dubsync.engine.drive.comping import SOUND as BY_SOUND
from dubsync.engine.drive.comping import Comp, Hand, comp
from dubsync.engine.drive.contact_keys import contact_share
from dubsync.engine.drive.controls import apply_tweak, viseme_share
from dubsync.engine.drive.hand import with_hand
from dubsync.engine.drive.keep_plate import MATCHES, frames_to_keep
from dubsync.engine.drive.memory import NOTHING, Memory
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.motion_range import motion_range_of
from dubsync.engine.motion.retarget import eased
from dubsync.engine.motion.speech_motion import mouth_moves_at
from dubsync.engine.sound.drive import SoundMouth, drive_audio
from dubsync.engine.take.upper_face import UpperFaceMotion

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

TAKE, SOUND, ORIGINAL = range(len(MIX))
SPOKEN = 0.5  #: probability that counts as speech
#: The weight opens this long before speech begins (lips lead) and closes this long after it ends.
LEAD_S, TRAIL_S = 0.10, 0.14
JOINED_S = 0.5  #: shorter silences keep their weight
SOUND_LATE_S = 0.24  #: largest A/V offset of the original


def drive(
    original: MotionTrack,
    actor: Actor,
    dub: AlignedAudio,
    *,
    plate_audio: AlignedAudio | None,
    takes: Sequence[TakeCue],
    tweak: Tweak,
    speaking_style: SpeakingStyle | None = None,
    memory: Memory = NOTHING,
) -> Performance:
    """Implements `core.steps.Drive`.

    The weight is 1 where the dub speaks, where a take drives, and where the original speaks while
    this face's mouth moves: there the mouth follows the dub, or stands still when that is silent.
    It rises within `tweak.ease` frames; elsewhere, and in `frames_to_keep`, it is exactly 0.

    Args:
        original: the plate's own motion, T frames, fitted in the actor's basis.
        actor: the actor whose face it is.
        dub: the dub against the same frames.
        plate_audio: the plate's own sound against them; None for a silent plate.
        takes: tracked takes on the dub's clock; where one cannot be used sound drives.
        tweak: slip moves the dub, takes included; the mix of take, sound and original, of which the
            original's share lowers the weight; all else shapes the mouth (`apply_tweak`).
        speaking_style: result of `learn_speaking_style`; None: the style learnt with the actor.
        memory: of this face, if it is driven again with other tweaks.

    Raises:
        ModelError: the motion is in another basis than the actor's, or another engine's actor.
        ShapeError: dub or plate_audio has other frames than the motion.
        SettingsError: the tweak's mix adds up to 0 in some frame.
    """
    basis = _checked(original, ours(actor).model, dub, plate_audio)
    arrays = ours(actor).sound if speaking_style is None else speaking_style.arrays
    sound = SoundMouth.from_arrays(arrays) if arrays else None
    motion_range = motion_range_of(basis, [original.mouth]) if sound is None else sound.motion_range
    hands = _hands(tweak, original.frames, np.asarray(dub.times))
    frames, frame_s = original.frames, frame_seconds(dub.times)
    dub = AlignedAudio(dub.features, np.asarray(dub.times) - tweak.at("slip_ms", frames) / 1000)
    apart = 1 + tweak.at("pauses", frames)
    sound_mouth = memory.held(
        ("sound", dub.times.tobytes(), apart.tobytes()), (dub.features, arrays),
        lambda: np.asarray(drive_audio(dub, sound, basis, apart=apart), np.float64),
    )  # fmt: skip
    comped = comp(sound_mouth, dub, takes, basis, motion_range, hands, memory)
    mix = _with_plate(tweak.shares(frames), hands, tweak.ease)
    mouth, driven = _mixed(comped, sound_mouth, mix)
    moving = mouth_moves_at(original.mouth, motion_range, frame_s)
    weight = weight_of(dub, plate_audio, moving, driven > 0, tweak.ease) * (1 - mix[:, ORIGINAL])
    mouth = apply_tweak(mouth, tweak, frames, motion_range, frame_s)
    same = frames_to_keep(original, mouth, dub, basis, weight, tweak.ease, memory)
    same = same & ~_set(hands, len(frames))  # who sets a source sees it
    weight = np.maximum(eased(np.where(same, 0, weight), tweak.ease), _by_hand(tweak, frames))
    stretches = _stretches(comped, driven, weight, same, takes, frames, hands)
    spoken = Performance(
        "take" if driven.any() else "audio", original.basis, frames, np.asarray(mouth, np.float32),
        np.asarray(weight, np.float32), **_of_takes(comped, original, tweak), stretches=stretches,
    )  # fmt: skip
    return with_hand(spoken, original, tweak, ours(actor), motion_range)


def _hands(tweak: Tweak, frames: FrameRange, heard: Values) -> list[Hand]:
    """The words' sources set by hand, at the frames in which a mouth that slips says the words."""
    if not tweak.comp:
        return []
    slipped = heard - tweak.at("slip_ms", frames) / 1000
    order = np.argsort(heard, kind="stable")
    numbers = np.arange(frames.start, frames.stop)
    at = np.rint(np.interp(slipped, heard[order], numbers[order], -1, -1))
    return [Hand((at >= key.first) & (at <= key.last), key.source) for key in tweak.comp]


def _set(hands: Sequence[Hand], count: int, source: str = "") -> Flags:
    """(T,) where any source, or the named one, is set by hand; a later one overrides."""
    flags = np.zeros(count, bool)
    for hand in hands:
        flags = np.where(hand.frames, source in ("", hand.source), flags)
    return flags


def _with_plate(shares: Values, hands: Sequence[Hand], ease: int) -> Values:
    """The shares (T, 3), with the plate's own raised to 1 where a word keeps it by hand."""
    plate = _set(hands, len(shares), PLATE)
    if not plate.any():
        return shares
    wide = binary_dilation(plate, iterations=ease) if ease > 0 else plate
    kept = np.where(plate, 1.0, eased(wide.astype(np.float32), ease))
    return np.column_stack([shares[:, :ORIGINAL], 1 - (1 - shares[:, ORIGINAL]) * (1 - kept)])


def _by_hand(tweak: Tweak, frames: FrameRange) -> Values:
    """(T,) least weight, so that visemes and contacts set by hand are shown."""
    touched = contact_share(tweak.contacts, frames, ease=tweak.ease)
    return np.maximum(viseme_share(tweak, frames), touched)


def _mixed(comped: Comp, sound_mouth: Values, mix: Values) -> tuple[Values, Values]:
    """The mouth (T, M) mixed as the tweak asks, and the takes' remaining fraction of it (T,)."""
    by_sound = _share_of(mix[:, SOUND], mix[:, TAKE])
    nearer = comped.mouth + by_sound[:, None] * (sound_mouth - comped.mouth)
    return np.where(by_sound[:, None] > 0, nearer, comped.mouth), comped.driven * (1 - by_sound)


def _of_takes(comped: Comp, original: MotionTrack, tweak: Tweak) -> dict[str, Any]:
    """Fields of Performance: what takes offer, and add to upper face and head where one drives."""
    if comped.upper_face is None:
        return {"lanes": comped.lanes}
    return {"lanes": comped.lanes, **added_by_take(comped.upper_face, original, tweak)}


def added_by_take(taken: UpperFaceMotion, original: MotionTrack, tweak: Tweak) -> dict[str, Any]:
    """Brows, blinks, gaze and head of a Performance, as the tweak's regions can show them.

    A region that redraws the eyes gets the take's gaze in full, one that redraws the head its turn
    and some of its movement; the others get what a plate can be bent by.
    """
    regions = regions_at(tweak.region, original.frames)
    eyes = np.array([one != "mouth" for one in regions])[:, None]
    whole = np.array([one == "head" for one in regions])[:, None]
    moved = taken.whole_head.copy()
    moved[:, 3:5] *= original.head[:, 6:]
    added = {
        "brows": taken.brows,
        "blinks": taken.blinks,
        "gaze": np.where(eyes, taken.whole_gaze, taken.gaze),
        "head": np.where(whole, moved, taken.head),
        "lids": np.where(eyes, taken.lids, 0),
    }
    return {name: np.asarray(values, np.float32) for name, values in added.items()}


def _stretches(
    comped: Comp,
    driven: Values,
    weight: Values,
    same: Flags,
    takes: Sequence[TakeCue],
    frames: FrameRange,
    hands: Sequence[Hand],
) -> tuple[Stretch, ...]:
    """The source of each run of frames; frames of weight 0 are in none.

    Args:
        same: (T,) where the plate is kept as it matches the dub.
        hands: the sources set by hand.
    """
    kept = _set(hands, len(frames), PLATE)
    result: list[Stretch] = []
    for n, frame in enumerate(range(frames.start, frames.stop)):
        if kept[n]:
            source, why = PLATE, BY_HAND
        elif same[n]:
            source, why = PLATE, MATCHES
        elif weight[n] <= 0:
            continue
        elif comped.owner[n] != BY_SOUND and driven[n] > 0:
            source, why = takes[comped.owner[n]].name, comped.why[n]
        else:
            source, why = "sound", comped.why[n]
        last = result[-1] if result else None
        if last and (last.last, last.source, last.reason) == (frame - 1, source, why):
            result[-1] = replace(last, last=frame)
        else:
            result.append(Stretch(frame, frame, source, why))
    return tuple(result)


def _share_of(one: Values, other: Values) -> Values:
    """(T,) `one` as a fraction of the two; 0 where both are 0."""
    both = one + other
    return np.where(both > 0, one / np.where(both > 0, both, 1), 0)


def weight_of(
    dub: AlignedAudio,
    plate_audio: AlignedAudio | None,
    moving: tuple[Flags, Flags],
    taken: Flags,
    ease: int,
) -> Array:
    """(T,) 1 where the dub or the original speaks, eased within `ease` frames, 0 elsewhere.

    Args:
        dub, plate_audio: against the frames; plate_audio None when the plate is silent.
        moving: (T,) where the original mouth moves as in speech, and where it does so strongly.
        taken: (T,) frames driven by a take.
        ease: frames from weight 0 to 1.
    """
    frame_s = frame_seconds(dub.times)
    dub_speaks = spoken_at(dub, LEAD_S, TRAIL_S) | taken
    original_speaks = (
        moving[1]
        if plate_audio is None
        else moving[0] & spoken_at(plate_audio, SOUND_LATE_S, SOUND_LATE_S)
    )
    need = dub_speaks | original_speaks
    gap = int(JOINED_S / frame_s)
    joined = binary_closing(np.pad(need, gap + 1), np.ones(gap | 1, bool))[gap + 1 : -gap - 1]
    need = need | joined
    # The ramp lies outside the speech, so that the first word has full weight.
    wide = binary_dilation(need, iterations=ease) if ease > 0 else need
    return eased(wide.astype(np.float32), ease)


def spoken_at(audio: AlignedAudio, lead_s: float, trail_s: float) -> Flags:
    """(T,) whether there is speech from `trail_s` before each frame to `lead_s` after it."""
    features = audio.features
    spoken = np.asarray(features.speech) > SPOKEN
    times = np.asarray(audio.times)
    counted = np.concatenate([[0], np.cumsum(spoken)])
    at = features.places(times)
    low = np.clip(np.ceil(at - READING_RATE * trail_s), 0, len(spoken)).astype(np.intp)
    ahead = READING_RATE * (lead_s + frame_seconds(times))
    high = np.clip(np.floor(at + ahead) + 1, 0, len(spoken))
    return np.asarray(counted[np.maximum(high.astype(np.intp), low)] > counted[low], bool)


def _checked(
    original: MotionTrack, basis: Basis, dub: AlignedAudio, plate_audio: AlignedAudio | None
) -> Basis:
    """The actor's basis, when the motion is in it and the sounds are against its frames."""
    if original.basis != basis.digest:
        raise ModelError(
            f"the motion is in basis {original.basis[:12]}, not in the actor's {basis.digest[:12]}",
            hint="fit the track again with this actor",
        )
    for name, audio in (("dub", dub), ("plate audio", plate_audio)):
        if audio is not None and len(audio.times) != len(original.frames):
            raise ShapeError(
                f"{name} is aligned with {len(audio.times)} frames, the motion has "
                f"{len(original.frames)}"
            )
    return basis
