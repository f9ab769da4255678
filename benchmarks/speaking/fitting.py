"""Fit the filter that ships, and the constants that turn correlations into probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from safetensors.numpy import save
from scipy.optimize import minimize

from benchmarks.speaking.clips import Clip, Filters, Flags, Values
from dubsync.core.sound.av_sync import Offset
from dubsync.core.steps import AlignedAudio
from dubsync.engine.sound.active_speaker import likenesses
from dubsync.engine.sound.av_offset import RIVAL_S, sound_offset
from dubsync.engine.sound.expected_mouth import WEIGHTS, motion


def fit_all(clips: Sequence[Clip], filters: Filters) -> dict[str, list[float]]:
    """Write the filter that ships; fit the constants of confidence and of speaking, each person's
    excerpts by a filter fitted without them."""
    shipped = filters.without()
    people = {clip.person for clip in clips}
    metadata = {"licence": "Apache-2.0", "made by": "python -m benchmarks.speaking --fit",
            "from": f"tracked mouths and sound of {len(people)} people"}  # fmt: skip
    arrays = {"weights": np.array(shipped.weights), "skill": np.array(shipped.skill)}
    WEIGHTS.write_bytes(save(arrays, metadata=metadata))
    return {
        "sound_offset.CHANCE": _chance(clips, filters),
        "active_speaker.OWN": _own(clips, filters),
    }


def _chance(clips: Sequence[Clip], filters: Filters) -> list[float]:
    """Odds of a right offset, from excerpts with their own sound and with other people's."""
    rng = np.random.default_rng(0)
    inputs, right, weight = [], [], []

    def add(result: Offset, seconds: float, ok: bool, counts: float) -> None:
        scores, lags = np.asarray(result.scores, np.float64), np.asarray(result.lags)
        at = int(np.argmax(scores))
        lead = scores[at] - scores[np.abs(lags - lags[at]) > RIVAL_S].max(initial=0.0)
        inputs.append((lead * np.sqrt(min(0.85 * seconds, 30.0)), scores[at]))
        right.append(ok)
        weight.append(counts)

    for clip in clips:
        for seconds in (2.0, 3.0, 4.0, 6.0, 10.0, 20.0):
            length = min(int(seconds * clip.rate), len(clip.times))
            for first in range(0, len(clip.times) - length + 1, max(length // 2, 1)):
                part = slice(first, first + length)
                result = clip.offset(filters.without(clip.person), part)
                near = abs(result.seconds - filters.late(clip)) <= 0.04
                add(result, seconds, near and not result.note.startswith("only"), 1.0)
                other = clips[rng.integers(len(clips))]
                if other.person != clip.person:
                    mouth, seen = clip.faces[0]
                    audio = AlignedAudio(other.features, clip.times[:length])
                    mouth_filter = filters.without(clip.person)
                    add(
                        sound_offset(audio, mouth[part], seen[part], mouth_filter=mouth_filter),
                        seconds,
                        False,
                        0.5,
                    )
    return _logistic(np.array(inputs), np.array(right), np.array(weight))


def _own(clips: Sequence[Clip], filters: Filters) -> list[float]:
    """Odds that a sound is the mouth's own, from correlations with own and other people's sound."""
    rng = np.random.default_rng(1)
    correlations: list[Values] = []
    own: list[Flags] = []
    for clip in clips:
        others = [c for c in clips if c.person != clip.person]
        picked = [others[n] for n in rng.permutation(len(others))[:3]]
        for source in (clip, *picked):
            late = filters.late(clip) if source is clip else 0.0
            at = clip.times[clip.times < len(source.features.loudness) / 100]
            mouth, seen = (part[: len(at)] for part in clip.faces[0])
            mouth_filter = filters.without(clip.person)
            audio, expected = (
                AlignedAudio(source.features, at + late),
                mouth_filter.predict(source.features),
            )
            moved = motion(mouth, seen, clip.rate)
            correlation = likenesses(moved, seen, expected, audio, clip.rate, mouth_filter)
            spoken = source.spoken(at + late)
            correlations.append(correlation[spoken])
            own.append(np.full(int(spoken.sum()), source is clip))
    x, y = np.concatenate(correlations)[:, None], np.concatenate(own)
    return _logistic(x, y, np.where(y, 1 / y.sum(), 1 / (~y).sum()) * 1000)


def _logistic(x: Values, y: Flags, weight: Values) -> list[float]:
    """Constant and slopes of a weighted logistic regression."""
    design, sign = np.column_stack([np.ones(len(x)), x]), np.where(y, 1.0, -1.0)

    def loss(b: Values) -> float:
        return float((weight * np.logaddexp(0, -sign * (design @ b))).sum())

    return [round(float(v), 2) for v in minimize(loss, np.zeros(design.shape[1])).x]
