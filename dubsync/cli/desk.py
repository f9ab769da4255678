"""`dubsync desk`: open the window."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from dubsync.cli.proof.signs import unlocks
from dubsync.cli.verb import AnsweringPath, engines_option, verb
from dubsync.core.errors import SettingsError


@click.command(short_help="Open the window: review a reel, shape every performance.")
@click.argument("reel", required=False, type=AnsweringPath(path_type=Path))
@click.option("--language", default="", help="One of the project's languages; default: its first.")
@click.option("--shot", default="", help="The shot to begin at; default: the reel's table.")
@engines_option
@verb
@unlocks
def desk(reel: Path | None, language: str, shot: str) -> int:
    """Open the desk on REEL: a project folder, or a cut to make a new project of.

    Without REEL it opens on the reels that were open before, and takes what is dropped on it.
    """
    if importlib.util.find_spec("PyQt5") is None:
        raise SettingsError(
            "the desk is not installed", hint="make desk, or: pip install 'dubsync[desk]'"
        )
    from dubsync.desk.open_desk import open_desk

    return open_desk(reel, language, shot)
