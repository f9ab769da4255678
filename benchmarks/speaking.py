"""Active speaker detection: how late is a clip's sound, and which face on screen does it come from?

    python -m benchmarks.speaking [--json] [--kept FOLDER] [--fit] [--part offsets|faces|debate]

Clips of ../shared/footage.  Every figure is on a person the filter was not fitted on: it is fitted
again without each (`--fit` writes the filter that ships, fitted on all, and prints the constants).

Offsets.  In sync is the mean of the six GRID sentences, which were recorded in sync.  Known of the
others: syncnet_example's published offset, and how much later the sound lies in its two copies (the
sound's own cross-correlation, minus the delay of their frames' time stamps).  Shifted: every clip
moved by -10 to +10 frames, against its own estimate unshifted.  Excerpts: the estimate from 3 s and
6 s of a clip against the one from all of it.

Faces.  The debate: two people who talk at once for most of the clip, labelled in
debate_speakers.csv by a person who knew neither the method nor its results (how: its first lines).
Frames labelled unsure or nobody are left out.  "right": the likelier face is speaking; where both
are, either counts, so "always_left", naming the left face throughout, is the figure to beat.  By
the filter that ships: neither of the two is in it.
Pairs: two clips side by side with the sound of one.  Turns: with the sound of one, then of the
other, whose picture comes 0 to 3 frames late, as by another feed.  Off screen: a clip with the
sound of another.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from safetensors.numpy import save_file
from scipy.optimize import minimize

from dubsync.core.digest import digest
from dubsync.core.face import FaceTrack
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.sound.audio import AudioFeatures, Sound
from dubsync.core.sound.av_sync import Offset
from dubsync.core.steps import AlignedAudio
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine import build
from dubsync.engine.motion.fit import channels, frontal
from dubsync.engine.sound.active_speaker import likenesses, separate_speakers
from dubsync.engine.sound.av_offset import RIVAL_S, fit_by_lag, likeness, readings, sound_offset
from dubsync.engine.sound.expected_mouth import (
    MEASURES,
    WEIGHTS,
    ExpectedMouth,
    expected_at,
    filter_inputs,
    fit_filter,
    motion,
)
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_sound
from dubsync.service.store.folder import Store
from dubsync.speech.audio_features import VERSION, extract_features

FOOTAGE = Path(__file__).parents[2] / "shared" / "footage"
#: Clip -> the person in it.
PEOPLE = {
    "grid_bbaf2n.mpg": "bbaf", "grid_brbk7n.mpg": "brbk", "grid_lbax4n.mpg": "lbax",
    "grid_lbbc2a.mpg": "lbbc", "grid_lrwp9a.mpg": "lrwp", "grid_lwbsza.mpg": "lwbs",
    "andrew_a_25s.mov": "andrew", "andrew_b_27s.mov": "andrew", "katiehill_512_8s.mp4": "hill",
    "man_black_sweater_1080x1920_20s.mp4": "sweater", "man_suit_700_6s.mp4": "suit",
    "obama_2020_20s.mov": "obama", "obama_address_30s.mov": "obama", "obama_oval_20s.mov": "obama",
    "syncnet_example_offset3.avi": "syncnet", "woman_bluewall_700_7s.mp4": "bluewall",
    "woman_braids_720p_24s.mp4": "braids",
}  # fmt: skip
#: People whose clips have no licence, or only their uploaders' own: not in the shipped filter.
UNLICENSED = frozenset({"braids", "hill", "syncnet"})
ORIGINAL = "syncnet_example_offset3.avi"
COPIES = ("syncnet_example_shift5.avi", "syncnet_example_shift12.avi")
#: SyncNet's own figure, 3 frames of 40 ms, with the opposite sign: it counts sound that is early.
PUBLISHED_S = -0.12
DEBATE = "debate_two_faces_001.avi"
#: Who speaks in it, by seconds of the sound: left, right, both, nobody, unsure.
DEBATE_SPEAKERS = Path(__file__).with_name("debate_speakers.csv")
STRICTNESS = 500.0
ROUNDS = 4  #: alternating estimates of offsets and filter
LAGS = np.arange(-80, 81) * 0.01
LONGEST_S = 10.0  #: of a pair
BEHIND = (0, 1, 2, 3)  #: frames by which one of two feeds is late
LEAST_SHARE, LEAST_RIGHT = 0.9, 0.9

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Clip:
    """One clip: (T, 7) channels and (T,) visibility of each face, and the sound's features.

    `across` is the horizontal position of each face, pixels.
    """

    name: str
    person: str
    rate: float
    faces: tuple[tuple[Values, Flags], ...]
    features: AudioFeatures
    across: tuple[float, ...]

    @cached_property
    def times(self) -> Values:
        return np.arange(len(self.faces[0][0])) / self.rate

    @cached_property
    def motion(self) -> Values:
        return motion(*self.faces[0], self.rate)

    @cached_property
    def inputs(self) -> Values:
        return filter_inputs(self.features)

    def offset(
        self, mouth_filter: ExpectedMouth, part: slice = slice(None), late: float = 0.0
    ) -> Offset:
        """Of its first face, or of some frames of it; the sound moved by `late` seconds."""
        mouth, seen = self.faces[0]
        shifted = AlignedAudio(self.features, self.times[part] - late)
        return sound_offset(shifted, mouth[part], seen[part], mouth_filter=mouth_filter)

    def spoken(self, at: Values) -> Flags:
        """Whether somebody speaks at `at`, seconds."""
        speech = np.asarray(self.features.speech, np.float64)[:, None]
        return readings(speech, self.features, at)[:, 0] > 0.5


class Shelf:
    """Clips, tracked and analysed once; saved in a Store."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._store = folder, Store(folder)
        self._engine = build(EngineSettings())

    def clip(self, name: str, person: str) -> Clip:
        path = FOOTAGE / name
        even = self._evenly_spaced(path)
        plate = probe_plate(even)
        key = digest(self._engine.version, self._store.file_digest(path))[:32]

        def track_faces() -> tuple[FaceTrack, ...]:
            with open_plate(plate) as reader:
                frames = reader.frames(plate.frames)
                return self._engine.track(frames, plate.frames, shot=name, progress=silent)

        tracks = [
            t for t in self._store.tracks(key, track_faces) if len(t.frames) == len(plate.frames)
        ]
        faces = tuple(
            (channels(frontal(t)).stacked().astype(np.float64), np.asarray(t.confidence) > 0)
            for t in tracks
        )
        audio = self._store.hearing(
            digest(VERSION, key)[:32], lambda: extract_features(read_sound(path))
        )
        across = tuple(float(np.mean(t.landmarks[..., 0])) for t in tracks)
        return Clip(name, person, float(plate.frames.rate), faces, audio, across)

    def _evenly_spaced(self, path: Path) -> Path:
        """`path`, or where its frames are unevenly timed a copy as a player shows it."""
        with av.open(str(path)) as source:
            stream = source.streams.video[0]
            shown = [(float(f.pts * f.time_base), f) for f in source.decode(stream)]
        gaps = np.diff([at for at, _ in shown])
        if np.ptp(gaps) < 0.002:
            return path
        rate = Fraction(round(1 / float(gaps.min())))
        copy = self._folder / f"{path.stem}.mkv"
        if copy.exists():
            return copy
        slots = [round(at * rate) for at, _ in shown]
        with av.open(str(copy), "w") as out:
            made = out.add_stream("ffv1", rate=rate)
            made.width, made.height, made.pix_fmt = shown[0][1].width, shown[0][1].height, "yuv420p"
            for n in range(slots[-1] + 1):
                frame = shown[max(int(np.searchsorted(slots, n, "right")) - 1, 0)][1]
                drawn = av.VideoFrame.from_ndarray(frame.to_ndarray(format="yuv420p"), "yuv420p")
                drawn.pts, drawn.time_base = n, 1 / rate
                out.mux(made.encode(drawn))
            out.mux(made.encode(None))
        return copy


