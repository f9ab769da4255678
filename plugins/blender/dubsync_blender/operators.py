"""What the panel's buttons do.  The work itself is in work.py; here is how Blender runs it."""

import os

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, IntProperty, StringProperty

from . import place, sequencer, settings
from .work import WORK

#: Seconds between two looks at what dubsync said.
EVERY_S = 0.15
#: Seconds that `wait` waits at most.
LONGEST_S = 24 * 3600
SOUND = "*.wav;*.bwf;*.flac;*.aif;*.aiff;*.mp3;*.m4a;*.mka;*.ogg;*.opus"
PICTURE = "*.mov;*.mp4;*.mkv;*.mxf;*.m4v;*.avi"


class DUBSYNC_OT_sync(bpy.types.Operator):
    """Sync the clips to the dub, and lay the renders above them"""

    bl_idname = "dubsync.sync"
    bl_label = "Sync Selected Clips"

    whole: BoolProperty(name="Whole timeline", options={"SKIP_SAVE", "HIDDEN"})
    wait: BoolProperty(
        name="Wait",
        description="Return when it is finished: for scripts, and Blender without a window",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    _timer = None

    @classmethod
    def description(cls, context, properties):
        """What the button under the pointer does."""
        what = "every clip of the timeline" if properties.whole else "the selected clips"
        return f"Sync {what} to the dub, and lay the renders above them"

    @classmethod
    def poll(cls, context):
        """One job at a time."""
        return not WORK.busy

    def invoke(self, context, event):
        """Ask for the dub where none is chosen; else start, and follow the job with a timer."""
        chosen = sequencer.scene_of(context).dubsync
        if not len(chosen.dub) and not chosen.folder.strip() and WORK.host.project_saved():
            then = "TIMELINE" if self.whole else "SELECTED"
            bpy.ops.dubsync.choose_files("INVOKE_DEFAULT", what="dub", then=then)
            return {"FINISHED"}
        WORK.sync(self.whole)
        _redraw(context)
        if not WORK.busy:
            return self._ended(context)
        manager = context.window_manager
        self._timer = manager.event_timer_add(EVERY_S, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context):
        """Start; a script waits, or calls dubsync.tick."""
        WORK.sync(self.whole)
        if self.wait and WORK.busy:
            WORK.wait(LONGEST_S)
        if WORK.busy:
            return {"FINISHED"}
        return self._ended(context)

    def modal(self, context, event):
        """Follow the job; every event goes on to Blender."""
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        going = WORK.tick()
        _redraw(context)
        if going:
            return {"PASS_THROUGH"}
        self._stop_timer(context)
        return self._ended(context)

    def cancel(self, context):
        """Blender closes its file or its window."""
        self._stop_timer(context)

    def _stop_timer(self, context):
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None

    def _ended(self, context):
        _redraw(context)
        if WORK.problem is not None:
            self.report({"WARNING"}, WORK.problem.what)
            return {"CANCELLED"}
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message="dubsync: renders laid in")
        if WORK.said:
            self.report({"INFO"}, WORK.said[0])
        return {"FINISHED"}


class DUBSYNC_OT_tick(bpy.types.Operator):
    """Take what dubsync said: for scripts, in a Blender without a window"""

    bl_idname = "dubsync.tick"
    bl_label = "Take News"
    bl_options = {"INTERNAL"}

    def execute(self, context):
        """FINISHED while the job goes on, CANCELLED when it has ended."""
        return {"FINISHED"} if WORK.tick() else {"CANCELLED"}


class DUBSYNC_OT_cancel(bpy.types.Operator):
    """Stop the job; finished shots are kept and laid in"""

    bl_idname = "dubsync.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context):
        """Where there is something to stop."""
        return WORK.busy

    def execute(self, context):
        """Ask dubsync to stop; it ends when it has."""
        WORK.cancel()
        return {"FINISHED"}


class DUBSYNC_OT_choose_files(bpy.types.Operator):
    """Choose files: hold Shift or Ctrl for several"""

    bl_idname = "dubsync.choose_files"
    bl_label = "Choose"
    bl_options = {"INTERNAL"}

    what: EnumProperty(
        items=[
            ("dub", "Dub", "Sound files of the dub"),
            ("takes", "Takes", "Filmed takes"),
            ("consent", "Consent", "Consent records"),
        ],
        options={"SKIP_SAVE", "HIDDEN"},
    )
    then: EnumProperty(
        items=[("NOTHING", "", ""), ("SELECTED", "", ""), ("TIMELINE", "", "")],
        options={"SKIP_SAVE", "HIDDEN"},
    )
    files: CollectionProperty(type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE"})
    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=SOUND, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def description(cls, context, properties):
        """What is chosen."""
        if properties.what == "consent":
            return "Add consent records that the performers signed; the reel gets copies of them"
        if properties.what == "takes":
            return "Add filmed takes of the voice actors; hold Shift or Ctrl for several"
        return "Add the dub's sound files, one for each character; hold Shift or Ctrl for several"

    def invoke(self, context, event):
        """Open the file browser where the timeline's sound is, else beside the .blend."""
        wanted = {"takes": f"{PICTURE};{SOUND}", "consent": "*.toml"}
        self.filter_glob = wanted.get(self.what, SOUND)
        self.directory = os.path.join(_sound_folder(context) or WORK.host.project_folder(), "")
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context):
        """Keep the files; go on with the sync that asked for them."""
        if self.what == "consent":
            WORK.add_consent([os.path.join(self.directory, one.name) for one in self.files])
            _redraw(context)
            return {"FINISHED" if WORK.problem is None else "CANCELLED"}
        chosen = getattr(sequencer.scene_of(context).dubsync, self.what)
        paths = [one.path for one in chosen]
        paths += [os.path.join(self.directory, one.name) for one in self.files if one.name]
        settings.set_files(chosen, paths)
        if self.what == "dub":
            settings.guess_language(sequencer.scene_of(context).dubsync)
            settings.take_start(sequencer.scene_of(context))
        _redraw(context)
        if self.then != "NOTHING" and len(chosen):
            how = "EXEC_DEFAULT" if bpy.app.background else "INVOKE_DEFAULT"
            bpy.ops.dubsync.sync(how, whole=self.then == "TIMELINE")
        return {"FINISHED"}


