"""One verb over several languages of a reel: one answer for each, one exit code for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.verb import DONE, FAILED, QC_FAILED, print_json
from dubsync.core.errors import DubsyncError

if TYPE_CHECKING:
    from dubsync.service.project import Project

languages_option = click.option(
    "--language", "languages", multiple=True, metavar="TAG",
    help="Into which language; default: every one of the project.",
)  # fmt: skip
first_option = click.option(
    "--language", "languages", multiple=True, metavar="TAG",
    help="Into which language, or all; default: the project's first.",
)  # fmt: skip

#: Exit codes, worst first.
_CODES = (FAILED, QC_FAILED, DONE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb has to say of one language: as JSON, as text, and by its exit code."""

    body: dict[str, Any]
    text: str
    code: int = DONE


#: Asked of the project in one language, of those of the named shots that are dubbed into it.
Ask = Callable[["Project", Sequence[str]], Answer]


def in_each(
    project: Project,
    languages: Sequence[str],
    ask: Ask,
    *,
    schema: str,
    as_json: bool,
    shots: Sequence[str] = (),
    first: bool = False,
) -> int:
    """Ask it in each of `languages`, print the answers, and return the worst exit code.

    A language that refuses stops no other.  In JSON the first one's keys stand on top, as where
    there is one alone, and `languages` lists each.

    Args:
        languages: tags; none: every one of the project, or its first alone where `first`.
        shots: named by the user; in a language that nobody in them is dubbed into, nothing is
            asked.
    """
    projects = (project,) if first and not languages else project.into_each(languages)
    alone = len(projects) == 1
    answers = []
    for one in projects:
        if not alone and not as_json:
            click.echo(f"== {one.language} ==")
        answer = ask(one, shots) if alone else _answer(one, ask, shots)
        if answer.text and not as_json:  # at once: the next may take long
            click.echo(answer.text)
        answers.append(answer)
    if as_json:
        pairs = zip(projects, answers, strict=True)
        rows = [{"language": one.language, **answer.body} for one, answer in pairs]
        print_json(schema, rows[0] | ({} if alone else {"languages": rows}))
    return min((answer.code for answer in answers), key=_CODES.index)


def _answer(project: Project, ask: Ask, shots: Sequence[str]) -> Answer:
    """Asked in one of several languages."""
    try:
        names = [n for n in shots if dubbed_in(project, n) or not _elsewhere(project, n)]
        if shots and not names:
            why = f"nobody is dubbed into {project.language} in {', '.join(shots)}"
            return Answer({"skipped": why}, why)
        return ask(project, names)
    except DubsyncError as error:
        click.echo(f"{project.language}: Error: {error}", err=True)
        if error.hint:
            click.echo(f"  Try: {error.hint}", err=True)
        kind = type(error).__name__
        return Answer({"error": str(error), "hint": error.hint, "kind": kind}, "", FAILED)


def _elsewhere(project: Project, name: str) -> bool:
    """Whether the shot is dubbed into another language."""
    return any(dubbed_in(one, name) for one in project.into_each() if one is not project)


def dubbed_in(project: Project, name: str) -> bool:
    """Whether somebody is dubbed in the shot called `name`; no where the dub cannot be read."""
    try:
        return any(shot.name == name for shot in project.turnover().shots)
    except DubsyncError:
        return False
