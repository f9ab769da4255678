"""Sorts the files around a cut: cuts, plates, dubs, takes, scripts, consent records.

Names and folders are what people go by; every file is opened by what it is only later.  Nothing
found here is taken without being shown first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dubsync.core.errors import MissingMedia
from dubsync.editorial.formats import CUT, SCRIPT, suffixes
from dubsync.media.find_plates import MOVIES
from dubsync.service.settings.toml_fields import FILE_NAME

#: Suffixes of cuts, for file choosers.
CUT_SUFFIXES = suffixes(CUT)
MOVIE_SUFFIXES = MOVIES
SOUNDS = (".wav", ".bwf", ".aif", ".aiff", ".flac", ".w64", ".rf64")
#: How deep below the dropped folder files are looked for, and how many entries are read at most.
DEPTH, ENTRIES = 4, 20_000
_TAKES = re.compile(r"takes?|performances?", re.IGNORECASE)
_LANGUAGE = re.compile(r"[-_. ]([a-z]{2,3}(?:[-_][A-Z]{2})?)$")
_RENDERED = {".dubsync", "renders", "reports", "delivery", "review", "tweaks"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The files of a folder, by what they seem to be.

    project  the folder is a dubsync project already
    media    folders that hold movies, each once
    dubs     language as the files' names write it ("it", "fr-FR"; "": not written) -> character as
             the name gives it -> sound file
    """

    folder: Path
    project: bool = False
    cuts: tuple[Path, ...] = ()
    media: tuple[Path, ...] = ()
    dubs: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    takes: tuple[Path, ...] = ()
    scripts: tuple[Path, ...] = ()
    consents: tuple[Path, ...] = ()


def survey(path: Path) -> Surroundings:
    """What lies in a folder, or beside a file.

    Raises:
        MissingMedia: there is no such file or folder.
    """
    if not path.exists():
        raise MissingMedia(f"no file at {path}", hint="check the path")
    folder = path if path.is_dir() else path.parent
    if (folder / FILE_NAME).is_file():
        return Surroundings(folder, project=True)
    files = sorted(_files(folder))
    movies = [file for file in files if file.suffix.lower() in MOVIE_SUFFIXES]
    taken = {file.parent for file in movies if _TAKES.search(file.parent.name)}
    cuts = [file for file in files if file.suffix.lower() in CUT_SUFFIXES]
    return Surroundings(
        folder,
        cuts=(path,) if path in cuts else tuple(cuts),
        media=tuple(sorted({file.parent for file in movies} - taken)),
        dubs=_dubs([file for file in files if file.suffix.lower() in SOUNDS]),
        takes=tuple(sorted(taken)),
        scripts=tuple(file for file in files if _is_script(file)),
        consents=tuple(f for f in files if f.suffix == ".toml" and f.parent.name == "consent"),
    )


def _files(folder: Path) -> Iterator[Path]:
    """Files below `folder`, without hidden ones, links and a project's own results."""
    read = 0
    for here, folders, names in os.walk(folder):
        depth = len(Path(here).relative_to(folder).parts)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _RENDERED
        )
        if depth >= DEPTH:
            folders.clear()
        for name in names:
            read += 1
            if read > ENTRIES:
                return
            if not name.startswith(".") and not (Path(here) / name).is_symlink():
                yield Path(here) / name


def _is_script(file: Path) -> bool:
    suffix = file.suffix.lower()
    return suffix in suffixes(SCRIPT) and suffix not in CUT_SUFFIXES and suffix != ".txt"


def _dubs(sounds: Sequence[Path]) -> Mapping[str, Mapping[str, Path]]:
    """Language -> character -> stem, by names such as ELISE_it.wav."""
    dubs: dict[str, dict[str, Path]] = {}
    for file in sounds:
        found = _LANGUAGE.search(file.stem)
        name = file.stem[: found.start()] if found else file.stem
        tag = found.group(1).replace("_", "-") if found else ""
        dubs.setdefault(tag, {}).setdefault(name.upper(), file)
    return dubs
