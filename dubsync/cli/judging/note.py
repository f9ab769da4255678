"""`dubsync note` and `dubsync notes`: what reviewers say of single frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from dubsync.cli.judging.approve import by_option
from dubsync.cli.languages import Answer, first_option, in_each, languages_option
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, folder_path, print_json, printable, verb
from dubsync.core.note import ANSWERS, Note, Severity
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.core.note import Answer as Answered
    from dubsync.service.project import Project


@click.command(short_help="Take a note on a frame of a shot, or answer one.")
@click.argument("reel", type=folder_path)
@click.argument("shot", default="")
@click.argument("at", default="", metavar="[@TC]")
@click.argument("text", default="")
@by_option
@click.option("--severity", default=2, show_default=True, type=click.IntRange(1, 3),
              help="1: must be mended before delivery; 2: should be; 3: may stay.")  # fmt: skip
@click.option("--version", default="", metavar="vNNN",
              help="The render it is about; default: the newest.")  # fmt: skip
@click.option("--answer", "name", default="", metavar="NOTE", help="Answer this note: N0007.")
@click.option("--as", "answered", type=click.Choice(ANSWERS), help="The answer.")
@click.option("--reply", default="", metavar="TEXT", help="The words of the answer.")
@click.option("--withdraw", default="", metavar="NOTE", help="Take this note back.")
@first_option
@as_json_option
@verb
def note(
    reel: Path, shot: str, at: str, text: str, by: str, severity: int, version: str, name: str,
    answered: Answered | None, reply: str, withdraw: str, languages: tuple[str, ...],
    as_json: bool,
) -> int:  # fmt: skip
    """Take a note TEXT on a frame of SHOT, or answer one.

    \b
    dubsync note reel SH010 @01:00:02:10 "lips open on the m" --by Anna --severity 1
    dubsync note reel --answer N0007 --as fix --reply "closed in v003" --by Ben

    @TC is a record timecode, a plate frame (@1012), +N counted from the first frame of the cut, or
    src: and a source timecode.
    """
    from dubsync.service.project import Project

    opened = Project.open(reel)
    if name or withdraw:
        if shot or (name and withdraw) or (name and not answered):
            raise click.UsageError(
                "write --answer N0007 --as fix, or --withdraw N0007, without SHOT, @TC and TEXT"
            )
        return _existing(opened, name, withdraw, answered, reply, by, as_json)
    if not (shot and at and text):
        raise click.UsageError('write SHOT, @TC and TEXT, as in SH010 @01:00:02:10 "lips open"')
    if answered or reply:
        raise click.UsageError("--as and --reply answer a note: name it with --answer")

    def work(project: Project, shots: Sequence[str]) -> Answer:
        from dubsync.service.judge import Judging

        said = Judging(project).note(
            shots[0], at, text, by=by, severity=cast("Severity", severity), version=version
        )
        row = note_json(said, project)
        return Answer(row, _line(row))

    return in_each(
        opened, languages, work, schema="dubsync.note/1", as_json=as_json, shots=[shot], first=True
    )


@click.command(short_help="List the notes on a reel or a shot.")
@click.argument("reel", type=folder_path)
@click.argument("shot", default="")
@click.option("--open", "only_open", is_flag=True, help="Only those not answered yet.")
@languages_option
@as_json_option
@verb
def notes(reel: Path, shot: str, only_open: bool, languages: tuple[str, ...], as_json: bool) -> int:
    """List the notes on SHOT (default: on every shot), and how they were answered."""
    from dubsync.service.project import Project

    def work(project: Project, shots: Sequence[str]) -> Answer:
        from dubsync.service.judge import Judging

        found = Judging(project).notes(shots[0] if shots else "")
        rows = [note_json(one, project) for one in found
                if one.answer == "open" or not only_open]  # fmt: skip
        counts = Counter(one.answer for one in found)
        tally: dict[str, int] = {answer: counts[answer] for answer in ANSWERS}
        return Answer({"notes": rows, "counts": tally}, _text(rows, tally))

    return in_each(
        Project.open(reel), languages, work, schema="dubsync.notes/1", as_json=as_json,
        shots=[shot] if shot else [],
    )  # fmt: skip


def _existing(
    opened: Project, name: str, withdraw: str, answered: Answered | None, reply: str, by: str,
    as_json: bool,
) -> int:  # fmt: skip
    """Answer or withdraw a note, in whichever language it is."""
    from dubsync.service.judge import Judging

    everywhere = [(one, Judging(one)) for one in opened.into_each()]
    has = [pair for pair in everywhere
           if any(n.name == (name or withdraw) for n in pair[1].notes())]  # fmt: skip
    project, judging = (has or everywhere)[0]
    if withdraw:
        said = judging.withdraw_note(withdraw, by=by)
    else:
        assert answered is not None
        said = judging.answer(name, answered, reply, by=by)
    row = {**note_json(said, project), "withdrawn": bool(withdraw)}
    if as_json:
        print_json("dubsync.note/1", {"language": project.language, **row})
    else:
        click.echo(printable(("Withdrawn: " if withdraw else "") + _line(row)))
    return 0


def note_json(said: Note, project: Project) -> dict[str, Any]:
    """A note as JSON, with the record timecode of its frame; "": the cut has no such shot."""
    from dubsync.service.tweaks.commands import record_text

    turnover = project.turnover()
    shot = next((one for one in turnover.shots if one.name == said.shot), None)
    record = record_text(said.frame, shot, turnover.cut.drop) if shot else ""
    return {**asdict(said), "record": record, "withdrawn": False}


def _line(row: dict[str, Any]) -> str:
    text = f"{row['name']}: {row['shot']} {row['record']} (plate frame {row['frame']})"
    text += f", severity {row['severity']}, {row['author']}: {row['text']}"
    return text + ("" if row["answer"] == "open" else f"\n  {_answered(row)}")


def _answered(row: dict[str, Any]) -> str:
    if row["answer"] == "open":
        return "open" if not row["reply"] else f"open: {row['reply']}"
    words = f"{row['answer']}, {row['answered_by']}"
    return f"{words}: {row['reply']}" if row["reply"] else words


def _text(rows: Sequence[dict[str, Any]], tally: dict[str, int]) -> str:
    total = counted(sum(tally.values()), "note")
    told = ", ".join(f"{count} {answer}" for answer, count in tally.items() if count)
    if not rows:
        return f"{total}{f': {told}' if told else ''}."
    head = ("note", "shot", "record", "frame", "version", "severity", "by", "text", "answer")
    lines = [
        (row["name"], row["shot"], row["record"] or "-", str(row["frame"]), row["version"] or "-",
         str(row["severity"]), row["author"], row["text"].replace("\n", " / "), _answered(row))
        for row in rows
    ]  # fmt: skip
    return printable("\n".join([table(head, lines), f"{total}: {told}."]))
