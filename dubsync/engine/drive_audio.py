"""Sound to mouth: a ridge of this actor's own speech, on a rule that holds for anybody.

Learnt on the reel's own sound and picture, after measuring how late one is against the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_dilation, gaussian_filter1d, maximum_filter1d

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.face import MotionTrack
from dubsync.core.sound import Hearing
from dubsync.core.steps import Footage, Heard, Seconds
from dubsync.engine.basis import Basis
from dubsync.engine.fit import CHANNELS
from dubsync.engine.reach import JAW, OPENING, WIDTH, Reach, held_back, mouth_with, reach
from dubsync.engine.sound_offset import (
    NATURAL_S,
    cross_predicted,
    likeness,
    readings,
    ridge,
    sound_offset,
)

Values = NDArray[np.float64]

RATE = 100  #: readings of a Hearing per second
CONTEXT = range(-10, 11, 2)  #: readings round an instant that its mouth is told from
LAMBDAS = (100.0, 300.0, 1000.0, 3000.0)
#: Seconds of speech at which the actor's own ridge and the rule for anybody weigh the same.
EVEN_S = 4.0
#: Cross-predicted correlation under which a ridge is noise, and from which it is trusted whole.
NOISE, TRUSTED = 0.12, 0.35
MOST_GAIN = 2.2  #: a regression shrinks what it cannot tell; no more than this is given back

#: The rule for anybody: channels in their own deviations, from loudness and six mel bands (means
#: under 300, 700, 1500, 3000, 5000 and 8000 Hz) of a normalised Hearing, and a constant.  Fitted
#: on nine speakers; on a speaker left out it correlates 0.40, 0.13, 0.49 and 0.38.
RULED = ("opening", "width", "jaw", "protrusion")
RULE = np.array(
    [
        [0.150, -0.257, 0.019, 0.146, 0.560, -0.003, 0.094, -0.013],
        [-0.781, 0.008, -0.181, 0.061, 0.417, -0.033, -0.021, 0.342],
        [0.346, -0.262, 0.061, 0.456, 0.319, -0.131, -0.114, -0.088],
        [-0.177, 0.328, -0.109, -0.335, -0.485, 0.123, -0.025, 0.027],
    ]
)
RULE_SPREAD = np.array([0.45, 0.35, 0.5, 0.45])  #: deviation of what it says, over speech
#: First mel band of each group, of 40 Slaney bands from 60 to 7600 Hz.
GROUPS = (0, 3, 9, 18, 28, 35)

#: Closure evidence from which lips begin to close, and from which they meet.
CLOSING, SHUT = 0.3, 0.5
OPENS_S, RESTS_S = 0.06, 0.02  #: the mouth leaves rest before a word, and keeps on after it
HELD_S = 0.3  #: in shorter silences than this, between words, people do not come to rest
EASE_READINGS = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class SoundMouth:
    """How sound moves one actor's mouth.  F features are CONTEXT's readings, see `features`.

    level, spread  (F,)    of the features over the actor's speech
    weights        (F, M)  ridge to mouth coefficients
    talking        (M,)    usual coefficients while speaking
    gain           (7,)    what brings each channel of the ridge back to its true deviation
    middle         (7,)    each channel's mean over speech, difference from rest
    deviation      (7,)    and its deviation
    skill          (7,)    cross-predicted correlation of each channel
    trust          (1,)    0 the rule for anybody .. 1 the ridge
    offsets_ms     (P,)    how late each piece of footage's sound was found; measured where `sure`
    sure           (P,)    1 or 0
    usual, covariance, low, high, slopes   the actor's Reach
    """

    level: Array
    spread: Array
    weights: Array
    talking: Array
    gain: Array
    middle: Array
    deviation: Array
    skill: Array
    trust: Array
    offsets_ms: Array
    sure: Array
    usual: Array
    covariance: Array
    low: Array
    high: Array
    slopes: Array

    def __post_init__(self) -> None:
        f, m, c = len(self.level), len(self.talking), len(CHANNELS)
        shapes: dict[str, tuple[int | None, ...]] = {
            "level": (f,), "spread": (f,), "weights": (f, m), "talking": (m,), "gain": (c,),
            "middle": (c,), "deviation": (c,), "skill": (c,), "trust": (1,),
            "offsets_ms": (None,), "sure": (len(self.offsets_ms),), "usual": (m,),
            "covariance": (m, m), "low": (c,), "high": (c,), "slopes": (m, c),
        }  # fmt: skip
        for name, wanted in shapes.items():
            seal(self, name, *wanted)

    @property
    def reach(self) -> Reach:
        """How far the actor goes."""
        return Reach(self.usual, self.covariance, self.low, self.high, self.slopes)

    def arrays(self) -> dict[str, Array]:
        """The fields by name, for safetensors."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32]]) -> SoundMouth:
        """What `arrays` came from.  Raises ModelError when one is missing or misshapen."""
        try:
            return cls(**{field.name: np.asarray(arrays[field.name]) for field in fields(cls)})
        except (KeyError, ShapeError) as error:
            raise ModelError(f"not a sound-to-mouth model: {error}") from error


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """One piece of footage: mouths (T, M) and features (T, F) of its spoken frames."""

    mouths: Values
    features: Values
    offset_s: float
    sure: bool
    spoken_s: float


