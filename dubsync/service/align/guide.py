"""What lines are aligned to: the plates' own sound, or a sound file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from dubsync.core.errors import MediaError, MissingMedia, SettingsError
from dubsync.core.plural import counted
from dubsync.core.shot import Line, Shot, Turnover
from dubsync.core.sound.audio import READING_RATE
from dubsync.core.steps import Seconds
from dubsync.core.timeline.timecode import Clock, FrameRange
from dubsync.media.sound.stem import probe_sound
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.channels import own_dialogue
from dubsync.service.stems.stem_start import stem_start
from dubsync.speech.audio_features import extract_features
from dubsync.speech.elastic.rhythm import Rhythm, joined, phrases, rhythm_of

ORIGINAL = "original"  #: what --to calls the plates' own sound
GUIDE_ROLE = "NAME"  #: stands for a character in hints about a guide's start


class Guide(Protocol):
    """A sound whose rhythm lines take on."""

    @property
    def called(self) -> str:
        """How messages name it."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about where it was placed."""

    def rhythm(self, line: Line, times: Seconds, begin: float) -> Rhythm:
        """Its rhythm at `times` (N,) of record time, seconds, rising by one reading each.

        Args:
            begin: record time at which the line's speech begins.

        Raises:
            MediaError: there is no sound of it there.
        """


class OriginalSound:
    """The plates' own sound, as the cut shows the plates."""

    def __init__(self, shots: Sequence[Shot], audio: AudioAnalysisCache) -> None:
        self.called = "the original"
        self.notes: tuple[str, ...] = ()
        self._shots, self._audio = shots, audio
        self._known: dict[str, Rhythm] = {}

    def rhythm(self, line: Line, times: Seconds, begin: float) -> Rhythm:
        """See `Guide.rhythm`: of the shots in which the line is heard, retimed as the picture."""
        parts = []
        shots = [shot for shot in self._shots if line.name in {heard.name for heard in shot.lines}]
        for shot in shots:
            rhythm = self._of(shot)
            if rhythm is not None:
                parts.append(rhythm.at(_plate_seconds(shot, times), float(times[0])))
        if not parts:
            names = ", ".join(shot.plate.name for shot in shots)
            raise MediaError(
                f"{names} has no sound that plays forwards with its picture",
                hint="give the original's dialogue as a file: --to FILE",
            )
        return joined(parts)

    def _of(self, shot: Shot) -> Rhythm | None:
        if shot.name not in self._known:
            heard = self._audio.plate_audio(shot.plate, shot.render) if shot.time.rising else None
            if heard is None:
                return None
            self._known[shot.name] = rhythm_of(heard.features)
        return self._known[shot.name]


def _plate_seconds(shot: Shot, times: Seconds) -> Seconds:
    """Seconds from the plate's first frame that the cut shows at `times`; NaN outside the shot."""
    record = np.arange(shot.record.start, shot.record.stop + 1)
    frames = np.array([float(shot.time.at(Fraction(int(n)))) for n in record])
    at = np.asarray(times) * float(shot.record.rate)
    shown = np.interp(at, record, frames - shot.plate.frames.start, left=np.nan, right=np.nan)
    return np.asarray(shown / float(shot.plate.frames.rate), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class GuideFile:
    """A sound file: on the cut's clock, or, without a clock, one line alone.

    placed  whether its rhythm is on record time; otherwise its first speech is put where the
            line's is
    """

    called: str
    notes: tuple[str, ...]
    placed: bool
    _rhythm: Rhythm
    _clock: Clock

    def rhythm(self, line: Line, times: Seconds, begin: float) -> Rhythm:
        """See `Guide.rhythm`."""
        rhythm = self._rhythm
        if not self.placed:
            first = phrases(rhythm)[0][0] / READING_RATE
            return rhythm.at(times - begin + first, float(times[0]))
        found = rhythm.at(times, float(times[0]))
        if not found.known.any():
            start, stop = rhythm.start, rhythm.start + len(rhythm.speech) / READING_RATE
            raise MediaError(
                f"{self.called} runs from {self._clock.timecode(start)} to "
                f"{self._clock.timecode(stop)}, outside the line",
                hint="check its timecode, or export it as long as the cut",
            )
        return found


def open_guide(
    to: str, turnover: Turnover, audio: AudioAnalysisCache, lines: Sequence[Line]
) -> Guide:
    """The guide that `to` names: "original", or the path of a sound file.

    A file with a time stamp or a 2-pop is on the cut's clock.  One without that is as long as the
    cut begins with it; a shorter one is a single line.

    Raises:
        MissingMedia: no such file.
        MediaError: nobody speaks in it, or it cannot be read.
        SettingsError: a short file without a clock, and several lines.
    """
    if to == ORIGINAL:
        return OriginalSound(turnover.shots, audio)
    path = Path(to)
    if not path.is_file():
        raise MissingMedia(
            f"the guide was not found: {path}",
            hint="--to takes `original`, or the path of a sound file",
        )
    sound = probe_sound(path)
    cut, events = turnover.cut, turnover.cut.events
    record = FrameRange(
        min(e.record.start for e in events), max(e.record.stop for e in events), cut.rate
    )
    start = stem_start(sound, GUIDE_ROLE, "", record, cut.drop, audio)
    stamped = bool(sound.time_reference) or start.by_pop
    seconds, needed = sound.n_samples / sound.sample_rate, float(len(record) / record.rate)
    features = extract_features(own_dialogue(path))
    if not phrases(rhythm_of(features)):
        raise MediaError(f"nobody speaks in {path.name}", hint="is it the right file?")
    if stamped or seconds > 0.9 * needed:
        placed = replace(features, start=features.start + start.start)
        notes = () if stamped else (
            f"{path.name} has no timecode; it was placed at the cut's first frame",
        )  # fmt: skip
        return GuideFile(path.name, notes, True, rhythm_of(placed), Clock(cut.rate, cut.drop))
    if len(lines) > 1:
        raise SettingsError(
            f"{path.name} has no timecode and is shorter than the cut, so it can guide one line, "
            f"not {counted(len(lines), 'line')}",
            hint="name the line, or export the guide with timecode or as long as the cut",
        )
    note = f"{path.name} has no timecode: its first word was put where the line's is"
    return GuideFile(path.name, (note,), False, rhythm_of(features), Clock(cut.rate, cut.drop))
