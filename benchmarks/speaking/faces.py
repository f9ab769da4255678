"""Which face on screen a sound comes from: a labelled debate, pairs, turns, narrators."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sound_head import FOOTAGE
from benchmarks.speaking.clips import Clip, Filters, Flags, Values
from dubsync.core.sound.audio import Sound
from dubsync.core.steps import AlignedAudio
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.sound.active_speaker import separate_speakers
from dubsync.engine.sound.av_offset import readings
from dubsync.media.sound.stem import read_sound
from dubsync.speech.audio_features import extract_features

#: Who speaks in the debate, by seconds of the sound: left, right, both, nobody, unsure.
DEBATE_SPEAKERS = Path(__file__).with_name("debate_speakers.csv")
LONGEST_S = 10.0  #: of a pair
MOST = 60  #: pairs of clips, drawn at random where there are more
BEHIND = (0, 1, 2, 3)  #: frames by which one of two feeds is late


def debate_row(clip: Clip) -> dict[str, object]:
    """The two-face clip against its blind labels."""
    frames = FrameRange(0, len(clip.times), Fraction(25))
    places = [slice(0, len(frames))] * 2
    result = separate_speakers(clip.faces, places, frames, AlignedAudio(clip.features, clip.times))
    faces = result.faces[np.argsort(clip.across)]
    speaker = _labelled(clip.times + result.offset.seconds)
    voiced = np.array([np.isin(speaker, (side, "both")) for side in ("left", "right")])
    named = np.argmax(np.concatenate([faces, result.off_screen[None]]), axis=0)
    right = np.where(named < 2, voiced[np.minimum(named, 1), np.arange(len(named))], False)
    counted = {"speaking": voiced.any(axis=0), "one_voice": voiced.sum(axis=0) == 1}
    counted |= {f"{side}_alone": speaker == side for side in ("left", "right")}
    row: dict[str, object] = {"offset_ms": result.offset.milliseconds, "sure": result.offset.sure}
    for name, use in counted.items():
        row |= {f"{name}_frames": int(use.sum()), f"{name}_right": _share(right[use])}
    row["always_left"] = _share(voiced[0][counted["speaking"]])
    for n, side in enumerate(("left", "right")):
        row[f"{side}_named"] = int((named[counted["speaking"]] == n).sum())
        row[f"{side}_found"] = _share(faces[n][voiced[n]] > 0.5)
    return row


def _labelled(at: Values) -> NDArray[np.str_]:
    """(T,) the speaker at each of `at`, seconds of the sound; unsure outside the labels."""
    lines = DEBATE_SPEAKERS.read_text(encoding="utf-8").splitlines()
    spans = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    speaker = np.full(len(at), "unsure")
    for span in spans:
        start, end = float(span["start_s"]), float(span["end_s"])
        speaker[(at >= start) & (at < end)] = span["speaker"]
    return speaker


def _share(which: Flags) -> float:
    return round(float(np.mean(which)), 3)


def _pairs(clips: Sequence[Clip], least_s: float) -> list[tuple[Clip, Clip]]:
    """Ordered pairs of two people at one frame rate, both at least `least_s` long."""
    long = [clip for clip in clips if len(clip.times) >= least_s * clip.rate]
    every = [
        (one, other) for one, other in permutations(long, 2)
        if one.person != other.person and one.rate == other.rate
    ]  # fmt: skip
    order = np.random.default_rng(0).permutation(len(every))[:MOST]
    return [every[n] for n in sorted(order)]


def _length(one: Clip, other: Clip) -> int:
    return min(len(one.times), len(other.times), int(LONGEST_S * one.rate))


def pair_rows(clips: Sequence[Clip], filters: Filters) -> Iterator[dict[str, object]]:
    """One's sound and both faces; then the other's face alone."""
    for one, other in _pairs(clips, 2.5):
        length = _length(one, other)
        mouth_filter = filters.without(one.person, other.person)
        frames = FrameRange(0, length, Fraction(one.rate).limit_denominator(1001))
        faces = [(mouth[:length], seen[:length]) for mouth, seen in (one.faces[0], other.faces[0])]
        audio, whole = AlignedAudio(one.features, one.times[:length]), slice(0, length)
        both = separate_speakers(faces, [whole] * 2, frames, audio, mouth_filter=mouth_filter)
        alone = separate_speakers(faces[1:], [whole], frames, audio, mouth_filter=mouth_filter)
        spoken = one.spoken(one.times[:length] + filters.late(one))
        named = np.argmax(np.concatenate([both.faces, both.off_screen[None]]), axis=0)[spoken]
        yield {
            "sound": one.name, "beside": other.name, "seconds": length / one.rate,
            "sure": both.offset.sure, "right": float((named == 0).mean()),
            "other": float((named == 1).mean()), "nobody": float((named == 2).mean()),
            "off_screen": float((alone.off_screen > alone.faces[0])[spoken].mean()),
        }  # fmt: skip


def turn_rows(clips: Sequence[Clip], filters: Filters) -> Iterator[dict[str, object]]:
    """Two people who take turns: the sound of one for half the time, then that of the other.

    The other's picture comes BEHIND frames late, as by another feed.
    """
    for one, other in _pairs(clips, 6.0):
        length = _length(one, other)
        offsets = [filters.late(clip) for clip in (one, other)]
        half = length / one.rate / 2
        features = extract_features(
            _spliced(one, other, half, offsets[1] - offsets[0], length / one.rate)
        )
        shown, at = np.arange(length), one.times[:length] + offsets[0]
        speech = np.asarray(features.speech, np.float64)[:, None]
        spoken = readings(speech, features, at)[:, 0] > 0.5
        frames = FrameRange(0, length, Fraction(one.rate).limit_denominator(1001))
        mouth_filter = filters.without(one.person, other.person)
        audio = AlignedAudio(features, one.times[:length])
        for behind in BEHIND:
            late = np.maximum(shown - behind, 0)
            faces = [
                (clip.faces[0][0][at_frame], clip.faces[0][1][at_frame])
                for clip, at_frame in ((one, shown), (other, late))
            ]
            result = separate_speakers(
                faces, [slice(0, length)] * 2, frames, audio, mouth_filter=mouth_filter
            )
            named = np.argmax(np.concatenate([result.faces, result.off_screen[None]]), axis=0)
            right = named == (at >= half)
            yield {"first": one.name, "then": other.name, "behind": behind,
                   "sure": result.offset.sure, "right": float(right[spoken].mean())}  # fmt: skip


def _spliced(one: Clip, other: Clip, half: float, later: float, seconds: float) -> Sound:
    """One's sound up to `half` seconds, then the other's, brought to the one's own offset."""
    first, then = (np.asarray(read_sound(FOOTAGE / clip.name).samples) for clip in (one, other))
    cut, moved = int(half * 16000), round(later * 16000)
    stop = int(seconds * 16000)
    take = np.clip(np.arange(cut, stop) + moved, 0, len(then) - 1)
    return Sound(np.concatenate([first[:cut], then[take]]), 16000)


def faces_summary(pairs: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Shares over all frames of pairs, and over pairs longer than 5 s."""
    result: dict[str, object] = {}
    for name, rows in (("all", pairs), ("over_5_s", [p for p in pairs if p["seconds"] > 5]),
                       ("sure", [p for p in pairs if p["sure"]])):  # fmt: skip
        weight = [p["seconds"] for p in rows]
        result[name] = {"pairs": len(rows)} | {
            key: round(float(np.average([p[key] for p in rows], weights=weight)), 3)
            for key in ("sure", "right", "other", "nobody", "off_screen")
        }
    return result


def turns_summary(turns: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Means over turns, by how far the second picture is behind."""
    result: dict[str, object] = {}
    for behind in BEHIND:
        rows = [t for t in turns if t["behind"] == behind]
        means = {key: round(float(np.mean([t[key] for t in rows])), 3) for key in ("right", "sure")}
        result[f"{behind}_frames_behind"] = {"pairs": len(rows)} | means
    return result
