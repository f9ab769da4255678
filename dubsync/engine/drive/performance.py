"""How the mouth shall move: takes in their spans, sound elsewhere, rest where neither speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_dilation, maximum_filter1d, uniform_filter1d

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.face import MotionTrack, Performance, Stretch
from dubsync.core.sound.audio import READING_RATE
from dubsync.core.steps import Actor, AlignedAudio, SpeakingStyle, TakeCue, frame_seconds
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak import MIX, Tweak
from dubsync.engine.actor import ours
from dubsync.engine.drive.comping import SOUND as BY_SOUND
from dubsync.engine.drive.comping import Comp, comp
from dubsync.engine.drive.controls import shaped, viseme_share
from dubsync.engine.drive.keep_plate import MATCHES, plate_kept
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.motion_range import OPENING, MotionRange, reach
from dubsync.engine.motion.retarget import eased
from dubsync.engine.sound.drive import SoundMouth, drive_audio

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

TAKE, SOUND, ORIGINAL = range(len(MIX))
SPOKEN = 0.5  #: probability from which somebody is heard
#: The weight opens this long before the first sample heard (lips lead) and closes after the last.
LEAD_S, TRAIL_S = 0.10, 0.14
JOINED_S = 0.5  #: shorter silences keep their weight
#: A mouth that moves as in speech: deviation of its opening round a frame, model units; more is
#: asked where no sound says that somebody speaks.
MOVES, MOVES_MUCH, MOVES_S = 0.010, 0.022, 0.5
SOUND_LATE_S = 0.24  #: how far the original's sound may be off its picture


def drive(
    original: MotionTrack,
    actor: Actor,
    dub: AlignedAudio,
    *,
    said: AlignedAudio | None,
    takes: Sequence[TakeCue],
    tweak: Tweak,
    speaking_style: SpeakingStyle | None = None,
) -> Performance:
    """Implements `core.steps.Drive`.

    The weight is 1 where the dub speaks, where a take drives, and where the original speaks while
    this face's mouth moves: there the mouth follows, or rests when the dub is silent.  It rises
    within `tweak.ease` frames and is exactly 0 elsewhere, and where the plate's mouth says it
    already (`plate_kept`).

    Args:
        original: the plate's own motion, T frames, fitted in the actor's basis.
        actor: whose mouth it is.
        dub: the dub laid against the same frames.
        said: the plate's own sound likewise; None for a silent plate.
        takes: tracked takes on the dub's clock; where one cannot be used sound drives.
        tweak: slip moves the dub, takes included; the shares of take, sound and original, of
            which the original's lowers the weight; all else shapes the mouth (`shaped`).
        speaking style: what `learn_speaking_style` gave; None: what was learnt with the actor.

    Raises:
        ModelError: the motion counts in another basis than the actor's, or the actor is not ours.
        ShapeError: dub or said has other frames than the motion.
        SettingsError: the tweak leaves no share to anything in some frame.
    """
    learnt = ours(actor)
    basis = learnt.model
    _check(original, basis, dub, said)
    taught = learnt.sound if speaking_style is None else speaking_style.arrays
    sound = SoundMouth.from_arrays(taught) if taught else None
    here = reach(basis, [original.mouth]) if sound is None else sound.reach
    frames = original.frames
    dub = AlignedAudio(dub.hearing, np.asarray(dub.times) - tweak.at("slip_ms", frames) / 1000)
    told = np.asarray(drive_audio(dub, sound, basis), np.float64)
    made = comp(told, dub, takes, basis, here)
    mix = tweak.shares(frames)
    mouth, driven = _mixed(made, told, mix)
    frame_s = frame_seconds(dub.times)
    moving = mouth_moves_at(original.mouth, here, frame_s)
    weight = weight_of(dub, said, moving, driven > 0, tweak.ease) * (1 - mix[:, ORIGINAL])
    mouth = shaped(mouth, tweak, frames, here, frame_s)
    same = plate_kept(original, mouth, dub, basis, weight, tweak.ease)
    weight = np.maximum(eased(np.where(same, 0, weight), tweak.ease), viseme_share(tweak, frames))
    return Performance(
        "take" if driven.any() else "audio",
        original.basis,
        frames,
        np.asarray(mouth, np.float32),
        np.asarray(weight, np.float32),
        **_beyond(made),
        stretches=_stretches(made, driven, weight, same, takes, frames),
    )


def _mixed(made: Comp, told: Values, mix: Values) -> tuple[Values, Values]:
    """The mouth (T, M) with as much of the sound's `told` as is asked for, and how much of it is
    still a take's, (T,)."""
    by_sound = _rather(mix[:, SOUND], mix[:, TAKE])
    nearer = made.mouth + by_sound[:, None] * (told - made.mouth)
    return np.where(by_sound[:, None] > 0, nearer, made.mouth), made.driven * (1 - by_sound)


