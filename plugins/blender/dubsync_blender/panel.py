"""The sequencer's sidebar: sync, how it goes and ended, choices, shots, what goes with them."""

import os

import bpy

from . import place, sequencer
from .work import WORK

#: Icons of the states of a shot; others have a blank.
ICONS = {
    "todo": "DOT",
    "rendered": "KEYFRAME",
    "pending review": "HIDE_OFF",
    "approved": "CHECKMARK",
    "rejected": "X",
    "stale": "FILE_REFRESH",
    "unsure": "QUESTION",
    "failed": "ERROR",
    "blocked": "CANCEL",
    "offline": "LIBRARY_DATA_BROKEN",
    "skipped": "REMOVE",
}
#: Rows of said sentences, and of shots, before "and 5 more".
MOST = 8
#: Points of a letter, on the average, at a scale of 1.
LETTER = 6.6


class _InSidebar:
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "dubsync"


class DUBSYNC_PT_sync(_InSidebar, bpy.types.Panel):
    """The buttons, the bar, and what happened"""

    bl_idname = "DUBSYNC_PT_sync"
    bl_label = "dubsync"

    def draw(self, context):
        """Buttons; while a job is under way, its bar."""
        layout = self.layout
        if WORK.busy:
            _draw_bar(layout)
        else:
            column = layout.column(align=True)
            column.scale_y = 1.4
            column.operator("dubsync.sync", text="Sync Selected Clips", icon="PLAY").whole = False
            row = layout.row()
            row.operator("dubsync.sync", text="Sync Whole Timeline").whole = True
        if WORK.lacks_consent:
            row = layout.row()
            choose = row.operator(
                "dubsync.choose_files", text="Choose Consent Records", icon="FILE"
            )
            choose.what = "consent"
        if WORK.problem is not None:
            _draw_problem(layout, WORK.problem, _letters(context))
        elif WORK.said:
            box = layout.column(align=True)
            for line in WORK.said[:MOST]:
                _draw_text(box, line, _letters(context), "INFO")
            if len(WORK.said) > MOST:
                box.label(text=f"and {len(WORK.said) - MOST} more", icon="BLANK1")


class DUBSYNC_PT_media(_InSidebar, bpy.types.Panel):
    """Dub, takes, script, language, reel"""

    bl_parent_id = "DUBSYNC_PT_sync"
    bl_label = "Dub and Takes"

    def draw(self, context):
        """The choices of this timeline."""
        layout = self.layout
        layout.enabled = not WORK.busy
        chosen = sequencer.scene_of(context).dubsync
        _draw_files(layout, chosen, "dub", "Dub", "SOUND")
        _draw_files(layout, chosen, "takes", "Takes", "FILE_MOVIE")
        _draw_files(layout, chosen, "consent", "Consent Records", "FILE")
        column = layout.column()
        column.use_property_split, column.use_property_decorate = True, False
        column.prop(chosen, "language")
        column.prop(chosen, "start")
        column.prop(chosen, "performers")
        column.prop(chosen, "script")
        column.prop(chosen, "folder")


class DUBSYNC_PT_result(_InSidebar, bpy.types.Panel):
    """What goes with a render"""

    bl_parent_id = "DUBSYNC_PT_sync"
    bl_label = "Renders and Notes"

    def draw(self, context):
        """Layers, markers, the desk."""
        column = self.layout.column(align=True)
        column.operator("dubsync.layers", icon="IMAGE_ALPHA")
        column.operator("dubsync.notes", icon="MARKER_HLT")
        column.operator("dubsync.desk", icon="WINDOW")
        strip = sequencer.editor_of(sequencer.scene_of(context))
        mark = place.mark_of(strip.active_strip) if strip and strip.active_strip else {}
        if mark:
            box = self.layout.column(align=True)
            box.label(text=f"{mark['shot']}, version {mark['version']}", icon="FILE_MOVIE")
            if mark.get("language"):
                box.label(text=mark["language"], icon="BLANK1")