def learn_sound(
    footage: Sequence[Footage], basis: Basis, motions: Sequence[MotionTrack]
) -> SoundMouth | None:
    """How sound moves the actor's mouth, from what they said in `footage`.

    Each piece's sound is first laid right against its picture; then ridge regression, its
    strictness chosen by cross-prediction, from 200 ms of mel and loudness to mouth coefficients.

    Args:
        footage: plates of one actor; silent ones only tell how far the mouth goes.
        basis: the actor's linear model.
        motions: `fit(part.track, basis)` of each.

    Returns:
        None when no frame of `footage` shows the face.

    Source: ours; peers.md E2.  The offset is what `sound_to_mouth/README.md` section 1 found.
    """
    shown = [
        motion.mouth[part.track.confidence > 0]
        for part, motion in zip(footage, motions, strict=True)
    ]
    if not any(len(mouths) for mouths in shown):
        return None
    actor = reach(basis, shown)
    pieces = [
        piece
        for part, motion in zip(footage, motions, strict=True)
        if part.heard is not None and (piece := _piece(part, part.heard, motion, actor))
    ]
    return _unheard(actor) if not pieces else _learnt(pieces, actor)


def drive_audio(heard: Heard, sound: SoundMouth | None, basis: Basis) -> Array:
    """The mouth that says what is heard, (T, M) coefficients in `basis`.

    The ridge's answer, brought back to the actor's own range and mixed with the rule for anybody
    by how far the ridge is trusted.  Lips meet where the sound closes them; in silence the mouth
    rests, within 120 ms.  Lips move a little before their sound, as people's do.

    Args:
        heard: the dub against the frames to drive.
        sound: what `learn_sound` gave; None drives by the rule alone.
    """
    if sound is None:
        sound = _unheard(reach(basis))
    hearing = heard.hearing
    times = np.asarray(heard.times)
    first, last = _window(hearing, times)
    if last - first < 2:
        return np.zeros((len(times), len(sound.talking)), np.float32)
    grid = float(hearing.start) + np.arange(first, last) / RATE
    mouth = _spoken_mouth(hearing, grid, sound)
    at = (times - grid[0]) * RATE
    inside = (at > -1) & (at < len(grid))
    columns = [np.interp(at, np.arange(len(grid)), column) for column in mouth.T]
    return np.asarray(np.where(inside[:, None], np.stack(columns, axis=1), 0), np.float32)


def features(hearing: Hearing, times: Seconds) -> Values:
    """(T, F) mel, loudness and speech in the 200 ms round `times`."""
    heard = np.concatenate(
        [
            np.clip(np.asarray(hearing.mel, np.float64), -3, 3),
            3 * np.asarray(hearing.loudness, np.float64)[:, None],
            np.asarray(hearing.speech, np.float64)[:, None],
        ],
        axis=1,
    )
    return np.concatenate(
        [readings(heard, hearing, times + back / RATE) for back in CONTEXT], axis=1
    )


