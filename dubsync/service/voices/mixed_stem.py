"""Splits a stem with several characters into a stem and lines for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dubsync.core.arrays import Array
from dubsync.core.progress import Progress
from dubsync.core.shot import Line, Plate, ProjectWarning, Stem
from dubsync.core.sound.voices import Turn, Voice, VoiceEvidence
from dubsync.core.timeline.timecode import Clock
from dubsync.service.settings.project_file import ProjectFile, Role
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store
from dubsync.service.voices.diarization import FaceLookup, diarize, spoken_lines, stranger_warnings
from dubsync.service.voices.voice_cast import (
    NOBODY,
    SURE,
    AssignedBy,
    VoiceCast,
    cast_voices,
    likeness_evidence,
)
from dubsync.service.voices.voice_face_match import VoiceFaceEvidence
from dubsync.service.voices.voice_memory import recall, remember

#: Share of a character's words during which others speak; above it there is a warning.
AT_ONCE = 0.1
#: Share of a stem's pauses in which something is heard; above it, it is not a clean dialogue stem.
MUSIC_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class HeardVoice:
    """One voice of a mixed stem, and the character it was assigned to.

    seconds    of speech
    character  NOBODY where the user assigned it to no character; None where it is undecided
    by         the basis of the assignment; None where it is undecided
    seen       evidence from the faces with which it is heard
    """

    stem: str
    name: str
    seconds: float
    character: str | None
    by: AssignedBy | None
    seen: tuple[VoiceFaceEvidence, ...]

    @property
    def margin(self) -> float | None:
        """Log odds by which the likeliest face leads the next, or no one; None: no known face."""
        weights = sorted((seen.weight for seen in self.seen), reverse=True)
        return weights[0] - max([0.0, *weights[1:]]) if weights else None


@dataclass(frozen=True, slots=True)
class MixedStem:
    """A stem with several characters, and what is known about it.

    roles   the characters in it
    stem    the whole file on record time
    clock   of the cut
    takes   character -> their takes, to recognise their voices by
    before  voices counted in other mixed stems; the first one here is "Speaker before + 1"
    """

    roles: Sequence[Role]
    stem: Stem
    clock: Clock
    takes: Mapping[str, Sequence[Plate]]
    before: int = 0


@dataclass(frozen=True, slots=True)
class CharacterStems:
    """The stem of each character, split from mixed stems where needed.

    stems      character -> the stem, with the turns that are theirs
    unclaimed  utterances of undecided voices; `character` is the voice's name
    voices     every voice of a mixed stem, and its character
    """

    stems: Mapping[str, Stem]
    unclaimed: tuple[Line, ...]
    warnings: tuple[ProjectWarning, ...]
    voices: tuple[HeardVoice, ...]


def mixed_roles(project: ProjectFile) -> dict[Path, tuple[Role, ...]]:
    """Every stem that several characters name as their dub, with those characters."""
    result: dict[Path, tuple[Role, ...]] = {}
    for role in project.roles:
        result[role.dub] = (*result.get(role.dub, ()), role)
    return {path: roles for path, roles in result.items() if len(roles) > 1}


def split_mixed_stem(
    project: ProjectFile,
    mixed: MixedStem,
    audio: AudioAnalysisCache,
    store: Store,
    *,
    look: FaceLookup,
    progress: Progress,
) -> CharacterStems:
    """Separate the voices of a mixed stem and assign them to characters.

    Args:
        look: returns the faces that are seen while voices speak.

    Raises:
        ModelError: the diarization model that the project names is not available.
    """
    stem, clock = mixed.stem, mixed.clock
    name, people = Path(stem.path).name, [role.character for role in mixed.roles]

    def hear(speakers: int | None) -> list[Voice]:
        diarization = project.settings.speech.diarization
        found = audio.voices(stem, speakers=speakers, diarization=diarization, progress=progress)
        return [_on_record(voice, n + 1 + mixed.before, stem) for n, voice in enumerate(found)]

    diarized = diarize(hear, look, people, stem, clock)
    voices, seen, warnings = diarized.voices, diarized.seen, []
    known = recall(store)
    answers, outdated = _checked_answers(stem, voices, project.voices, known)
    warnings += outdated
    evidence = _likenesses(voices, mixed, known, audio)
    cast = cast_voices(name, voices, people, evidence, answers, clock, seen=seen)
    remember(store, _named(voices, cast))
    warnings += diarized.warnings(name, cast, clock)
    stems = _stems(stem, people, voices, cast)
    unclaimed = [v for v in voices if v.name not in cast.characters]
    warnings += stranger_warnings(project.folder.name, name, unclaimed, diarized.faces)
    lines = tuple(line for voice in unclaimed for line in spoken_lines(voice, stem, clock.rate))
    everyone = [_in_file(turn, stem) for voice in voices for turn in voice.turns]
    warnings += [
        *cast.warnings,
        *_at_once(name, stems),
        *music_warnings(stem, audio, everyone),
    ]
    if not unclaimed:
        warnings += [
            ProjectWarning(
                name,
                f"no voice in it was assigned to {character}",
                "check that the character is in this reel",
            )
            for character, own in stems.items()
            if not own.turns
        ]
    heard = tuple(_heard(voice, name, cast, seen) for voice in voices)
    return CharacterStems(stems, lines, tuple(warnings), heard)


def _stems(
    stem: Stem, people: Sequence[str], voices: Sequence[Voice], cast: VoiceCast
) -> dict[str, Stem]:
    """Character -> `stem` with the turns of their voices."""
    result = {}
    for character in people:
        names = {name for name, owner in cast.characters.items() if owner == character}
        own = (t for voice in voices if voice.name in names for t in voice.turns)
        turns = tuple(sorted(_in_file(turn, stem) for turn in own))
        result[character] = replace(stem, character=character, turns=turns)
    return result


def _heard(
    voice: Voice, stem: str, cast: VoiceCast, seen: Sequence[VoiceFaceEvidence]
) -> HeardVoice:
    own = tuple(evidence for evidence in seen if evidence.voice == voice.name)
    character, by = cast.characters.get(voice.name), cast.by.get(voice.name)
    return HeardVoice(stem, voice.name, voice.seconds, character, by, own)


def music_warnings(
    stem: Stem, audio: AudioAnalysisCache, spans: Sequence[tuple[float, float]]
) -> list[ProjectWarning]:
    """A warning where a stem is not clean dialogue.

    Args:
        spans: of speech, seconds from the stem's first sample; see `beside_speech`.
    """
    result = audio.beside_speech(stem, spans)
    if result.share < MUSIC_SHARE:
        return []
    return [
        ProjectWarning(
            Path(stem.path).name,
            f"something is heard in {result.share:.0%} of the pauses, {-result.db:.0f} dB below "
            "the speech: music or effects?",
            "ask for the dialogue alone; dubsync ignores stretches without speech",
        )
    ]


def _on_record(voice: Voice, number: int, stem: Stem) -> Voice:
    name = f"Speaker {number}"
    start = float(stem.start)
    turns = tuple(Turn(name, start + t.start, start + t.stop) for t in voice.turns)
    return Voice(name, turns, voice.print)


def _in_file(turn: Turn, stem: Stem) -> tuple[float, float]:
    """Seconds from the file's first sample, to a tenth of a millisecond: record time is large."""
    start = float(stem.start)
    return round(turn.start - start, 4), round(turn.stop - start, 4)


