"""Recognises an editorial file by its content, and calls its reader.

Each reader is imported at its first use: to read an EDL, no AAF library is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dubsync.core.timeline.losses import Loss
    from dubsync.core.timeline.probed import ProbedCut

#: Bytes at the start of a file by which its format is recognised.
HEAD = 4096


@dataclass(frozen=True)
class Content:
    """An editorial file: its bytes, and its text if it has any."""

    data: bytes
    path: Path

    @cached_property
    def head(self) -> bytes:
        """The first bytes without zero bytes, so that UTF-16 looks like ASCII."""
        return self.data[:HEAD].replace(b"\0", b"")

    @cached_property
    def xml(self) -> bool:
        """Whether it begins as XML does."""
        from dubsync.editorial.files.text_file import begins_as_xml

        return begins_as_xml(self.data)

    @cached_property
    def json(self) -> str | None:
        """Its text if it begins as JSON does, else None.  Raises TurnoverError if not UTF-8."""
        from dubsync.editorial.files.text_file import json_text

        return json_text(self.data, self.path)

    @property
    def is_text(self) -> bool:
        """Whether it is plain text, in one of several encodings: an EDL, ALE or session."""
        return not (is_aaf(self) or is_otioz(self) or is_otio(self) or self.xml)

    @property
    def text(self) -> str:
        """Its text.  Raises TurnoverError if it is UTF-16, binary or too long."""
        return self._decoded[0]

    @property
    def losses(self) -> tuple[Loss, ...]:
        """Losses about the encoding of its text."""
        return self._decoded[1]

    @cached_property
    def _decoded(self) -> tuple[str, tuple[Loss, ...]]:
        from dubsync.core.timeline.losses import ODD, WARNS, Loss
        from dubsync.editorial.files.text_file import edl_text

        text, warnings = edl_text(self.data, self.path)
        return text, tuple(Loss(w.about, w.message, ODD, w.hint, WARNS) for w in warnings)


def is_aaf(content: Content) -> bool:
    """Whether a file is a structured storage file, as AAF is."""
    from dubsync.editorial.files.text_file import COMPOUND_MARK

    return content.data[:8] == COMPOUND_MARK


def probe_aaf(content: Content, rate: Fraction | None) -> ProbedCut:
    """AAF."""
    from dubsync.editorial.aaf.read import read_aaf

    return read_aaf(str(content.path))


def is_otioz(content: Content) -> bool:
    """Whether a file is a ZIP archive."""
    from dubsync.editorial.files.text_file import ZIP_MARK

    return content.data[:4] == ZIP_MARK


def probe_otioz(content: Content, rate: Fraction | None) -> ProbedCut:
    """An .otioz bundle."""
    from dubsync.editorial.otio.otioz import read_otioz

    return read_otioz(content.data, path=str(content.path))


def is_otio(content: Content) -> bool:
    """Whether a file begins as JSON does, or has the suffix .otio."""
    return content.json is not None or content.path.suffix.lower() == ".otio"


def probe_otio(content: Content, rate: Fraction | None) -> ProbedCut:
    """OpenTimelineIO.  Raises TurnoverError if it is not JSON."""
    from dubsync.core.errors import TurnoverError
    from dubsync.editorial.otio.read import read_otio_whole

    if content.json is None:
        raise TurnoverError(
            f"{content.path.name} is not OpenTimelineIO: it does not begin with '{{'",
            hint="export the timeline as .otio again",
        )
    return read_otio_whole(content.json, path=str(content.path))


def is_fcpxml(content: Content) -> bool:
    """Whether a file is FCPXML."""
    named = b"<fcpxml" in content.head or content.path.suffix.lower() == ".fcpxml"
    return content.xml and named and b"<xmeml" not in content.head


def probe_fcpxml(content: Content, rate: Fraction | None) -> ProbedCut:
    """FCPXML."""
    from dubsync.editorial.fcpxml.read import read_fcpxml

    return read_fcpxml(content.data, path=str(content.path))


def is_avid_markers(content: Content) -> bool:
    """Whether a file is Avid's XML of markers."""
    return content.xml and b"<Avid:StreamItems" in content.head


