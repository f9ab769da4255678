"""The voices of a mixed stem told apart by ear, and with whose faces each is heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from dubsync.core.shot import Line, ProjectWarning, Stem
from dubsync.core.sound.voices import Voice
from dubsync.core.timeline.timecode import Clock, FrameRange
from dubsync.service.voices.voice_cast import NOBODY, VoiceCast
from dubsync.service.voices.voice_face_match import (
    SeenFace,
    VoiceFaceEvidence,
    over_others,
    together,
    two_people,
    utterances,
    with_stranger,
)

#: The faces over which some lines sound, as far as anybody looked.
FaceLookup = Callable[[Sequence[Line]], Sequence[SeenFace]]


@dataclass(frozen=True, slots=True)
class Listened:
    """What was heard of a stem, under which faces; `again`: voices that were two people's."""

    voices: list[Voice]
    faces: Sequence[SeenFace]
    seen: tuple[VoiceFaceEvidence, ...]
    again: tuple[str, ...] = ()

    def warnings(self, stem: str, cast: VoiceCast, clock: Clock) -> list[ProjectWarning]:
        """That it was listened to again, and which lines may be with the wrong voice still."""
        if not self.again:
            return []
        odd = [
            f"{cast.characters[voice.name]} at {clock.timecode(a)} to {clock.timecode(b)}"
            for voice in self.voices
            if cast.characters.get(voice.name, NOBODY) != NOBODY
            for a, b in over_others(voice, cast.characters[voice.name], self.faces)
        ]
        told = f"; over another's face alone: {', '.join(odd)}" if odd else ""
        return [
            ProjectWarning(
                stem,
                f"{' and '.join(self.again)} was heard with two characters' faces, so it was "
                f"listened to again for {len(self.voices)} voices{told}",
                "look whether each line has its speaker; answer by timecodes: numbers changed",
            )
        ]


def diarize(
    hear: Callable[[int | None], list[Voice]],
    look: FaceLookup,
    people: Sequence[str],
    stem: Stem,
    clock: Clock,
) -> Listened:
    """The voices of a stem, and with whose faces they are heard.

    A voice that is plainly heard with two faces is two people's that sound alike: then `hear` is
    asked again, for that many voices more.
    """
    voices = hear(None)
    faces = look([line for voice in voices for line in spoken_lines(voice, stem, clock.rate)])
    seen = together(voices, people, faces)
    two = two_people(seen)
    wanted = min(len(voices) + len(two), len(people))
    apart = hear(wanted) if wanted > len(voices) else []
    if len(apart) <= len(voices):
        return Listened(voices, faces, seen)
    return Listened(apart, faces, together(apart, people, faces), tuple(two))


def spoken_lines(voice: Voice, stem: Stem, rate: Fraction) -> list[Line]:
    """A voice's turns as lines, short gaps joined."""
    lines = []
    for n, (start, stop) in enumerate(utterances(voice), 1):
        first = floor(Fraction(start) * rate)
        record = FrameRange(first, max(ceil(Fraction(stop) * rate), first + 1), rate)
        lines.append(Line(f"{voice.name}_L{n:03d}", voice.name, stem.language, stem.path, record))
    return lines


def stranger_warnings(
    reel: str, stem: str, voices: Sequence[Voice], faces: Sequence[SeenFace]
) -> list[ProjectWarning]:
    """For each voice that waits, a face that it is heard with and that somebody could name."""
    warnings = []
    for voice in voices:
        if (result := with_stranger(voice, faces)) is not None:
            face, seconds = result
            point = f"{face.at[0]:.0f},{face.at[1]:.0f}"
            warnings.append(
                ProjectWarning(
                    stem,
                    f"{voice.name} is heard with the face at {point} in {face.shot} "
                    f"({seconds:.1f} s), which nobody has named",
                    "name it once, and its voice may be known everywhere: dubsync sync "
                    f"{reel} {face.shot} --face CHARACTER={point}",
                )
            )
    return warnings
