"""Active speaker detection: compare each visible mouth with the one that the sound predicts."""

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
    expected_at,
    motion,
    shipped_filter,
)

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

WORD_S = 0.18  #: standard deviation of the window in which mouth and sound are compared
#: Comparisons this far apart are independent: the window's effective width.
APART_S = 2 * np.sqrt(np.pi) * WORD_S
#: Power added under each correlation: a mouth that rests says nothing about sound.
REST = 0.15
LEAST_DEVIATION = 0.1  #: least standard deviation of the predicted mouth, against noise
#: Log odds that the sound is this face's own, from one comparison: constant, per correlation.
#: Fitted by benchmarks/speaking on people with their own and with other people's sound.
OWN = (-3.1, 9.53)
#: Prior probability that nobody on screen speaks, that one person does, and that two do at once.
NOBODY, ONE, TWO = 0.2, 0.7, 0.1
#: Where the A/V offset is unsure: range and step of the lags tried, and the standard deviation of
#: their Gaussian prior.
USUAL_TO_S, USUAL_STEP_S, USUAL_S = 0.16, 0.04, 0.08
#: A face's own lag relative to the plate's, as a mixture: most faces share it, some came by another
#: video feed.  Weight and standard deviation, seconds.
FEEDS = ((0.9, 0.02), (0.1, 0.08))
FEED_TO_S = 0.12
MOST_TOGETHER = 16  #: combinations of the faces' lags that are kept
PASSAGE_S, MOST_PASSAGES = 5.0, 12
TURN_S = 1.5  #: about how long a turn lasts, short ones counted too
PAUSE_S = 0.35  #: shorter silences than this belong to the words beside them
ABSENT = -12.0  #: log odds, per comparison, of a face that is not in the picture


def speaking(
    tracks: Sequence[FaceTrack],
    frames: FrameRange,
    audio: AlignedAudio,
    *,
    mouth_filter: ExpectedMouth | None = None,
) -> Speaking:
    """Implements `core.steps.Speak`.

    First the plate's A/V offset is estimated, from the face that gives the surest estimate. At that
    offset each mouth is compared, a word at a time, with the one predicted from the sound; the
    correlation gives the odds that the sound is this face's. Each face may lie a little off the
    plate's offset: two faces side by side may have come by two feeds. A hidden Markov model over
    all frames then weighs the answers (nobody on screen, one face, two at once); a face's
    probability is the sum over the answers that include it. The likeliest combinations of lags are
    averaged by how well they explain the sound; where no offset is sure, usual offsets are too.

    Args:
        tracks: faces, each over frames of its own within `frames`.
        frames: T frames of one plate.
        audio: the plate's own sound against `frames`.
        mouth_filter: None: the shipped filter.

    Raises:
        ShapeError: audio has another length than `frames`, or a track lies outside of them.

    Source: ours.
    """
    _check(tracks, frames, audio)
    mouths = [_mouth(track) for track in tracks]
    return separate_speakers(
        mouths, [_places(t, frames) for t in tracks], frames, audio, mouth_filter=mouth_filter
    )


def separate_speakers(
    mouths: Sequence[tuple[Values, Flags]],
    places: Sequence[slice],
    frames: FrameRange,
    audio: AlignedAudio,
    *,
    mouth_filter: ExpectedMouth | None = None,
) -> Speaking:
    """`speaking` for mouths already measured.

    Args:
        mouths: each face's (T', 7) channels and (T',) where it is seen.
        places: where in `frames` each lies.
    """
    mouth_filter = mouth_filter or shipped_filter()
    times = np.asarray(audio.times)
    offset = _offset(
        mouths, [AlignedAudio(audio.features, times[at]) for at in places], mouth_filter
    )
    common, chances = _lags(offset)
    lags = _lags_to_try(common)
    spoken = np.array([_spoken(audio, times + late) for late in lags])
    rate, expected = float(frames.rate), mouth_filter.predict(audio.features)
    odds = np.full((len(mouths), len(lags), len(frames)), ABSENT)
    for rows, (mouth, seen), at in zip(odds, mouths, places, strict=True):
        moved = motion(mouth, seen, rate)
        for row, late in zip(rows, lags, strict=True):
            shifted = AlignedAudio(audio.features, times[at] + late)
            alike = likenesses(moved, seen, expected, shifted, rate, mouth_filter)
            row[at] = np.where(seen, OWN[0] + OWN[1] * alike, ABSENT)
    faces, nobody = _posteriors(odds, spoken, (lags, common, chances), float(1 / frames.rate))
    return Speaking(frames, np.clip(faces, 0, 1), np.clip(nobody, 0, 1), offset)


