"""Run a verb for several languages of a reel: one answer each, and one exit code."""

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
    help="Language of the dub, repeatable; default: all languages of the project.",
)  # fmt: skip
first_option = click.option(
    "--language", "languages", multiple=True, metavar="TAG",
    help="Language of the dub, repeatable, or `all`; default: the project's first language.",
)  # fmt: skip

#: Exit codes, worst first.
_CODES = (FAILED, QC_FAILED, DONE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A verb's answer for one language: JSON body, text, and exit code."""

    body: dict[str, Any]
    text: str
    code: int = DONE


#: Runs a verb for the project in one language, on those of the named shots that are dubbed in it.
Work = Callable[["Project", Sequence[str]], Answer]


def in_each(
    project: Project,
    languages: Sequence[str],
    work: Work,
    *,
    schema: str,
    as_json: bool,
    shots: Sequence[str] = (),
    first: bool = False,
) -> int:
    """Run `work` for each of `languages`, print the answers, and return the worst exit code.

    An error in one language does not stop the others.  In JSON the first language's keys are at
    the top level, as with a single language, and `languages` lists all of them.

    Args:
        languages: tags; none: all of the project, or with `first` only its first.
        shots: named by the user; a language in which none of them is dubbed is skipped.
    """
    projects = (project,) if first and not languages else project.into_each(languages)
    alone = len(projects) == 1
    answers = []
    for one in projects:
        if not alone and not as_json:
            click.echo(f"== {one.language} ==")
        answer = work(one, shots) if alone else _answer(one, work, shots)
        if answer.text and not as_json:  # at once, because the next language may take long
            click.echo(answer.text)
        answers.append(answer)
    if as_json:
        pairs = zip(projects, answers, strict=True)
        rows = [{"language": one.language, **answer.body} for one, answer in pairs]
        print_json(schema, rows[0] | ({} if alone else {"languages": rows}))
    return min((answer.code for answer in answers), key=_CODES.index)


def _answer(project: Project, work: Work, shots: Sequence[str]) -> Answer:
    """The answer for one of several languages; errors and faults become an answer."""
    from dubsync.service.fault import bounded

    try:
        names = [n for n in shots if dubbed_in(project, n) or not _elsewhere(project, n)]
        if shots and not names:
            why = f"no dubbed character in {', '.join(shots)} for {project.language}"
            return Answer({"skipped": why}, f"Skipped: {why}")
        return bounded(lambda: work(project, names))
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
    """Whether the shot `name` has a dubbed character; False where the dub cannot be read."""
    try:
        return any(shot.name == name for shot in project.turnover().shots)
    except DubsyncError:
        return False
