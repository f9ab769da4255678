"""Comp one mouth from several takes: the best take for each word, sound where no take is good
enough.

A word goes to the take that is tracked and aligned best there; staying with a take is preferred to
switching.  Sources cross-fade, and lips that the word's own source closes stay closed.  A source
that is set by hand for a word overrides all this there, and changes no other word.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (
    binary_closing,
    convolve1d,
    maximum_filter1d,
    minimum_filter1d,
    uniform_filter1d,
)

from dubsync.core.errors import EngineError
from dubsync.core.sound.cut_points import cut_points
from dubsync.core.steps import AlignedAudio, TakeCue, frame_seconds
from dubsync.core.tweak import take_comp
from dubsync.core.tweak.take_comp import BY_HAND
from dubsync.core.tweak.take_lane import FAULTS, WEAK, TakeLane
from dubsync.engine.drive.memory import NOTHING, Memory
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.motion_range import JAW, OPENING, MotionRange, with_opening
from dubsync.engine.motion.retarget import eased
from dubsync.engine.take.drive import TakeMouth, drive_take, empty_take
from dubsync.engine.take.upper_face import UpperFaceMotion

log = logging.getLogger(__name__)

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

SOUND = -1  #: the owner of words for which no take is good enough
FADE_FRAMES = 4  #: length of a cross-fade between sources
#: Least gain in score for which takes are switched.
CHANGE = 0.15
#: Gaps in the face track up to this long are bridged.
BRIDGED_S = 0.16
#: A mouth counts as hidden where it moves less than this (model units) for this long before and
#: after, while the dub is this loud.
STILL, STILL_S, LOUD = 0.012, 0.4, 0.35
#: Openings up to this are closed lips, model units.
SHUT = 5e-4


@dataclass(frozen=True, slots=True, eq=False)
class Comp:
    """The mouth comped from takes and sound, T frames.

    mouth       (T, M)  coefficients in the target's basis
    driven      (T,)    fraction of it that comes from takes, 0..1
    owner       (T,)    index of the cue that each frame's word comes from; SOUND where none
    why         (T,)    why a take was not used there; "" where none was rejected; BY_HAND where a
                        source was set by hand
    upper_face  what the takes add to upper face and head; None without takes
    lanes       what each cue offers, in their order
    """

    mouth: Values
    driven: Values
    owner: NDArray[np.intp]
    why: tuple[str, ...]
    upper_face: UpperFaceMotion | None = None
    lanes: tuple[TakeLane, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """The source of one word, set by hand: frames (T,), and a take's name or "sound"."""

    frames: Flags
    source: str


def comp(
    sound_mouth: Values,
    dub: AlignedAudio,
    cues: Sequence[TakeCue],
    basis: Basis,
    motion_range: MotionRange,
    by_hand: Sequence[Hand] = (),
    memory: Memory = NOTHING,
) -> Comp:
    """The sound-driven mouth (T, M) with every word replaced for which a take is good enough.

    Args:
        sound_mouth: what sound alone predicts.
        dub: against the frames to drive; its pauses separate the words.
        cues: takes, each with its span; one that cannot be driven from is ignored.
        by_hand: sources set by hand; a later one overrides an earlier one.  A take without a usable
            face there is refused, with the reason in `why`.
        memory: of this face.

    Source: ours; the path through words by Viterbi 1967.
    """
    times = np.asarray(dub.times)
    at = ("take", times.tobytes())
    take_mouths = [
        memory.held(at, (cue, basis), partial(_take_mouth, cue, times, basis, motion_range))
        for cue in cues
    ]
    usable = [_usable(c, t, times) for c, t in zip(cues, take_mouths, strict=True)]
    lanes = tuple(
        _lane(cue, take, shown, dub, motion_range)
        for cue, take, shown in zip(cues, take_mouths, usable, strict=True)
    )
    if not any(t.sure.any() for t in take_mouths):
        nobody = np.full(len(sound_mouth), SOUND)
        _, said = _with_hands(nobody, _unusable_takes(cues, times), by_hand, lanes, ())
        return Comp(sound_mouth, np.zeros(len(sound_mouth)), nobody, said, lanes=lanes)
    near = float(times.min()), float(times.max())
    cuts = memory.held(("cuts", near), (dub.features,), partial(cut_points, dub.features, near))
    words = _words(cuts, times, cues)
    scores, wrong = _scores(words, lanes)
    automatic = _owner(_path(scores), words, np.stack(usable))
    why = tuple(
        _reason(cues, scores[w], wrong[w], int(own))
        for w, own in zip(words, automatic, strict=True)
    )
    owner, why = _with_hands(automatic, why, by_hand, lanes, usable)
    shares = _shares(owner, np.stack(usable))
    mouth = (1 - shares.sum(axis=0))[:, None] * sound_mouth
    for share, take in zip(shares, take_mouths, strict=True):
        mouth = np.where(share[:, None] > 0, mouth + share[:, None] * take.mouth, mouth)
    driven = shares.sum(axis=0)
    mouth = _lips_shut(mouth, sound_mouth, owner, take_mouths, motion_range, driven)
    upper_face = sum(
        s[:, None] * t.upper_face.stacked() for s, t in zip(shares, take_mouths, strict=True)
    )
    moved = UpperFaceMotion.from_stacked(np.asarray(upper_face))
    return Comp(mouth, driven, owner, why, moved, lanes)


