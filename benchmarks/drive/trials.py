"""Mouths driven by sound, and the real ones beside them.

The only part of the sound's benchmark that calls the engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.drive.clips import SPLIT, Heard, stranger_head
from benchmarks.sound_head import Talk
from dubsync.core.face import FaceTrack
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import AlignedAudio, Footage
from dubsync.engine.motion.basis import Basis, learn_basis
from dubsync.engine.motion.fit import channels, fit, frontal, mouth_shape
from dubsync.engine.sound.av_offset import readings
from dubsync.engine.sound.drive import SoundMouth, drive_audio, learn_sound, predict_mouth
from dubsync.engine.sound.sound_head import Head

NO_RULES, ALL_RULES = "no rules", "all rules"
FOLDS = 4

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A driven mouth and the real one over T frames.

    learnt     the clip learnt from; "": none, the person was never seen
    tested     the clip
    by         what drove it, such as NO_RULES
    predicted  (T, 7) driven channels, in the order of `fit.CHANNELS`
    truth      (T, 7) real channels, NaN where no face is seen
    spoken     (T,) whether there is speech
    loudness   (T,) of the sound, see AudioFeatures
    rate       frames a second
    """

    learnt: str
    tested: str
    by: str
    predicted: Values
    truth: Values
    spoken: Flags
    loudness: Values
    rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """An actor to drive: linear model, sound model, and the head they belong to."""

    basis: Basis
    sound: SoundMouth
    head: Head


def trial(
    names: tuple[str, str, str],
    predicted: Values,
    truth: Values,
    track: FaceTrack,
    dub: AlignedAudio,
) -> Trial:
    """A Trial; `names` are learnt, tested and by, `track` and `dub` of the measured frames."""
    seen = np.asarray(track.confidence) > 0
    speech, loudness = (
        readings(np.asarray(each, np.float64)[:, None], dub.features, np.asarray(dub.times))[:, 0]
        for each in (dub.features.speech, dub.features.loudness)
    )
    real = np.where(seen[:, None], truth, np.nan)
    return Trial(*names, predicted, real, speech > 0.5, loudness, float(track.frames.rate))


def driven(actor: Actor, dub: AlignedAudio, *, rules: bool = True) -> Values:
    """(T, 7) channels of the actor's mouth for a sound, with or without the lip rules."""
    basis, sound = actor.basis, actor.sound
    if rules:
        mouth = drive_audio(dub, sound, basis, head=actor.head)
        return shown(basis, mouth)
    predicted, _ = predict_mouth(dub.features, np.asarray(dub.times), sound, actor.head)
    rest = np.asarray(channels(basis.rest[None]).stacked(), np.float64)
    return np.asarray(predicted * sound.deviation + sound.middle + rest, np.float64)


def shown(basis: Basis, mouth: NDArray[np.floating]) -> Values:
    """(T, 7) channels of (T, M) mouth coefficients."""
    shape = mouth_shape(np.asarray(mouth, np.float32), basis)
    return channels(basis.rest + shape).stacked().astype(np.float64)


def real(track: FaceTrack, basis: Basis) -> Values:
    """(T, 7) channels of the mouth that is seen."""
    return channels(frontal(track, basis)).stacked().astype(np.float64)


def actor_from(
    parts: Sequence[tuple[FaceTrack, AlignedAudio | None]], head: Head, name: str = "actor"
) -> Actor:
    """An actor learnt from these parts of footage, of which some may have no sound."""
    basis = learn_basis([track for track, _ in parts])
    footage = [Footage(name, track, lambda numbers: iter(()), audio) for track, audio in parts]
    sound = learn_sound(footage, basis, [fit(track, basis) for track, _ in parts], head=head)
    assert sound is not None
    return Actor(basis, sound, head)


def part_of(talk: Talk, first: int, last: int, *, late: bool = True) -> AlignedAudio:
    """The clip's own sound against frames `first` to `last`; `late`: with its A/V offset."""
    times = talk.times if late else talk.times + talk.late
    return AlignedAudio(talk.features, times[first:last])


def held_out(learnt: Talk, tested: Talk) -> tuple[int, int]:
    """(frames of `learnt` to learn from, first frame of `tested` to measure)."""
    count = len(learnt.track.frames)
    split = round(SPLIT * count)
    return (split, split) if learnt.name == tested.name else (count, 0)


