"""Probes a file: a timeline or media, recognised by its content."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import MissingMedia
from dubsync.core.timeline.probed import ProbedCut, ProbedMedia
from dubsync.editorial.probe import is_editorial, probe_cut
from dubsync.editorial.reading import HEAD


def probe(path: Path, rate: Fraction | None = None) -> ProbedCut | ProbedMedia:
    """The contents of the file at `path`, with every fault and oddity.

    Args:
        rate: frames per second of a timeline that does not state its own.

    Raises:
        MissingMedia: no such file, or it cannot be read.
        TurnoverError: a timeline that is damaged, hostile or of an unknown kind.
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
        if not head or is_editorial(head, path.suffix):
            return probe_cut(path, rate)
    from dubsync.media.streams import probe_media  # brings FFmpeg, which no timeline needs

    return probe_media(path)