def _beyond(made: Comp) -> dict[str, Array]:
    """What takes add beyond the mouth, as Performance has it; nothing without a take."""
    if made.beyond is None:
        return {}
    names = ("brows", "blinks", "gaze", "head")
    return {name: np.asarray(getattr(made.beyond, name), np.float32) for name in names}


def _stretches(
    made: Comp,
    driven: Values,
    weight: Values,
    same: Flags,
    takes: Sequence[TakeCue],
    frames: FrameRange,
) -> tuple[Stretch, ...]:
    """Where each run of frames has its mouth from; frames that nobody asked to change in none."""
    result: list[Stretch] = []
    for n, frame in enumerate(range(frames.start, frames.stop)):
        if same[n]:
            source, why = "plate", MATCHES
        elif weight[n] <= 0:
            continue
        elif made.owner[n] != BY_SOUND and driven[n] > 0:
            source, why = takes[made.owner[n]].name, made.why[n]
        else:
            source, why = "sound", made.why[n]
        last = result[-1] if result else None
        if last and (last.last, last.source, last.reason) == (frame - 1, source, why):
            result[-1] = replace(last, last=frame)
        else:
            result.append(Stretch(frame, frame, source, why))
    return tuple(result)


def _rather(one: Values, other: Values) -> Values:
    """(T,) the first one's part of the two; 0 where neither counts."""
    both = one + other
    return np.where(both > 0, one / np.where(both > 0, both, 1), 0)


def weight_of(
    dub: AlignedAudio,
    said: AlignedAudio | None,
    moving: tuple[Flags, Flags],
    taken: Flags,
    ease: int,
) -> Array:
    """(T,) 1 where the dub or the original speaks, eased within `ease` frames, 0 elsewhere.

    Args:
        dub, said: sounds laid against the frames; said None when the plate is silent.
        moving: (T,) where the original mouth moves as in speech, and where it does so much.
        taken: (T,) frames a take drives.
        ease: frames from weight 0 to 1.
    """
    frame_s = frame_seconds(dub.times)
    heard = spoken_at(dub, LEAD_S, TRAIL_S) | taken
    own = moving[1] if said is None else moving[0] & spoken_at(said, SOUND_LATE_S, SOUND_LATE_S)
    need = heard | own
    gap = int(JOINED_S / frame_s)
    joined = binary_closing(np.pad(need, gap + 1), np.ones(gap | 1, bool))[gap + 1 : -gap - 1]
    need = need | joined
    # The slope lies outside what is heard, so the first word has its whole weight.
    wide = binary_dilation(need, iterations=ease) if ease > 0 else need
    return eased(wide.astype(np.float32), ease)


def spoken_at(heard: AlignedAudio, lead_s: float, trail_s: float) -> Flags:
    """(T,) whether somebody is heard from `trail_s` before each frame to `lead_s` after it."""
    hearing = heard.hearing
    spoken = np.asarray(hearing.speech) > SPOKEN
    times = np.asarray(heard.times)
    counted = np.concatenate([[0], np.cumsum(spoken)])
    at = hearing.places(times)
    low = np.clip(np.ceil(at - READING_RATE * trail_s), 0, len(spoken)).astype(np.intp)
    ahead = READING_RATE * (lead_s + frame_seconds(times))
    high = np.clip(np.floor(at + ahead) + 1, 0, len(spoken))
    return np.asarray(counted[np.maximum(high.astype(np.intp), low)] > counted[low], bool)


def mouth_moves_at(mouth: Array, actor: MotionRange, frame_s: float) -> tuple[Flags, Flags]:
    """(T,) where the mouth visibly moves as it does in speech, and where it does so much."""
    opening = actor.channels(np.asarray(mouth, np.float64))[:, OPENING]
    frames = max(3, int(MOVES_S / frame_s) | 1)
    mean = uniform_filter1d(opening, frames, mode="nearest")
    power = uniform_filter1d(opening * opening, frames, mode="nearest")
    stir = np.sqrt(np.maximum(power - mean * mean, 0))
    stir = maximum_filter1d(stir, frames, mode="nearest")
    return stir > MOVES, stir > MOVES_MUCH


def _check(
    original: MotionTrack, basis: Basis, dub: AlignedAudio, said: AlignedAudio | None
) -> None:
    if original.basis != basis.digest:
        raise ModelError(
            f"motion in basis {original.basis[:12]} meets the actor's {basis.digest[:12]}",
            hint="fit the track again with this actor",
        )
    for name, heard in (("dub", dub), ("said", said)):
        if heard is not None and len(heard.times) != len(original.frames):
            raise ShapeError(
                f"{name} is laid against {len(heard.times)} frames, the motion has "
                f"{len(original.frames)}"
            )