def probe_avid_markers(content: Content, rate: Fraction | None) -> ProbedCut:
    """Avid's XML of markers."""
    from dubsync.editorial.lists.avid_markers import read_avid_markers

    return read_avid_markers(content.data, rate=rate, path=str(content.path))


def is_mlt(content: Content) -> bool:
    """Whether a file is MLT XML."""
    return content.xml and (b"<mlt" in content.head or b"<westley" in content.head)


def is_kdenlive(content: Content) -> bool:
    """Whether a file is MLT XML with the settings of a Kdenlive project."""
    return is_mlt(content) and b"kdenlive:docproperties." in content.data


def probe_mlt(content: Content, rate: Fraction | None) -> ProbedCut:
    """MLT XML, of any program."""
    from dubsync.editorial.mlt.read import read_mlt

    return read_mlt(content.data, path=str(content.path))


def is_xmeml(content: Content) -> bool:
    """Whether a file is any other XML."""
    return content.xml


def probe_xmeml(content: Content, rate: Fraction | None) -> ProbedCut:
    """FCP7 XML."""
    from dubsync.editorial.xmeml.read import read_xmeml

    return read_xmeml(content.data, path=str(content.path))


def is_ale(content: Content) -> bool:
    """Whether a text is an Avid log."""
    from dubsync.editorial.lists.ale_read import looks_like_ale

    return looks_like_ale(content.text)


def probe_ale(content: Content, rate: Fraction | None) -> ProbedCut:
    """ALE."""
    from dubsync.editorial.lists.ale_read import read_ale

    return read_ale(content.text, rate=rate, path=str(content.path))


def is_protools(content: Content) -> bool:
    """Whether a text is a Pro Tools session."""
    from dubsync.editorial.protools.session import looks_like_protools

    return looks_like_protools(content.text)


def probe_protools(content: Content, rate: Fraction | None) -> ProbedCut:
    """Pro Tools session text."""
    from dubsync.editorial.protools.session import read_protools

    return read_protools(content.text, rate=rate, path=str(content.path))


def is_markers(content: Content) -> bool:
    """Whether a text is a list of markers alone."""
    from dubsync.editorial.lists.marker_lists import looks_like_markers

    return looks_like_markers(content.text)


def probe_markers(content: Content, rate: Fraction | None) -> ProbedCut:
    """A list of markers."""
    from dubsync.editorial.lists.marker_lists import read_markers

    return read_markers(content.text, rate=rate, path=str(content.path))


def is_notes(content: Content) -> bool:
    """Whether a text is a list of notes."""
    from dubsync.editorial.lists.note_list import looks_like_note_list

    return looks_like_note_list(content.text)


def probe_notes(content: Content, rate: Fraction | None) -> ProbedCut:
    """A list of notes."""
    from dubsync.editorial.lists.note_list import read_note_list

    return read_note_list(content.text, rate=rate, path=str(content.path))


def is_cubase(content: Content) -> bool:
    """Whether a file is a track archive of Cubase or Nuendo."""
    return content.xml and b"<tracklist" in content.head


def probe_cubase(content: Content, rate: Fraction | None) -> ProbedCut:
    """A track archive of Cubase or Nuendo."""
    from dubsync.editorial.lists.cubase import read_cubase

    return read_cubase(content.data, path=str(content.path))


def is_list(content: Content) -> bool:
    """Whether a file is any other text; the reader raises if it has no event."""
    return content.text is not None


def probe_list(content: Content, rate: Fraction | None) -> ProbedCut:
    """A CMX3600 list.  Raises TurnoverError if it has no event."""
    from dubsync.editorial.cmx3600.read import read_cmx

    return read_cmx(content.text, rate=rate, path=str(content.path))
