"""Writes a cut that was read as a file of another format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.formats import FORMATS, Writer
from dubsync.editorial.writing import Part
from dubsync.service.store.atomic_write import write_whole


def write_cut(cut: ProbedCut, path: Path, *, track: str = "") -> LossReport:
    """Write `cut` to `path`, in the format that the suffix names.

    Formats: .otio, .fcpxml, .xml (Final Cut Pro 7), .aaf and .edl (CMX3600).

    Args:
        cut: what `probe_cut` reads.
        path: the new file.  A file that is there already is never overwritten.
        track: the picture track that an EDL is to hold; needed where the cut has several.

    Returns:
        Everything in the cut that the format cannot hold.

    Raises:
        DeliveryError: an unknown suffix, an existing file, no such track, or a cut that the
            format cannot hold at all.

    Example:
        >>> from pathlib import Path
        >>> import dubsync
        >>> cut = dubsync.probe_cut(Path("reel.xml"))  # doctest: +SKIP
        >>> for loss in dubsync.write_cut(cut, Path("reel.otio")):  # doctest: +SKIP
        ...     print(loss.where, loss.what)
    """
    write = checked_place(path)
    written = _chosen(write(cut, ()), track)
    write_whole(path, written.data)
    return written.losses


def checked_place(path: Path) -> Writer:
    """The writer of cuts of the format that the suffix of the new file `path` names.

    Raises:
        DeliveryError: an unknown suffix, or an existing file.
    """
    writers = {each.suffixes[0]: each.write for each in FORMATS if each.write}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise DeliveryError(
            f"no cut can be written as {path.name}", hint=f"use one of {', '.join(writers)}"
        )
    if path.exists() or path.is_symlink():
        raise DeliveryError(f"{path} exists already", hint="choose another file name")
    return write


def _chosen(parts: Sequence[Part], track: str) -> Written:
    """The one file that is written, or that of `track` where the format holds one track each."""
    by_track = {part.track: part.written for part in parts}
    if not track and len(parts) == 1:
        return parts[0].written
    if "" in by_track:  # the format holds all tracks
        return by_track[""]
    if track in by_track:
        return by_track[track]
    names = ", ".join(by_track) or "no picture track"
    raise DeliveryError(
        f"the cut has no picture track {track}, only {names}"
        if track
        else f"an EDL holds one track, and this cut has {names}",
        hint=f'name one: track="{next(iter(by_track), "V1")}"',
    )
