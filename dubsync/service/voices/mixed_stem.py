"""One stem with several characters in it, taken apart into a stem and lines for each."""

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
    How,
    VoiceCast,
    cast_voices,
    likeness_evidence,
)
from dubsync.service.voices.voice_face_match import VoiceFaceEvidence
from dubsync.service.voices.voice_memory import recall, remember

#: Share of a character's words under another's from which a person should know.
AT_ONCE = 0.1
#: Share of a stem's pauses in which something is heard, from which it is no dialogue stem.
MUSIC_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class HeardVoice:
    """One voice of a mixed stem, and whose it was taken for.

    seconds    it speaks
    character  whose it is: NOBODY where a person said so; None where that is asked
    by         what told it; None where nothing did
    seen       with whose faces it is heard
    """

    stem: str
    name: str
    seconds: float
    character: str | None
    by: How | None
    seen: tuple[VoiceFaceEvidence, ...]

    @property
    def margin(self) -> float | None:
        """Log odds by which the likeliest face leads the next, or nobody; None: none is known."""
        weights = sorted((seen.weight for seen in self.seen), reverse=True)
        return weights[0] - max([0.0, *weights[1:]]) if weights else None


@dataclass(frozen=True, slots=True)
class Untangled:
    """A mixed stem taken apart.

    stems      character -> the stem, with the turns that are theirs
    unclaimed  utterances of voices that are nobody's yet; `character` is the voice's name
    voices     every voice that was heard, and whose it is
    """

    stems: Mapping[str, Stem]
    unclaimed: tuple[Line, ...]
    warnings: tuple[ProjectWarning, ...]
    voices: tuple[HeardVoice, ...]


def mixed_roles(project: ProjectFile) -> dict[Path, tuple[Role, ...]]:
    """Every stem that several characters name as their dub."""
    result: dict[Path, tuple[Role, ...]] = {}
    for role in project.roles:
        result[role.dub] = (*result.get(role.dub, ()), role)
    return {path: roles for path, roles in result.items() if len(roles) > 1}


def split_mixed_stem(
    project: ProjectFile,
    roles: Sequence[Role],
    stem: Stem,
    clock: Clock,
    audio_analysis: AudioAnalysisCache,
    store: Store,
    *,
    takes: Mapping[str, Sequence[Plate]],
    look: FaceLookup,
    before: int = 0,
    progress: Progress,
) -> Untangled:
    """Hear who speaks when in `stem`, and whose voices they are.

    Args:
        roles: the characters in it.
        stem: the whole file on record time.
        clock: of the cut.
        takes: character -> takes of theirs, to know their voice by.
        look: tells whose faces are seen while voices speak.
        before: voices counted in other mixed stems; the first here is "Speaker before + 1".

    Raises:
        ModelError: the diarization set in the project cannot be loaded.
    """
    name, people = Path(stem.path).name, [role.character for role in roles]

    def hear(speakers: int | None) -> list[Voice]:
        diarization = project.settings.speech.diarization
        heard = audio_analysis.voices(
            stem, speakers=speakers, diarization=diarization, progress=progress
        )
        return [_on_record(voice, n + 1 + before, stem) for n, voice in enumerate(heard)]

    listened = diarize(hear, look, people, stem, clock)
    voices, seen, warnings = listened.voices, listened.seen, []
    known = recall(store)
    answers, overtaken = _checked_answers(stem, voices, project.voices, known)
    warnings += overtaken
    evidence = _likenesses(voices, roles, takes, known, audio_analysis)
    cast = cast_voices(name, voices, people, evidence, answers, clock, seen=seen)
    remember(store, _named(voices, cast))
    warnings += listened.warnings(name, cast, clock)
    stems = _stems(stem, people, voices, cast)
    unclaimed = [v for v in voices if v.name not in cast.characters]
    warnings += stranger_warnings(project.folder.name, name, unclaimed, listened.faces)
    lines = tuple(line for voice in unclaimed for line in spoken_lines(voice, stem, clock.rate))
    everyone = [_in_file(turn, stem) for voice in voices for turn in voice.turns]
    warnings += [
        *cast.warnings,
        *_at_once(name, stems),
        *music_warnings(stem, audio_analysis, everyone),
    ]
    if not unclaimed:
        warnings += [
            ProjectWarning(
                name, f"no voice in it is taken for {who}", "is the character in this reel?"
            )
            for who, theirs in stems.items()
            if not theirs.turns
        ]
    told = tuple(_heard(voice, name, cast, seen) for voice in voices)
    return Untangled(stems, lines, tuple(warnings), told)


