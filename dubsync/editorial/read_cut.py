"""A cut in: the file told apart by what it holds, not by what it is called."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import TurnoverError
from dubsync.core.shot import Cut
from dubsync.editorial.cmx3600.cut import read_edl
from dubsync.editorial.files.text_file import (
    COMPOUND_MARK,
    ZIP_MARK,
    begins_as_xml,
    edl_text,
    file_bytes,
    json_text,
)
from dubsync.editorial.lists.ale_read import looks_like_ale
from dubsync.editorial.otio.cut import read_otio
from dubsync.editorial.otio.otioz import bundled
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.protools.session import looks_like_protools
from dubsync.editorial.timeline.picture_events import cut_from


def read_cut(path: Path, *, rate: Fraction | None, timeline: str = "") -> Cut:
    """The cut in an .otio, .otioz, FCP7 XML, FCPXML, AAF or CMX3600 file.

    Args:
        path: the file.
        rate: frames per second of an EDL, which does not say; all others say their own.
        timeline: which, of a file that holds several.

    Raises:
        MissingMedia: no such file, or it cannot be read.
        TimecodeError: times that cannot exist, or an EDL that cannot run at `rate`.
        TurnoverError: another kind of file, damaged, hostile, with no picture event in it, or
            with several timelines of which none was chosen.
    """
    data = file_bytes(path)
    if data[:4] == ZIP_MARK:
        return read_otio(bundled(data, path.name)[0], path=str(path), timeline=timeline)
    document = json_text(data, path)
    if document is not None:
        return read_otio(document, path=str(path), timeline=timeline)
    if path.suffix.lower() == ".otio":
        raise TurnoverError(
            f"{path.name} is not OpenTimelineIO: it does not begin with '{{'",
            hint="export the timeline as .otio again",
        )
    if data[:8] == COMPOUND_MARK or begins_as_xml(data):  # both state their own rate
        probed = probe_cut(path, rate)
        return replace(cut_from(probed, timeline), probed=probed)
    return _printed(data, path, rate)


def _printed(data: bytes, path: Path, rate: Fraction | None) -> Cut:
    text, warnings = edl_text(data, path)
    if looks_like_ale(text) or looks_like_protools(text):
        raise TurnoverError(
            f"{path.name} lists clips or sound, and is no cut of the picture",
            hint="name the picture's EDL, .otio, FCP7 XML, FCPXML or AAF as the cut",
        )
    if rate is None:
        raise TurnoverError(
            f"{path.name} is an edit decision list, and such lists do not say their frame rate",
            hint="say the rate, as 24000/1001 or 25",
        )
    cut = read_edl(text, rate, path=str(path))
    name = path.stem if cut.name == "untitled" else cut.name
    return replace(cut, name=name, warnings=(*warnings, *cut.warnings))
