"""One stem with several characters in it, taken apart into a stem and lines for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from dubsync.core.arrays import Array
from dubsync.core.progress import Progress
from dubsync.core.shot import Doubt, Line, Plate, Stem
from dubsync.core.timecode import FrameRange
from dubsync.core.voices import Turn, Voice, VoiceEvidence
from dubsync.service.listening import Ear
from dubsync.service.project_file import ProjectFile, Role
from dubsync.service.store import Store
from dubsync.service.voice_cast import NOBODY, SURE, VoiceCast, cast_voices, likeness_evidence
from dubsync.service.voice_memory import recall, remember
from dubsync.speech.lines import JOINED_S

#: Share of a character's words under another's from which a person should know.
AT_ONCE = 0.1
#: Share of a stem's pauses in which something is heard, from which it is no dialogue stem.
MUSIC_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Untangled:
    """A mixed stem taken apart.

    stems      character -> the stem, with the turns that are theirs
    unclaimed  utterances of voices that are nobody's yet; `character` is the voice's name
    voices     how many voices were heard
    """

    stems: Mapping[str, Stem]
    unclaimed: tuple[Line, ...]
    doubts: tuple[Doubt, ...]
    voices: int


def mixed_roles(project: ProjectFile) -> dict[Path, tuple[Role, ...]]:
    """Every stem that several characters name as their dub."""
    found: dict[Path, tuple[Role, ...]] = {}
    for role in project.roles:
        found[role.dub] = (*found.get(role.dub, ()), role)
    return {path: roles for path, roles in found.items() if len(roles) > 1}


def untangle(
    project: ProjectFile,
    roles: Sequence[Role],
    stem: Stem,
    rate: Fraction,
    ear: Ear,
    store: Store,
    *,
    takes: Mapping[str, Sequence[Plate]],
    seen: Sequence[VoiceEvidence] = (),
    before: int = 0,
    progress: Progress,
) -> Untangled:
    """Hear who speaks when in `stem`, and whose voices they are.

    Args:
        roles: the characters in it.
        stem: the whole file on record time.
        rate: of the cut.
        takes: character -> takes of theirs, to know their voice by.
        seen: evidence from elsewhere: whose mouth is seen moving while a voice speaks.
        before: voices counted in other mixed stems; the first here is "Speaker before + 1".

    Raises:
        ModelError: the diarization that the project asks for cannot be had.
    """
    diarization = project.settings.speech.diarization
    heard = ear.voices(stem, diarization=diarization, progress=progress)
    voices = [_on_record(voice, n + 1 + before, stem) for n, voice in enumerate(heard)]
    known = recall(store)
    answers, doubts = _checked_answers(stem, voices, project.voices, known)
    evidence = [*seen, *_likenesses(voices, roles, takes, known, ear)]
    name = Path(stem.path).name
    cast = cast_voices(name, voices, [r.character for r in roles], evidence, answers, rate)
    remember(store, _named(voices, cast, set(answers.values())))
    stems: dict[str, Stem] = {}
    for role in roles:
        names = {v for v, who in cast.characters.items() if who == role.character}
        own = (t for voice in voices if voice.name in names for t in voice.turns)
        stems[role.character] = replace(
            stem, character=role.character, turns=tuple(sorted(_in_file(t, stem) for t in own))
        )
    unclaimed = [v for v in voices if v.name not in cast.characters]
    lines = tuple(line for voice in unclaimed for line in _lines(voice, stem, rate))
    everyone = [(turn.start, turn.stop) for voice in heard for turn in voice.turns]
    doubts += [*cast.doubts, *_at_once(name, stems), *music_doubts(stem, ear, everyone)]
    if not unclaimed:
        doubts += [
            Doubt(name, f"no voice in it is taken for {who}", "is the character in this reel?")
            for who, theirs in stems.items()
            if not theirs.turns
        ]
    return Untangled(stems, lines, tuple(doubts), len(voices))


def music_doubts(stem: Stem, ear: Ear, spans: Sequence[tuple[float, float]]) -> list[Doubt]:
    """That a stem is no clean dialogue stem; `spans`: where anybody speaks, see `beside`."""
    found = ear.beside_speech(stem, spans)
    if found.share < MUSIC_SHARE:
        return []
    return [
        Doubt(Path(stem.path).name,
              f"something sounds in {found.share:.0%} of the pauses, {-found.db:.0f} dB below the "
              "speech: music or effects?",
              "ask for the dialogue alone; stretches without speech are not listened to")
    ]  # fmt: skip


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
    ear: Ear,
) -> list[VoiceEvidence]:
    """What every recording of a character's voice says of every voice."""
    found: list[VoiceEvidence] = []
    for role in roles:
        who = role.character
        if role.voice is not None:
            found += likeness_evidence(voices, who, ear.voice_in(role.voice), role.voice.name)
        spoken = [take for take in takes.get(who, ()) if take.has_sound]
        if spoken:  # one speaks for all: takes of one session are alike
            longest = max(spoken, key=lambda take: len(take.frames) / take.frames.rate)
            found += likeness_evidence(
                voices, who, ear.voice_in(Path(longest.path)), f"the take {longest.name}"
            )
        if who in known:
            found += likeness_evidence(voices, who, known[who], "an earlier answer")
    return found


