"""One mouth out of several takes: the best for each word, sound where none will do.

A word goes to the take that is tracked and aligned best there; staying with a take is preferred
to changing.  Between sources the mouth cross-fades, and lips that one of them closes stay closed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

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
from dubsync.core.steps import AlignedAudio, TakeCue, frame_seconds
from dubsync.engine.drive.cut_points import cuts
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.motion_range import JAW, OPENING, MotionRange, opened
from dubsync.engine.motion.retarget import eased
from dubsync.engine.take.drive import TakeMouth, drive_take, nothing
from dubsync.engine.take.quality import WRONG
from dubsync.engine.take.upper_face import Beyond

log = logging.getLogger(__name__)

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

SOUND = -1  #: the owner of words that no take says well enough
FADE_FRAMES = 4  #: from one source to another
#: A word's take is trusted at least so far, in its worse half.
WEAK = 0.5
#: What changing takes must gain; and what leaving a take for the sound costs, above WEAK.
CHANGE = 0.15
#: A face lost for no longer than this is bridged.
BRIDGED_S = 0.16
#: A mouth that moves less than this, model units, so long before and after while the dub is this
#: loud, is hidden.
STILL, STILL_S, LOUD = 0.012, 0.4, 0.35
HIDDEN = "its mouth does not move with the words"
#: Openings up to this are shut lips, model units.
SHUT = 5e-4


@dataclass(frozen=True, slots=True, eq=False)
class Comp:
    """The mouth that takes and sound make together, T frames.

    mouth   (T, M)  coefficients in the target's basis
    driven  (T,)    how much of it is a take's, 0..1
    owner   (T,)    which cue each frame's word is from, SOUND where none
    why     (T,)    why a take was passed over there, "" where none was
    beyond  what the takes add beyond the mouth; None without any
    """

    mouth: Values
    driven: Values
    owner: NDArray[np.intp]
    why: tuple[str, ...]
    beyond: Beyond | None = None


def comp(
    told: Values, dub: AlignedAudio, cues: Sequence[TakeCue], basis: Basis, actor: MotionRange
) -> Comp:
    """The sound's mouth (T, M) with every word that a take says well from the best take.

    Args:
        told: what sound alone asks for.
        dub: laid against the frames to drive; tells where words begin and end.
        cues: takes, each with its span; one that cannot be driven from counts as none.

    Source: ours; the path through words by Viterbi 1967.
    """
    times = np.asarray(dub.times)
    taken = [_taken(cue, times, basis, actor) for cue in cues]
    if not any(t.sure.any() for t in taken):
        why = _passed_over(cues, times)
        return Comp(told, np.zeros(len(told)), np.full(len(told), SOUND), why)
    words = _words(dub, cues)
    usable = np.stack([_usable(c, t, times) for c, t in zip(cues, taken, strict=True)])
    there = np.array([(times >= c.span[0]) & (times <= c.span[1]) for c in cues])
    scores, wrong = _scores(words, usable, there, taken, dub, actor)
    owner = _owner(_path(scores), words, usable)
    shares = _shares(owner, usable)
    mouth = (1 - shares.sum(axis=0))[:, None] * told
    for share, take in zip(shares, taken, strict=True):
        mouth = np.where(share[:, None] > 0, mouth + share[:, None] * take.mouth, mouth)
    why = tuple(
        _reason(cues, scores[w], wrong[w], int(own)) for w, own in zip(words, owner, strict=True)
    )
    driven = shares.sum(axis=0)
    mouth = _lips_shut(mouth, told, owner, taken, actor, driven)
    beyond = sum(s[:, None] * t.beyond.stacked() for s, t in zip(shares, taken, strict=True))
    return Comp(mouth, driven, owner, why, Beyond.from_stacked(np.asarray(beyond)))


def _taken(cue: TakeCue, times: Values, basis: Basis, actor: MotionRange) -> TakeMouth:
    """The take's mouth; one that shows nothing where it cannot be used."""
    inside = (times >= cue.span[0]) & (times <= cue.span[1])
    if inside.any():
        try:
            return drive_take(cue, times, basis, actor)
        except EngineError as error:  # nothing but this take hangs on it
            log.warning("take %s is left out, sound drives: %s", cue.name, error)
    return nothing(len(times), basis)


def _words(dub: AlignedAudio, cues: Sequence[TakeCue]) -> NDArray[np.intp]:
    """(T,) the word that each frame belongs to, 0 and up; a take's span begins and ends words."""
    times = np.asarray(dub.times)
    # A span includes its ends.
    edges = [edge for cue in cues for edge in (cue.span[0], np.nextafter(cue.span[1], np.inf))]
    every = np.unique(np.concatenate([cuts(dub.hearing), edges]))
    _, words = np.unique(np.searchsorted(every, times, side="right"), return_inverse=True)
    return np.asarray(words, np.intp)


def _usable(cue: TakeCue, take: TakeMouth, times: Values) -> Flags:
    """(T,) where the take may drive: inside its span, seen, brief losses bridged."""
    inside = (times >= cue.span[0]) & (times <= cue.span[1])
    gap = round(BRIDGED_S / max(frame_seconds(times), 1e-3))
    whole = binary_closing(np.pad(take.sure, gap + 1), np.ones(gap + 1, bool))[gap + 1 : -gap - 1]
    return np.asarray(inside & whole, bool)