class Filters:
    """Filters fitted on everybody but those they are evaluated on."""

    def __init__(self, clips: Sequence[Clip]) -> None:
        self._clips = clips
        self.offsets = self._in_sync()
        self._made: dict[frozenset[str], ExpectedMouth] = {}
        each = [self._skill(clip) for clip in clips]
        self.skill = np.maximum(np.mean(each, axis=0), 0.05).astype(np.float32)
        self._made.clear()

    def without(self, *people: str) -> ExpectedMouth:
        """The filter fitted on nobody of `people`."""
        key = frozenset(people)
        if key not in self._made:
            clips = [clip for clip in self._clips if clip.person not in key]
            skill = getattr(self, "skill", np.ones(MEASURES, np.float32))
            self._made[key] = ExpectedMouth(self._fitted(clips, self.offsets), skill)
        return self._made[key]

    def _in_sync(self) -> dict[str, float]:
        """Each clip's offset: GRID's are 0, the others' are estimated with the filter, in
        rounds."""
        grid = [clip for clip in self._clips if clip.name.startswith("grid")]
        offsets = {clip.name: 0.0 for clip in grid}
        known = grid
        for _ in range(ROUNDS):
            mouth_filter = ExpectedMouth(
                self._fitted(known, offsets), np.ones(MEASURES, np.float32)
            )
            for clip in (c for c in self._clips if c not in grid):
                offsets[clip.name] = clip.offset(mouth_filter).seconds or _best(clip, mouth_filter)
            known = list(self._clips)
        return offsets

    def _fitted(self, clips: Sequence[Clip], offsets: Mapping[str, float]) -> NDArray[np.float32]:
        parts = []
        for clip in clips:
            at = clip.times + offsets[clip.name]
            inputs, inside = expected_at(clip.inputs, clip.inputs, at)
            use = inside & clip.faces[0][1]
            parts.append((inputs[use], clip.motion[use]))
        return fit_filter(parts, STRICTNESS)

    def _skill(self, clip: Clip) -> list[float]:
        mouth_filter = self.without(clip.person)
        expected, _ = expected_at(
            mouth_filter.predict(clip.features), clip.features, clip.times + self.offsets[clip.name]
        )
        return [likeness(expected[:, n], clip.motion[:, n]) for n in range(MEASURES)]


