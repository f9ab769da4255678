"""Separates the voices of a mixed stem, and matches them with the faces that speak the original."""

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
    over_other_faces,
    two_people,
    unnamed_face,
    utterances,
    voice_face_evidence,
)

#: The known faces in the shots over which some lines are heard.
FaceLookup = Callable[[Sequence[Line]], Sequence[SeenFace]]


@dataclass(frozen=True, slots=True)
class Diarized:
    """The voices of a stem and the faces in its shots.

    seen   evidence from the faces with which each voice is heard
    split  voices that were heard with two faces, so that the stem was diarized again
    """

    voices: list[Voice]
    faces: Sequence[SeenFace]
    seen: tuple[VoiceFaceEvidence, ...]
    split: tuple[str, ...] = ()

    def warnings(self, stem: str, cast: VoiceCast, clock: Clock) -> list[ProjectWarning]:
        """A warning where the stem was diarized again; it names lines that may still be wrong."""
        if not self.split:
            return []
        odd = [
            f"{cast.characters[voice.name]} at {clock.timecode(a)} to {clock.timecode(b)}"
            for voice in self.voices
            if cast.characters.get(voice.name, NOBODY) != NOBODY
            for a, b in over_other_faces(voice, cast.characters[voice.name], self.faces)
        ]
        doubtful = f"; lines over another character's face: {', '.join(odd)}" if odd else ""
        return [
            ProjectWarning(
                stem,
                f"{' and '.join(self.split)} was heard with two characters' faces, so the stem was "
                f"separated again into {len(self.voices)} voices{doubtful}",
                "check the speaker of each line; answer with timecodes, since the numbers changed",
            )
        ]


def diarize(
    hear: Callable[[int | None], list[Voice]],
    look: FaceLookup,
    people: Sequence[str],
    stem: Stem,
    clock: Clock,
) -> Diarized:
    """The voices of a stem, and the evidence of the faces with which they are heard.

    A voice that is clearly heard with two faces is taken for two people who sound alike: then the
    stem is diarized again, for that many voices more.

    Args:
        hear: diarizes the stem for so many voices; None: as many as it finds.
        look: returns the known faces over some lines.
        people: the characters in the stem.
    """
    voices = hear(None)
    faces = look([line for voice in voices for line in spoken_lines(voice, stem, clock.rate)])
    seen = voice_face_evidence(voices, people, faces)
    two = two_people(seen)
    wanted = min(len(voices) + len(two), len(people))
    separated = hear(wanted) if wanted > len(voices) else []
    if len(separated) <= len(voices):
        return Diarized(voices, faces, seen)
    evidence = voice_face_evidence(separated, people, faces)
    return Diarized(separated, faces, evidence, tuple(two))


def spoken_lines(voice: Voice, stem: Stem, rate: Fraction) -> list[Line]:
    """A voice's turns as lines; turns with short gaps are joined."""
    lines = []
    for n, (start, stop) in enumerate(utterances(voice), 1):
        first = floor(Fraction(start) * rate)
        record = FrameRange(first, max(ceil(Fraction(stop) * rate), first + 1), rate)
        lines.append(Line(f"{voice.name}_L{n:03d}", voice.name, stem.language, stem.path, record))
    return lines


def stranger_warnings(
    reel: str, stem: str, voices: Sequence[Voice], faces: Sequence[SeenFace]
) -> list[ProjectWarning]:
    """For each of `voices`, a warning about an unnamed face that it is heard with."""
    warnings = []
    for voice in voices:
        if (result := unnamed_face(voice, faces)) is not None:
            face, seconds = result
            point = f"{face.at[0]:.0f},{face.at[1]:.0f}"
            warnings.append(
                ProjectWarning(
                    stem,
                    f"{voice.name} is heard with the face at {point} in {face.shot} "
                    f"({seconds:.1f} s), which has no name yet",
                    "name the face once, and its voice may be recognised everywhere: dubsync sync "
                    f"{reel} {face.shot} --face CHARACTER={point}",
                )
            )
    return warnings
