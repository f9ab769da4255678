"""Clips of ../shared/footage with faces and sounds, and filters that know nobody judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.clean_footage import clip_path
from benchmarks.sound_head import TRACKED_BY, TRAINED_ON
from dubsync.core.digest import digest
from dubsync.core.face import FaceTrack
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.av_sync import Offset
from dubsync.core.steps import AlignedAudio
from dubsync.engine import build
from dubsync.engine.motion.fit import channels, frontal
from dubsync.engine.sound.av_offset import fit_by_lag, likeness, readings, sound_offset
from dubsync.engine.sound.expected_mouth import (
    MEASURES,
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

#: Clip -> the person in it: no filter and no constant was fitted on them.
HELD_OUT = {
    "woman_braids_720p_24s.mp4": "braids",
    "newsman_512_71s.mp4": "newsman",
    "fr_man_suit_512_50s.mp4": "french", "katiehill_512_8s.mp4": "hill",
    "man_suit_700_6s.mp4": "suit", "obama_whcd_podium_480p_5s.mp4": "obama",
    "vox2_a00015.mp4": "a15", "vox2_a00086.mp4": "a86", "vox2_a00104.mp4": "a104",
    "vox2_a681100216.mp4": "a681", "vox2_i00098.mp4": "i98", "vox2_p00067.mp4": "p67",
    "vox2_p00473.mp4": "p473", "vox2_p517600055.mp4": "p517", "vox2_p620900105.mp4": "p620",
    "vox2_p741400163.mp4": "p741", "vox2_p796100172.mp4": "p796",
}  # fmt: skip
ORIGINAL = "syncnet_example_offset3.avi"
COPIES = ("syncnet_example_shift5.avi", "syncnet_example_shift12.avi")
STRICTNESS = 500.0
ROUNDS = 4  #: alternating estimates of offsets and filter
LAGS = np.arange(-80, 81) * 0.01

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
    """Clips, tracked once; saved in a folder (that of `benchmarks.sound_head` serves too)."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._store = folder, Store(folder)
        self._engine = build(EngineSettings())

    def taught(self) -> list[Clip]:
        """The clips that the filter and the constants are fitted on."""
        return [self.clip(name, person) for name, person in TRAINED_ON.items()]

    def held_out(self) -> list[Clip]:
        """The clips that judge them."""
        return [self.clip(name, person) for name, person in HELD_OUT.items()]

    def clip(self, name: str, person: str) -> Clip:
        path = clip_path(name)
        even = self._evenly_spaced(path)
        plate = probe_plate(even)
        key = digest(TRACKED_BY, self._store.file_digest(path))[:32]

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
            stamps = [float(f.pts * f.time_base) for f in source.decode(video=0)]
        gaps = np.diff(stamps)
        if np.ptp(gaps) < 0.002:
            return path
        rate = Fraction(round(1 / float(gaps.min())))
        copy = self._folder / f"{path.stem}.mkv"
        if copy.exists():
            return copy
        with av.open(str(path)) as source:
            shown = list(source.decode(video=0))
        slots = [round(at * rate) for at in stamps]
        with av.open(str(copy), "w") as out:
            made = out.add_stream("ffv1", rate=rate)
            made.width, made.height, made.pix_fmt = shown[0].width, shown[0].height, "yuv420p"
            for n in range(slots[-1] + 1):
                frame = shown[max(int(np.searchsorted(slots, n, "right")) - 1, 0)]
                drawn = av.VideoFrame.from_ndarray(frame.to_ndarray(format="yuv420p"), "yuv420p")
                drawn.pts, drawn.time_base = n, 1 / rate
                out.mux(made.encode(drawn))
            out.mux(made.encode(None))
        return copy


class Filters:
    """Filters fitted on `clips`, but on nobody that they are evaluated on.

    offsets  clip -> how late its sound is, seconds: of `clips`
    skill    (8,) correlation of each measure, each person's by a filter fitted without them
    """

    def __init__(self, clips: Sequence[Clip]) -> None:
        self._clips = clips
        self.offsets = self._in_sync()
        self._made: dict[frozenset[str], ExpectedMouth] = {}
        each = [self._skill(clip) for clip in clips]
        self.skill = np.maximum(np.mean(each, axis=0), 0.05).astype(np.float32)
        self._made.clear()

    def without(self, *people: str) -> ExpectedMouth:
        """The filter fitted on nobody of `people`."""
        key = frozenset(people) & {clip.person for clip in self._clips}
        if key not in self._made:
            clips = [clip for clip in self._clips if clip.person not in key]
            skill = getattr(self, "skill", np.ones(MEASURES, np.float32))
            self._made[key] = ExpectedMouth(self._fitted(clips, self.offsets), skill)
        return self._made[key]

    def late(self, clip: Clip) -> float:
        """How late the clip's sound is, seconds; of a held-out clip, by a filter without them."""
        if clip.name not in self.offsets:
            mouth_filter = self.without(clip.person)
            found = clip.offset(mouth_filter)
            self.offsets[clip.name] = found.seconds or _best(clip, mouth_filter)
        return self.offsets[clip.name]

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
            inputs, inside = expected_at(clip.inputs, clip.features, at)
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
