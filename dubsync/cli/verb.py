"""Shared parts of all verbs: exit codes, --json, error messages."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from dubsync.core.errors import Cancelled, DubsyncError
from dubsync.core.waiting.answering import answering

DONE, FAILED, USAGE, QC_FAILED, CANCELLED = 0, 1, 2, 3, 130


class AnsweringPath(click.Path):
    """A path that click looks at; where its disk or share does not answer, that is told."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        with answering(str(value), "looking at it"):
            return super().convert(value, param, ctx)


file_path = AnsweringPath(path_type=Path, dir_okay=False)
folder_path = AnsweringPath(path_type=Path, file_okay=False)
as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output."
)


def _allow_engine(context: click.Context, option: click.Parameter, names: tuple[str, ...]) -> None:
    from dubsync.service.plugins import allow_engine

    for name in names:
        try:
            allow_engine(name)
        except DubsyncError as error:
            raise click.BadParameter(f"{error}; {error.hint}", context, option) from error


#: For verbs that may load the engine that a project names.
engines_option = click.option(
    "--allow-engine", multiple=True, metavar="MODULE:ATTRIBUTE", expose_value=False,
    callback=_allow_engine,
    help="Trust this engine, if dubsync.toml names it, although it is not installed as one.",
)  # fmt: skip


def verb(function: Callable[..., int | None], *, refused: int = FAILED) -> Callable[..., None]:
    """`function` as a verb: an error becomes a message, a hint and exit code 1; Ctrl-C is 130.

    Args:
        refused: the exit code of errors, where 1 says something else.
    """

    @wraps(function)
    def run(*args: Any, **options: Any) -> None:
        try:
            code = function(*args, **options)
        except DubsyncError as error:
            _refuse(error, as_json=bool(options.get("as_json")), code=refused)
        except (Cancelled, KeyboardInterrupt):
            click.echo(
                "Stopped. Finished work is kept; run the command again to continue.", err=True
            )
            sys.exit(CANCELLED)
        sys.exit(code or DONE)

    return run


def print_json(schema: str, body: dict[str, Any]) -> None:
    """One JSON object on stdout, `schema` first."""
    click.echo(json.dumps({"schema": schema, **body}))


def printable(text: str) -> str:
    """`text` without control characters: names in files are not trusted."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _refuse(error: DubsyncError, *, as_json: bool, code: int) -> NoReturn:
    if as_json:
        print_json("dubsync.error/1", {"error": str(error), "hint": error.hint,
                                        "kind": type(error).__name__})  # fmt: skip
    click.echo(printable(f"Error: {error}"), err=True)
    if error.hint:
        click.echo(printable(f"  Try: {error.hint}"), err=True)
    sys.exit(code)
