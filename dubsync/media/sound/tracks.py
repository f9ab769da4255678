"""The sound tracks of a file, read from its streams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av

from dubsync.core.errors import MediaError
from dubsync.core.sound.tracks import SoundTrack, own_track
from dubsync.media.files.container import CHANNEL_NAMES

#: Containers in which mono streams are the channels of one recording, not versions of it.
_BY_CHANNEL = ("mxf", "mxf_opatom")
#: So many mono streams without languages are channels, though only the first may be marked to play.
_MANY = 4
#: More channels than any recorder writes; a header that states more is damaged.
MOST_CHANNELS = 256


def sound_tracks(path: Path | str, container: Any) -> tuple[SoundTrack, ...]:
    """Every track of sound in an open file, in order.

    In MXF, and in QuickTime without languages, mono streams of one rate are the channels of one
    track: cameras, recorders and broadcasters write them so.

    Raises:
        MediaError: there is none, or none that can be decoded.
    """
    streams = list(container.streams.audio)
    if not streams:
        raise MediaError(f"{path} holds no sound", hint="is it the right file?")
    usable = [(place, stream) for place, stream in enumerate(streams) if _decodable(stream)]
    if not usable:
        raise MediaError(f"the sound of {path} cannot be decoded", hint="export it as PCM")
    if _one_recording(container, [stream for _, stream in usable]):
        return (_joined(usable),)
    return tuple(_track(n + 1, place, stream) for n, (place, stream) in enumerate(usable))


def opened_track(path: Path | str, container: Any, number: int = 0) -> SoundTrack:
    """Track `number` of an open file, from 1; 0: the file's own, see `own_track`.

    Raises:
        MediaError: there is no such track, or no sound.
    """
    tracks = sound_tracks(path, container)
    if not number:
        return own_track(tracks)
    for track in tracks:
        if track.number == number:
            return track
    raise MediaError(
        f"{path} has no sound track {number}",
        hint="choose one of: " + ", ".join(track.called for track in tracks),
    )


def streams_of(container: Any, track: SoundTrack) -> tuple[Any, ...]:
    """The av streams of `track`, one or, where each is a channel, several."""
    return tuple(container.streams.audio[place] for place in track.streams)


def _decodable(stream: Any) -> bool:
    context = stream.codec_context
    return context is not None and context.sample_rate > 0 and 0 < context.channels <= MOST_CHANNELS


def _one_recording(container: Any, streams: Sequence[Any]) -> bool:
    """Whether several mono streams are the channels of one recording."""
    contexts = [stream.codec_context for stream in streams]
    if len(streams) < 2 or any(context.channels != 1 for context in contexts):
        return False
    if len({context.sample_rate for context in contexts}) > 1:
        return False
    if container.format.name in _BY_CHANNEL:
        return True
    if container.metadata.get("major_brand", "").strip() != "qt":
        return False
    alike = len({_default(stream) for stream in streams}) == 1 or len(streams) >= _MANY
    return alike and len({_language(stream) for stream in streams}) == 1


def _joined(usable: Sequence[tuple[int, Any]]) -> SoundTrack:
    names = tuple(_title(stream) for _, stream in usable)
    first = usable[0][1]
    return SoundTrack(
        number=1,
        streams=tuple(place for place, _ in usable),
        sample_rate=first.codec_context.sample_rate,
        channels=len(usable),
        names=names,
        language=_language(first),
        default=True,
    )


def _track(number: int, place: int, stream: Any) -> SoundTrack:
    context = stream.codec_context
    own = str(stream.metadata.get(CHANNEL_NAMES, "")).split()
    return SoundTrack(
        number=number,
        streams=(place,),
        sample_rate=context.sample_rate,
        channels=context.channels,
        names=tuple(own or _names(context)),
        language=_language(stream),
        title=_title(stream),
        default=_default(stream),
    )


def _names(context: Any) -> list[str]:
    return ["" if c.name == "NONE" else c.name for c in context.layout.channels]


def _language(stream: Any) -> str:
    language = stream.language or ""
    return "" if language == "und" else str(language)


def _title(stream: Any) -> str:
    """The track's name; QuickTime's and MP4's standard handler names say nothing."""
    for key in ("title", "name", "track_name", "handler_name"):
        text = str(stream.metadata.get(key, "")).strip("\0 ")
        if text and "handler" not in text.lower() and text.lower() not in ("sound", "soundhandler"):
            return text
    return ""


def _default(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.default)
