"""The Video Sequencer under one name for each thing, from Blender 3.4 to 5.

What changed between them: `sequences` became `strips` (4.4), `speed_factor` became retiming keys
(4.0), the sequencer got a scene of its own beside the window's (5.0).
"""

import os
from fractions import Fraction

import bpy

from . import timecode

#: Kinds of strips that play filmed pictures.
FOOTAGE = ("MOVIE", "IMAGE", "MOVIECLIP")
HIGHEST_CHANNEL = 128 if bpy.app.version >= (3, 6, 0) else 32
#: The key of a strip's custom property that says which result it shows: see place.py.
MARK = "dubsync"
#: fps_base is a 32-bit float: the rational that was meant is within this, relatively.
FLOAT_STEP = Fraction(1, 2**22)


def scene_of(context):
    """The scene whose sequencer is open, None without one."""
    return getattr(context, "sequencer_scene", None) or context.scene


def editor_of(scene):
    """The scene's sequence editor; None if nothing was ever laid into it."""
    return scene.sequence_editor


def top_strips(editor):
    """The collection of strips outside of metas, which also makes new ones."""
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def all_strips(editor):
    """Every strip, those in metas too."""
    return list(editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all)


def inside(meta):
    """The strips of a meta strip."""
    return list(meta.strips if hasattr(meta, "strips") else meta.sequences)


def shown_strips(editor):
    """The strips of what the editor shows: of the meta that is open, else the top ones."""
    if len(editor.meta_stack):
        return inside(editor.meta_stack[-1])
    return list(top_strips(editor))


def in_order(strips):
    """Strips from the lowest channel, and from left to right."""
    return sorted(strips, key=lambda one: (one.channel, one.frame_final_start, one.name))


def marked(strip):
    """Whether dubsync laid this strip in."""
    return strip.get(MARK) is not None


def is_picture(strip):
    """Whether the strip has a picture; a sound strip has none."""
    return strip.type != "SOUND"


def rate_of(scene):
    """Frames a second of a scene, exact; None if no rational is near.

    Blender keeps 24000/1001 as 24 over 1.001, and 1.001 as a 32-bit float.
    """
    stored = Fraction(scene.render.fps_base)
    base = stored.limit_denominator(10_000)
    if stored <= 0 or abs(base - stored) > stored * FLOAT_STEP:
        return None
    return Fraction(scene.render.fps) / base


def offset_of(scene):
    """What is added to Blender's frame numbers to count as the timeline's timecode does.

    None if the timecode that was typed is none.
    """
    text, rate = scene.dubsync.start.strip(), rate_of(scene)
    if not text or rate is None:
        return 0
    frame = timecode.frames_in(text, rate)
    return None if frame is None else frame - scene.frame_start


def rate_text(rate):
    """A rate as the protocol writes it: "25/1", "24000/1001"; "" if it is not known."""
    return f"{rate.numerator}/{rate.denominator}" if rate else ""


def printed_rate(rate):
    """A rate as people say it: 25, 23.976."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def channel_locked(editor, channel):
    """Whether nothing may be laid into a channel: it is locked or muted by hand."""
    channels = getattr(editor, "channels", None)
    if channels is None or channel >= len(channels):
        return False
    return channels[channel].lock or channels[channel].mute


def channel_muted(editor, channel):
    """Whether a channel's strips are off."""
    channels = getattr(editor, "channels", None)
    return channels is not None and channel < len(channels) and channels[channel].mute


def file_of(strip):
    """The file that a strip plays, absolute; "" if it plays none.  The first of a sequence."""
    if strip.type == "MOVIE":
        return _absolute(strip.filepath)
    if strip.type == "IMAGE":
        first = strip.elements[0].filename if len(strip.elements) else ""
        return _absolute(os.path.join(strip.directory, first)) if first else ""
    clip = getattr(strip, "clip", None)
    if clip is not None:
        return _absolute(clip.filepath)
    sound = getattr(strip, "sound", None)
    if sound is not None:
        return _absolute(sound.filepath)
    return ""


def offline(strip):
    """Whether the strip's file is not there."""
    path = file_of(strip)
    return not path or not os.path.exists(path)