class DUBSYNC_OT_drop_file(bpy.types.Operator):
    """Take this file off the list; the file itself stays"""

    bl_idname = "dubsync.drop_file"
    bl_label = "Remove"
    bl_options = {"INTERNAL"}

    what: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    index: IntProperty(options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context):
        """Remove one row."""
        getattr(sequencer.scene_of(context).dubsync, self.what).remove(self.index)
        return {"FINISHED"}


class DUBSYNC_OT_go_to_shot(bpy.types.Operator):
    """Put the playhead on this shot, and select its clip and render"""

    bl_idname = "dubsync.go_to_shot"
    bl_label = "Go to Shot"
    bl_options = {"INTERNAL"}

    frame: IntProperty(options={"SKIP_SAVE", "HIDDEN"})
    shot: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context):
        """Move the playhead; select."""
        scene = sequencer.scene_of(context)
        frame = self.frame - (sequencer.offset_of(scene) or 0)
        scene.frame_set(frame)
        editor = sequencer.editor_of(scene)
        for strip in sequencer.shown_strips(editor) if editor else []:
            shows = strip.frame_final_start <= frame < strip.frame_final_end
            mark = place.mark_of(strip)
            strip.select = shows and (strip.type in sequencer.FOOTAGE or bool(mark))
        return {"FINISHED"}


class _Simple:
    """A button that does one thing of WORK at once."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Not while a job is under way: it holds dubsync's line."""
        return not WORK.busy

    def execute(self, context):
        """Do it, and show what came of it."""
        getattr(WORK, self.act)()
        _redraw(context)
        if WORK.problem is not None:
            self.report({"WARNING"}, WORK.problem.what)
            return {"CANCELLED"}
        if WORK.said:
            self.report({"INFO"}, WORK.said[0])
        return {"FINISHED"}


class DUBSYNC_OT_read(_Simple, bpy.types.Operator):
    """Read the reel's shots and their states"""

    bl_idname, bl_label, act = "dubsync.read", "Read Shots", "read"


class DUBSYNC_OT_notes(_Simple, bpy.types.Operator):
    """Set dubsync's notes and states as timeline markers, and keep your markers as notes"""

    bl_idname, bl_label, act = "dubsync.notes", "Notes and Markers", "notes"


class DUBSYNC_OT_desk(_Simple, bpy.types.Operator):
    """Open the shot under the playhead in dubsync's desk"""

    bl_idname, bl_label, act = "dubsync.desk", "Open Shot in the Desk", "desk"


class DUBSYNC_OT_layers(_Simple, bpy.types.Operator):
    """Lay matte and layer of the selected renders above them, muted; of all if none is selected"""

    bl_idname, bl_label, act = "dubsync.layers", "Add Matte and Layer", "layers"


class DUBSYNC_OT_check_program(_Simple, bpy.types.Operator):
    """Start dubsync, to see that it is there"""

    bl_idname, bl_label, act = "dubsync.check_program", "Check", "check"


def _sound_folder(context):
    """The folder of the timeline's first sound strip; "": it has none."""
    editor = sequencer.editor_of(sequencer.scene_of(context))
    strips = sequencer.in_order(sequencer.top_strips(editor)) if editor else []
    paths = [sequencer.file_of(one) for one in strips if one.type == "SOUND"]
    return next((os.path.dirname(path) for path in paths if os.path.exists(path)), "")


def _redraw(context):
    """Draw the sequencers' sidebars again."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"SEQUENCE_EDITOR", "PREFERENCES"}:
                area.tag_redraw()


CLASSES = (
    DUBSYNC_OT_sync,
    DUBSYNC_OT_tick,
    DUBSYNC_OT_cancel,
    DUBSYNC_OT_choose_files,
    DUBSYNC_OT_drop_file,
    DUBSYNC_OT_go_to_shot,
    DUBSYNC_OT_read,
    DUBSYNC_OT_notes,
    DUBSYNC_OT_desk,
    DUBSYNC_OT_layers,
    DUBSYNC_OT_check_program,
)
