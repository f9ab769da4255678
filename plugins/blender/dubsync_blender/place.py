"""Renders as strips above their clips: in the clip's place, at its speed, trimmed to the cut."""

import json
import os
import re
from fractions import Fraction

from . import sequencer
from .dubsync_link import problems
from .dubsync_link.host import picture_of
from .source import Playing
from .timeline_otio import clip_name

#: Colour tags: a render, and what belongs to it.
RENDER_TAG, LAYER_TAG = "COLOR_04", "COLOR_09"
#: What a result strip takes over from its clip, so that it stands where the plate stood.
LOOK = (
    "blend_type",
    "blend_alpha",
    "alpha_mode",
    "color_multiply",
    "color_saturation",
    "use_deinterlace",
    "use_flip_x",
    "use_flip_y",
    "use_float",
)
TRANSFORM = ("offset_x", "offset_y", "scale_x", "scale_y", "rotation", "origin", "filter")
CROP = ("min_x", "max_x", "min_y", "max_y")


class Sent:
    """A clip as it was when it was sent.  Blender stays usable, so it may move meanwhile."""

    def __init__(self, strip, scene):
        playing = Playing(strip, scene)
        self.name, self.shown, self.speed = strip.name, playing.shown, playing.speed
        self.origin = playing.origin
        self.slug = _slug(clip_name(strip, sequencer.file_of(strip)))
        self.media = sequencer.file_of(strip)


def footage(scene):
    """Each strip of the scene that plays footage, those in metas too, results excepted."""
    editor = sequencer.editor_of(scene)
    return [
        one
        for one in (sequencer.all_strips(editor) if editor else [])
        if one.type in sequencer.FOOTAGE and not sequencer.marked(one)
    ]


def mark_of(strip):
    """What a result strip shows: {"shot", "version", "language", "kind", "clip", ...}; else {}."""
    if not sequencer.marked(strip):
        return {}
    try:
        found = json.loads(strip[sequencer.MARK])
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def results_in(scene, kind="picture"):
    """The result strips of one kind."""
    editor = sequencer.editor_of(scene)
    strips = sequencer.all_strips(editor) if editor else []
    return [one for one in strips if mark_of(one).get("kind") == kind]


def add_result(scene, result, sent):
    """Lay one finished shot above its clip: a row of `EditorHost.add_results`.

    sent  the clips as they were exported
    """
    row = {"name": result["name"], "placed": False, "how": "", "message": ""}
    clip, then, message = _clip_of(scene, result, sent)
    if clip is None:
        row["message"] = message
        return row
    mark = {
        "shot": result["name"],
        "version": str(result.get("version", "")),
        "language": str(result.get("language", "")),
        "kind": "picture",
        "clip": clip.name,
        "matte": result.get("matte", ""),
        "layer": result.get("layer", ""),
        "head": result["source"][0] - result["first_frame"],
    }
    path = picture_of(result)
    same = [one for one in results_in(scene) if sequencer.file_of(one) == os.path.normpath(path)]
    if same and same[0].frame_final_start == clip.frame_final_start:
        row.update(placed=True, how="track")
        return row
    label = f"{result['name']} v{mark['version'].lstrip('v').zfill(3)}"
    strip, message = _lay(scene, clip, then, result["record"][0], mark, path, label)
    row.update(placed=strip is not None, how="track" if strip else "", message=message)
    return row


def add_layers(scene, strip, kinds=("matte", "layer")):
    """Lay the matte and layer of a result strip above it, muted; the new strips, and sentences."""
    mark, made, notes = mark_of(strip), [], []
    editor = sequencer.editor_of(scene)
    for kind in kinds:
        path = mark.get(kind, "")
        if not path:
            notes.append(f"{mark.get('shot', strip.name)} has no {kind}.")
            continue
        if not os.path.exists(path):
            notes.append(f"The {kind} of {mark['shot']} is not there: {path}")
            continue
        there = [one for one in results_in(scene, kind) if sequencer.file_of(one) == path]
        if any(one.frame_final_start == strip.frame_final_start for one in there):
            continue
        shown = [int(strip.frame_final_start), int(strip.frame_final_end)]
        channel = free_channel(editor, strip.channel, shown)
        if channel is None:
            notes.append(f"No channel above {strip.name} is free.")
            continue
        new = sequencer.new_movie(editor, f"{strip.name} {kind}", path, channel, _behind(editor))
        start = Fraction(str(strip.frame_start))
        _fit(scene, new, Playing(strip, scene).speed, start, shown, channel)
        _copy(strip, new, TRANSFORM, CROP)
        if kind == "layer":
            new.blend_type = "ALPHA_OVER"
        new.mute, new.color_tag = True, LAYER_TAG
        new[sequencer.MARK] = json.dumps({**mark, "kind": kind})
        new.select = False
        made.append(new)
    return made, notes


def free_channel(editor, above, shown):
    """The lowest channel over `above` that is empty at `shown`; None if there is none."""
    taken = {
        one.channel
        for one in sequencer.top_strips(editor)
        if one.frame_final_start < shown[1] and one.frame_final_end > shown[0]
    }
    for channel in range(above + 1, sequencer.HIGHEST_CHANNEL + 1):
        if channel not in taken and not sequencer.channel_locked(editor, channel):
            return channel
    return None