def _absolute(path):
    return os.path.normpath(bpy.path.abspath(path)) if path else ""


def as_kept(path):
    """A path as the .blend keeps it: relative where the preferences say so, as Blender does."""
    if not bpy.data.filepath or not bpy.context.preferences.filepaths.use_relative_paths:
        return path
    try:
        return bpy.path.relpath(path)
    except ValueError:  # another drive of Windows
        return path


def movie_frames(path):
    """How many frames a movie has; 0 if Blender cannot open it."""
    try:
        clip = bpy.data.movieclips.load(path)
    except RuntimeError:
        return 0
    try:
        return clip.frame_duration if clip.size[0] else 0
    finally:
        bpy.data.movieclips.remove(clip)


def new_movie(editor, name, path, channel, start):
    """Lay a movie into a channel, its first frame at `start`; the picture alone, no sound."""
    strip = top_strips(editor).new_movie(
        name=name, filepath=path, channel=channel, frame_start=start, fit_method="ORIGINAL"
    )
    strip.filepath = as_kept(path)
    return strip


def remove(editor, strip):
    """Take a strip away."""
    top_strips(editor).remove(strip)


def has_speed_factor(strip):
    """Whether this Blender retimes by a factor (3.4 to 3.6)."""
    return hasattr(strip, "speed_factor") and strip.type != "SPEED"


def retiming_keys(strip):
    """How many retiming keys a strip has; 0 if it is not retimed by keys.

    Their frames are not read: Blender 5.0 counts them from the first strip of the timeline.
    """
    keys = getattr(strip, "retiming_keys", None)
    return len(keys) if keys is not None else 0


def set_speed(scene, strip, speed):
    """Play `strip` at `speed`, from its first frame on; before it is trimmed, with room behind it.

    Raises RuntimeError where Blender shows no sequencer in which keys could be set.
    """
    if speed == 1:
        return
    if has_speed_factor(strip):
        strip.speed_factor = float(speed)
        return
    # The operator alone: keys.add, and a key's timeline_frame, crash Blender 5.0.
    with _Sequencer(scene, strip):
        bpy.ops.sequencer.retiming_segment_speed_set(speed=float(100 * speed), keep_retiming=False)
    if retiming_keys(strip) != 2:
        raise RuntimeError("no retiming keys were made")


class _Sequencer:
    """A context in which sequencer operators work on one strip alone, restored at the end."""

    def __init__(self, scene, strip):
        self._scene, self._strip = scene, strip

    def __enter__(self):
        self._window = _window()
        screen = self._window.screen if self._window else None
        if not screen or not screen.areas:
            raise RuntimeError("no window is open")
        areas = [area for area in screen.areas if area.type == "SEQUENCE_EDITOR"]
        self._area = areas[0] if areas else screen.areas[0]
        self._was = "" if areas else self._area.type
        if not areas:
            self._area.type = "SEQUENCE_EDITOR"
        workspace = self._window.workspace
        self._workspace = workspace if hasattr(workspace, "sequencer_scene") else None
        if self._workspace:
            self._scene_was = self._workspace.sequencer_scene
            self._workspace.sequencer_scene = self._scene
        editor = editor_of(self._scene)
        self._selected = [one for one in all_strips(editor) if one.select]
        for one in self._selected:
            one.select = False
        self._strip.select, self._active = True, editor.active_strip
        editor.active_strip = self._strip
        region = next(one for one in self._area.regions if one.type == "WINDOW")
        self._override = bpy.context.temp_override(
            window=self._window, area=self._area, region=region
        )
        return self._override.__enter__()

    def __exit__(self, *error):
        self._override.__exit__(*error)
        self._strip.select = False
        for one in self._selected:
            one.select = True
        editor_of(self._scene).active_strip = self._active
        if self._workspace:
            self._workspace.sequencer_scene = self._scene_was
        if self._was:
            self._area.type = self._was


def _window():
    if bpy.context.window:
        return bpy.context.window
    windows = bpy.context.window_manager.windows
    return windows[0] if len(windows) else None