def _piece(part: Footage, heard: Heard, motion: MotionTrack, actor: Reach) -> _Piece | None:
    mouth = np.asarray(motion.mouth, np.float64)
    seen = np.asarray(part.track.confidence) > 0
    times = np.asarray(heard.times)
    found, score = sound_offset(heard, actor.channels(mouth)[:, [OPENING, WIDTH, JAW]], seen)
    sure = found is not None
    offset = NATURAL_S if found is None else found
    speech = _utterances(heard.hearing).astype(np.float64)[:, None]
    spoken = seen & (readings(speech, heard.hearing, times + offset)[:, 0] > 0.3)
    if spoken.sum() < 12:
        return None
    frame_s = float(np.median(np.abs(np.diff(times)))) if len(times) > 1 else 0.04
    return _Piece(
        mouth[spoken],
        features(heard.hearing, times[spoken] + offset),
        offset,
        sure,
        float(spoken.sum()) * frame_s,
    )


def _learnt(pieces: Sequence[_Piece], actor: Reach) -> SoundMouth:
    x = np.concatenate([piece.features for piece in pieces])
    y = np.concatenate([piece.mouths for piece in pieces])
    seconds = sum(piece.spoken_s for piece in pieces)
    truth = actor.channels(y)
    best, skill, gain = -np.inf, np.zeros(len(CHANNELS)), np.ones(len(CHANNELS))
    chosen = LAMBDAS[0]
    for strictness in LAMBDAS:
        told = actor.channels(cross_predicted(x, y, strictness))
        alike = np.array([likeness(told[:, c], truth[:, c]) for c in range(len(CHANNELS))])
        score = alike[OPENING] + 0.5 * alike[WIDTH] + alike[JAW]
        if score > best:
            best, chosen, skill = float(score), strictness, alike
            gain = truth.std(axis=0) / np.maximum(told.std(axis=0), 1e-6)
    level, spread, weights, talking = ridge(x, y, chosen)
    clear = np.clip((skill[OPENING] - NOISE) / (TRUSTED - NOISE), 0, 1)
    trust = clear * seconds / (seconds + EVEN_S)
    # What is amplified is the part the ridge does not know: channels told badly get less of it.
    gain = np.clip(gain, 1, 1 + (MOST_GAIN - 1) * np.clip(skill / TRUSTED, 0, 1))
    reach_fields = (actor.usual, actor.covariance, actor.low, actor.high, actor.slopes)
    return SoundMouth(
        *(
            np.asarray(v, np.float32)
            for v in (
                level, spread, weights, talking, gain, truth.mean(axis=0), truth.std(axis=0),
                skill, [trust], [1000 * piece.offset_s for piece in pieces],
                [float(piece.sure) for piece in pieces], *reach_fields,
            )
        )
    )  # fmt: skip


def _unheard(actor: Reach) -> SoundMouth:
    """The rule for anybody, in this actor's own reach."""
    width = len(CONTEXT) * 42
    m, c = len(actor.usual), len(CHANNELS)
    low, high = np.asarray(actor.low, np.float32), np.asarray(actor.high, np.float32)
    empty = np.zeros(0, np.float32)
    return SoundMouth(
        np.zeros(width, np.float32), np.ones(width, np.float32),
        np.zeros((width, m), np.float32), actor.usual, np.ones(c, np.float32),
        np.asarray((low + high) / 2, np.float32), np.asarray((high - low) / 4, np.float32),
        np.zeros(c, np.float32), np.zeros(1, np.float32),
        empty, empty, actor.usual, actor.covariance, actor.low, actor.high, actor.slopes,
    )  # fmt: skip


def _window(hearing: Hearing, times: Seconds) -> tuple[int, int]:
    """Readings from 0.3 s before the first frame to 0.3 s after the last."""
    at = (np.array([times.min() - 0.3, times.max() + 0.3]) - float(hearing.start)) * RATE
    first, last = (int(v) for v in np.clip(np.rint(at), 0, len(hearing.loudness)))
    return first, last


def _spoken_mouth(hearing: Hearing, grid: Seconds, sound: SoundMouth) -> Values:
    """(N, M) at 100 Hz."""
    actor = sound.reach
    heard_at = grid + NATURAL_S
    told = (features(hearing, heard_at) - sound.level) / sound.spread @ sound.weights
    near = told + sound.talking
    trust = float(sound.trust[0])
    own = sound.middle + (actor.channels(near) - sound.middle) * sound.gain
    wanted = trust * own + (1 - trust) * _ruled(hearing, heard_at, sound, own)
    near = trust * near + (1 - trust) * np.asarray(sound.talking, np.float64)
    wanted = _inside(wanted, actor)
    evidence = np.asarray(hearing.closure, np.float64)[:, None]
    shut = _closing(readings(evidence, hearing, grid)[:, 0])
    wanted[:, OPENING] = np.maximum(wanted[:, OPENING], 0) * (1 - shut)
    slack = np.full(len(CHANNELS), np.inf)
    slack[[OPENING, WIDTH, JAW]] = 0.003, 0.01, 0.012
    mouth = held_back(mouth_with(wanted, near, actor, slack), actor)
    mouth = mouth * _talking(hearing, grid)[:, None]
    mouth = gaussian_filter1d(mouth, 1.2, axis=0, mode="nearest")
    return _lips_right(mouth, shut, actor)


