"""Combine a written picture with another sound, without encoding a frame again."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from shutil import copyfile
from typing import Any

import av

from dubsync.core.errors import DeliveryError
from dubsync.media.files.container import opened, picture_stream
from dubsync.media.movie.frame_index import index_movie
from dubsync.media.movie.matroska import RESERVED, add_video_facts
from dubsync.media.movie.write import PcmTrack, landed, writing
from dubsync.media.sound.gapless import Samples, native_runs, sound_stream

_KEPT = frozenset({"timecode", "reel_name", "comment"})


def write_movie_with_sound(picture: str, sound: Path | None, out: Path) -> None:
    """Write `out`: the frames of `picture` unchanged, with `sound` from their first frame on.

    Without `sound`, `out` is a copy of `picture`.  A sound file starts with the picture; the sound
    of a movie keeps its position relative to that movie's own picture.  Sound longer than the
    picture is trimmed.

    Raises:
        DeliveryError: `out` exists, its container cannot hold these frames, or it cannot be
            written.
        MediaError: a source cannot be read.
    """
    if sound is None:
        with landed(out) as aside, writing(out):
            copyfile(picture, aside)
        return
    with landed(out) as aside, opened(picture) as video, opened(sound) as audio:
        _join(picture, video, sound, audio, aside, out)


def _join(picture: str, video: Any, sound: Path, audio: Any, aside: Path, out: Path) -> None:
    source = picture_stream(picture, video)
    sound_source = sound_stream(sound, audio)
    options = {"write_tmcd": "1"} if aside.suffix == ".mov" else {}
    with writing(out):
        made = av.open(str(aside), "w", options=options)
    try:
        with writing(out):
            target, voice = _streams(made, video, source, sound_source)
        runs = native_runs(sound, audio, voice.kind, 0, None)
        length = Fraction(0)
        held: list[Samples] = []
        for packet in video.demux(source):
            if not packet.size:
                continue
            if packet.pts is None:
                raise DeliveryError(f"{picture} has frames without a time stamp")
            length = max(length, (packet.pts + (packet.duration or 0)) * packet.time_base)
            packet.stream = target
            with writing(out):
                made.mux(packet)
            _voice(voice, runs, held, length, out)
        with writing(out):
            voice.finish()
    finally:
        with writing(out):
            made.close()
    if aside.suffix == ".mkv":
        with writing(out):
            add_video_facts(aside, index_movie(Path(picture)).format)


def _streams(made: Any, video: Any, source: Any, sound_source: Any) -> tuple[Any, PcmTrack]:
    target = made.add_stream_from_template(source)
    target.time_base = source.time_base
    if source.sample_aspect_ratio:  # the template has that of the codec, not of the stream
        target.codec_context.sample_aspect_ratio = source.sample_aspect_ratio
    for holder in (video, source):
        facts = {k.lower(): v for k, v in holder.metadata.items() if k.lower() in _KEPT}
        target.metadata.update(facts)
        made.metadata.update(facts)
    if made.format.name == "matroska":
        target.metadata["title"] = RESERVED
    return target, PcmTrack(made, sound_source)


def _voice(
    voice: PcmTrack, runs: Iterator[Samples], held: list[Samples], length: Fraction, out: Path
) -> None:
    """Write sound up to `length` seconds; the rest of a run is kept in `held`."""
    last = round(length * voice.rate)
    while voice.place < last:
        run = held.pop() if held else next(runs, None)
        if run is None:
            return
        room = (last - voice.place) * voice.channels
        with writing(out):
            voice.add(run[:, :room])
        if run.shape[1] > room:
            held.append(run[:, room:])