def _best(clip: Clip, mouth_filter: ExpectedMouth) -> float:
    """The best lag, sure or not."""
    audio = AlignedAudio(clip.features, clip.times)
    return float(
        LAGS[int(np.argmax(fit_by_lag(audio, clip.motion, clip.faces[0][1], LAGS, mouth_filter)))]
    )


# -- offsets -------------------------------------------------------------------------------


def offset_rows(clips: Sequence[Clip], filters: Filters) -> list[dict[str, object]]:
    """Each clip's offset, and how it follows when the sound is shifted by whole frames."""
    rows = []
    for clip in clips:
        mouth_filter = filters.without(clip.person)
        own = clip.offset(mouth_filter)
        shifted = [clip.offset(mouth_filter, late=n / clip.rate) for n in range(-10, 11) if n]
        moved = [n / clip.rate for n in range(-10, 11) if n]
        off = [abs(s.seconds - m - own.seconds) for s, m in zip(shifted, moved, strict=True)]
        near = np.array(off) <= 1 / clip.rate
        rows.append({
            "clip": Path(clip.name).stem, "ms": own.milliseconds, "sure": own.sure,
            "confidence": round(own.confidence, 3), "score": round(float(max(own.scores)), 3),
            "shifted_within_a_frame": round(float(near.mean()), 3),
            "shifted_sure": round(float(np.mean([s.sure for s in shifted])), 3),
            "shifted_sure_and_wrong": int(sum(
                s.sure and not ok for s, ok in zip(shifted, near, strict=True))),
        })  # fmt: skip
    return rows


def copies_rows(
    original: Clip, copies: Sequence[Clip], filters: Filters
) -> list[dict[str, object]]:
    """The copies with shifted sound, against their files' own delays."""
    mouth_filter = filters.without(original.person)
    first = original.offset(mouth_filter).seconds
    rows: list[dict[str, object]] = [
        {"clip": Path(original.name).stem, "ms": round(1000 * first, 1),
         "truth_ms": 1000 * PUBLISHED_S, "off_frames": round((first - PUBLISHED_S) * 25, 2)}
    ]  # fmt: skip
    for copy in copies:
        truth = PUBLISHED_S + _sound_later(original, copy) - _picture_later(copy)
        result = copy.offset(mouth_filter).seconds
        rows.append({"clip": Path(copy.name).stem, "ms": round(1000 * result, 1),
                     "truth_ms": round(1000 * truth, 1),
                     "off_frames": round((result - truth) * 25, 2)})  # fmt: skip
    return rows