def _lips_right(mouth: Values, shut: Values, actor: Reach) -> Values:
    """Lips that meet where they must, and never cross."""
    opening = actor.channels(mouth)[:, OPENING]
    wanted = np.zeros((len(mouth), len(CHANNELS)))
    wanted[:, OPENING] = np.maximum(opening, 0) * (1 - shut)
    slack = np.full(len(CHANNELS), np.inf)
    slack[OPENING] = 1e-4
    fixed = mouth_with(wanted, mouth, actor, slack)
    wrong = (opening < 0) | (shut > 0)
    return np.asarray(np.where(wrong[:, None], fixed, mouth), np.float64)


def _ruled(hearing: Hearing, times: Seconds, sound: SoundMouth, own: Values) -> Values:
    """(N, 7) channels by the rule for anybody; those it does not rule are left as `own`."""
    mel = np.clip(np.asarray(hearing.mel, np.float64), -3, 3)
    ends = (*GROUPS[1:], mel.shape[1])
    bands = [mel[:, a:b].mean(axis=1) for a, b in zip(GROUPS, ends, strict=True)]
    heard = np.stack([np.asarray(hearing.loudness, np.float64), *bands], axis=1)
    heard = readings(gaussian_filter1d(heard, 2.5, axis=0), hearing, times)
    said = (heard @ RULE[:, :-1].T + RULE[:, -1]) / RULE_SPREAD
    ruled = own.copy()
    columns = [CHANNELS.index(name) for name in RULED]
    ruled[:, columns] = sound.middle[columns] + sound.deviation[columns] * np.clip(said, -2.5, 2.5)
    return ruled


def _inside(wanted: Values, actor: Reach) -> Values:
    """Channels bent back softly beyond the actor's own range: never over it by a quarter."""
    middle, half = (actor.low + actor.high) / 2, np.maximum((actor.high - actor.low) / 2, 1e-3)
    share = (wanted - middle) / half
    over = np.maximum(np.abs(share) - 0.9, 0)
    bent = np.where(over > 0, 0.9 + 0.35 * np.tanh(over / 0.35), np.abs(share))
    return np.asarray(middle + half * np.sign(share) * bent, np.float64)


def _closing(evidence: Values) -> Values:
    """(N,) how far lips are shut, 0..1: whole for at least 50 ms, eased in and out."""
    shut = np.clip((evidence - CLOSING) / (SHUT - CLOSING), 0, 1)
    shut = maximum_filter1d(np.where(shut >= 1, 1.0, 0.6 * shut), 5)
    return np.asarray(np.maximum(np.where(shut >= 1, 1.0, 0.0), gaussian_filter1d(shut, 1.5)))


def _utterances(hearing: Hearing) -> NDArray[np.bool_]:
    """(N,) whether somebody speaks, short silences between words included."""
    spoken = np.asarray(hearing.speech) > 0.4
    gap = int(HELD_S * RATE)
    return np.asarray(binary_closing(np.pad(spoken, gap), np.ones(gap, bool))[gap:-gap], bool)


def _talking(hearing: Hearing, grid: Seconds) -> Values:
    """(N,) 1 in speech, 0 at rest: left shortly before a word, taken up shortly after."""
    spoken = _utterances(hearing)
    before, after = int(OPENS_S * RATE), int(RESTS_S * RATE)
    wide = binary_dilation(np.pad(spoken, before + after), np.ones(before + after + 1, bool))
    wide = np.roll(wide, (after - before) // 2)[before + after : len(wide) - before - after]
    eased = gaussian_filter1d(wide.astype(np.float64), EASE_READINGS, mode="nearest")
    return np.clip(readings(eased[:, None], hearing, grid)[:, 0], 0, 1)
