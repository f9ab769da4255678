"""How a cut is written in each format that holds one, anew or into the file it came as.

The writers are imported when they are first used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dubsync.core.timeline.corrected import Corrected, Written
    from dubsync.core.timeline.probed import ProbedCut


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a cut as a format writes it.

    track    the picture track it holds, where the format holds one track a file; else ""
    shows    the cut that it is to read back as
    """

    track: str
    written: Written
    shows: ProbedCut


def written_aaf(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """AAF."""
    from dubsync.editorial.aaf.write import write_aaf

    return [Part("", write_aaf(cut, corrected), cut)]


def patched_aaf(cut: ProbedCut, corrected: Sequence[Corrected], original: bytes) -> Written:
    """The cut let into its own AAF."""
    from dubsync.editorial.aaf.write import write_aaf

    return write_aaf(cut, corrected, original=original)


def written_fcpxml(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """FCPXML."""
    from dubsync.editorial.fcpxml.write import write_fcpxml

    return [Part("", write_fcpxml(cut, corrected), cut)]


def patched_fcpxml(cut: ProbedCut, corrected: Sequence[Corrected], original: bytes) -> Written:
    """The cut let into its own FCPXML."""
    from dubsync.editorial.fcpxml.write import write_fcpxml

    return write_fcpxml(cut, corrected, original=original)


def written_xmeml(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """FCP7 XML."""
    from dubsync.editorial.xmeml.write import write_xmeml

    return [Part("", write_xmeml(cut, corrected), cut)]


def patched_xmeml(cut: ProbedCut, corrected: Sequence[Corrected], original: bytes) -> Written:
    """The cut let into its own FCP7 XML."""
    from dubsync.editorial.xmeml.write import write_xmeml

    return write_xmeml(cut, corrected, original=original)


def written_otio(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """OpenTimelineIO, corrected clips on a track of their own."""
    from dubsync.editorial.otio.write import write_otio_flat

    return [Part("", write_otio_flat(cut, corrected), cut)]


def patched_otio(cut: ProbedCut, corrected: Sequence[Corrected], original: bytes) -> Written:
    """The cut let into its own .otio."""
    from dubsync.editorial.otio.write import write_otio_flat

    return write_otio_flat(cut, corrected, original=original)


def written_lists(cut: ProbedCut, corrected: Sequence[Corrected]) -> list[Part]:
    """A list for each track that holds corrected clips; of nothing corrected, for each track."""
    from dubsync.editorial.cmx3600.write import write_tracks
    from dubsync.editorial.tracks.verify import only_track

    lists = write_tracks(cut, corrected)
    return [Part(track, written, only_track(cut, track)) for track, written in lists.items()]
