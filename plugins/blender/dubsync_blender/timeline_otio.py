"""A Blender timeline as OpenTimelineIO, written with the standard library alone.

Frames of the timeline keep Blender's own numbers, frame 1 is 00:00:00:01, unless the timecode of
the scene's first frame was set.  Frames of media are
the camera's timecode where a QuickTime file tells it, and count from 0 elsewhere; each reference
says which frames its file has, and by that dubsync finds the timecode of other files.
"""

import json
import os
import pathlib
import re

from . import sequencer
from .dubsync_link import problems
from .source import Playing

#: What a strip without footage is called in a report, and as what OTIO knows it.
GENERATED = {
    "COLOR": ("a colour strip", "SolidColor"),
    "TEXT": ("a text strip", "title"),
    "ADJUSTMENT": ("an adjustment strip", "adjustment"),
    "MASK": ("a mask strip", "mask"),
    "MULTICAM": ("a multicam strip", "multicam"),
}
#: Effects between two strips on other channels.
BETWEEN = {
    "CROSS": "a dissolve",
    "GAMMA_CROSS": "a dissolve",
    "WIPE": "a wipe",
}
#: What Blender adds to the name of a copy: "A001.mov.002".
_COPY = re.compile(r"\.\d{3,}$")
_NUMBER = re.compile(r"(\d+)(\.[A-Za-z0-9]+)$")


def write_timeline(scene, path):
    """Write the scene's timeline; returns sentences for what could not be written as it is.

    Raises Problem: no strips, strips before frame 0, a frame rate that is not exact; OSError.
    """
    rate = sequencer.rate_of(scene)
    if rate is None:
        raise problems.Problem(
            f"The frame rate of {scene.name!r} is not an exact one.",
            hint="choose a frame rate in Output Properties, Format",
            kind="choice",
        )
    offset = sequencer.offset_of(scene)
    if offset is None:
        raise problems.Problem(
            f"{scene.dubsync.start!r} is no timecode at {sequencer.printed_rate(rate)} fps.",
            hint="write it as HH:MM:SS:FF, or leave it empty",
            kind="choice",
        )
    editor = sequencer.editor_of(scene)
    strips = [
        one for one in (sequencer.top_strips(editor) if editor else []) if not sequencer.marked(one)
    ]
    if not strips:
        raise problems.no_timeline("Blender")
    early = [one.name for one in strips if one.frame_final_start + offset < 0]
    if early:
        raise problems.Problem(
            f"{early[0]!r} begins before frame 0, where there is no timecode.",
            hint="move the timeline to the right",
            kind="choice",
        )
    begin = min(int(one.frame_final_start) for one in strips)
    writer = _Writer(scene, float(rate))
    stack = writer.stack("tracks", strips, begin, editor)
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": scene.name,
        "global_start_time": writer.time(begin + offset),
        "tracks": stack,
    }
    _write_whole(path, timeline)
    return writer.losses