def _stems(
    stem: Stem, people: Sequence[str], voices: Sequence[Voice], cast: VoiceCast
) -> dict[str, Stem]:
    """Character -> `stem` with the turns of their voices."""
    result = {}
    for who in people:
        names = {name for name, owner in cast.characters.items() if owner == who}
        own = (t for voice in voices if voice.name in names for t in voice.turns)
        turns = tuple(sorted(_in_file(turn, stem) for turn in own))
        result[who] = replace(stem, character=who, turns=turns)
    return result


def _heard(
    voice: Voice, stem: str, cast: VoiceCast, seen: Sequence[VoiceFaceEvidence]
) -> HeardVoice:
    theirs = tuple(t for t in seen if t.voice == voice.name)
    who, by = cast.characters.get(voice.name), cast.by.get(voice.name)
    return HeardVoice(stem, voice.name, voice.seconds, who, by, theirs)


def music_warnings(
    stem: Stem, audio_analysis: AudioAnalysisCache, spans: Sequence[tuple[float, float]]
) -> list[ProjectWarning]:
    """That a stem is no clean dialogue stem; `spans`: where anybody speaks, see `beside`."""
    result = audio_analysis.beside_speech(stem, spans)
    if result.share < MUSIC_SHARE:
        return []
    return [
        ProjectWarning(
            Path(stem.path).name,
            f"something sounds in {result.share:.0%} of the pauses, {-result.db:.0f} dB below the "
            "speech: music or effects?",
            "ask for the dialogue alone; stretches without speech are not listened to",
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
    roles: Sequence[Role],
    takes: Mapping[str, Sequence[Plate]],
    known: Mapping[str, Array],
    audio_analysis: AudioAnalysisCache,
) -> list[VoiceEvidence]:
    """What every recording of a character's voice says of every voice."""
    result: list[VoiceEvidence] = []
    for role in roles:
        who = role.character
        if role.voice is not None:
            result += likeness_evidence(
                voices, who, audio_analysis.voiceprint(role.voice), role.voice.name
            )
        spoken = [take for take in takes.get(who, ()) if take.has_sound]
        if spoken:  # one speaks for all: takes of one session are alike
            longest = max(spoken, key=lambda take: len(take.frames) / take.frames.rate)
            result += likeness_evidence(
                voices,
                who,
                audio_analysis.voiceprint(Path(longest.path)),
                f"the take {longest.name}",
            )
        if who in known:
            result += likeness_evidence(voices, who, known[who], "an earlier answer")
    return result


def _named(voices: Sequence[Voice], cast: VoiceCast) -> dict[str, Array]:
    """Character -> print of the voice that a person named theirs; the longest of several."""
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
    """Answers without those a new mix has overtaken: numbers move when somebody speaks sooner."""
    kept, warnings = dict(answers), []
    for voice in voices:
        who = answers.get(voice.name, NOBODY)
        if who == NOBODY or who not in known:
            continue
        said = likeness_evidence([voice], who, known[who], "an earlier answer")
        if said and said[0].weight < -SURE:
            del kept[voice.name]
            warnings.append(
                ProjectWarning(Path(stem.path).name,
                      f"{voice.name} was answered with {who}, and sounds like another voice now",
                      f'listen again, and answer by a timecode at which {who} speaks: '
                      f'[voices] "HH:MM:SS:FF" = "{who}"', blocking=True)
            )  # fmt: skip
    return kept, warnings


def _at_once(name: str, stems: Mapping[str, Stem]) -> list[ProjectWarning]:
    warnings = []
    for who, stem in stems.items():
        others = [t for other, s in stems.items() if other != who for t in s.turns or ()]
        own = sum(stop - start for start, stop in stem.turns or ())
        both = sum(
            max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in stem.turns or () for b in others
        )
        if own and both > AT_ONCE * own:
            warnings.append(
                ProjectWarning(
                    name,
                    f"others speak during {min(both / own, 1):.0%} of {who}'s words: there "
                    "the mouth hears both",
                    "a stem for each character would be cleaner",
                )
            )
    return warnings
