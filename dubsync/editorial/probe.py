"""Any file of editorial in, told apart by what it holds and not by what it is called."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import ASSUMED, ODD, Loss, LossReport
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.aaf.read import read_aaf
from dubsync.editorial.cmx3600.read import read_cmx
from dubsync.editorial.fcpxml.read import read_fcpxml
from dubsync.editorial.files.text_file import (
    COMPOUND_MARK,
    UTF8_MARK,
    ZIP_MARK,
    begins_as_xml,
    edl_text,
    file_bytes,
    json_text,
)
from dubsync.editorial.lists.ale_read import looks_like_ale, read_ale
from dubsync.editorial.otio.otioz import read_otioz
from dubsync.editorial.otio.read import read_otio_whole
from dubsync.editorial.protools.session import looks_like_protools, read_protools
from dubsync.editorial.xmeml.read import read_xmeml

#: Bytes of a file that tell what it is.
HEAD = 4096
#: Suffixes that promise a file of editorial, whatever it holds.
SUFFIXES = (".edl", ".otio", ".otioz", ".fcpxml", ".xml", ".aaf", ".ale", ".txt")


def is_editorial(head: bytes, suffix: str) -> bool:
    """Whether a file that begins with `head` is one to read here, rather than media."""
    if head[:8] == COMPOUND_MARK or suffix.lower() in SUFFIXES:
        return True
    if head[:4] == ZIP_MARK:
        return True
    body = head.removeprefix(UTF8_MARK).lstrip()
    if body[:1] in (b"{", b"[", b"<"):
        return True
    return bool(body) and not any(byte < 32 and byte not in b"\t\r\n\x0c\x1a" for byte in body)


def probe_cut(path: Path, rate: Fraction | None = None) -> ProbedCut:
    """Everything a file of editorial lists: EDL, ALE, .otio, .otioz, FCP7 XML, FCPXML, AAF or
    Pro Tools session text.

    Args:
        rate: frames per second of a file that does not say; one that does is believed first.

    Raises:
        MissingMedia: no such file, or it cannot be read.
        TimecodeError: times that cannot exist, or that cannot run at `rate`.
        TurnoverError: damaged, hostile, of no kind we know, or with nothing in it.
    """
    data = file_bytes(path)
    where = str(path)
    if data[:8] == COMPOUND_MARK:
        result = read_aaf(where)
    elif data[:4] == ZIP_MARK:
        result = read_otioz(data, path=where)
    elif (text := json_text(data, path)) is not None:
        result = read_otio_whole(text, path=where)
    elif begins_as_xml(data):
        result = _xml(data, path)
    else:
        return _plain(data, path, rate)
    if rate is not None and result.rate not in (None, rate):
        loss = Loss(
            path.name,
            f"it says {result.rate} fps itself; the {rate} fps asked for are not used",
            ASSUMED,
        )
        result = replace(result, losses=LossReport.of((loss, *result.losses)))
    return result


def _xml(data: bytes, path: Path) -> ProbedCut:
    head = data[:HEAD].replace(b"\0", b"")
    if b"<xmeml" in head:
        return read_xmeml(data, path=str(path))
    if b"<fcpxml" in head or path.suffix.lower() == ".fcpxml":
        return read_fcpxml(data, path=str(path))
    return read_xmeml(data, path=str(path))


def _plain(data: bytes, path: Path, rate: Fraction | None) -> ProbedCut:
    text, warnings = edl_text(data, path)
    if looks_like_ale(text):
        result = read_ale(text, rate=rate, path=str(path))
    elif looks_like_protools(text):
        result = read_protools(text, rate=rate, path=str(path))
    else:
        result = _list(text, path, rate)
    losses = [Loss(d.about, d.message, ODD, d.hint) for d in warnings]
    return replace(result, losses=LossReport.of((*losses, *result.losses)))


def _list(text: str, path: Path, rate: Fraction | None) -> ProbedCut:
    try:
        return read_cmx(text, rate=rate, path=str(path))
    except TurnoverError as error:
        if str(error).startswith("no event in ") and path.suffix.lower() != ".edl":
            raise TurnoverError(
                f"{path.name} is no file of editorial that we know: neither EDL, ALE, .otio, "
                "FCP7 XML, FCPXML, AAF nor Pro Tools session text",
                hint=error.hint,
            ) from error
        raise