def _clip_of(scene, result, sent):
    """(strip now, how it was sent, why not) of the clip that a result belongs to."""
    start, stop = result["record"]
    over = [
        one
        for one in sent
        if one.speed is not None and one.shown[0] < stop and one.shown[1] > start
    ]
    if not over:
        return None, None, f"no clip is at frames {start} to {stop}"
    slug = _slug(result["name"])
    over.sort(
        key=lambda one: (
            slug == one.slug or re.sub(r"_\d+$", "", slug) == one.slug,
            min(stop, one.shown[1]) - max(start, one.shown[0]),
            -abs(one.shown[0] - start),
        )
    )
    then = over[-1]
    for strip in footage(scene):
        if strip.name == then.name and sequencer.file_of(strip) == then.media:
            return strip, then, ""
    return (
        None,
        None,
        f"its clip {then.name} was removed or renamed meanwhile; "
        f"the render is {picture_of(result)}",
    )


def _lay(scene, clip, then, record, mark, path, label):
    """Lay a render above `clip`; (strip, message)."""
    now = Playing(clip, scene)
    if now.speed is None or now.speed <= 0 or then.speed != now.speed:
        return None, f"its clip {clip.name} was retimed meanwhile: send it again"
    # The file's frame that the cut shows first, then the timeline frame of the render's first.
    shows = (record - then.origin) * then.speed
    origin = now.origin + (shows - mark["head"]) / now.speed
    editor = sequencer.editor_of(scene)
    outer = _top_of(editor, clip)
    shown = [
        max(now.shown[0], int(outer.frame_final_start)),
        min(now.shown[1], int(outer.frame_final_end)),
    ]
    channel = free_channel(editor, outer.channel, shown)
    if channel is None:
        return None, "no channel above its clip is free: make room, and send it again"
    strip = sequencer.new_movie(editor, label, path, channel, _behind(editor))
    if not strip.fps and not strip.elements[0].orig_width:
        sequencer.remove(editor, strip)
        return None, f"Blender cannot open {path}"
    try:
        whole = _fit(scene, strip, now.speed, origin, shown, channel)
    except RuntimeError as error:
        sequencer.remove(editor, strip)
        return None, f"Blender could not retime the render ({error}): open a Video Sequencer"
    _copy(clip, strip, TRANSFORM, CROP, LOOK)
    strip.color_tag, strip[sequencer.MARK], strip.select = RENDER_TAG, json.dumps(mark), False
    notes = [] if whole else ["the clip is longer than the render now: send it again"]
    for effect in sequencer.top_strips(editor):
        if any(getattr(effect, f"input_{n}", None) == clip for n in (1, 2)):
            notes.append(f"the effect {effect.name} still shows the plate")
    if len(getattr(clip, "modifiers", ())):
        notes.append(f"the modifiers of {clip.name} are not on the render: copy them")
    return strip, "; ".join(notes)


def _behind(editor):
    """A frame behind everything, where a new strip pushes nothing aside while it is retimed."""
    return max(int(one.frame_final_end) for one in sequencer.top_strips(editor)) + 1


def _fit(scene, strip, speed, origin, shown, channel):
    """Put a strip's first frame at `origin`, at `speed`, trim it to `shown`, in `channel`.

    Returns whether the strip fills all of `shown`.
    """
    sequencer.set_speed(scene, strip, speed)
    length = strip.frame_final_duration
    begin, end = max(shown[0], _up(origin)), min(shown[1], _up(origin + length))
    strip.frame_offset_start = float(begin - origin)
    strip.frame_final_duration = max(end - begin, 1)
    strip.frame_start = float(origin)
    strip.channel = channel
    return [begin, end] == shown


def _up(frame):
    """The first whole frame that is not before `frame`."""
    return -int(-frame // 1)


def _top_of(editor, strip):
    """The strip itself, or the meta outside that holds it."""
    for top in sequencer.top_strips(editor):
        if top == strip or (top.type == "META" and _holds(top, strip)):
            return top
    raise problems.Problem(f"{strip.name!r} is no longer in the timeline.")


def _holds(meta, strip):
    return any(
        one == strip or (one.type == "META" and _holds(one, strip))
        for one in sequencer.inside(meta)
    )


def _copy(old, new, transform, crop, look=()):
    """Take over where a picture stands, and how it is shown."""
    for part, names in (("transform", transform), ("crop", crop)):
        was, now = getattr(old, part, None), getattr(new, part, None)
        for name in names:
            if was is not None and hasattr(was, name):
                setattr(now, name, getattr(was, name))
    for name in look:
        if hasattr(old, name):
            setattr(new, name, getattr(old, name))
    if look and hasattr(old, "colorspace_settings"):
        new.colorspace_settings.name = old.colorspace_settings.name


def _slug(name):
    return re.sub(r"[^a-z0-9]+", "_", os.path.splitext(name)[0].lower()).strip("_")
