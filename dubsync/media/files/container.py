"""Media files opened for reading, and refused in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from dubsync.core.errors import MediaError

#: FFmpeg readers we let loose on a file.  Playlists and scripts (hls, concat, dash ...) are not
#: among them: they would open other files.
READERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mxf,mxf_opatom,avi,mpeg,mpegvideo,mpegts,mpegtsraw,"
    "asf,flv,ogg,nut,dv,gxf,rawvideo,h264,hevc,m4v,yuv4mpegpipe,ivf,"
    "wav,w64,aiff,flac,mp3,aac,ac3,eac3,caf,au,wv,tta,amr,"
    "png_pipe,dpx_pipe"
)

# What is wrong is raised; FFmpeg's chatter helps nobody.  Any other level but None has decoder
# threads wait for Python's lock to say so, and closing a file then never ends (av 18.1).
av.logging.set_level(None)


@contextmanager
def opened(path: Path | str, *, reader: str | None = None) -> Iterator[Any]:
    """The file as an av container; only this file, whatever is written in it.

    Whatever av raises inside the block is laid to this file: wrap writing inside it yourself.

    Args:
        reader: FFmpeg's name of the one format that it must be; None: found by its content.

    Raises:
        MediaError: not there, not readable, not a media file, or broken inside.
    """
    path = Path(path)
    if not path.is_file():
        raise MediaError(f"{path} is not a file", hint="check the path")
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty", hint="copy it again")
    options = {"format_whitelist": READERS, "protocol_whitelist": "file"}
    try:
        with av.open(
            str(path.absolute()), format=reader, container_options=options,
            metadata_errors="replace",
        ) as container:  # fmt: skip
            yield container
    except (av.error.FFmpegError, OSError, UnicodeError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> MediaError:
    """A MediaError for what FFmpeg or the system said of `path`."""
    if isinstance(error, PermissionError):
        return MediaError(f"{path} may not be read", hint="ask for the right to read it")
    return MediaError(
        f"{path} cannot be read: {getattr(error, 'strerror', None) or error}",
        hint="is it a whole, unencrypted media file? try to play it, or copy it again",
    )


def picture_stream(path: Path | str, container: Any) -> Any:
    """The first stream of moving picture; a sound file's cover is none.

    Raises:
        MediaError: there is none, or none that can be decoded.
    """
    for stream in container.streams.video:
        if stream.disposition & av.stream.Disposition.attached_pic:
            continue
        if stream.codec_context is None:
            raise MediaError(f"{path} is coded in a way we cannot decode", hint="export it again")
        return stream
    raise MediaError(f"{path} holds no picture", hint="is it a sound file?")
