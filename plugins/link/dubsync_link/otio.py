"""The pieces of an OpenTimelineIO file, for hosts that export none.  Standard library only."""

import json
import os
import pathlib
import re

_NUMBERED = re.compile(r"(?P<prefix>.*?)(?:#+|%0?\d*d)(?P<suffix>\.[A-Za-z0-9]+)$")


def time(frame, rate):
    """A frame count as a RationalTime; `rate` is a Fraction."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(frame)}


def time_range(start, length, rate):
    """`length` frames from frame `start`."""
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": time(start, rate),
        "duration": time(length, rate),
    }


def plain(schema, name):
    """What every object has."""
    return {"OTIO_SCHEMA": schema, "metadata": {}, "name": name}


def item(schema, name, shown=None, enabled=True, effects=()):
    """What everything on a track has; `shown` is its time_range."""
    made = plain(schema, name)
    made.update(source_range=shown, effects=list(effects), markers=[], enabled=enabled)
    return made


def gap(length, rate):
    """`length` frames of nothing."""
    return item("Gap.1", "", time_range(0, length, rate))


def speed(scalar):
    """A change of speed: source frames for each frame of the timeline."""
    warp = plain("LinearTimeWarp.1", "speed")
    warp.update(effect_name="LinearTimeWarp", time_scalar=float(scalar))
    return warp


def media(path, first, frames, rate):
    """A reference to a file, or to an image sequence that is written with # or %04d.

    first, frames  the frames that it holds, as its timecode or its file names count them
    """
    held = time_range(first, frames, rate) if frames else None
    folder, file = os.path.split(path)
    found = _NUMBERED.match(file)
    if not found:
        made = plain("ExternalReference.1", file)
        made.update(available_range=held, target_url=url(path))
        return made
    made = plain("ImageSequenceReference.1", file)
    made.update(
        available_range=held,
        target_url_base=url(folder) + "/",
        name_prefix=found.group("prefix"),
        name_suffix=found.group("suffix"),
        start_frame=first,
        frame_step=1,
        rate=float(rate),
        frame_zero_padding=digits(file),
        missing_frame_policy="error",
    )
    return made


def missing(name):
    """A reference to media that are offline, or are none."""
    made = plain("MissingReference.1", name)
    made["available_range"] = None
    return made


def clip(name, shown, reference, enabled=True, effects=()):
    """A clip: `shown` is the time_range of its media that it plays."""
    made = item("Clip.2", name, shown, enabled, effects)
    made.update(
        media_references={"DEFAULT_MEDIA": reference}, active_media_reference_key="DEFAULT_MEDIA"
    )
    return made


def track(name, clips, begin, rate):
    """A picture track that starts at record frame `begin`.

    clips  [(record start, record stop, clip)], in order, which do not overlap
    """
    children, at = [], begin
    for start, stop, one in clips:
        if start > at:
            children.append(gap(start - at, rate))
        children.append(one)
        at = stop
    made = item("Track.1", name)
    made.update(kind="Video", children=children)
    return made


def write(path, name, begin, rate, tracks):
    """Write a timeline whole, or not at all; returns `path`.  Raises OSError."""
    stack = item("Stack.1", "tracks")
    stack["children"] = tracks
    timeline = plain("Timeline.1", name)
    timeline.update(global_start_time=time(begin, rate), tracks=stack)
    aside = path + ".part"
    with open(aside, "w", encoding="utf-8") as file:
        json.dump(timeline, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    return path


def digits(file):
    """How many digits the number in an image sequence's name has; 0: not fixed."""
    hashes = re.search(r"#+", file)
    if hashes:
        return len(hashes.group())
    percent = re.search(r"%0(\d+)d", file)
    return int(percent.group(1)) if percent else 0


def url(path):
    """A path as a file URL, where it is absolute."""
    return pathlib.Path(path).as_uri() if os.path.isabs(path) else path
