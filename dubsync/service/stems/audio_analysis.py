"""Sound analysis of stems, plates and takes on record time; every result is cached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.digest import digest
from dubsync.core.errors import MediaError
from dubsync.core.progress import Progress, silent
from dubsync.core.reading.moments import seconds_at
from dubsync.core.shot import Plate, Shot, Stem
from dubsync.core.sound.audio import AudioFeatures, Sound
from dubsync.core.sound.tracks import WHOLE
from dubsync.core.sound.voices import Turn, Voice, alone
from dubsync.core.steps import AlignedAudio, Seconds
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.spoken_track import SpokenTrack
from dubsync.core.tweak.take_comp import ShotWord
from dubsync.media.sound.condition import VERSION as CONDITION_VERSION
from dubsync.media.sound.condition import Condition, sound_condition
from dubsync.media.sound.stem import SoundFile, read_sound
from dubsync.media.sound.two_pop import VERSION as POPS_VERSION
from dubsync.media.sound.two_pop import Pop, head_pop, tail_pop
from dubsync.service.stems.channels import VERSION as CHANNELS_VERSION
from dubsync.service.stems.channels import own_dialogue
from dubsync.service.stems.lip_marks import marks_under
from dubsync.service.stems.shot_words import words_in_shot
from dubsync.service.stems.sound_keys import (
    ANALYSIS_RATE,
    MARGIN_S,
    Rests,
    frame_digests,
    rests_under,
    runs,
    window_digest,
)
from dubsync.service.stems.spoken_dub import DubSound, heard_track
from dubsync.service.stems.word_times import spoken_words, usable_lines
from dubsync.service.store.folder import Store
from dubsync.speech.audio_features import VERSION, HeardSound, extract_features, hear
from dubsync.speech.dtw import VERSION as ALIGN_VERSION
from dubsync.speech.dtw import align
from dubsync.speech.forced_alignment import AlignedWord
from dubsync.speech.intervals import VERSION as BESIDE_VERSION
from dubsync.speech.intervals import Beside, beside, only
from dubsync.speech.lines import spoken_runs
from dubsync.speech.voices import SHIPPED, voiceprint, who_speaks
from dubsync.speech.voices import VERSION as VOICES_VERSION

MOST_HELD = 8  #: stems whose features are held, of which only curves are in memory
TAKE_FOUND = 0.5  #: least confidence at which a take counts as found in the dub


class AudioAnalysisCache:
    """Analyses a project's sound files and caches the results in `store`."""

    def __init__(self, store: Store, device: str = "auto") -> None:
        self._store, self._device = store, device
        self._held: dict[tuple[str, Fraction], AudioFeatures] = {}

    def is_heard(self, stem: Stem) -> bool:
        """Whether `stem_features` and `rests` were worked out already: they answer at once."""
        key = self._stem_key(stem)
        return self._store.has_hearing(key) and self._store.kept_arrays("rests", key) is not None

    def _stem_key(self, stem: Stem) -> str:
        parts = [VERSION, *self._heard(stem)]
        return digest("dub", *parts) if stem.turns is None else digest("dub", *parts, stem.turns)

    def stem_features(self, stem: Stem) -> AudioFeatures:
        """Features of the whole stem, on record time (seconds since midnight).

        What has many numbers a reading stays on disk, and is read where a shot looks at it.  The
        stems that were asked for last are held: 1.4 MB for 20 minutes.
        """
        key = self._stem_key(stem)

        def make() -> AudioFeatures:
            heard = self._hear(stem)
            self._store.arrays("rests", key, lambda: {"rests": runs(heard.rests)})
            return heard.features

        # Cached without its start: after a recut each shot may place the stem elsewhere.
        held = self._held.pop((key, stem.start), None)
        if held is None:
            whole = self._store.long_hearing(key, make)
            held = replace(whole, start=whole.start + stem.start)
        self._held[key, stem.start] = held  # the newest goes last
        while len(self._held) > MOST_HELD:
            self._held.pop(next(iter(self._held)))
        return held

    def _hear(self, stem: Stem) -> HeardSound:
        if stem.turns is not None:
            return hear(only(_whole(stem), stem.turns), device=self._device)
        return hear(_whole(stem), device=self._device)  # nobody else holds its samples

    def condition(self, stem: Stem) -> Condition:
        """The condition of the whole stem by the channels heard; reading 0 is its first sample."""
        key = digest("condition", CONDITION_VERSION, *self._heard(stem))

        def make() -> dict[str, np.ndarray]:
            made = sound_condition(Path(stem.path), stem.sample_rate, stem.n_samples, stem.heard)
            return {"level": made.level, "high": made.high, "flat": made.flat}

        return Condition(**self._store.arrays("condition", key, make))

    def _heard(self, stem: Stem) -> list[object]:
        """What names the sound of a stem in cache keys: its file, and the channels heard."""
        known = self._store.file_digest(Path(stem.path))
        return [known] if stem.heard == WHOLE else [known, stem.heard]

    def two_pops(self, sound: SoundFile) -> tuple[Pop | None, Pop | None]:
        """The 2-pops at the head and tail of a stem; a tail pop only where there is a head pop.

        Their times are seconds from the stem's first sample.
        """
        path = Path(sound.path)

        def make() -> dict[str, np.ndarray]:
            head = head_pop(path, sound.heard)
            seconds = Fraction(sound.n_samples, sound.sample_rate)
            tail = tail_pop(path, seconds, sound.heard) if head else None
            times = [(pop.start, pop.seconds) for pop in (head, tail) if pop]
            return {"pops": np.array(times, np.float64).reshape(-1, 2)}

        known = [] if sound.heard == WHOLE else [sound.heard]
        key = digest("pops", POPS_VERSION, self._store.file_digest(path), *known)
        pops = [Pop(*pop) for pop in self._store.arrays("pops", key, make)["pops"].tolist()]
        return (pops[0] if pops else None, pops[1] if len(pops) > 1 else None)

    def voices(
        self,
        stem: Stem,
        *,
        speakers: int | None = None,
        diarization: str = SHIPPED,
        progress: Progress = silent,
    ) -> tuple[Voice, ...]:
        """The voices of a mixed stem by diarization; turns in seconds from its first sample.

        Args:
            speakers: how many voices there are; None: unknown.

        Raises:
            ModelError: the diarization model is not available.
        """
        path = Path(stem.path)
        known = [] if speakers is None else [speakers]
        key = digest("voices", VOICES_VERSION, *self._heard(stem), diarization, *known)

        def make() -> dict[str, np.ndarray]:
            sound = _whole(stem)
            turns = who_speaks(
                sound, speakers=speakers, diarization=diarization, name=path.name, progress=progress
            )
            names = tuple(dict.fromkeys(turn.speaker for turn in turns))
            prints = [voiceprint(sound, alone(turns, name)) for name in names]
            return {
                "turns": np.array(
                    [(names.index(t.speaker), t.start, t.stop) for t in turns], np.float64
                ).reshape(-1, 3),
                "prints": np.array(prints, np.float32).reshape(len(names), -1),
            }

        arrays = self._store.arrays("voices", key, make)
        result = []
        for n, direction in enumerate(arrays["prints"]):
            name = f"Speaker {n + 1}"
            own = arrays["turns"][arrays["turns"][:, 0] == n]
            turns = tuple(Turn(name, float(start), float(stop)) for _, start, stop in own)
            result.append(Voice(name, turns, direction))
        return tuple(result)

    def voiceprint(self, path: Path) -> Array:
        """The voiceprint of a recording of one voice, see `speech.voices.voiceprint`.

        Zeros where nobody speaks.

        Raises:
            MediaError: the file holds no sound.
        """
        key = digest("voice in", VOICES_VERSION, VERSION, CHANNELS_VERSION,
                     self._store.file_digest(path))  # fmt: skip

        def make() -> dict[str, np.ndarray]:
            sound = own_dialogue(path)
            return {"print": voiceprint(sound, spoken_runs(extract_features(sound)))}

        return np.asarray(self._store.arrays("voices", key, make)["print"], np.float32)

    def beside_speech(self, stem: Stem, spans: Sequence[tuple[float, float]]) -> Beside:
        """What sounds in a stem outside `spans`, seconds from its first sample, of speech."""
        key = digest("beside", BESIDE_VERSION, *self._heard(stem), tuple(spans))

        def make() -> dict[str, np.ndarray]:
            measured = beside(_whole(stem), spans)
            return {"beside": np.array([measured.share, measured.db])}

        share, db = self._store.arrays("beside", key, make)["beside"]
        return Beside(float(share), float(db))

    def dub_audio(
        self, stem: Stem, shot: Shot, frames: FrameRange, spoken: SpokenTrack | None = None
    ) -> AlignedAudio:
        """The stem aligned with plate frames `frames` of `shot`.

        The words of a script, where there is one, refine the features, and the lips that a
        rythmo band marks.

        Args:
            spoken: words by hand, in place of those of the script.
        """
        times = np.array([float(shot.record_seconds(f)) for f in _numbers(frames)])
        return AlignedAudio(self.dub_sound(stem, shot).features(spoken), times)

    def dub_sound(self, stem: Stem, shot: Shot) -> DubSound:
        """The stem's sound under `shot`, ready for words by hand."""
        features = self.stem_features(stem)
        lines = usable_lines(shot.lines, stem)
        words = spoken_words(self._store, stem, lines, lambda: features) if lines else ()
        return DubSound(shot, features, words, marks_under(shot.lines, stem))

    def heard_track(self, stem: Stem, shot: Shot) -> SpokenTrack:
        """The words of the script that are heard in `shot`; none without a script."""
        features = self.stem_features(stem)
        return heard_track(shot, self._by_line(stem, shot, features))

    def shot_words(self, stem: Stem, shot: Shot) -> tuple[ShotWord, ...]:
        """The words of the stem that are heard in `shot`, see `words_in_shot`."""
        features = self.stem_features(stem)
        return words_in_shot(shot, stem, features, self._by_line(stem, shot, features))

    def _by_line(
        self, stem: Stem, shot: Shot, features: AudioFeatures
    ) -> dict[str, tuple[AlignedWord, ...]]:
        """Name of a line of the shot -> its words as they are heard, on record time."""
        lines = usable_lines(shot.lines, stem)
        if lines:  # all at once: it is faster where they are new
            spoken_words(self._store, stem, lines, lambda: features)
        return {
            line.name: spoken_words(self._store, stem, (line,), lambda: features) for line in lines
        }

    def plate_audio(self, plate: Plate, frames: FrameRange) -> AlignedAudio | None:
        """The plate's own sound aligned with its frames `frames`; None for a silent plate."""
        if not plate.has_sound:
            return None
        first = seconds_at(plate, frames.start)
        begin = max(Fraction(0), first - Fraction(MARGIN_S))
        seconds = Fraction(len(frames)) / frames.rate + first - begin + Fraction(MARGIN_S)
        path = Path(plate.path)
        key = digest(
            "said", VERSION, CHANNELS_VERSION, self._store.file_digest(path), begin, seconds
        )

        def make() -> AudioFeatures:
            sound = own_dialogue(path, first=begin, seconds=seconds)
            return extract_features(sound, device=self._device)

        times = np.array([float(seconds_at(plate, f)) for f in _numbers(frames)])
        return AlignedAudio(self._store.hearing(key, make), times)

    def rests_under(self, stem: Stem, shot: Shot) -> Rests:
        """Where lips rest in the stem's music under `shot`, see `sound_keys.rests_under`.

        Only where music is heard: a render that was made before music was told from a voice is
        still true elsewhere.
        """
        return rests_under(self.rests(stem), stem, shot)

    def rests(self, stem: Stem) -> Rests:
        """Readings (first, last + 1) of the whole stem at which lips rest in its music."""
        key = self._stem_key(stem)
        found = self._store.arrays("rests", key, lambda: {"rests": runs(self._hear(stem).rests)})
        return tuple((int(first), int(stop)) for first, stop in found["rests"])

    def window_digest(self, stem: Stem, shot: Shot) -> str:
        """Digest of the stem's samples under `shot` and of its words, see `sound_keys`."""
        return window_digest(stem, shot)

    def frame_digests(self, stem: Stem, shot: Shot, within_s: Fraction) -> tuple[str, ...]:
        """A digest of the sound near each frame of `shot.render`, see `sound_keys`."""
        return frame_digests(stem, shot, within_s, self.rests(stem))

    def heard_in(self, take: Plate, stem: Stem) -> bool:
        """Whether `align_take` can align `take`: it has sound, or is its own dub."""
        return take.has_sound or Path(take.path).resolve() == Path(stem.path).resolve()

    def align_take(self, take: Plate, stem: Stem) -> tuple[Seconds, Array]:
        """Aligns a take's sound with the dub.

        Returns:
            (T,) record time in seconds at which each frame of `take` is heard in the dub, and
            (T,) how alike take and dub sound there, 0..1.

        Raises:
            MediaError: the take is silent, or its words are not in the stem.
        """
        at = np.arange(len(take.frames)) / float(take.frames.rate)
        if Path(take.path).resolve() == Path(stem.path).resolve():  # the take is its own dub
            return at + float(stem.start), np.ones(len(at), np.float32)
        if not take.has_sound:
            raise MediaError(
                f"take {take.name} has no sound, so it cannot be aligned with the dub",
                hint="export takes with their sound",
            )
        path = Path(take.path)
        key = digest("take", ALIGN_VERSION, VERSION, CHANNELS_VERSION,
                     self._store.file_digest(path), *self._heard(stem))  # fmt: skip
        from_first = replace(stem, start=Fraction(0))  # cached without its start, as the features

        def make() -> dict[str, np.ndarray]:
            aligned = align(
                extract_features(own_dialogue(path)),
                self.stem_features(from_first),
            )
            return {
                "take_s": np.asarray(aligned.take_s, np.float64),
                "dub_s": np.asarray(aligned.dub_s, np.float64),
                "confidence": np.array([aligned.confidence], np.float64),
                "alike": np.asarray(aligned.alike, np.float64),
            }

        result = self._store.arrays("takes", key, make)
        confidence = float(result["confidence"][0])
        if confidence < TAKE_FOUND:
            raise MediaError(
                f"the words of take {take.name} are not found in {Path(stem.path).name} "
                f"(confidence {confidence:.2f})",
                hint="check that it is a take of this dub and of this character",
            )
        alike = np.interp(at, result["take_s"], result["alike"])
        times = _extended(at, result["take_s"], result["dub_s"]) + float(stem.start)
        return times, np.asarray(alike, np.float32)

    def take_span(self, take: Plate, stem: Stem) -> tuple[float, float]:
        """(start, stop) in record time, seconds, of the take in the dub; raises as `align_take`."""
        times, _ = self.align_take(take, stem)
        return float(times[0]), float(times[-1])


def _whole(stem: Stem) -> Sound:
    """The whole stem by the channels heard, from its first sample."""
    return read_sound(Path(stem.path), rate=ANALYSIS_RATE, choice=stem.heard)


def _numbers(frames: FrameRange) -> range:
    return range(frames.start, frames.stop)


def _extended(at: Seconds, xs: Seconds, ys: Seconds) -> Seconds:
    """ys interpolated over xs at `at`; beyond the ends time continues at normal speed."""
    inside = np.interp(at, xs, ys)
    inside = np.where(at < xs[0], ys[0] + (at - xs[0]), inside)
    extended: Seconds = np.where(at > xs[-1], ys[-1] + (at - xs[-1]), inside)
    return extended