def _sound_later(original: Clip, copy: Clip) -> float:
    """Seconds by which the copy's sound lies later, from the sounds alone."""
    one, other = (np.asarray(read_sound(FOOTAGE / c.name).samples) for c in (original, copy))
    size = 1 << int(np.ceil(np.log2(len(one) + len(other))))
    alike = np.fft.irfft(np.fft.rfft(other, size) * np.conj(np.fft.rfft(one, size)))
    at = int(np.argmax(alike))
    return (at if at < size // 2 else at - size) / 16000


def _picture_later(copy: Clip) -> float:
    """Seconds by which the copy's later frames are shown later than counting says."""
    with av.open(str(FOOTAGE / copy.name)) as source:
        stamps = [float(f.pts * f.time_base) for f in source.decode(video=0)]
    return stamps[100] - 100 / copy.rate


def excerpt_rows(clips: Sequence[Clip], filters: Filters) -> list[dict[str, object]]:
    """Offsets from 3 and 6 s alone, and from another person's sound, which has none."""
    rng = np.random.default_rng(0)
    rows = []
    for seconds in (3.0, 6.0):
        off, sure, foreign = [], [], []
        for clip in clips:
            mouth_filter, length = filters.without(clip.person), int(seconds * clip.rate)
            for first in range(0, len(clip.times) - length + 1, length // 2):
                part = slice(first, first + length)
                result = clip.offset(mouth_filter, part)
                off.append(abs(result.seconds - filters.offsets[clip.name]))
                sure.append(result.sure)
                others = [c for c in clips if c.person != clip.person]
                other = others[rng.integers(len(others))]
                audio = AlignedAudio(other.features, clip.times[:length])
                mouth, seen = clip.faces[0]
                strange = filters.without(clip.person, other.person)
                foreign.append(
                    sound_offset(audio, mouth[part], seen[part], mouth_filter=strange).sure
                )
        near = np.array(off) <= 0.04
        rows.append({"seconds": seconds, "excerpts": len(off),
                     "within_40_ms": round(float(near.mean()), 3),
                     "sure": round(float(np.mean(sure)), 3),
                     "wrong_where_sure": int((~near & sure).sum()),
                     "stranger_sure": round(float(np.mean(foreign)), 3)})  # fmt: skip
    return rows


# -- faces ---------------------------------------------------------------------------------


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


def pair_rows(clips: Sequence[Clip], filters: Filters) -> Iterator[dict[str, object]]:
    """Every two people at one frame rate: one's sound, both faces; then the other's face alone."""
    for one, other in permutations(clips, 2):
        length = min(len(one.times), len(other.times), int(LONGEST_S * one.rate))
        if one.person == other.person or one.rate != other.rate or length < 2.5 * one.rate:
            continue
        mouth_filter = filters.without(one.person, other.person)
        frames = FrameRange(0, length, Fraction(one.rate).limit_denominator(1001))
        faces = [(mouth[:length], seen[:length]) for mouth, seen in (one.faces[0], other.faces[0])]
        audio, whole = AlignedAudio(one.features, one.times[:length]), slice(0, length)
        both = separate_speakers(faces, [whole] * 2, frames, audio, mouth_filter=mouth_filter)
        alone = separate_speakers(faces[1:], [whole], frames, audio, mouth_filter=mouth_filter)
        spoken = one.spoken(one.times[:length] + filters.offsets[one.name])
        named = np.argmax(np.concatenate([both.faces, both.off_screen[None]]), axis=0)[spoken]
        yield {
            "sound": one.name, "beside": other.name, "seconds": length / one.rate,
            "sure": both.offset.sure, "right": float((named == 0).mean()),
            "other": float((named == 1).mean()), "nobody": float((named == 2).mean()),
            "off_screen": float((alone.off_screen > alone.faces[0])[spoken].mean()),
        }  # fmt: skip


def turn_rows(
    clips: Sequence[Clip], filters: Filters, behind: int = 0
) -> Iterator[dict[str, object]]:
    """Two people who take turns: the sound of one for half the time, then that of the other.

    Args:
        behind: frames by which the other's picture comes late, as by another feed.
    """
    long = [clip for clip in clips if len(clip.times) / clip.rate >= 2 * 3.0]
    for one, other in permutations(long, 2):
        if one.person == other.person or one.rate != other.rate:
            continue
        length = min(len(one.times), len(other.times), int(LONGEST_S * one.rate))
        offsets = [filters.offsets[clip.name] for clip in (one, other)]
        half = length / one.rate / 2
        features = extract_features(
            _spliced(one, other, half, offsets[1] - offsets[0], length / one.rate)
        )
        shown = np.arange(length)
        late = np.maximum(shown - behind, 0)
        faces = [
            tuple(part[at] for part in clip.faces[0]) for clip, at in ((one, shown), (other, late))
        ]
        frames = FrameRange(0, length, Fraction(one.rate).limit_denominator(1001))
        mouth_filter = filters.without(one.person, other.person)
        audio = AlignedAudio(features, one.times[:length])
        result = separate_speakers(
            faces, [slice(0, length)] * 2, frames, audio, mouth_filter=mouth_filter
        )
        at = one.times[:length] + offsets[0]
        speech = np.asarray(features.speech, np.float64)[:, None]
        spoken = readings(speech, features, at)[:, 0] > 0.5
        named = np.argmax(np.concatenate([result.faces, result.off_screen[None]]), axis=0)
        right = named == (at >= half)
        yield {"first": one.name, "then": other.name, "sure": result.offset.sure,
               "right": float(right[spoken].mean())}  # fmt: skip


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
    """Means over turns."""
    means = {key: round(float(np.mean([t[key] for t in turns])), 3) for key in ("right", "sure")}
    return {"pairs": len(turns)} | means


# -- fitting -------------------------------------------------------------------------------


def fit_all(clips: Sequence[Clip], filters: Filters) -> dict[str, list[float]]:
    """Write the filter that ships; fit the constants of confidence and of speaking on other
    people."""
    shipped = filters.without(*UNLICENSED)
    people = set(PEOPLE.values()) - UNLICENSED
    metadata = {"licence": "Apache-2.0", "made by": "benchmarks/speaking.py --fit",
            "from": f"tracked mouths and sound of {len(people)} people"}  # fmt: skip
    save_file({"weights": np.array(shipped.weights), "skill": np.array(shipped.skill)},
              str(WEIGHTS), metadata=metadata)  # fmt: skip
    return {"sound_offset.CHANCE": _chance(clips, filters), "speaking.OWN": _own(clips, filters)}


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
                near = abs(result.seconds - filters.offsets[clip.name]) <= 0.04
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
            late = filters.offsets[clip.name] if source is clip else 0.0
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


# -- all of it -----------------------------------------------------------------------------


def table(title: str, rows: Sequence[Mapping[str, object]]) -> Table:
    """Rows of one shape as a table."""
    shown = Table(title=title)
    for name in rows[0]:
        shown.add_column(name, justify="left" if isinstance(rows[0][name], str) else "right")
    for row in rows:
        shown.add_row(*map(str, row.values()))
    return shown


def measure(shelf: Shelf, part: str | None) -> dict[str, object]:
    """Every figure, and whether the project's targets are met."""
    result: dict[str, object] = {}
    passed = []
    if part != "offsets":
        debate = debate_row(shelf.clip(DEBATE, "debate"))
        result["debate"] = debate
        passed.append(debate["speaking_right"] >= LEAST_RIGHT)
        passed.append(debate["speaking_right"] > debate["always_left"])
    if part == "debate":
        return {"passed": all(passed), **result}
    clips = [shelf.clip(name, person) for name, person in PEOPLE.items()]
    filters = Filters(clips)
    if part != "faces":
        rows = offset_rows(clips, filters)
        original = next(clip for clip in clips if clip.name == ORIGINAL)
        copies = copies_rows(original, [shelf.clip(n, "syncnet") for n in COPIES], filters)
        share = float(np.mean([row["shifted_within_a_frame"] for row in rows]))
        result |= {"offsets": rows, "copies": copies, "excerpts": excerpt_rows(clips, filters),
                  "shifted_within_a_frame": round(share, 3)}  # fmt: skip
        passed += [share >= LEAST_SHARE, all(abs(row["off_frames"]) <= 0.5 for row in copies)]
    if part != "offsets":
        result |= {
            "pairs": faces_summary(list(pair_rows(clips, filters))),
            "turns": {
                f"{behind}_frames_behind": turns_summary(list(turn_rows(clips, filters, behind)))
                for behind in BEHIND
            },
        }
    return {"passed": all(passed), **result}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option("--kept", type=click.Path(file_okay=False, path_type=Path),
              help="Folder in which tracks are saved between runs.")  # fmt: skip
@click.option("--fit", is_flag=True, help="Fit the shipped filter and print the constants.")
@click.option("--part", type=click.Choice(["offsets", "faces", "debate"]), help="Only this.")
def main(as_json: bool, kept: Path | None, fit: bool, part: str | None) -> None:
    """Measure; exit 3 where a target is missed."""
    with TemporaryDirectory() as scratch:
        folder = kept or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        shelf = Shelf(folder)
        if fit:
            clips = [shelf.clip(name, person) for name, person in PEOPLE.items()]
            click.echo(json.dumps(fit_all(clips, Filters(clips)), indent=1))
            return
        result = measure(shelf, part)
    if as_json:
        click.echo(json.dumps(result, indent=1))
    else:
        console = Console(width=140)
        for name, rows in result.items():
            if isinstance(rows, list):
                console.print(table(name, rows))
            else:
                console.print(name, rows)
    raise SystemExit(0 if result["passed"] else 3)


if __name__ == "__main__":
    main()
