"""Open media files for reading, with errors of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from dubsync.core.errors import MediaError
from dubsync.core.waiting.answering import answering

#: FFmpeg demuxers that are allowed.  Playlists and scripts (hls, concat, dash ...) are not: they
#: would open other files.
READERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mxf,mxf_opatom,avi,mpeg,mpegvideo,mpegts,mpegtsraw,"
    "asf,flv,ogg,nut,dv,gxf,rawvideo,h264,hevc,m4v,yuv4mpegpipe,ivf,"
    "wav,w64,aiff,flac,mp3,aac,ac3,eac3,caf,au,wv,tta,amr,"
    "png_pipe,dpx_pipe"
)

#: Metadata of a stream: names of channels in an order of their own, separated by spaces.
CHANNEL_NAMES = "dubsync:channels"
_OWN_ORDER = "("  #: in FFmpeg's description of such a layout: "3 channels (FL+FC+FR)"
_KEPT: list[Any] = []  #: layouts that must never be freed, see `keep_layout`

# Errors are raised, so FFmpeg's log is not needed.  With any level but None, decoder threads wait
# for Python's lock to log, and closing a file can hang (av 18.1).
av.logging.set_level(None)


@contextmanager
def opened(path: Path | str, *, reader: str | None = None) -> Iterator[Any]:
    """The file as an av container; references in it to other files are not opened.

    Errors of av inside the block are reported for this file, so handle errors of writing there
    yourself.

    Args:
        reader: FFmpeg's name of the required format; None: detected from the content.

    Raises:
        MediaError: the file is missing, unreadable, no media file, or damaged.
    """
    path = Path(path)
    with answering(path, "opening it"):
        there = path.is_file()
        size = path.stat().st_size if there else 0
    if not there:
        raise MediaError(f"{path} is not a file", hint="check the path")
    if size == 0:
        raise MediaError(f"{path} is empty", hint="copy it again")
    options = {"format_whitelist": READERS, "protocol_whitelist": "file"}
    try:
        with answering(path, "opening it"):
            found = av.open(
                str(path.absolute()), format=reader, container_options=options,
                metadata_errors="replace",
            )  # fmt: skip
        with found as container:
            for stream in container.streams.audio:
                own_layout(stream)
            yield container
    except (av.error.FFmpegError, OSError, UnicodeError) as error:
        raise unreadable(path, error) from error


def own_layout(stream: Any) -> None:
    """Replace a layout with channels in an order of its own by one that only counts them.

    av 18.1 frees the memory of such a layout once for every Python object that was made of it,
    `channels` and `layout` included, which ends the process.  After this, only the object here
    owns it.  The names are kept in the stream's metadata under CHANNEL_NAMES.
    """
    context = stream.codec_context
    if context is None:
        return
    layout = context.layout
    if _OWN_ORDER in layout.name:
        stream.metadata[CHANNEL_NAMES] = " ".join(channel.name for channel in layout.channels)
        context.layout = f"{layout.nb_channels} channels"


def keep_layout(frame: Any) -> None:
    """Keep the layout of a decoded frame from being freed twice; see `own_layout`."""
    if _OWN_ORDER in frame.layout.name:
        _KEPT.append(frame.layout)


def unreadable(path: Path, error: Exception) -> MediaError:
    """A MediaError for an error of FFmpeg or the system about `path`."""
    if isinstance(error, PermissionError):
        return MediaError(f"no permission to read {path}", hint="change the file's permissions")
    return MediaError(
        f"{path} cannot be read: {getattr(error, 'strerror', None) or error}",
        hint="is it a complete, unencrypted media file? try to play it, or copy it again",
    )


def picture_stream(path: Path | str, container: Any) -> Any:
    """The first video stream; cover art of a sound file does not count.

    Raises:
        MediaError: there is none, or it cannot be decoded.
    """
    for stream in container.streams.video:
        if stream.disposition & av.stream.Disposition.attached_pic:
            continue
        if stream.codec_context is None:
            raise MediaError(
                f"{path} has a codec that cannot be decoded", hint="export it with another codec"
            )
        return stream
    raise MediaError(
        f"{path} holds no picture", hint="a movie is needed here; a sound file is given with --dub"
    )
