"""`dubsync verify`: who made which frames from what, and whether it is still so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from dubsync.cli.progress import shown
from dubsync.cli.proof.verify_text import verification_text
from dubsync.cli.verb import AnsweringPath, as_json_option, print_json, printable, verb
from dubsync.core.errors import DubsyncError
from dubsync.core.proof.verification import NOT_CHECKED, Verification

_path = AnsweringPath(path_type=Path)


@click.command(short_help="Check who made which frames from what.")
@click.argument("target", type=_path)
@click.option("--house", "houses", multiple=True, type=_path, metavar="FILE",
              help="Trust the house of this public file (NAME.house.pem) for this check.",
)  # fmt: skip
@click.option("--media", multiple=True, type=_path, metavar="FOLDER",
              help="Look for media in this folder too; repeatable.")  # fmt: skip
@click.option("--records", multiple=True, type=_path, metavar="FOLDER",
              help="For a single FILE: the delivery or project that it came from.")  # fmt: skip
@click.option("--redraw", "redrawn", multiple=True, metavar="SHOT",
              help="Draw the first frames of SHOT again from its record, and compare.")  # fmt: skip
@click.option("--frames", default=24, show_default=True, type=click.IntRange(1),
              help="How many drawn frames of each SHOT --redraw compares.")  # fmt: skip
@click.option("--private", is_flag=True,
              help="At home: also show what never leaves the house, such as who approved.",
)  # fmt: skip
@as_json_option
@verb
def verify(
    target: Path, houses: Sequence[Path], media: Sequence[Path], records: Sequence[Path],
    redrawn: Sequence[str], frames: int, private: bool, as_json: bool,
) -> int:  # fmt: skip
    """Check TARGET (a file, a shot's render, a reel or a delivery) against what the house signed.

    Prints who made which frames from what, with whose consent, and what differs.  Exit code 0:
    verified; 1: something failed; 2: nothing failed, but something could not be checked.
    """
    from dubsync.service.verification.verify import Asked
    from dubsync.service.verification.verify import verify as check

    try:
        with shown() as progress:
            found = check(Asked(target, houses, media, records), progress)
            if redrawn:
                from dubsync.service.redraw.drawn_again import with_redrawn

                found = with_redrawn(found, target, redrawn, frames, progress)
    except DubsyncError as error:
        if as_json:
            print_json("dubsync.error/1", {"error": str(error), "hint": error.hint,
                                            "kind": type(error).__name__})  # fmt: skip
        click.echo(printable(f"Could not check: {error}"), err=True)
        if error.hint:
            click.echo(printable(f"  Try: {error.hint}"), err=True)
        return NOT_CHECKED
    if as_json:
        print_json("dubsync.verify/1", verification_json(found))
    else:
        click.echo(verification_text(found, private=private))
    return found.exit_code


def verification_json(found: Verification) -> dict[str, Any]:
    """The body of `dubsync.verify/1`."""
    return {
        "target": found.target,
        "kind": found.kind,
        "state": found.state,
        "claims": [asdict(claim) for claim in found.claims],
        "shots": [asdict(shot) for shot in found.shots],
    }