def _write_whole(path, timeline):
    aside = path + ".part"
    with open(aside, "w", encoding="utf-8") as file:
        json.dump(timeline, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def first_frame(scene):
    """The timeline's first frame in timecode: that of its first strip."""
    editor = sequencer.editor_of(scene)
    strips = list(sequencer.top_strips(editor)) if editor else []
    first = min((int(one.frame_final_start) for one in strips), default=0)
    return first + (sequencer.offset_of(scene) or 0)


def clip_name(strip, media):
    """The strip's own name; where Blender took it from the file, the file's without its suffix."""
    file = os.path.basename(media)
    stem = os.path.splitext(file)[0]
    return stem if {strip.name, _COPY.sub("", strip.name)} & {file, stem} else strip.name


class _Writer:
    def __init__(self, scene, rate):
        self._scene, self._rate = scene, rate
        self.losses = []

    def stack(self, name, strips, begin, editor):
        """Tracks for the channels of `strips`, from the lowest; each starts at frame `begin`."""
        tracks = []
        for picture in (True, False):
            lanes = _lanes([s for s in strips if sequencer.is_picture(s) == picture])
            for channel, lane in lanes:
                tracks.append(self._track(channel, lane, begin, picture, editor))
        return {
            **_item("Stack.1", name),
            "children": tracks,
        }

    def _track(self, channel, strips, begin, picture, editor):
        children, at = [], begin
        silent = bool(editor) and sequencer.channel_muted(editor, channel)
        for strip in strips:
            start, stop = int(strip.frame_final_start), int(strip.frame_final_end)
            child = self._child(strip, not (strip.mute or silent))
            if child is None:
                continue
            if start > at:
                children.append(self._gap(start - at))
            children.append(child)
            at = stop
        return {
            **_item("Track.1", f"{'V' if picture else 'A'}{channel}"),
            "kind": "Video" if picture else "Audio",
            "children": children,
        }

    def _child(self, strip, enabled):
        """The item for one strip; None for what stands over other strips."""
        kind = strip.type
        if kind == "META":
            return self._meta(strip, enabled)
        if kind in GENERATED:
            return self._generator(strip, enabled)
        if kind == "SCENE":
            scene = strip.scene.name if strip.scene else "?"
            self._lose(strip, f"shows the scene {scene!r}: bake it into a movie to sync it")
            return self._missing(strip, enabled)
        if kind in sequencer.FOOTAGE or kind == "SOUND":
            return self._clip(strip, enabled)
        if kind in BETWEEN:
            self._lose(strip, f"is {BETWEEN[kind]}: its clips are sent whole, without it")
        elif kind == "SPEED":
            self._lose(strip, "changes a clip's speed: it is not sent, retime the clip itself")
        elif kind not in ("GLOW", "GAUSSIAN_BLUR", "TRANSFORM"):
            self._lose(strip, f"is an effect ({kind.lower().replace('_', ' ')}): it is not sent")
        return None

    def _clip(self, strip, enabled):
        playing, path = Playing(strip, self._scene), sequencer.file_of(strip)
        start, stop = playing.shown
        effects = []
        if playing.speed is None:
            effects = [{**_plain("TimeEffect.1", "varies"), "effect_name": "retiming keys"}]
        elif playing.speed != 1:
            effects = [
                {
                    **_plain("LinearTimeWarp.1", "speed"),
                    "effect_name": "LinearTimeWarp",
                    "time_scalar": float(playing.speed),
                }
            ]
        if sequencer.is_picture(strip):
            for doubt in playing.doubts:
                self._lose(strip, doubt)
        first = playing.first + (playing.source[0] if playing.source else 0)
        return {
            **_item("Clip.2", clip_name(strip, path), enabled, effects),
            "source_range": self._range(first, stop - start),
            "media_references": {"DEFAULT_MEDIA": self._media(strip, path, playing)},
            "active_media_reference_key": "DEFAULT_MEDIA",
        }

    def _media(self, strip, path, playing):
        held = self._range(playing.first, playing.frames) if playing.frames else None
        numbered = _numbered(strip) if strip.type == "IMAGE" else None
        if numbered:
            prefix, first, digits, suffix = numbered
            return {
                **_plain("ImageSequenceReference.1", ""),
                "available_range": held,
                "target_url_base": _url(strip_folder(path)),
                "name_prefix": prefix,
                "name_suffix": suffix,
                "start_frame": first,
                "frame_step": 1,
                "rate": self._rate,
                "frame_zero_padding": digits,
                "missing_frame_policy": "error",
            }
        return {
            **_plain("ExternalReference.1", os.path.basename(path)),
            "available_range": held,
            "target_url": _url(path),
        }

    def _meta(self, strip, enabled):
        """A meta strip as a stack whose range is what the meta shows."""
        children = [one for one in sequencer.inside(strip) if not sequencer.marked(one)]
        if not children:
            return self._missing(strip, enabled)
        if sequencer.retiming_keys(strip) or getattr(strip, "speed_factor", 1) != 1:
            self._lose(strip, "is a retimed meta strip: retime the clips inside it")
        start, stop = int(strip.frame_final_start), int(strip.frame_final_end)
        begin = min(start, *(int(one.frame_final_start) for one in children))
        made = self.stack(strip.name, children, begin, None)
        made["source_range"] = self._range(start - begin, stop - start)
        made["enabled"] = enabled
        return made

    def _generator(self, strip, enabled):
        length = int(strip.frame_final_end) - int(strip.frame_final_start)
        reference = {
            **_plain("GeneratorReference.1", strip.name),
            "available_range": self._range(0, length),
            "generator_kind": GENERATED[strip.type][1],
            "parameters": {},
        }
        return self._filled(strip, enabled, length, reference)

    def _missing(self, strip, enabled):
        length = int(strip.frame_final_end) - int(strip.frame_final_start)
        reference = {**_plain("MissingReference.1", strip.name), "available_range": None}
        return self._filled(strip, enabled, length, reference)

    def _filled(self, strip, enabled, length, reference):
        return {
            **_item("Clip.2", strip.name, enabled),
            "source_range": self._range(0, length),
            "media_references": {"DEFAULT_MEDIA": reference},
            "active_media_reference_key": "DEFAULT_MEDIA",
        }

    def _gap(self, length):
        return {**_item("Gap.1", ""), "source_range": self._range(0, length)}

    def _range(self, start, length):
        return {
            "OTIO_SCHEMA": "TimeRange.1",
            "start_time": self.time(start),
            "duration": self.time(length),
        }

    def time(self, frame):
        """A frame count as a RationalTime."""
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": self._rate, "value": float(frame)}

    def _lose(self, strip, what):
        self.losses.append(f"{strip.name} (channel {strip.channel}): {what}")


def _lanes(strips):
    """[(channel, strips that do not overlap)]: a script can lay strips over each other."""
    lanes = []
    for strip in sequencer.in_order(strips):
        for channel, lane in lanes:
            if channel == strip.channel and lane[-1].frame_final_end <= strip.frame_final_start:
                lane.append(strip)
                break
        else:
            lanes.append((strip.channel, [strip]))
    return lanes


def _numbered(strip):
    """(prefix, first number, digits, suffix) of an unbroken image sequence, else None."""
    names = [one.filename for one in strip.elements]
    found = _NUMBER.search(names[0]) if len(names) > 1 else None
    if not found:
        return None
    prefix, number, suffix = names[0][: found.start()], found.group(1), found.group(2)
    first, digits = int(number), len(number)
    made = [f"{prefix}{first + i:0{digits}d}{suffix}" for i in range(len(names))]
    return (prefix, first, digits, suffix) if made == names else None


def strip_folder(path):
    """The folder of a file."""
    return os.path.dirname(path)


def _url(path):
    return pathlib.Path(path).as_uri() if os.path.isabs(path) else path


def _plain(schema, name):
    return {"OTIO_SCHEMA": schema, "metadata": {}, "name": name}


def _item(schema, name, enabled=True, effects=()):
    return {
        **_plain(schema, name),
        "source_range": None,
        "effects": list(effects),
        "markers": [],
        "enabled": enabled,
    }