class DUBSYNC_PT_shots(_InSidebar, bpy.types.Panel):
    """The reel's shots"""

    bl_parent_id = "DUBSYNC_PT_sync"
    bl_label = "Shots"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """A row for each shot: state, name, notes; a click goes there."""
        layout = self.layout
        layout.operator("dubsync.read", icon="FILE_REFRESH")
        for shot in WORK.shots:
            split = layout.split(factor=0.62, align=True)
            left, right = split.row(align=True), split.row(align=True)
            left.alignment = "LEFT"
            icon = ICONS.get(shot["state"], "BLANK1")
            go = left.operator("dubsync.go_to_shot", text=shot["name"], icon=icon, emboss=False)
            go.shot, go.frame = shot["name"], shot["record"][0]
            right.label(text=shot["state"])
            if shot.get("note_count"):
                right.label(text=str(shot["note_count"]), icon="TEXT")
            if shot.get("message"):
                _draw_text(layout.column(align=True), shot["message"], _letters(context), "BLANK1")


def _draw_bar(layout):
    column = layout.column(align=True)
    if hasattr(column, "progress"):
        column.progress(factor=WORK.part(), type="BAR", text=f"{100 * WORK.part():.0f} %")
    else:
        # Blender 3 has no bar of its own: a slider that shows and cannot be moved.
        bar = column.row()
        bar.enabled = False
        bar.prop(bpy.context.window_manager, "dubsync_part", text="", slider=True)
    column.label(text=WORK.doing())
    if WORK.count():
        column.label(text=WORK.count())
    column.operator("dubsync.cancel", icon="X")


def _draw_problem(layout, problem, letters):
    box = layout.box().column(align=True)
    box.alert = True
    _draw_text(box, problem.what, letters, "ERROR")
    box = box.column(align=True)
    box.alert = False
    if problem.where and problem.where not in problem.what:
        _draw_text(box, problem.where, letters, "BLANK1")
    if problem.hint:
        _draw_text(box, "Try: " + problem.hint, letters, "BLANK1")
    if problem.kind == "dubsync":
        row = box.row()
        row.operator("preferences.addon_show", text="Open Preferences").module = __package__


def _draw_files(layout, chosen, what, title, icon):
    box = layout.column(align=True)
    row = box.row(align=True)
    row.label(text=title)
    row.operator("dubsync.choose_files", text="", icon="ADD").what = what
    for index, one in enumerate(getattr(chosen, what)):
        row = box.row(align=True)
        there = os.path.exists(bpy.path.abspath(one.path))
        row.alert = not there
        row.label(text=bpy.path.basename(one.path), icon=icon if there else "ERROR")
        drop = row.operator("dubsync.drop_file", text="", icon="X", emboss=False)
        drop.what, drop.index = what, index


def _draw_text(layout, text, letters, icon):
    """Text in rows of at most `letters`; the first has the icon."""
    layout.scale_y = 0.8
    for number, line in enumerate(wrapped(text, letters)):
        layout.label(text=line, icon="BLANK1" if number else icon)


def _letters(context):
    """How many letters fit beside an icon in a row of the sidebar."""
    scale = context.preferences.system.ui_scale or 1  # 0 without a window
    return max(int((context.region.width / scale - 56) / LETTER), 16)


def wrapped(text, letters):
    """`text` in lines of at most `letters`; a path breaks after its slashes, a long word anywhere.

    >>> wrapped("No clip is selected.", 10)
    ['No clip is', 'selected.']
    """
    lines = [""]
    for word in " ".join(text.split()).split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += " " + word
            continue
        if lines[-1]:
            lines.append("")
        while len(word) > letters:
            slash = max(word.rfind("/", 0, letters), word.rfind("\\", 0, letters))
            edge = slash + 1 if slash > 0 else letters
            lines[-1], word = word[:edge], word[edge:]
            lines.append("")
        lines[-1] = word
    return [line for line in lines if line]


def register():
    """The slider that stands for a bar in Blender 3."""
    bpy.types.WindowManager.dubsync_part = bpy.props.FloatProperty(
        name="Done",
        subtype="PERCENTAGE",
        min=0,
        max=100,
        precision=0,
        get=lambda manager: 100 * WORK.part(),
    )


def unregister():
    """Take the slider away."""
    del bpy.types.WindowManager.dubsync_part


CLASSES = (DUBSYNC_PT_sync, DUBSYNC_PT_media, DUBSYNC_PT_result, DUBSYNC_PT_shots)