def _take_mouth(cue: TakeCue, times: Values, basis: Basis, motion_range: MotionRange) -> TakeMouth:
    """The take's mouth; an empty one where the take cannot be used."""
    inside = (times >= cue.span[0]) & (times <= cue.span[1])
    if inside.any():
        try:
            return drive_take(cue, times, basis, motion_range)
        except EngineError as error:  # only this take is affected
            log.warning("take %s is skipped, sound drives instead: %s", cue.name, error)
    return empty_take(len(times), basis)


def _words(cuts: Values, times: Values, cues: Sequence[TakeCue]) -> NDArray[np.intp]:
    """(T,) index of the word that each frame belongs to; a take's span begins and ends words."""
    # A span includes its ends.
    edges = [edge for cue in cues for edge in (cue.span[0], np.nextafter(cue.span[1], np.inf))]
    every = np.unique(np.concatenate([cuts, edges]))
    _, words = np.unique(np.searchsorted(every, times, side="right"), return_inverse=True)
    return np.asarray(words, np.intp)


def _usable(cue: TakeCue, take: TakeMouth, times: Values) -> Flags:
    """(T,) where the take may drive: inside its span, face seen, short gaps bridged."""
    inside = (times >= cue.span[0]) & (times <= cue.span[1])
    gap = round(BRIDGED_S / max(frame_seconds(times), 1e-3))
    whole = binary_closing(np.pad(take.sure, gap + 1), np.ones(gap + 1, bool))[gap + 1 : -gap - 1]
    return np.asarray(inside & whole, bool)


def _lane(
    cue: TakeCue, take: TakeMouth, usable: Flags, dub: AlignedAudio, motion_range: MotionRange
) -> TakeLane:
    """What the cue offers in each frame; short gaps in its face are bridged."""
    times = np.asarray(dub.times)
    there = (times >= cue.span[0]) & (times <= cue.span[1])
    trust = np.array(take.trust, np.float64)
    trust[:, 0] = usable
    return TakeLane(cue.name, there, trust, _hidden(take.mouth, dub, motion_range))


def _scores(words: NDArray[np.intp], lanes: Sequence[TakeLane]) -> tuple[Values, list[list[str]]]:
    """(W, K) score of each take for each word, NaN where it is elsewhere; and its worst fault."""
    fits = [[lane.fit(words == w) for lane in lanes] for w in range(int(words.max()) + 1)]
    return (
        np.array([[score for score, _ in row] for row in fits]),
        [[fault for _, fault in row] for row in fits],
    )


