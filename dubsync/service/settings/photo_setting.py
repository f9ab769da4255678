"""Photographs of performers that a project names: further pictures to draw their heads from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dubsync.core.errors import MissingMedia, SettingsError
from dubsync.service.settings.toml_fields import texts_of

#: Most photographs of one performer.
MOST = 64
#: What files of a folder are taken for photographs.
KINDS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".avif")


def parse_photos(
    characters: Mapping[str, dict[str, Any]], folder: Path, media: Sequence[Path]
) -> dict[str, tuple[Path, ...]]:
    """Character -> photographs, or folders of them, where [characters.NAME] names some.

    Raises:
        SettingsError: no path, or one outside the project and its media folders.
    """
    result = {}
    roots = [root.resolve() for root in (folder, *media)]
    for character, keys in characters.items():
        if "photos" not in keys:
            continue
        named = texts_of(keys, "photos")
        paths = tuple((folder / text).resolve() for text in named if text)
        for text, path in zip(named, paths, strict=False):
            if not any(path.is_relative_to(root) for root in roots):
                raise SettingsError(
                    f"[characters.{character}] photos {text!r} lies outside the project",
                    hint="put the photographs into the project's folder or a media folder",
                )
        if not paths:
            raise SettingsError(
                f"[characters.{character}] photos names nothing",
                hint='write photos = "photos/ELISE", a folder, or leave it out',
            )
        result[character] = paths
    return result


def photograph_files(named: Sequence[Path]) -> tuple[Path, ...]:
    """The photographs that a project names, those of folders by name.

    Raises:
        MissingMedia: a file or folder is not there, or a folder holds no photograph.
        SettingsError: more than MOST.
    """
    files: list[Path] = []
    for path in named:
        found = [path]
        if path.is_dir():
            found = sorted(one for one in path.iterdir() if one.suffix.lower() in KINDS)
        if not found or not path.exists():
            why = "holds no photograph" if path.is_dir() else "does not exist"
            raise MissingMedia(f"{path} {why}", hint=f"put photographs there: {', '.join(KINDS)}")
        files += found
    if len(files) > MOST:
        raise SettingsError(
            f"{len(files)} photographs are named, and at most {MOST} are used",
            hint="keep those that show other turns of the head and other expressions",
        )
    return tuple(dict.fromkeys(files))
