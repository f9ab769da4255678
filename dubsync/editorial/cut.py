"""A cut in: the file told apart by what it holds, not by what it is called."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import MissingMedia, TurnoverError
from dubsync.core.shot import Cut, Doubt
from dubsync.editorial.edl import read_edl
from dubsync.editorial.otio_read import read_otio

#: A feature's .otio with every clip's metadata stays far below this.
LARGEST = 256 * 1024 * 1024
_UTF8_MARK = b"\xef\xbb\xbf"


def read_cut(path: Path, *, rate: Fraction | None) -> Cut:
    """The cut in an .otio or CMX3600 file.

    Args:
        path: the file.
        rate: frames per second of an EDL, which does not say; .otio files say their own.

    Raises:
        MissingMedia: no such file, or it cannot be read.
        TimecodeError: times that cannot exist, or an EDL that cannot run at `rate`.
        TurnoverError: neither kind of file, damaged, hostile, or with no event in it.
    """
    data = file_bytes(path)
    document = json_text(data, path)
    if document is not None:
        return read_otio(document, path=str(path))
    if path.suffix.lower() == ".otio":
        raise TurnoverError(
            f"{path.name} is not OpenTimelineIO: it does not begin with '{{'",
            hint="export the timeline as .otio again",
        )
    text, doubts = edl_text(data, path)
    if rate is None:
        raise TurnoverError(
            f"{path.name} is an edit decision list, and such lists do not say their frame rate",
            hint="say the rate, as 24000/1001 or 25",
        )
    cut = read_edl(text, rate, path=str(path))
    name = path.stem if cut.name == "untitled" else cut.name
    return replace(cut, name=name, doubts=(*doubts, *cut.doubts))


def file_bytes(path: Path) -> bytes:
    """All of an ordinary file, if it is not larger than a cut can be.

    Raises:
        MissingMedia: not there, not a file, or not readable.
        TurnoverError: empty or too large.
    """
    try:
        if not path.is_file():  # never open a pipe or a device: reading it may not end
            raise MissingMedia(f"no cut at {path}", hint="check the path of the cut")
        if path.stat().st_size > LARGEST:
            raise TurnoverError(f"{path.name} is larger than {LARGEST >> 20} MiB", hint="a cut?")
        data = path.read_bytes()
    except OSError as error:
        raise MissingMedia(f"{path} cannot be read: {error.strerror}") from error
    if not data.strip():
        raise TurnoverError(f"{path.name} is empty", hint="export the cut again")
    return data


def json_text(data: bytes, path: Path) -> str | None:
    """The text of what begins as JSON does, else None.

    Raises:
        TurnoverError: it is not UTF-8.
    """
    body = data.removeprefix(_UTF8_MARK)
    if body.lstrip()[:1] not in (b"{", b"["):
        return None
    _refuse_utf16(data, path)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TurnoverError(
            f"{path.name} is not UTF-8: byte {error.start}", hint="export the timeline again"
        ) from error


def edl_text(data: bytes, path: Path) -> tuple[str, tuple[Doubt, ...]]:
    """The text of a list in UTF-8, Windows-1252 or Mac Roman, and a Doubt unless it is UTF-8.

    Raises:
        TurnoverError: UTF-16, or no text at all.
    """
    _refuse_utf16(data, path)
    body = data.removeprefix(_UTF8_MARK).rstrip(b"\0\x1a \t\r\n")
    control = sum(byte < 32 and byte not in b"\t\r\n\x0c\x1a" for byte in body)
    if control:
        raise TurnoverError(
            f"{path.name} is not a text file: {control} control bytes in it",
            hint="expected a CMX3600 edit decision list or an .otio file",
        )
    try:
        return body.decode("utf-8"), ()
    except UnicodeDecodeError:
        codec, spoken = _eight_bit(body)
    doubt = Doubt(
        path.name,
        f"not UTF-8; accented letters in its names are read as {spoken}",
        "check a clip name that has an accent",
    )
    return body.decode(codec, errors="replace"), (doubt,)


def _eight_bit(body: bytes) -> tuple[str, str]:
    """Mac Roman keeps its accented letters in 80..9F, Windows-1252 in C0..FF."""
    low = sum(0x80 <= byte <= 0x9F for byte in body)
    high = sum(byte >= 0xC0 for byte in body)
    return ("mac_roman", "Mac Roman") if low > high else ("cp1252", "Windows-1252")


def _refuse_utf16(data: bytes, path: Path) -> None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:64].count(0) > 8:
        raise TurnoverError(
            f"{path.name} is UTF-16 text, or no text at all", hint="save it as UTF-8"
        )
