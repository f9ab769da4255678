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
from dubsync.media.sound.gapless import Samples, native_runs, silence
from dubsync.media.sound.tracks import opened_track

_KEPT = frozenset({"timecode", "reel_name", "comment"})


def write_movie_with_sound(picture: str, sound: Path | None, out: Path, *, track: int = 0) -> None:
    """Write `out`: the frames of `picture` unchanged, with `sound` from their first frame on.

    Without `sound`, `out` is a copy of `picture`.  A sound file starts with the picture; the sound
    of a movie keeps its position relative to that movie's own picture.  All channels are written.
    Sound longer than the picture is trimmed; after shorter sound there is silence.

    Args:
        track: number of the sound track of `sound`, from 1; 0: the file's own.

    Raises:
        DeliveryError: `out` exists, its container cannot hold these frames, or it cannot be
            written.
        MediaError: a source cannot be read, or has no such track.
    """
    if sound is None:
        with landed(out) as aside, writing(out):
            copyfile(picture, aside)
        return
    with landed(out) as aside, opened(picture) as video, opened(sound) as audio:
        chosen = opened_track(sound, audio, track)
        form = index_movie(Path(picture)).format
        options = {"write_tmcd": "1"} if aside.suffix == ".mov" else {}
        with writing(out):
            made = av.open(str(aside), "w", options=options)
        try:
            source = picture_stream(picture, video)
            with writing(out):
                target = _picture(made, video, source)
                if form.turned:
                    target.set_display_matrix(form.turned.matrix(form.width, form.height))
                voice = PcmTrack(made, audio, chosen)
            runs = _Runs(native_runs(sound, audio, chosen, voice.kind, 0, None), voice, out)
            _copied(picture, video, source, target, made, runs)
            with writing(out):
                voice.finish()
        finally:
            with writing(out):
                made.close()
        if aside.suffix == ".mkv":
            with writing(out):
                add_video_facts(aside, form)


def _picture(made: Any, video: Any, source: Any) -> Any:
    """A stream of `made` for the packets of `source`, with the metadata that is kept."""
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
    return target


def _copied(picture: str, video: Any, source: Any, target: Any, made: Any, runs: _Runs) -> None:
    """Write every packet of the picture, and the sound up to its end."""
    length = Fraction(0)
    for packet in video.demux(source):
        if not packet.size:
            continue
        if packet.pts is None:
            raise DeliveryError(f"{picture} has frames without a time stamp")
        length = max(length, (packet.pts + (packet.duration or 0)) * packet.time_base)
        packet.stream = target
        with writing(runs.out):
            made.mux(packet)
        runs.up_to(length)
    runs.silence_to(length)


class _Runs:
    """The sound, written as far as the picture is."""

    def __init__(self, runs: Iterator[Samples], voice: PcmTrack, out: Path) -> None:
        self._runs, self._voice, self.out = runs, voice, out
        self._held: list[Samples] = []

    def up_to(self, length: Fraction) -> None:
        """Write sound up to `length` seconds, as far as there is any; the rest of a run is kept."""
        last = round(length * self._voice.rate)
        while self._voice.place < last:
            run = self._held.pop() if self._held else next(self._runs, None)
            if run is None:
                return
            room = last - self._voice.place
            with writing(self.out):
                self._voice.add(run[:room])
            if len(run) > room:
                self._held.append(run[room:])

    def silence_to(self, length: Fraction) -> None:
        """Write silence up to `length` seconds, where the sound ended before."""
        missing = round(length * self._voice.rate) - self._voice.place
        for run in silence(self._voice.kind, self._voice.channels, missing):
            with writing(self.out):
                self._voice.add(run)