def _scores(
    words: NDArray[np.intp],
    usable: Flags,
    there: Flags,
    taken: Sequence[TakeMouth],
    dub: AlignedAudio,
    actor: MotionRange,
) -> tuple[Values, list[list[str]]]:
    """(W, K) how good each take is for each word, NaN where it is elsewhere; what is wrong."""
    count = int(words.max()) + 1
    scores = np.full((count, len(taken)), np.nan)
    wrong = [[""] * len(taken) for _ in range(count)]
    hidden = [_hidden(take.mouth, dub, actor) for take in taken]
    for w in range(count):
        here = words == w
        for k, take in enumerate(taken):
            if not there[k][here].any():
                continue
            trust = take.trust[here].copy()
            trust[:, 0] = usable[k, here]  # brief losses are bridged
            worst, least = trust.argmin(axis=1), trust.min(axis=1)
            half = np.sort(least)[: -(-len(least) // 2)]
            scores[w, k] = half.mean()
            low = least <= np.median(half)
            wrong[w][k] = WRONG[int(np.bincount(worst[low], minlength=len(WRONG)).argmax())]
            if hidden[k][here].mean() > 0.5:
                scores[w, k], wrong[w][k] = 0.0, HIDDEN
    return scores, wrong


def _hidden(mouth: Values, dub: AlignedAudio, actor: MotionRange) -> Flags:
    """(T,) where the mouth stands still for STILL_S either way although the dub speaks loudly."""
    times = np.asarray(dub.times)
    around = 2 * max(round(STILL_S / max(frame_seconds(times), 1e-3)), 1) + 1
    shown = actor.channels(mouth)[:, [OPENING, JAW]]
    moved = maximum_filter1d(shown, around, axis=0) - minimum_filter1d(shown, around, axis=0)
    at = np.rint(dub.hearing.places(times)).astype(np.intp)
    inside = (at >= 0) & (at < len(dub.hearing.loudness))
    loud = np.asarray(dub.hearing.loudness)[np.where(inside, at, 0)] * inside > LOUD
    spoken = uniform_filter1d(loud.astype(np.float64), around)
    return np.asarray((moved < STILL).all(axis=1) & (spoken > 0.5), bool)


def _path(scores: Values) -> NDArray[np.intp]:
    """(W,) the best take for each word, SOUND where none is good enough."""
    known = np.isfinite(scores)
    takes = np.where(known & (scores >= WEAK), 1 - np.nan_to_num(scores), np.inf)
    # Sound serves where a take is weak; it is no rival to one that is not.
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
    """(T,) the word's take; where it shows nothing that of a neighbouring word, else SOUND."""
    owner, frames = chosen[words], np.arange(len(words))
    lacking = (owner != SOUND) & ~usable[owner, frames]
    for away in (1, -1):
        other = chosen[np.clip(words + away, 0, len(chosen) - 1)]
        serves = lacking & (other != SOUND) & usable[other, frames]
        owner, lacking = np.where(serves, other, owner), lacking & ~serves
    return np.where(lacking, SOUND, owner)


def _shares(owner: NDArray[np.intp], usable: Flags) -> Values:
    """(K, T) of each take, rising and falling within FADE_FRAMES; what is left is the sound's."""
    hann = np.hanning(2 * FADE_FRAMES + 1)[1:-1]
    hann /= hann.sum()
    sources = (*range(len(usable)), SOUND)
    soft = [convolve1d((owner == k).astype(np.float64), hann, mode="nearest") for k in sources]
    weights = np.array(soft)
    for k, shown in enumerate(usable):
        # Beside the sound, or where the take shows nothing, its share comes and goes inside.
        own = eased((shown & (owner != SOUND)).astype(np.float32), FADE_FRAMES)
        weights[k] = np.minimum(soft[k], own)
    total = weights.sum(axis=0)
    shares: Values = weights[:-1] / np.maximum(total, 1e-3)
    return shares


def _lips_shut(
    mouth: Values,
    told: Values,
    owner: NDArray[np.intp],
    taken: Sequence[TakeMouth],
    actor: MotionRange,
    driven: Values,
) -> Values:
    """Lips closed where the word's own source closes them, and crossing nowhere."""
    mine = np.array([told, *(take.mouth for take in taken)])[owner + 1, np.arange(len(owner))]
    opening = actor.channels(mouth)[:, OPENING]
    shut = actor.channels(mine)[:, OPENING] <= SHUT
    wrong = (driven > 0) & ((shut & (opening > SHUT)) | (opening < 0))
    if not wrong.any():
        return mouth
    closed = opened(mouth, 0.0, actor, slack=2e-4)
    return np.where(wrong[:, None], closed, mouth)


def _reason(cues: Sequence[TakeCue], scores: Values, wrong: Sequence[str], owner: int) -> str:
    """Which takes were too weak for a word, and why; "" where none was."""
    weak = [
        f"{cue.name}: {wrong[k]}"
        for k, cue in enumerate(cues)
        if k != owner and np.isfinite(scores[k]) and scores[k] < WEAK
    ]
    return "; ".join(weak)


def _passed_over(cues: Sequence[TakeCue], times: Values) -> tuple[str, ...]:
    """(T,) that takes are there whose face is nowhere seen."""
    inside = [(times >= cue.span[0]) & (times <= cue.span[1]) for cue in cues]
    return tuple(
        "; ".join(f"{c.name}: {WRONG[0]}" for c, here in zip(cues, inside, strict=True) if here[t])
        for t in range(len(times))
    )
