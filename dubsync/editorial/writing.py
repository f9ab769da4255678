"""Writes a cut in each format that holds one: as a new file, or into the original file.

Each writer is imported at its first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dubsync.core.timeline.corrected import Corrected, Written
    from dubsync.core.timeline.probed import ProbedCut, ProbedMarker


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a written cut.

    track    the picture track in it, if the format holds one track per file; else ""
    shows    the cut that it must read back as
    """

    track: str
    written: Written
    shows: ProbedCut


def written_aaf(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """AAF."""
    from dubsync.editorial.aaf.write import write_aaf

    return [Part("", write_aaf(cut, corrected), cut)]


def patched_aaf(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    original: bytes,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """The cut's own AAF with the corrected clips inserted."""
    from dubsync.editorial.aaf.write import write_aaf

    return write_aaf(cut, corrected, original=original, notes=notes)


def written_fcpxml(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """FCPXML."""
    from dubsync.editorial.fcpxml.write import write_fcpxml

    return [Part("", write_fcpxml(cut, corrected), cut)]


def patched_fcpxml(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    original: bytes,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """The cut's own FCPXML with the corrected clips inserted."""
    from dubsync.editorial.fcpxml.write import write_fcpxml

    return write_fcpxml(cut, corrected, original=original, notes=notes)


def written_xmeml(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """FCP7 XML."""
    from dubsync.editorial.xmeml.write import write_xmeml

    return [Part("", write_xmeml(cut, corrected), cut)]


def patched_xmeml(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    original: bytes,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """The cut's own FCP7 XML with the corrected clips inserted."""
    from dubsync.editorial.xmeml.write import write_xmeml

    return write_xmeml(cut, corrected, original=original, notes=notes)


def written_mlt(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """MLT XML, as a project of Shotcut."""
    from dubsync.editorial.mlt.write import write_mlt

    return [Part("", write_mlt(cut, corrected), cut)]


def written_kdenlive(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """MLT XML, as a project of Kdenlive."""
    from dubsync.editorial.mlt.write import write_mlt

    return [Part("", write_mlt(cut, corrected, kdenlive=True), cut)]


def written_otio(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """OpenTimelineIO, with corrected clips on a track of their own."""
    from dubsync.editorial.otio.write import write_otio_flat

    return [Part("", write_otio_flat(cut, corrected), cut)]


def patched_otio(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    original: bytes,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """The cut's own .otio with the corrected clips inserted."""
    from dubsync.editorial.otio.write import write_otio_flat

    return write_otio_flat(cut, corrected, original=original, notes=notes)


def written_lists(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """A list for each track with corrected clips; for every track if there are none."""
    from dubsync.editorial.cmx3600.write import write_tracks
    from dubsync.editorial.tracks.verify import only_track

    lists = write_tracks(cut, corrected)
    return [Part(track, written, only_track(cut, track)) for track, written in lists.items()]