def _named(voices: Sequence[Voice], cast: VoiceCast, answered: Set[str]) -> dict[str, Array]:
    """Character -> print of the voice that a person named theirs."""
    named = ((cast.characters.get(voice.name, NOBODY), voice.print) for voice in voices)
    return {who: known for who, known in named if who in answered - {NOBODY} and known.any()}


def _checked_answers(
    stem: Stem, voices: Sequence[Voice], answers: Mapping[str, str], known: Mapping[str, Array]
) -> tuple[dict[str, str], list[Doubt]]:
    """Answers without those a new mix has overtaken: numbers move when somebody speaks sooner."""
    kept, doubts = dict(answers), []
    for voice in voices:
        who = answers.get(voice.name, NOBODY)
        if who == NOBODY or who not in known:
            continue
        said = likeness_evidence([voice], who, known[who], "an earlier answer")
        if said and said[0].weight < -SURE:
            del kept[voice.name]
            doubts.append(
                Doubt(Path(stem.path).name,
                      f"{voice.name} was answered with {who}, and sounds like another voice now",
                      f'listen again, and answer by a timecode at which {who} speaks: '
                      f'[voices] "HH:MM:SS:FF" = "{who}"', blocking=True)
            )  # fmt: skip
    return kept, doubts


def _lines(voice: Voice, stem: Stem, rate: Fraction) -> list[Line]:
    """A voice's turns as lines, short gaps joined."""
    runs: list[tuple[float, float]] = []
    for turn in voice.turns:
        if runs and turn.start - runs[-1][1] < JOINED_S:
            runs.append((runs.pop()[0], turn.stop))
        else:
            runs.append((turn.start, turn.stop))
    lines = []
    for n, (start, stop) in enumerate(runs, 1):
        first = floor(Fraction(start) * rate)
        record = FrameRange(first, max(ceil(Fraction(stop) * rate), first + 1), rate)
        lines.append(Line(f"{voice.name}_L{n:03d}", voice.name, stem.language, stem.path, record))
    return lines


def _at_once(name: str, stems: Mapping[str, Stem]) -> list[Doubt]:
    doubts = []
    for who, stem in stems.items():
        others = [t for other, s in stems.items() if other != who for t in s.turns or ()]
        own = sum(stop - start for start, stop in stem.turns or ())
        both = sum(
            max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in stem.turns or () for b in others
        )
        if own and both > AT_ONCE * own:
            doubts.append(
                Doubt(name, f"others speak during {min(both / own, 1):.0%} of {who}'s words: there "
                      "the mouth hears both", "a stem for each character would be cleaner")
            )  # fmt: skip
    return doubts
