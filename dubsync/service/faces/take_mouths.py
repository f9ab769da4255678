"""Which takes lend the inside of a mouth, and which of their frames: asked for by `take_inside`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from dubsync.core.face import Performance
from dubsync.core.learning.take_mouth import FilmedMouth, TakeMouths
from dubsync.core.picture import Frame
from dubsync.core.shot import Plate, Shot
from dubsync.core.sound.aligned_audio import Seconds
from dubsync.core.steps import TakeCue
from dubsync.core.tweak.choices import MOUTH_ONLY, regions_at
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.plate import open_square


def take_mouths(
    shot: Shot, cues: Sequence[TakeCue], performance: Performance, heard: Seconds, tweak: Tweak
) -> TakeMouths | None:
    """The mouths that the takes lend; None where it is not asked for, or no take drives.

    Args:
        cues: of the shot's takes, as they drive.
        heard: (T,) seconds on the dub's clock of the performance's frames.
        tweak: the artist's, of the face.
    """
    frames = performance.frames
    share = np.asarray(tweak.at("take_inside", frames), np.float32)
    above = [region != MOUTH_ONLY for region in regions_at(tweak.region, frames)]
    share = np.where(above, share, np.float32(0))
    if not share.any():
        return None
    times = np.asarray(heard) - tweak.at("slip_ms", frames) / 1000
    known = [(cue, plate) for cue in cues if (plate := _plate(shot, cue.name)) is not None]
    number, frame = np.full(len(frames), -1), np.zeros(len(frames), np.int64)
    for stretch in performance.stretches:
        for n, (cue, _) in enumerate(known):
            if stretch.source == cue.name:
                rows = slice(stretch.first - frames.start, stretch.last + 1 - frames.start)
                seen = np.flatnonzero(np.asarray(cue.track.confidence) > 0)
                near = np.abs(np.asarray(cue.times)[seen] - times[rows, None])
                number[rows] = n
                frame[rows] = seen[near.argmin(axis=1)] + cue.track.frames.start
    share = np.where(number >= 0, share, np.float32(0))
    if not share.any():
        return None
    takes = tuple(FilmedMouth(cue.name, cue.track, reading(plate)) for cue, plate in known)
    return TakeMouths(takes, number, frame, share)


def reading(plate: Plate) -> Callable[[Sequence[int]], Iterator[Frame]]:
    """Reads frames of a plate or a take in square pixels, opened each time."""

    def read(numbers: Sequence[int]) -> Iterator[Frame]:
        with open_square(plate, whole=True) as reader:
            yield from reader.read(numbers)

    return read


def _plate(shot: Shot, name: str) -> Plate | None:
    """The take called `name`, as a TakeCue is."""
    return next((take.plate for take in shot.takes if Path(take.name).stem == name), None)