def _posteriors(
    odds: Values, spoken: Values, tried: tuple[Values, Values, Values], frame_s: float
) -> tuple[Values, Values]:
    """(F, T) probability of each face and (T,) of none, from odds at every lag.

    Args:
        odds: (F, K, T) log odds of each face at each lag.
        spoken: (K, T) whether there is speech.
        tried: (K,) lags, (C,) those of the whole plate, (C,) probability of each of these.
    """
    alone = [_forward_backward((at * spoken)[:, None], frame_s)[2] for at in odds]
    ways, chances = _likeliest_lags(alone, *tried)
    which = np.arange(len(odds))
    at_lag, speech = odds[which, ways], spoken[ways]
    theirs, off, evidence = _forward_backward(at_lag * speech, frame_s)
    trust = softmax(evidence + chances)
    any_speech = speech.mean(axis=1) if len(odds) else spoken[len(spoken) // 2][None]
    faces = np.einsum("w,wft->ft", trust, theirs * speech * (at_lag > ABSENT))
    return faces, np.asarray(trust @ (off * any_speech), np.float64)


def _likeliest_lags(
    alone: Sequence[Values], lags: Values, common: Values, chances: Values
) -> tuple[NDArray[np.intp], Values]:
    """(W, F) likeliest combinations of lags, an index into `lags` for each face; (W,) log priors.

    Face by face the best few are kept, by how well each face alone explains the sound (beam
    search).

    Args:
        alone: each face's (K,) log evidence.
        common: (C,) lags of the plate, from which a face's own lag deviates (`FEEDS`).
        chances: (C,) probability of each.
    """
    apart = (lags[:, None] - common) ** 2
    near = np.sum([share / s * np.exp(-0.5 * apart / s**2) for share, s in FEEDS], axis=0)
    own = np.log(near / near.sum(axis=0))
    ways, prior, total = np.zeros((1, 0), np.intp), np.log(chances)[None], np.zeros(1)
    for evidence in alone:
        priors, totals = prior[:, None] + own, total[:, None] + evidence
        order = np.argsort(-(logsumexp(priors, axis=2) + totals), axis=None)[:MOST_TOGETHER]
        row, lag = np.unravel_index(order, totals.shape)
        ways = np.column_stack([ways[row], lag])
        prior, total = priors[row, lag], totals[row, lag]
    return ways, logsumexp(prior, axis=1)


def likenesses(
    moved: Values,
    seen: Flags,
    expected: Values,
    audio: AlignedAudio,
    rate: float,
    mouth_filter: ExpectedMouth,
) -> Values:
    """(T,) correlation of the mouth with the predicted one in a window round each frame.

    Args:
        moved: (T, 8) the mouth's `motion`.
        seen: (T,) frames that show the face.
        expected: (N, 8) prediction of `mouth_filter` at each reading of the sound.
        audio: the sound, A/V offset removed.
        rate: frames per second.
    """
    target, inside = expected_at(expected, audio.features, np.asarray(audio.times))
    use = seen & inside
    if use.sum() < 2:
        return np.zeros(len(moved))
    target = (target - target[use].mean(axis=0)) / np.maximum(
        target[use].std(axis=0), LEAST_DEVIATION
    )
    moved, target = moved * use[:, None], target * use[:, None]
    share, ours, theirs, weight = (
        gaussian_filter1d(v, WORD_S * rate, axis=0, mode="constant")
        for v in (moved * target, moved * moved, target * target, use.astype(np.float64)[:, None])
    )
    least = REST * np.maximum(weight, 1e-6)
    each = share / np.sqrt((ours + least) * (theirs + least))
    return np.asarray(each @ mouth_filter.skill / np.sum(mouth_filter.skill), np.float64)


def _offset(
    mouths: Sequence[tuple[Values, Flags]],
    audios: Sequence[AlignedAudio],
    mouth_filter: ExpectedMouth,
) -> Offset:
    """The surest A/V offset of any face: over all its frames, or over a passage.

    A person who speaks only now and then gives an offset in a passage. One found among many
    passages may be chance, so its error probability is multiplied by their number (Bonferroni).
    """
    no_lags = np.zeros(0, np.float32)
    best = Offset(0.0, 0.0, False, no_lags, no_lags, "no face is seen")
    for (mouth, seen), audio in zip(mouths, audios, strict=True):
        whole = sound_offset(audio, mouth, seen, mouth_filter=mouth_filter)
        best = max(best, whole, key=lambda offset: offset.confidence)
        parts = [] if whole.sure else _passages(np.asarray(audio.times))
        for part in parts:
            there = AlignedAudio(audio.features, np.asarray(audio.times)[part])
            result = sound_offset(there, mouth[part], seen[part], mouth_filter=mouth_filter)
            chance = max(1 - (1 - result.confidence) * len(parts) * len(mouths), 0.0)
            if chance >= SURE and chance > best.confidence:
                best = replace(result, confidence=chance)
    return best


def _passages(times: Values) -> list[slice]:
    """Segments of about 5 s, half overlapping; at most `MOST_PASSAGES`, evenly spread."""
    length = round(PASSAGE_S / frame_seconds(times))
    if len(times) < 1.5 * length:
        return []
    count = min(int(2 * len(times) / length) - 1, MOST_PASSAGES)
    starts = np.linspace(0, len(times) - length, count).astype(int)
    return [slice(start, start + length) for start in starts.tolist()]


def _lags(offset: Offset) -> tuple[Values, Values]:
    """Lags of the plate and the probability of each: the offset found, or the usual ones if
    unsure."""
    if offset.sure:
        return np.array([offset.seconds]), np.ones(1)
    steps = round(USUAL_TO_S / USUAL_STEP_S)
    lags = np.asarray(np.arange(-steps, steps + 1) * USUAL_STEP_S, np.float64)
    chances = np.exp(-0.5 * (lags / USUAL_S) ** 2)
    return lags, chances / chances.sum()


def _lags_to_try(common: Values) -> Values:
    """Lags at which each face is tried: the plate's, and as far beyond as another feed may lie."""
    beyond = round(FEED_TO_S / USUAL_STEP_S)
    steps = np.arange(-beyond, len(common) + beyond)
    return np.asarray(common[0] + steps * USUAL_STEP_S, np.float64)


def _forward_backward(odds: Values, frame_s: float) -> tuple[Values, Values, Values]:
    """(W, F, T) probability of each face, (W, T) of none, and (W,) log evidence of the whole.

    From log odds (W, F, T) of each face on its own; the W combinations are independent.

    The answer (nobody, one face, two) is a hidden state that lasts for about a turn; its
    probability given all frames is computed by forward and backward passes.

    Source: Rabiner 1989, "A tutorial on hidden Markov models", equations 19 to 27.
    """
    count, total = odds.shape[1:]
    answers: list[tuple[int, ...]] = [(), *((n,) for n in range(count))]
    answers += list(combinations(range(count), 2))
    share = {0: NOBODY, 1: ONE / max(count, 1), 2: TWO / max(count * (count - 1) / 2, 1)}
    prior = np.array([share[len(speakers)] for speakers in answers])
    prior /= prior.sum()
    logs = np.stack([odds[:, list(speakers)].sum(axis=1) for speakers in answers], axis=2)
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
    faces = [chance[..., [n in speakers for speakers in answers]].sum(axis=2) for n in range(count)]
    theirs = np.array(faces).reshape(count, len(odds), total).swapaxes(0, 1)
    return theirs, chance[..., 0], evidence


def _spoken(audio: AlignedAudio, times: Values) -> Values:
    """(T,) probability of speech, short pauses between words included."""
    speech = np.asarray(audio.features.speech, np.float64)
    gap = int(PAUSE_S * READING_RATE)
    run = binary_closing(np.pad(speech > 0.5, gap), np.ones(gap, bool))[gap:-gap]
    held = np.where(run, np.maximum(speech, maximum_filter1d(speech, gap)), speech)
    return np.clip(readings(held[:, None], audio.features, times)[:, 0], 0, 1)


def _mouth(track: FaceTrack) -> tuple[Values, Flags]:
    seen = np.asarray(track.confidence) > 0
    return channels(frontal(track)).stacked().astype(np.float64), np.asarray(seen, bool)


def _places(track: FaceTrack, frames: FrameRange) -> slice:
    first = track.frames.start - frames.start
    return slice(first, first + len(track.frames))


def _check(tracks: Sequence[FaceTrack], frames: FrameRange, audio: AlignedAudio) -> None:
    if len(audio.times) != len(frames):
        raise ShapeError(f"sound against {len(audio.times)} frames, not {len(frames)}")
    for track in tracks:
        if not frames.holds(track.frames):
            raise ShapeError(f"face {track.face} covers {track.frames}, not within {frames}")
