"""`dubsync words`: the words and phones of a shot as a track that a person can change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.core.tweak.spoken_track import SpokenPhone, SpokenWord
    from dubsync.service.project import Project
    from dubsync.service.words import ShotSpoken

file_out = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="List, change, export and import the words of a shot.")
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.option("--set", "placed", multiple=True, metavar="WHICH=[TEXT][@START..END]",
              help='Replace or retime: "word 5"=ciao@1012..1020, "phone 12"=m.')  # fmt: skip
@click.option("--move", "moved", multiple=True, metavar="WHICH=AMOUNT",
              help='Move: "word 5"=+40ms, "phone 12"=-2f.')  # fmt: skip
@click.option("--delete", "deleted", multiple=True, metavar="WHICH",
              help='Delete: "word 5".')  # fmt: skip
@click.option("--add", "added", multiple=True, metavar="WHAT@START..END",
              help='Add: "word ciao@1012..1020", "phone m@1012..1014".')  # fmt: skip
@click.option("--import", "source", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Replace the words by those of a CSV or Praat TextGrid.")  # fmt: skip
@click.option("--export", "target", type=file_out, help="Write a .csv or .TextGrid.")
@click.option("--reset", is_flag=True, help="The words as they are heard again.")
@click.option("--character", default="", help="Whose words; default: everybody's in the shot.")
@first_option
@as_json_option
@verb
def words(
    reel: Path, shot: str, placed: tuple[str, ...], moved: tuple[str, ...],
    deleted: tuple[str, ...], added: tuple[str, ...], source: Path | None, target: Path | None,
    reset: bool, character: str, languages: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """List the words and phones of SHOT, or set them by hand; the mouth follows.

    Times are plate frames, both included, or record timecode; 1012.5..1016.0 are exact edges.
    What is moved takes its part of the sound's movement along.  Without a script the list is
    empty, and words can be added or imported.

    Each call is one change of the shot's tweaks: dubsync tweak REEL SHOT --undo takes it back.
    A file counts seconds from the first sample of the dub's file.
    """
    from dubsync.service.project import Project
    from dubsync.service.tweaks.track_settings import TrackChanges

    changes = TrackChanges(placed, moved, deleted, added)
    asked = {"--set, --move, --delete or --add": changes.request, "--import": source,
             "--reset": reset}  # fmt: skip
    several = [name for name, value in asked.items() if value]
    if len(several) > 1:
        raise click.UsageError(f"{several[0]} cannot be combined with {several[1]}")

    def work(project: Project, _: Sequence[str]) -> Answer:
        from dubsync.service import words as service

        if reset:
            spoken = service.reset_words(project, shot, character)
        elif source:
            spoken = (service.import_words(project, shot, source, character),)
        elif changes.request:
            spoken = (service.change_words(project, shot, changes, character),)
        else:
            spoken = service.spoken_in(project, shot, character)
        if target:
            spoken = (service.export_words(project, shot, target, character),)
        written = f"\n\nWritten: {target}" if target else ""
        body = {"shot": shot, "characters": [_json(one) for one in spoken],
                "written": str(target) if target else None}  # fmt: skip
        return Answer(body, "\n\n".join(map(_text, spoken)) + written)

    return in_each(
        Project.open(reel), languages, work, schema="dubsync.words/1", as_json=as_json,
        shots=(shot,), first=True,
    )  # fmt: skip


def _json(spoken: ShotSpoken) -> dict[str, Any]:
    numbers = iter(range(1, len(spoken.track.phones) + 1))
    return {
        "character": spoken.character,
        "by_hand": spoken.by_hand,
        "lacking": spoken.lacking or None,
        "left_out": spoken.left,
        "words": [
            {
                "number": number,
                "text": word.text,
                **_times(spoken, word),
                "confidence": round(word.confidence, 3),
                "by_hand": word.by_hand,
                "line": word.line,
                "phones": [
                    {"number": next(numbers), "symbol": phone.symbol, **_times(spoken, phone),
                     "heard": None if phone.heard is None else list(phone.heard)}
                    for phone in word.phones
                ],
            }
            for number, word in enumerate(spoken.track.words, 1)
        ],
    }  # fmt: skip


def _times(spoken: ShotSpoken, part: SpokenWord | SpokenPhone) -> dict[str, Any]:
    begin, end = spoken.milliseconds(part.first, part.last)
    return {
        "first": part.first, "last": part.last, "record": spoken.record(part.first),
        "start_ms": round(begin, 1), "end_ms": round(end, 1),
    }  # fmt: skip


def _text(spoken: ShotSpoken) -> str:
    how = "by hand" if spoken.by_hand else "as heard"
    lines = [f"{spoken.character} in {spoken.shot.name}, words {how}:"]
    if spoken.track.words:
        head = ("", "what", "record", "ms", "plate frames", "confidence", "")
        lines += ["", table(head, _rows(spoken))]
    else:
        lines.append('No words.  Add one: --add "word ciao@START..END", or --import FILE.')
    if spoken.lacking:
        lines.append(f"Texts have no phones here: pip install 'dubsync[{spoken.lacking}]'.")
    if spoken.left:
        lines.append(f"{spoken.left} words of the file are not in this shot.")
    return "\n".join(lines)


def _rows(spoken: ShotSpoken) -> Iterator[tuple[str, ...]]:
    count = 0
    for number, word in enumerate(spoken.track.words, 1):
        hand = "by hand" if word.by_hand else ""
        yield (f"word {number}", word.text or "-", *_columns(spoken, word),
               f"{word.confidence:.2f}", hand)  # fmt: skip
        for phone in word.phones:
            count += 1
            yield (f"  phone {count}", phone.symbol, *_columns(spoken, phone), "", _moved(phone))


def _columns(spoken: ShotSpoken, part: SpokenWord | SpokenPhone) -> tuple[str, str, str]:
    begin, end = spoken.milliseconds(part.first, part.last)
    return (
        spoken.record(part.first),
        f"{begin:.0f}..{end:.0f}",
        f"{part.first:.2f}..{part.last:.2f}",
    )


def _moved(phone: SpokenPhone) -> str:
    if phone.heard is None:
        return "not heard"
    return "" if abs(phone.heard[0] - phone.first) < 0.01 else f"heard at {phone.heard[0]:.2f}"
