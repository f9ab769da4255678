"""Probes a file: a timeline, a dub script or media, recognised by its content."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import MissingMedia, TurnoverError
from dubsync.core.script import Script
from dubsync.core.timeline.probed import ProbedCut, ProbedMedia
from dubsync.editorial.probe import is_editorial, probe_cut
from dubsync.editorial.reading import HEAD

#: Suffixes of sheets, which may be scripts or lists.
_SHEETS = (".csv", ".tsv", ".xlsx")
#: What the reader of cue sheets says of a sheet that has no cues.
_NO_CUES = ("no column for the start", "no column for the end")


def probe(path: Path, rate: Fraction | None = None) -> ProbedCut | ProbedMedia | Script:
    """The contents of the file at `path`, with every fault and oddity.

    Args:
        rate: frames per second of a timeline or script that does not state its own.

    Raises:
        MissingMedia: no such file, or it cannot be read.
        TurnoverError: a timeline or script that is damaged, hostile or of an unknown kind.
        MediaError: media that cannot be opened.

    Example:
        >>> cut = probe(Path("reel.fcpxml"))  # doctest: +SKIP
        >>> [(event.name, event.media) for event in cut.events]  # doctest: +SKIP
        [('A001C003', 'plates/A001C003.mov'), ('A002C001', 'plates/A002C001.mov')]
    """
    if "%" not in path.name and not path.is_dir():
        if not path.is_file():  # never open a pipe or a device: reading it may never end
            raise MissingMedia(f"no file at {path}", hint="check the path")
        try:
            with path.open("rb") as file:
                head = file.read(HEAD)
        except OSError as error:
            raise MissingMedia(
                f"{path} cannot be read: {error.strerror}", hint="check its permissions"
            ) from error
        if head and (script := _script(path, head, rate)) is not None:
            return script
        if not head or is_editorial(head, path.suffix):
            return probe_cut(path, rate)
    from dubsync.media.streams import probe_media  # brings FFmpeg, which no timeline needs

    return probe_media(path)


def _script(path: Path, head: bytes, rate: Fraction | None) -> Script | None:
    """The script at `path`; None if the file is none.

    Raises:
        TurnoverError: a script that cannot be read.
    """
    from dubsync.editorial.script.formats import is_script, script_in

    if is_script(head, path.suffix):
        return script_in(path, rate)
    if path.suffix.lower() not in _SHEETS:
        return None
    try:
        return script_in(path, rate)
    except TurnoverError as error:
        if any(words in str(error) for words in _NO_CUES):
            return None  # a sheet of another kind
        raise
