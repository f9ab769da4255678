"""Which of the faces on screen a sound comes from: each mouth against the one the sound expects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, gaussian_filter1d, maximum_filter1d
from scipy.special import logsumexp, softmax

from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack
from dubsync.core.sound.audio import READING_RATE
from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.core.steps import AlignedAudio, frame_seconds
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.motion.fit import channels, frontal
from dubsync.engine.sound.av_offset import SURE, readings, sound_offset
from dubsync.engine.sound.expected_mouth import (
    ExpectedMouth,
    anybody,
    expected_at,
    motion,
)

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

WORD_S = 0.25  #: deviation of the window in which mouth and sound are compared
#: Comparisons this far apart tell something new: the window's own breadth.
APART_S = 2 * np.sqrt(np.pi) * WORD_S
#: Power added under each correlation: a mouth that rests says nothing about sound.
REST = 0.15
LEAST_TOLD = 0.1  #: least deviation of a sound that says something about the mouth
#: Log odds that the sound is this face's own, from one comparison: constant, per likeness.
#: Fitted by benchmarks/speaking.py on people beside their own and beside strangers' sound.
OWN = (-2.92, 12.69)
#: Before looking: nobody on screen speaks; one does; two talk at once.
NOBODY, ONE, TWO = 0.2, 0.7, 0.1
#: Where the offset is unsure, lags so far either way are weighed, each as likely as this deviation
#: says.
USUAL_TO_S, USUAL_STEP_S, USUAL_S = 0.16, 0.04, 0.08
#: Most faces share the plate's lag, some came by another feed: share and deviation, seconds.
FEEDS = ((0.9, 0.02), (0.1, 0.08))
FEED_TO_S = 0.12
MOST_TOGETHER = 16  #: ways to lay all faces against the sound that are weighed
PASSAGE_S, MOST_PASSAGES = 5.0, 12
TURN_S = 3.0  #: about how long a turn lasts
PAUSE_S = 0.35  #: shorter silences than this belong to the words beside them
AWAY = -12.0  #: log odds, a comparison, of a face that is not in picture


def speaking(
    tracks: Sequence[FaceTrack],
    frames: FrameRange,
    heard: AlignedAudio,
    *,
    by: ExpectedMouth | None = None,
) -> Speaking:
    """Implements `core.steps.Speak`.

    First the plate's offset: that of the face that tells it best.  Round it, each mouth is
    compared, a word at a time, with the one the sound expects; the likeness becomes the odds that
    the sound is this face's.  Each face may lie a little off the plate's offset: two faces side by
    side may have come by two feeds.  Then every answer is weighed over the whole run of frames:
    nobody on screen, one face, two at once; a face's probability sums the answers that hold it.
    The likelier ways to lay the faces against the sound all count, by how well they explain it.
    Where no offset is sure, that goes for the usual ones as well.

    Args:
        tracks: faces, each over frames of its own within `frames`.
        frames: T frames of one plate.
        heard: the plate's own sound, laid against `frames`.
        by: another filter than the one for anybody.

    Raises:
        ShapeError: heard has another length than `frames`, or a track lies outside of them.

    Source: ours.
    """
    _check(tracks, frames, heard)
    mouths = [_mouth(track) for track in tracks]
    return separate_speakers(mouths, [_places(t, frames) for t in tracks], frames, heard, by=by)


def separate_speakers(
    mouths: Sequence[tuple[Values, Flags]],
    places: Sequence[slice],
    frames: FrameRange,
    heard: AlignedAudio,
    *,
    by: ExpectedMouth | None = None,
) -> Speaking:
    """`speaking` of mouths already measured.

    Args:
        mouths: each face's (T', 7) channels and (T',) where it is seen.
        places: where in `frames` each lies.
    """
    by = by or anybody()
    times = np.asarray(heard.times)
    offset = _offset(mouths, [AlignedAudio(heard.hearing, times[at]) for at in places], by)
    common, chances = _lags(offset)
    lags = _round(common)
    spoken = np.array([_spoken(heard, times + late) for late in lags])
    rate, expected = float(frames.rate), by.of(heard.hearing)
    odds = np.full((len(mouths), len(lags), len(frames)), AWAY)
    for rows, (mouth, seen), at in zip(odds, mouths, places, strict=True):
        moved = motion(mouth, seen, rate)
        for row, late in zip(rows, lags, strict=True):
            laid = AlignedAudio(heard.hearing, times[at] + late)
            alike = likenesses(moved, seen, expected, laid, rate, by)
            row[at] = np.where(seen, OWN[0] + OWN[1] * alike, AWAY)
    faces, nobody = _answered(odds, spoken, (lags, common, chances), float(1 / frames.rate))
    return Speaking(frames, np.clip(faces, 0, 1), np.clip(nobody, 0, 1), offset)


def _answered(
    odds: Values, spoken: Values, tried: tuple[Values, Values, Values], frame_s: float
) -> tuple[Values, Values]:
    """(F, T) probability of each face and (T,) of none, from odds at every lag.

    Args:
        odds: (F, K, T) log odds of each face, laid at each lag.
        spoken: (K, T) whether somebody is heard.
        tried: (K,) lags, (C,) those of the whole plate, (C,) the chance of each of these.
    """
    alone = [_weighed((at * spoken)[:, None], frame_s)[2] for at in odds]
    ways, chances = _together(alone, *tried)
    which = np.arange(len(odds))
    laid, heard = odds[which, ways], spoken[ways]
    theirs, off, evidence = _weighed(laid * heard, frame_s)
    trust = softmax(evidence + chances)
    somebody = heard.mean(axis=1) if len(odds) else spoken[len(spoken) // 2][None]
    faces = np.einsum("w,wft->ft", trust, theirs * heard * (laid > AWAY))
    return faces, np.asarray(trust @ (off * somebody), np.float64)


def _together(
    alone: Sequence[Values], lags: Values, common: Values, chances: Values
) -> tuple[NDArray[np.intp], Values]:
    """(W, F) likeliest ways to lay all faces, which of `lags` each; (W,) log chance of each way.

    Face by face the best few are kept, by how well each face alone explains the sound.

    Args:
        alone: each face's (K,) log evidence.
        common: (C,) lags of the plate, from which a face's own lies off by chance (`FEEDS`).
        chances: (C,) chance of each.
    """
    apart = (lags[:, None] - common) ** 2
    near = np.sum([share / s * np.exp(-0.5 * apart / s**2) for share, s in FEEDS], axis=0)
    own = np.log(near / near.sum(axis=0))
    ways, prior, told = np.zeros((1, 0), np.intp), np.log(chances)[None], np.zeros(1)
    for evidence in alone:
        priors, tolds = prior[:, None] + own, told[:, None] + evidence
        order = np.argsort(-(logsumexp(priors, axis=2) + tolds), axis=None)[:MOST_TOGETHER]
        row, lag = np.unravel_index(order, tolds.shape)
        ways = np.column_stack([ways[row], lag])
        prior, told = priors[row, lag], tolds[row, lag]
    return ways, logsumexp(prior, axis=1)


def likenesses(
    moved: Values, seen: Flags, expected: Values, laid: AlignedAudio, rate: float, by: ExpectedMouth
) -> Values:
    """(T,) correlation of the mouth with the expected one in a window round each frame.

    Args:
        moved: (T, 8) the mouth's `motion`.
        seen: (T,) frames that show the face.
        expected: (N, 8) what `by` expects at each reading of the sound.
        laid: the sound, brought into sync.
        rate: frames per second.
    """
    told, inside = expected_at(expected, laid.hearing, np.asarray(laid.times))
    use = seen & inside
    if use.sum() < 2:
        return np.zeros(len(moved))
    told = (told - told[use].mean(axis=0)) / np.maximum(told[use].std(axis=0), LEAST_TOLD)
    moved, told = moved * use[:, None], told * use[:, None]
    share, ours, theirs, weight = (
        gaussian_filter1d(v, WORD_S * rate, axis=0, mode="constant")
        for v in (moved * told, moved * moved, told * told, use.astype(np.float64)[:, None])
    )
    least = REST * np.maximum(weight, 1e-6)
    each = share / np.sqrt((ours + least) * (theirs + least))
    return np.asarray(each @ by.skill / np.sum(by.skill), np.float64)


def _offset(
    mouths: Sequence[tuple[Values, Flags]], laid: Sequence[AlignedAudio], by: ExpectedMouth
) -> Offset:
    """The offset that one of the faces tells most surely: over all its frames, or a passage.

    Who speaks only now and then tells it in a passage.  One found among many passages may be
    chance, so its warning counts as many times as there were.
    """
    no_lags = np.zeros(0, np.float32)
    best = Offset(0.0, 0.0, False, no_lags, no_lags, "no face is seen")
    for (mouth, seen), heard in zip(mouths, laid, strict=True):
        whole = sound_offset(heard, mouth, seen, by=by)
        best = max(best, whole, key=lambda offset: offset.confidence)
        parts = [] if whole.sure else _passages(np.asarray(heard.times))
        for part in parts:
            there = AlignedAudio(heard.hearing, np.asarray(heard.times)[part])
            result = sound_offset(there, mouth[part], seen[part], by=by)
            chance = max(1 - (1 - result.confidence) * len(parts) * len(mouths), 0.0)
            if chance >= SURE and chance > best.confidence:
                best = replace(result, confidence=chance)
    return best


def _passages(times: Values) -> list[slice]:
    """Parts of about 5 s, half over one another; at most `MOST_PASSAGES`, evenly spread."""
    length = round(PASSAGE_S / frame_seconds(times))
    if len(times) < 1.5 * length:
        return []
    count = min(int(2 * len(times) / length) - 1, MOST_PASSAGES)
    starts = np.linspace(0, len(times) - length, count).astype(int)
    return [slice(start, start + length) for start in starts.tolist()]


def _lags(offset: Offset) -> tuple[Values, Values]:
    """Lags to judge at and the chance of each: the one found; where that is unsure, those usual."""
    if offset.sure:
        return np.array([offset.seconds]), np.ones(1)
    steps = round(USUAL_TO_S / USUAL_STEP_S)
    lags = np.asarray(np.arange(-steps, steps + 1) * USUAL_STEP_S, np.float64)
    chances = np.exp(-0.5 * (lags / USUAL_S) ** 2)
    return lags, chances / chances.sum()


def _round(common: Values) -> Values:
    """Lags at which a face is tried: the plate's, and as far beyond as another feed may lie."""
    beyond = round(FEED_TO_S / USUAL_STEP_S)
    steps = np.arange(-beyond, len(common) + beyond)
    return np.asarray(common[0] + steps * USUAL_STEP_S, np.float64)


def _weighed(odds: Values, frame_s: float) -> tuple[Values, Values, Values]:
    """(W, F, T) probability of each face, (W, T) of none, and (W,) log evidence of the whole.

    From log odds (W, F, T) of each face on its own; each of W apart.

    The answer (nobody, one face, two) is a hidden state that holds for about a turn; its
    probability given all frames is by forward and backward passes.

    Source: Rabiner 1989, "A tutorial on hidden Markov models", equations 19 to 27.
    """
    count, total = odds.shape[1:]
    answers: list[tuple[int, ...]] = [(), *((n,) for n in range(count))]
    answers += list(combinations(range(count), 2))
    share = {0: NOBODY, 1: ONE / max(count, 1), 2: TWO / max(count * (count - 1) / 2, 1)}
    prior = np.array([share[len(who)] for who in answers])
    prior /= prior.sum()
    logs = np.stack([odds[:, list(who)].sum(axis=1) for who in answers], axis=2)
    logs *= frame_s / APART_S
    top = logs.max(axis=2, keepdims=True)
    likely = np.exp(np.maximum(logs - top, -60.0))
    evidence = np.asarray(top.sum(axis=(1, 2)), np.float64)
    keeps = float(np.exp(-frame_s / TURN_S))
    before, after = np.empty_like(likely), np.ones_like(likely)
    held = np.broadcast_to(prior, likely[:, 0].shape)
    for t in range(total):
        held = likely[:, t] * (held if t == 0 else keeps * held + (1 - keeps) * prior)
        evidence += np.log(held.sum(axis=1))
        held = held / held.sum(axis=1, keepdims=True)
        before[:, t] = held
    for t in range(total - 2, -1, -1):
        coming = likely[:, t + 1] * after[:, t + 1]
        after[:, t] = keeps * coming + (1 - keeps) * (coming @ prior)[:, None]
        after[:, t] /= after[:, t].sum(axis=1, keepdims=True)
    chance = before * after
    chance /= chance.sum(axis=2, keepdims=True)
    faces = [chance[..., [n in who for who in answers]].sum(axis=2) for n in range(count)]
    theirs = np.array(faces).reshape(count, len(odds), total).swapaxes(0, 1)
    return theirs, chance[..., 0], evidence


def _spoken(heard: AlignedAudio, times: Values) -> Values:
    """(T,) probability that somebody is heard, short pauses between words included."""
    speech = np.asarray(heard.hearing.speech, np.float64)
    gap = int(PAUSE_S * READING_RATE)
    run = binary_closing(np.pad(speech > 0.5, gap), np.ones(gap, bool))[gap:-gap]
    held = np.where(run, np.maximum(speech, maximum_filter1d(speech, gap)), speech)
    return np.clip(readings(held[:, None], heard.hearing, times)[:, 0], 0, 1)


def _mouth(track: FaceTrack) -> tuple[Values, Flags]:
    seen = np.asarray(track.confidence) > 0
    return channels(frontal(track)).stacked().astype(np.float64), np.asarray(seen, bool)


def _places(track: FaceTrack, frames: FrameRange) -> slice:
    first = track.frames.start - frames.start
    return slice(first, first + len(track.frames))


def _check(tracks: Sequence[FaceTrack], frames: FrameRange, heard: AlignedAudio) -> None:
    if len(heard.times) != len(frames):
        raise ShapeError(f"sound against {len(heard.times)} frames, not {len(frames)}")
    for track in tracks:
        if not frames.holds(track.frames):
            raise ShapeError(f"face {track.face} lies over {track.frames}, not in {frames}")