def same_actor(
    clips: Heard, learnt: str, tested: str, features: AudioFeatures | None = None
) -> Iterator[Trial]:
    """Later or other speech of an actor who was learnt, without rules and with all.

    Args:
        features: of the measured clip's sound, if not its own.
    """
    one, other = clips[learnt], clips[tested]
    stop, begin = held_out(one, other)
    learn = (one.track.part(0, stop), part_of(one, 0, stop))
    actor = actor_from([learn], stranger_head(clips, learnt), learnt)
    yield from _both((learnt, tested), actor, other, begin, features)


def never_seen(clips: Heard, name: str) -> Iterator[Trial]:
    """A whole clip driven by a head that was taught without the person, without rules and with
    all.  Its own picture gives the motion range."""
    talk = clips[name]
    actor = actor_from([(talk.track, None)], stranger_head(clips, name), name)
    yield from _both(("", name), actor, talk, 0, None)


def out_of_fold(clips: Heard, name: str) -> Iterator[Trial]:
    """A whole clip, each quarter driven by an actor learnt from the other three."""
    talk, head = clips[name], stranger_head(clips, name)
    count = len(talk.track.frames)
    edges = [round(n * count / FOLDS) for n in range(FOLDS + 1)]
    pieces: dict[str, list[tuple[Values, Values]]] = {NO_RULES: [], ALL_RULES: []}
    for first, last in zip(edges, edges[1:], strict=False):
        parts = [
            (talk.track.part(a, b), part_of(talk, a, b, late=False))
            for a, b in ((0, first), (last, count))
            if b > a
        ]
        actor = actor_from(parts, head, name)
        dub = part_of(talk, first, last, late=False)
        truth = real(talk.track.part(first, last), actor.basis)
        for by, each in pieces.items():
            each.append((driven(actor, dub, rules=by == ALL_RULES), truth))
    for by, each in pieces.items():
        predicted, truth = (np.concatenate(column) for column in zip(*each, strict=True))
        whole = part_of(talk, 0, count, late=False)
        yield trial((name, name, by), predicted, truth, talk.track, whole)


def with_speech(clips: Heard, learnt: str, tested: str, seconds: float) -> Iterator[Trial]:
    """As `same_actor`, the actor's own speech heard for `seconds` only.

    The picture of all the footage gives the motion range, and the sound is given in sync, so that
    only what is heard of the actor differs.
    """
    one, other = clips[learnt], clips[tested]
    stop, begin = held_out(one, other)
    audio = part_of(one, 0, stop, late=False)
    whole = trial(("", "", ""), np.zeros((stop, 7)), np.zeros((stop, 7)),
                  one.track.part(0, stop), audio)  # fmt: skip
    heard = np.cumsum(whole.spoken) / whole.rate
    cut = stop if seconds >= heard[-1] else int(np.searchsorted(heard, seconds)) if seconds else 0
    parts: list[tuple[FaceTrack, AlignedAudio | None]] = []
    if cut > 0:
        parts.append((one.track.part(0, cut), part_of(one, 0, cut, late=False)))
    if cut < stop:
        parts.append((one.track.part(cut, stop), None))
    actor = actor_from(parts, stranger_head(clips, learnt), learnt)
    yield from _both((learnt, tested), actor, other, begin, None)


def speech_in(clips: Heard, learnt: str, tested: str) -> float:
    """Seconds of speech that the actor of a pair is learnt from."""
    one = clips[learnt]
    stop, _ = held_out(one, clips[tested])
    audio = part_of(one, 0, stop, late=False)
    nothing = np.zeros((stop, 7))
    whole = trial(("", "", ""), nothing, nothing, one.track.part(0, stop), audio)
    return float(whole.spoken.sum() / whole.rate)


def _both(
    names: tuple[str, str],
    actor: Actor,
    talk: Talk,
    begin: int,
    features: AudioFeatures | None,
) -> Iterator[Trial]:
    """Frames of `talk` from `begin` on, without rules and with all."""
    count = len(talk.track.frames)
    track = talk.track.part(begin, count)
    dub = part_of(talk, begin, count, late=False)
    if features is not None:
        dub = AlignedAudio(features, dub.times)
    truth = real(track, actor.basis)
    for by in (NO_RULES, ALL_RULES):
        predicted = driven(actor, dub, rules=by == ALL_RULES)
        yield trial((*names, by), predicted, truth, track, dub)
