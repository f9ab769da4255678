"""Blender as dubsync's link sees a host: see dubsync_link/host.py."""

import os

import bpy

from . import marks, place, sequencer, timeline_otio
from .dubsync_link import problems
from .dubsync_link.host import EditorHost, folders_of
from .source import Playing


class BlenderHost(EditorHost):
    """The Video Sequencer of the scene that is open.

    Frames are Blender's own numbers, plus `sequencer.offset_of`.  A timeline is a scene; its id
    is the name of the .blend and of the scene, with the scene's library.
    """

    host_name = "Blender"
    host_key = "blender"
    suffix = ".otio"

    def __init__(self):
        self.losses = []  # sentences of the last export
        self._sent = {}  # timeline id -> its clips as they were exported

    def project_saved(self):
        """Whether the .blend has a file."""
        return bool(bpy.data.filepath)

    def project_folder(self):
        """The .blend's folder."""
        return os.path.dirname(bpy.data.filepath) if bpy.data.filepath else ""

    def timelines(self):
        """Every scene with strips."""
        return [
            {"id": _id_of(one), "name": one.name}
            for one in bpy.data.scenes
            if sequencer.editor_of(one) and len(sequencer.top_strips(sequencer.editor_of(one)))
        ]

    def current_timeline(self):
        """The scene whose sequencer is open.  Raises Problem where it has no strips."""
        scene = self.scene()
        return {
            "id": _id_of(scene),
            "name": scene.name,
            "rate": sequencer.rate_text(sequencer.rate_of(scene)),
            "start": timeline_otio.first_frame(scene),
        }

    def selected_clips(self):
        """The selected strips that play footage; a selected result stands for its clip."""
        scene = self.scene()
        editor = sequencer.editor_of(scene)
        chosen, others = [], []
        for strip in sequencer.in_order(sequencer.shown_strips(editor)):
            if not strip.select or not sequencer.is_picture(strip):
                continue
            found = self._footage_in(scene, strip)
            others += [] if found else [strip]
            chosen += [one for one in found if one not in chosen]
        if not chosen and others:
            raise problems.Problem(
                f"The selected strips play no footage: {_kinds(others)}.",
                hint="select movie or image strips",
                kind="choice",
            )
        return [self._clip(scene, strip) for strip in chosen]

    def export_timeline(self, path):
        """Write the open timeline as .otio.  Raises Problem."""
        scene = self.scene()
        try:
            self.losses = timeline_otio.write_timeline(scene, path)
        except OSError as error:
            raise problems.Problem(
                f"The timeline could not be written: {error.strerror}.",
                where=path,
                hint="free some disk space, and send again",
            ) from None
        self._sent[scene.name_full] = [place.Sent(one, scene) for one in place.footage(scene)]
        return path

    def media_roots(self):
        """The folders of all footage and sound that is there."""
        scene = self.scene()
        strips = sequencer.all_strips(sequencer.editor_of(scene))
        ours = [one for one in strips if not sequencer.marked(one)]
        paths = [sequencer.file_of(one) for one in ours if one.type in sequencer.FOOTAGE]
        return folders_of([path for path in paths if path and os.path.exists(path)])

    def add_results(self, results, timeline):
        """Lay finished shots above their clips."""
        scene = self._scene_of(timeline)
        sent = self._sent.get(scene.name_full)
        if sent is None:
            sent = [place.Sent(one, scene) for one in place.footage(scene)]
        offset = sequencer.offset_of(scene) or 0
        here = [
            {**result, "record": [frame - offset for frame in result["record"]]}
            for result in results
        ]
        rows = [place.add_result(scene, result, sent) for result in here]
        scene.dubsync.count += 1  # so that an undo step holds the strips
        return rows

    def markers(self):
        """The scene's timeline markers."""
        scene = self.scene()
        offset = sequencer.offset_of(scene) or 0
        return [{**row, "frame": row["frame"] + offset} for row in marks.markers_of(scene)]

    def add_marker(self, frame, note):
        """Set a marker at a frame for a note."""
        scene = self.scene()
        return marks.add_note(scene, frame - (sequencer.offset_of(scene) or 0), note)

    def playhead(self):
        """The current frame."""
        scene = sequencer.scene_of(bpy.context)
        return scene.frame_current + (sequencer.offset_of(scene) or 0)

    def scene(self):
        """The open scene; raises Problem where it has no strips."""
        scene = sequencer.scene_of(bpy.context)
        editor = sequencer.editor_of(scene) if scene else None
        if editor is None or not len(sequencer.top_strips(editor)):
            raise problems.Problem(
                "This scene has no strips.",
                hint="lay clips into the Video Sequencer, or choose the scene that has them",
                kind="choice",
            )
        return scene

    # -- internal ------------------------------------------------------------------------------

    def _scene_of(self, timeline):
        for scene in bpy.data.scenes:
            if scene.name_full == scene_name(timeline["id"]) and sequencer.editor_of(scene):
                return scene
        raise problems.Problem(
            f"The scene {timeline['name']!r} is no longer in this .blend.",
            hint="its renders are in the reel's folder; undo, and send again",
        )

    def _footage_in(self, scene, strip):
        """The clips that a selected strip stands for."""
        mark = place.mark_of(strip)
        if mark:
            return [one for one in place.footage(scene) if one.name == mark.get("clip")]
        if strip.type == "META":
            found = []
            for one in sequencer.in_order(sequencer.inside(strip)):
                inside = self._footage_in(scene, one) if sequencer.is_picture(one) else []
                shown = (strip.frame_final_start, strip.frame_final_end)
                found += [
                    clip
                    for clip in inside
                    if clip.frame_final_start < shown[1] and clip.frame_final_end > shown[0]
                ]
            return found
        return [strip] if strip.type in sequencer.FOOTAGE else []

    def _clip(self, scene, strip):
        playing = Playing(strip, scene)
        source, offset = playing.source or [0, 0], sequencer.offset_of(scene) or 0
        return {
            "id": strip.name,
            "name": timeline_otio.clip_name(strip, sequencer.file_of(strip)),
            "media": playing.media,
            "source": [playing.first + frame for frame in source],
            "record": [int(frame) + offset for frame in playing.shown],
            "track": f"V{strip.channel}",
            "rate": sequencer.rate_text(sequencer.rate_of(scene)),
            "enabled": not strip.mute,
        }


def _id_of(scene):
    return f"{os.path.basename(bpy.data.filepath)}/{scene.name_full}"


def scene_name(timeline):
    """The whole name of a timeline's scene, of its id; the .blend may have another name by now."""
    return timeline.split("/", 1)[-1]


def _kinds(strips):
    """The strips that cannot be sent, named: "Title is a text strip"."""
    said = []
    for strip in strips[:3]:
        kind = timeline_otio.GENERATED.get(strip.type, ("", ""))[0]
        kind = kind or {"SCENE": "a scene strip", "META": "an empty meta strip"}.get(strip.type, "")
        said.append(f"{strip.name} is {kind or 'an effect strip'}")
    return ", ".join(said) + (", ..." if len(strips) > 3 else "")
