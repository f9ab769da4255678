"""The last catch: an unexpected exception becomes a message and a file to send, not a traceback."""

from __future__ import annotations

import os
import sys
from types import TracebackType

import click

from dubsync.cli.verb import print_json, printable
from dubsync.service.fault import described, kept_details


def report_fault(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An exception hook: print what happened and where its details are; the exit code is 1.

    Errors of dubsync's own kinds never come here: each verb prints them.  Nor does a fault in one
    shot, which `service.fault.bounded` turns into that shot's result.
    """
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    message, hint = described(error)
    details = kept_details(error) or f"could not be written ({kind.__name__}: {error})"
    if "--json" in sys.argv:
        try:
            print_json("dubsync.error/1", {"error": message, "hint": hint, "kind": "Fault"})
        except OSError:  # standard output is what failed: what it still holds is given up
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    click.echo(printable(f"Error: {message}"), err=True)
    click.echo(printable(f"  Try: {hint}"), err=True)
    click.echo(printable(f"  Finished work is kept.  Details: {details}"), err=True)