def _likenesses(
    voices: Sequence[Voice],
    mixed: MixedStem,
    known: Mapping[str, Array],
    audio: AudioAnalysisCache,
) -> list[VoiceEvidence]:
    """How every recording of a character's voice compares with every voice of the stem.

    Args:
        known: character -> voiceprint from an earlier answer.
    """
    result: list[VoiceEvidence] = []
    for role in mixed.roles:
        character = role.character
        if role.voice is not None:
            result += likeness_evidence(
                voices, character, audio.voiceprint(role.voice), role.voice.name
            )
        spoken = [take for take in mixed.takes.get(character, ()) if take.has_sound]
        if spoken:  # one is enough: takes of one session are alike
            longest = max(spoken, key=lambda take: len(take.frames) / take.frames.rate)
            result += likeness_evidence(
                voices, character, audio.voiceprint(Path(longest.path)), f"the take {longest.name}"
            )
        if character in known:
            result += likeness_evidence(voices, character, known[character], "an earlier answer")
    return result


def _named(voices: Sequence[Voice], cast: VoiceCast) -> dict[str, Array]:
    """Character -> voiceprint of the voice that the user assigned to them; the longest one's."""
    named = [
        voice
        for voice in sorted(voices, key=lambda voice: voice.seconds)
        if cast.by.get(voice.name) == "answer"
        and cast.characters[voice.name] != NOBODY
        and voice.print.any()
    ]
    return {cast.characters[voice.name]: voice.print for voice in named}


def _checked_answers(
    stem: Stem, voices: Sequence[Voice], answers: Mapping[str, str], known: Mapping[str, Array]
) -> tuple[dict[str, str], list[ProjectWarning]]:
    """The answers that still hold, and warnings about the others.

    A new mix may number the voices anew: they are numbered in the order in which they speak.
    """
    valid, warnings = dict(answers), []
    for voice in voices:
        character = answers.get(voice.name, NOBODY)
        if character == NOBODY or character not in known:
            continue
        evidence = likeness_evidence([voice], character, known[character], "an earlier answer")
        if evidence and evidence[0].weight < -SURE:
            del valid[voice.name]
            warnings.append(
                ProjectWarning(Path(stem.path).name,
                      f"{voice.name} was assigned to {character}, but is another voice now",
                      f'listen, and answer with a timecode at which {character} speaks: '
                      f'[voices] "HH:MM:SS:FF" = "{character}"', blocking=True)
            )  # fmt: skip
    return valid, warnings


def _at_once(name: str, stems: Mapping[str, Stem]) -> list[ProjectWarning]:
    """A warning for each character during whose words others speak."""
    warnings = []
    for character, stem in stems.items():
        others = [t for other, s in stems.items() if other != character for t in s.turns or ()]
        own = sum(stop - start for start, stop in stem.turns or ())
        both = sum(
            max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in stem.turns or () for b in others
        )
        if own and both > AT_ONCE * own:
            warnings.append(
                ProjectWarning(
                    name,
                    f"others speak during {min(both / own, 1):.0%} of {character}'s words: both "
                    "drive the mouth there",
                    "ask for a stem for each character",
                )
            )
    return warnings
