"""Which kinds of still pictures are read as photographs, and what to say of the others."""

from __future__ import annotations

from pathlib import Path

from dubsync.core.errors import MediaError, MissingMedia

#: Pillow's names of the kinds that are read.
READ = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "GIF", "BMP")
#: What Pillow calls a JPEG of a phone or a stereo camera with more pictures behind it, such as a
#: depth map: the first is the photograph.
WITH_MORE_BEHIND = "MPO"
#: First bytes after the size of an ISO base media file (ISO/IEC 14496-12): its brand.
_HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypheim", b"ftypheis", b"ftypmif1", b"ftypmsf1")
_OTHERS = (
    (b"\xff\x0a", "JPEG XL"), (b"\0\0\0\x0cJXL ", "JPEG XL"), (b"8BPS", "Photoshop"),
    (b"v/1\x01", "OpenEXR"), (b"SDPX", "DPX"), (b"XPDS", "DPX"), (b"FUJIFILM", "camera raw"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
)  # fmt: skip
_RAW = {".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw"}
_EXPORT = "save it as JPEG, PNG, TIFF or WebP, and give that"
_BEGIN = 16


def checked_kind(path: Path) -> None:
    """Refuse what is no photograph that can be read, as far as its first bytes tell.

    Raises:
        MissingMedia: there is no file.
        MediaError: it cannot be opened, is empty, or is of a kind that is not read.
    """
    if not path.is_file():
        raise MissingMedia(f"{path} does not exist", hint="check the path")
    try:
        with path.open("rb") as file:
            begin = file.read(_BEGIN)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}") from error
    if not begin:
        raise MediaError(f"{path} is empty", hint="copy it again")
    if begin[4:12] in _HEIC:
        raise MediaError(f"{path} is HEIC, which is not read", hint=_EXPORT)
    other = next((name for start, name in _OTHERS if begin.startswith(start)), "")
    if path.suffix.lower() in _RAW:
        other = "camera raw"
    if other:
        raise MediaError(f"{path} is {other}, which is not read as a photograph", hint=_EXPORT)
