"""`dubsync turnover`: list the shots, who speaks in each, the voices, and every warning."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli import tables
from dubsync.cli.face_option import FORM, HELP, answer_faces
from dubsync.cli.languages import Answer, in_each, languages_option
from dubsync.cli.progress import shown
from dubsync.cli.verb import as_json_option, engines_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.service.consent.take_training import TakeTraining
    from dubsync.service.project import Project
    from dubsync.service.voices.mixed_stem import HeardVoice


@click.command(short_help="List shots, speakers and warnings.")
@click.argument("reel", type=folder_path)
@click.option("--look", is_flag=True,
              help="Also analyse the plates: faces, voices, off-screen lines, A/V offset.",
)  # fmt: skip
@click.option("--face", multiple=True, metavar=FORM, help=HELP)
@languages_option
@engines_option
@as_json_option
@verb
def turnover(
    reel: Path, look: bool, face: Sequence[str], languages: Sequence[str], as_json: bool
) -> int:
    """List the shots to sync, who speaks in each, and every warning."""
    from dubsync.service.project import Project

    opened = Project.open(reel)
    answer_faces(opened, face, (), languages)

    def work(project: Project, _: Sequence[str]) -> Answer:
        from dubsync.service.faces.cast import with_face_warnings

        with shown() as progress:
            result = project.turnover(look=look, progress=progress)
            seen = tables.NOT_ANALYSED
            if look:
                known = project.reel.look(progress).recognition
                seen = {shot.name: known.row(shot) for shot in result.shots}
                result = with_face_warnings(result, known.casting.warnings)
            else:
                result = with_face_warnings(result, project.reel.questions())
        voices, take_training = project.intake.voices, project.intake.take_training
        body = tables.turnover_json(result, seen)
        if voices:
            body["voices"] = [_row(voice) for voice in voices]
        if take_training:
            body["take_training"] = {
                name: {"voice_actor": by.voice_actor, "takes": [take.name for take in by.takes]}
                for name, by in take_training.items()
            }
        text = [tables.turnover_text(result, seen), *([_voices(voices)] if voices else []),
                *(_take_training(name, by) for name, by in take_training.items())]  # fmt: skip
        return Answer(body, "\n".join(text))

    schema = "dubsync.turnover/1"
    return in_each(opened, languages, work, schema=schema, as_json=as_json)


def _row(voice: HeardVoice) -> dict[str, Any]:
    """One entry of `voices`; see docs/explanation/voices.md."""
    return {
        "stem": voice.stem,
        "voice": voice.name,
        "seconds": round(voice.seconds, 2),
        "character": voice.character,
        "by": voice.by,
        "margin": None if voice.margin is None else round(voice.margin, 2),
        "faces": {
            seen.character: {"seconds": round(seen.seconds, 2), "weight": round(seen.weight, 2)}
            for seen in voice.seen
        },
    }


def _take_training(character: str, by: TakeTraining) -> str:
    takes = "take" if len(by.takes) == 1 else f"{len(by.takes)} takes"
    names = ", ".join(take.name for take in by.takes)
    return f"{character}: also trained on the {takes} of {by.voice_actor}: {names}"


def _voices(voices: Sequence[HeardVoice]) -> str:
    rows = [
        (
            voice.name,
            voice.stem,
            f"{voice.seconds:.1f} s",
            "needs an answer" if voice.character is None else voice.character or "no character",
            voice.by or "-",
            _faces(voice) or "-",
            "-" if voice.margin is None else f"{voice.margin:+.1f}",
        )
        for voice in voices
    ]
    head = ("voice", "stem", "duration", "character", "source", "seen with", "margin")
    return "Voices:\n" + tables.table(head, rows)


def _faces(voice: HeardVoice) -> str:
    spoken = sorted(voice.seen, key=lambda seen: -seen.seconds)
    return ", ".join(f"{s.character} {s.seconds:.1f} s" for s in spoken if s.seconds > 0)
