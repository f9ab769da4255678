"""When the frames of a take without sound are spoken: from its lips, its timecode or its line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dubsync.core.errors import MediaError
from dubsync.core.face import FaceTrack
from dubsync.core.shot import Line, Plate
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import AlignedAudio, Engine, Seconds

#: Seconds between the starts that are tried; each is searched 0.8 s either way (engine.speaking).
STEP_S = 1.2
MOST_TRIED = 40
#: Probability, by the lips, from which a place is taken as right, and from which it is used with a
#: warning: docs/benchmarks.md, "Takes without sound".
LIKELY, POSSIBLE = 0.8, 0.3
#: A take whose length is so near to its line's starts with the line, seconds.
FITS_S = 0.25
_CHECK = "view it in dubsync review; slip_ms moves it, or give the take its record timecode"


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """When a take without sound is spoken.

    times  (T,) record time in seconds of each frame of the take
    how    it was found, in words for a message
    hint   what to do where that is not sure; "" where it is
    """

    times: Seconds
    how: str
    hint: str = ""


def silent_take_times(
    take: Plate, track: FaceTrack, line: Line, features: AudioFeatures, engine: Engine
) -> Placed:
    """When each frame of a take without sound is spoken in the dub.

    The take is laid along the dub where its lips fit the sound best.  Where that is not likely, it
    starts at its timecode, if that is the line's, or with the line, if it is as long.

    Args:
        track: the voice actor's face in the take.
        features: of the stem, on record time.

    Raises:
        MediaError: nothing tells where in the dub it belongs.
    """
    at = np.arange(len(take.frames)) / float(take.frames.rate)
    first = track.frames.start - take.frames.start
    seen = at[first:][: len(track.frames)]
    start, stop = (float(f / line.record.rate) for f in (line.record.start, line.record.stop))
    by_timecode = float(take.frames.start / take.frames.rate)
    in_line = take.has_timecode and by_timecode < stop and by_timecode + float(at[-1]) > start
    spare = max(float(at[-1]) - (stop - start), 0.0)
    tried = np.arange(start - spare, start + STEP_S, STEP_S)[:MOST_TRIED]
    starts = [by_timecode] if in_line else tried.tolist()
    offsets = [
        (one, engine.speaking((track,), track.frames, AlignedAudio(features, seen + one)).offset)
        for one in starts
    ]
    begin, offset = max(offsets, key=lambda pair: pair[1].confidence)
    by_lips = at + begin + offset.seconds
    if offset.confidence >= LIKELY:
        return Placed(by_lips, "aligned with the dub by its lips")
    if in_line:
        return Placed(at + by_timecode, "placed by its timecode; its lips do not tell more")
    if abs(float(at[-1]) - (stop - start)) <= FITS_S:
        return Placed(at + start, f"as long as {line.called}, so it starts with it", _CHECK)
    if offset.confidence >= POSSIBLE:
        return Placed(by_lips, "placed where its lips fit best, which is not sure", _CHECK)
    raise MediaError(
        f"take {take.name} has no sound, and its lips do not tell where in the dub it belongs",
        hint=f"trim it to {line.called}, give it the record timecode, or export it with its sound",
    )
