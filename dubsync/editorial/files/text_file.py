"""Reads an editorial file: its bytes, the kind of its contents, and its text in any encoding."""

from __future__ import annotations

import re
from pathlib import Path

from dubsync.core.errors import MissingMedia, TurnoverError
from dubsync.core.shot import ProjectWarning

#: Bytes; the .otio of a feature with all clip metadata is far smaller.
LARGEST = 160 * 1024 * 1024
#: Bytes and lines; a list of 20,000 events with a dozen remarks each is far smaller.
LARGEST_TEXT = 32 * 1024 * 1024
MOST_LINES = 300_000
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
ZIP_MARK = b"PK\x03\x04"
#: Mac Roman's dots, dashes and quotes after a small letter, or a dash between spaces.
_MAC_MARKS = re.compile(rb"(?<=[a-z])[\xc9\xd0-\xd5]|(?<= )[\xd0\xd1](?= )")
COMPOUND_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a structured storage file: AAF is one


def file_bytes(path: Path, *, what: str = "cut", most: int = LARGEST) -> bytes:
    """The contents of a regular file, up to a size limit.

    Args:
        what: what the file should be, for messages.
        most: limit in bytes.

    Raises:
        MissingMedia: not there, not a file, or not readable.
        TurnoverError: empty or too large.
    """
    try:
        if not path.is_file():  # never open a pipe or a device: reading may not end
            raise MissingMedia(f"{what} not found: {path}", hint=f"check the path of the {what}")
        if path.stat().st_size > most:
            raise TurnoverError(
                f"{path.name} is larger than {most >> 20} MiB", hint=f"is it a {what}?"
            )
        data = path.read_bytes()
    except OSError as error:
        raise MissingMedia(f"{path} cannot be read: {error.strerror}") from error
    if not data.strip():
        raise TurnoverError(f"{path.name} is empty", hint=f"export the {what} again")
    return data


def begins_as_xml(data: bytes) -> bool:
    """Whether the first visible character of a file is an angle bracket."""
    if data[:2] in UTF16_MARKS:
        return b"<" in data[:4]
    return data.removeprefix(UTF8_MARK).lstrip()[:1] == b"<"


def json_text(data: bytes, path: Path) -> str | None:
    """The text of a file that begins like JSON, else None.

    Raises:
        TurnoverError: the text is not UTF-8.
    """
    body = data.removeprefix(UTF8_MARK)
    if body.lstrip()[:1] not in (b"{", b"["):
        return None
    _refuse_utf16(data, path)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TurnoverError(
            f"{path.name} is not UTF-8: byte {error.start}", hint="export the timeline again"
        ) from error


def edl_text(data: bytes, path: Path) -> tuple[str, tuple[ProjectWarning, ...]]:
    """The text of an EDL in UTF-8, Windows-1252 or Mac Roman; with a warning unless it is UTF-8.

    Raises:
        TurnoverError: UTF-16, not text, or larger than an EDL can be.
    """
    _refuse_utf16(data, path)
    if len(data) > LARGEST_TEXT or data.count(b"\n") + data.count(b"\r") > 2 * MOST_LINES:
        raise TurnoverError(
            f"{path.name} has more than {MOST_LINES} lines or {LARGEST_TEXT >> 20} MiB of text",
            hint="is it an EDL, an ALE or a Pro Tools session? export one reel at a time",
        )
    body = data.removeprefix(UTF8_MARK).rstrip(b"\0\x1a \t\r\n")
    control = sum(byte < 32 and byte not in b"\t\r\n\x0c\x1a" for byte in body)
    if control:
        raise TurnoverError(
            f"{path.name} is not a text file: it has {control} control bytes",
            hint="expected a CMX3600 EDL or an .otio file",
        )
    try:
        return body.decode("utf-8"), ()
    except UnicodeDecodeError:
        codec, name = _eight_bit(body)
    warning = ProjectWarning(
        path.name,
        f"not UTF-8; accented letters are read as {name}",
        "check a clip name with an accent",
    )
    return body.decode(codec, errors="replace"), (warning,)


def _eight_bit(body: bytes) -> tuple[str, str]:
    """(codec, its name): Mac Roman has accented letters at 80..9F, Windows-1252 at C0..FF.

    Mac Roman's dots, dashes and quotes are capitals in Windows-1252, in places where none stands.
    """
    marks = len(_MAC_MARKS.findall(body))
    low = sum(0x80 <= byte <= 0x9F for byte in body) + marks
    high = sum(byte >= 0xC0 for byte in body) - marks
    return ("mac_roman", "Mac Roman") if low > high else ("cp1252", "Windows-1252")


def _refuse_utf16(data: bytes, path: Path) -> None:
    if data[:2] in UTF16_MARKS or data[:64].count(0) > 8:
        raise TurnoverError(f"{path.name} is UTF-16 or not text", hint="save it as UTF-8")
