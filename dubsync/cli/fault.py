"""The last catch: an unexpected exception becomes a message and a file to send, not a traceback."""

from __future__ import annotations

import platform
import shlex
import sys
import tempfile
import traceback
from types import TracebackType

import click

from dubsync.cli.verb import print_json, printable
from dubsync.core.version import __version__


def report_fault(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An exception hook: print what happened and where its details are; the exit code is 1.

    Errors of dubsync's own kinds never come here: each verb prints them.  What comes here is a
    fault of dubsync, or the operating system's refusal (a full disk, a lost network drive).
    """
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    if isinstance(error, OSError):
        message = f"the operating system refused: {error}"
        hint = "free space or check permissions, and run the command again"
    else:
        message = f"dubsync has a fault: {kind.__name__}: {error}"
        hint = "run the command again; if it fails again, send us the file"
    kept = _kept("".join(traceback.format_exception(kind, error, trace)))
    if "--json" in sys.argv:
        print_json("dubsync.error/1", {"error": message, "hint": hint, "kind": "Fault"})
    click.echo(printable(f"Error: {message}"), err=True)
    click.echo(printable(f"  Try: {hint}"), err=True)
    click.echo(printable(f"  Finished work is kept.  Details: {kept}"), err=True)


def _kept(trace: str) -> str:
    """The path of a new file with the traceback, the command and the versions."""
    text = (
        f"dubsync {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"{shlex.join(sys.argv)}\n\n{trace}"
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="dubsync_fault_",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",  # file names need not be UTF-8
        ) as file:
            file.write(text)
    except OSError as error:
        return f"could not be written ({error.strerror}); the fault was in {trace.splitlines()[-1]}"
    return file.name
