"""How the mouth shall move: takes in their spans, sound elsewhere, rest where neither speaks."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_dilation, maximum_filter1d, uniform_filter1d

from dubsync.core.arrays import Array
from dubsync.core.errors import EngineError, ModelError, ShapeError
from dubsync.core.face import MotionTrack, Performance, Tweak
from dubsync.core.steps import Actor, Heard, Seconds, TakeCue
from dubsync.engine.actor import ours
from dubsync.engine.basis import Basis
from dubsync.engine.drive_audio import SoundMouth, drive_audio
from dubsync.engine.drive_take import drive_take
from dubsync.engine.reach import OPENING, Reach, reach
from dubsync.engine.retarget import eased

log = logging.getLogger(__name__)

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

FADE_FRAMES = 4  #: between take and sound
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
    dub: Heard,
    *,
    said: Heard | None,
    takes: Sequence[TakeCue],
    tweak: Tweak,
) -> Performance:
    """Implements `core.steps.Drive`.

    The weight is 1 where the dub speaks, where a take drives, and where the original speaks while
    this face's mouth moves: there the mouth follows, or rests when the dub is silent.  It rises
    within `tweak.ease` frames and is exactly 0 elsewhere.

    Args:
        original: the plate's own motion, T frames, fitted in the actor's basis.
        actor: whose mouth it is.
        dub: the dub laid against the same frames.
        said: the plate's own sound likewise; None for a silent plate.
        takes: tracked takes on the dub's clock; where one cannot be used sound drives.
        tweak: `slip_ms` moves the dub, takes included; `ease` as above.

    Raises:
        ModelError: the motion counts in another basis than the actor's, or the actor is not ours.
        ShapeError: dub or said has other frames than the motion.
    """
    learnt = ours(actor)
    basis = learnt.model
    _check(original, basis, dub, said)
    sound = SoundMouth.from_arrays(learnt.sound) if learnt.sound else None
    here = reach(basis, [original.mouth]) if sound is None else sound.reach
    dub = Heard(dub.hearing, np.asarray(dub.times) - tweak.slip_ms / 1000)
    mouth = np.asarray(drive_audio(dub, sound, basis), np.float64)
    driven = np.zeros(len(mouth))
    for cue in takes:
        share, taken = _from_take(cue, np.asarray(dub.times), basis, here)
        mouth = (1 - share[:, None]) * mouth + share[:, None] * taken
        driven = np.maximum(driven, share)
    moving = mouth_moves_at(original.mouth, here, _frame_s(dub.times))
    weight = weight_of(dub, said, moving, driven > 0, tweak.ease)
    return Performance(
        "take" if driven.any() else "audio",
        original.basis,
        original.frames,
        np.asarray(mouth, np.float32),
        weight,
    )


def weight_of(
    dub: Heard, said: Heard | None, moving: tuple[Flags, Flags], taken: Flags, ease: int
) -> Array:
    """(T,) 1 where the dub or the original speaks, eased within `ease` frames, 0 elsewhere.

    Args:
        dub, said: sounds laid against the frames; said None when the plate is silent.
        moving: (T,) where the original mouth moves as in speech, and where it does so much.
        taken: (T,) frames a take drives.
        ease: frames from weight 0 to 1.
    """
    frame_s = _frame_s(dub.times)
    heard = spoken_at(dub, LEAD_S, TRAIL_S) | taken
    own = moving[1] if said is None else moving[0] & spoken_at(said, SOUND_LATE_S, SOUND_LATE_S)
    need = heard | own
    gap = int(JOINED_S / frame_s)
    joined = binary_closing(np.pad(need, gap + 1), np.ones(gap | 1, bool))[gap + 1 : -gap - 1]
    need = need | joined
    # The slope lies outside what is heard, so the first word has its whole weight.
    wide = binary_dilation(need, iterations=ease) if ease > 0 else need
    return eased(wide.astype(np.float32), ease)


def spoken_at(heard: Heard, lead_s: float, trail_s: float) -> Flags:
    """(T,) whether somebody is heard from `trail_s` before each frame to `lead_s` after it."""
    hearing = heard.hearing
    spoken = np.asarray(hearing.speech) > SPOKEN
    times = np.asarray(heard.times)
    counted = np.concatenate([[0], np.cumsum(spoken)])
    at = (times - float(hearing.start)) * 100
    low = np.clip(np.ceil(at - 100 * trail_s), 0, len(spoken)).astype(np.intp)
    high = np.clip(np.floor(at + 100 * (lead_s + _frame_s(times))) + 1, 0, len(spoken))
    return np.asarray(counted[np.maximum(high.astype(np.intp), low)] > counted[low], bool)


def mouth_moves_at(mouth: Array, actor: Reach, frame_s: float) -> tuple[Flags, Flags]:
    """(T,) where the mouth visibly moves as it does in speech, and where it does so much."""
    opening = actor.channels(np.asarray(mouth, np.float64))[:, OPENING]
    frames = max(3, int(MOVES_S / frame_s) | 1)
    mean = uniform_filter1d(opening, frames, mode="nearest")
    power = uniform_filter1d(opening * opening, frames, mode="nearest")
    stir = np.sqrt(np.maximum(power - mean * mean, 0))
    stir = maximum_filter1d(stir, frames, mode="nearest")
    return stir > MOVES, stir > MOVES_MUCH


def _from_take(cue: TakeCue, times: Seconds, basis: Basis, actor: Reach) -> tuple[Values, Values]:
    """How much the take owns each frame, and its mouths; nothing where it cannot be used."""
    nothing = np.zeros(len(times)), np.zeros((len(times), len(basis.mouth_moves)))
    inside = (times >= cue.span[0]) & (times <= cue.span[1])
    if not inside.any():
        return nothing
    try:
        taken = drive_take(cue, times, basis, actor)
    except EngineError as error:
        log.warning("a take is left out, sound drives: %s", error)
        return nothing
    usable = inside & taken.sure
    if not usable.any():
        return nothing
    share = np.asarray(eased(usable.astype(np.float32), FADE_FRAMES), np.float64)
    return share, np.where(usable[:, None], taken.mouth, 0)


def _check(original: MotionTrack, basis: Basis, dub: Heard, said: Heard | None) -> None:
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


def _frame_s(times: Seconds) -> float:
    """Seconds from one frame to the next, as a rule."""
    steps = np.abs(np.diff(np.asarray(times)))
    steps = steps[steps > 1e-6]
    return float(np.median(steps)) if len(steps) else 1 / 24