def _with_hands(
    owner: NDArray[np.intp],
    why: tuple[str, ...],
    by_hand: Sequence[Hand],
    lanes: Sequence[TakeLane],
    usable: Sequence[Flags],
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """`owner` and `why` with the sources set by hand; a take without a usable face is refused.

    Where the face of a take set by hand is gone for a moment, sound drives.
    """
    owner, reasons = owner.copy(), list(why)
    known = {lane.name: k for k, lane in enumerate(lanes)}
    for hand in by_hand:
        if hand.source == take_comp.SOUND:
            chosen, said = np.full(len(owner), SOUND), BY_HAND
        elif hand.source in known:
            k = known[hand.source]
            score, fault = lanes[k].face_fit(hand.frames)
            fits = bool(usable) and score >= WEAK
            said = BY_HAND if fits else f"{hand.source} {BY_HAND}: {fault}"
            chosen = np.where(usable[k], k, SOUND) if fits else owner
        else:
            said, chosen = f"{hand.source} {BY_HAND}: there is no such take", owner
        owner = np.where(hand.frames, chosen, owner)
        for n in np.flatnonzero(hand.frames):
            reasons[n] = said
    return np.asarray(owner, np.intp), tuple(reasons)


def _hidden(mouth: Values, dub: AlignedAudio, motion_range: MotionRange) -> Flags:
    """(T,) where the mouth stands still for STILL_S either way although the dub is loud."""
    times = np.asarray(dub.times)
    around = 2 * max(round(STILL_S / max(frame_seconds(times), 1e-3)), 1) + 1
    shown = motion_range.channels(mouth)[:, [OPENING, JAW]]
    moved = maximum_filter1d(shown, around, axis=0) - minimum_filter1d(shown, around, axis=0)
    at = np.rint(dub.features.places(times)).astype(np.intp)
    inside = (at >= 0) & (at < len(dub.features.loudness))
    loud = np.asarray(dub.features.loudness)[np.where(inside, at, 0)] * inside > LOUD
    spoken = uniform_filter1d(loud.astype(np.float64), around)
    return np.asarray((moved < STILL).all(axis=1) & (spoken > 0.5), bool)


def _path(scores: Values) -> NDArray[np.intp]:
    """(W,) the best take for each word, SOUND where none is good enough."""
    known = np.isfinite(scores)
    takes = np.where(known & (scores >= WEAK), 1 - np.nan_to_num(scores), np.inf)
    # Sound is chosen only where every take is weak.
    anything = np.isfinite(takes).any(axis=1)
    costs = np.concatenate([takes, np.where(anything, 10.0, 0.0)[:, None]], axis=1)
    n = costs.shape[1]
    toll = CHANGE * (1 - np.eye(n))
    toll[:, -1] = toll[-1, :] = 0
    total, back = costs[0], np.zeros(costs.shape, np.intp)
    for w in range(1, len(costs)):
        coming = total[:, None] + toll
        back[w] = coming.argmin(axis=0)
        total = coming[back[w], np.arange(n)] + costs[w]
    path = np.zeros(len(costs), np.intp)
    path[-1] = int(total.argmin())
    for w in range(len(costs) - 1, 0, -1):
        path[w - 1] = back[w, path[w]]
    return np.where(path == n - 1, SOUND, path)


def _owner(chosen: NDArray[np.intp], words: NDArray[np.intp], usable: Flags) -> NDArray[np.intp]:
    """(T,) the word's take; where it shows nothing, that of a neighbouring word, else SOUND."""
    owner, frames = chosen[words], np.arange(len(words))
    lacking = (owner != SOUND) & ~usable[owner, frames]
    for away in (1, -1):
        other = chosen[np.clip(words + away, 0, len(chosen) - 1)]
        serves = lacking & (other != SOUND) & usable[other, frames]
        owner, lacking = np.where(serves, other, owner), lacking & ~serves
    return np.where(lacking, SOUND, owner)


def _shares(owner: NDArray[np.intp], usable: Flags) -> Values:
    """(K, T) weight of each take, with ramps of FADE_FRAMES; the remainder is the sound's."""
    hann = np.hanning(2 * FADE_FRAMES + 1)[1:-1]
    hann /= hann.sum()
    sources = (*range(len(usable)), SOUND)
    soft = [convolve1d((owner == k).astype(np.float64), hann, mode="nearest") for k in sources]
    weights = np.array(soft)
    for k, shown in enumerate(usable):
        # Next to sound, or to a gap in the take, the ramp lies inside the take's own frames.
        own = eased((shown & (owner != SOUND)).astype(np.float32), FADE_FRAMES)
        weights[k] = np.minimum(soft[k], own)
    total = weights.sum(axis=0)
    shares: Values = weights[:-1] / np.maximum(total, 1e-3)
    return shares


def _lips_shut(
    mouth: Values,
    sound_mouth: Values,
    owner: NDArray[np.intp],
    take_mouths: Sequence[TakeMouth],
    motion_range: MotionRange,
    driven: Values,
) -> Values:
    """Lips closed where the word's own source closes them, and never crossing."""
    source_mouth = np.array([sound_mouth, *(take.mouth for take in take_mouths)])[
        owner + 1, np.arange(len(owner))
    ]
    opening = motion_range.channels(mouth)[:, OPENING]
    shut = motion_range.channels(source_mouth)[:, OPENING] <= SHUT
    wrong = (driven > 0) & ((shut & (opening > SHUT)) | (opening < 0))
    if not wrong.any():
        return mouth
    closed = with_opening(mouth, 0.0, motion_range, slack=2e-4)
    return np.where(wrong[:, None], closed, mouth)


def _reason(cues: Sequence[TakeCue], scores: Values, wrong: Sequence[str], owner: int) -> str:
    """Which takes were too weak for a word, and why; "" where none was."""
    weak = [
        f"{cue.name}: {wrong[k]}"
        for k, cue in enumerate(cues)
        if k != owner and np.isfinite(scores[k]) and scores[k] < WEAK
    ]
    return "; ".join(weak)


def _unusable_takes(cues: Sequence[TakeCue], times: Values) -> tuple[str, ...]:
    """(T,) reasons where there are takes but none of them shows its face."""
    inside = [(times >= cue.span[0]) & (times <= cue.span[1]) for cue in cues]
    return tuple(
        "; ".join(f"{c.name}: {FAULTS[0]}" for c, here in zip(cues, inside, strict=True) if here[t])
        for t in range(len(times))
    )
