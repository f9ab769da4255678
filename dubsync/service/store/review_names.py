"""Names of the files in a review's folder, written and read in one place."""

from __future__ import annotations

from pathlib import Path

from dubsync.service.store.folder import Layout


def strip_name(layout: Layout, shot: str, version: str, character: str) -> str:
    """File name of the review strip of one character: SHOT_vNNN_CHARACTER.png.

    In a project of several languages: SHOT_LANGUAGE_vNNN_CHARACTER.png.
    """
    return layout.named(shot, version, f"{character}.png")


def strip_characters(folder: Path, language: str = "") -> set[str]:
    """The characters with a strip in a review's folder SHOT/vNNN.

    Args:
        language: the tag in its file names; "": none.
    """
    layout = Layout(language, several=bool(language))
    prefix = layout.named(folder.parent.name, folder.name, "")
    return {path.stem.removeprefix(prefix) for path in folder.glob("*.png")}
