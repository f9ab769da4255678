"""Single still pictures, given where a movie is needed."""

from __future__ import annotations

from pathlib import Path

from dubsync.core.errors import MediaError

#: Suffixes of pictures that are no plate, in any number of files.
_SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic", ".heif",
    ".avif", ".tga", ".jp2", ".jxl", ".psd", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".svg",
})  # fmt: skip
#: First bytes of such files, whatever they are called; 4 bytes are left out before "ftyp".
_BEGINNINGS = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"BM", b"GIF8", b"8BPS",
    b"v/1\x01", b"SDPX", b"XPDS",
)  # fmt: skip
_BRANDS = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif", b"ftypheif")


def refuse_still(path: Path) -> None:
    """Raises MediaError where `path` is a picture and not a movie."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return  # said by whoever opens it
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    stated = head.startswith(_BEGINNINGS) or head[4:12] in _BRANDS or webp
    if stated or path.suffix.lower() in _SUFFIXES:
        raise MediaError(
            f"{path} is one still picture, and a movie is needed",
            hint="give a movie of the person who speaks, or an image sequence in EXR, DPX or PNG; "
            "a photograph is made to move by dubsync portrait",
        )
