"""Writes a cut that was read as a file of another format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.probed import ProbedCut
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
    writers: dict[str, Callable[[], Written]] = {
        ".otio": lambda: _otio(cut), ".fcpxml": lambda: _fcpxml(cut), ".xml": lambda: _xmeml(cut),
        ".aaf": lambda: _aaf(cut), ".edl": lambda: _edl(cut, track),
    }  # fmt: skip
    kind = path.suffix.lower()
    if kind not in writers:
        raise DeliveryError(
            f"unknown format for a cut: {path.name}", hint=f"use one of {', '.join(writers)}"
        )
    if path.exists() or path.is_symlink():
        raise DeliveryError(f"{path} exists already", hint="choose another file name")
    written = writers[kind]()
    write_whole(path, written.data)
    return written.losses


# Each writer is imported at its first use: no other format's library is loaded.


def _otio(cut: ProbedCut) -> Written:
    from dubsync.editorial.otio.write import write_otio_flat

    return write_otio_flat(cut, ())


def _fcpxml(cut: ProbedCut) -> Written:
    from dubsync.editorial.fcpxml.write import write_fcpxml

    return write_fcpxml(cut, ())


def _xmeml(cut: ProbedCut) -> Written:
    from dubsync.editorial.xmeml.write import write_xmeml

    return write_xmeml(cut, ())


def _aaf(cut: ProbedCut) -> Written:
    from dubsync.editorial.aaf.write import write_aaf

    return write_aaf(cut, ())


def _edl(cut: ProbedCut, track: str) -> Written:
    from dubsync.editorial.cmx3600.write import write_tracks

    lists = write_tracks(cut, ())
    names = ", ".join(lists) or "no picture track"
    if not track and len(lists) == 1:
        (only,) = lists.values()
        return only
    if track not in lists:
        raise DeliveryError(
            f"an EDL holds one track, and this cut has {names}"
            if not track
            else f"the cut has no picture track {track}, only {names}",
            hint=f'name one: track="{next(iter(lists), "V1")}"',
        )
    return lists[track]
