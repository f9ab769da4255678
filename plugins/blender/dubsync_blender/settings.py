"""What a person chooses: for a timeline, kept in its .blend; for this computer, in preferences."""

import os
import re

import bpy
from bpy.props import BoolProperty, CollectionProperty, IntProperty, PointerProperty, StringProperty

from . import sequencer, timecode
from .dubsync_link import client as link_client
from .dubsync_link import consent as link_consent
from .dubsync_link import problems
from .dubsync_link.memory import BLANK, Memory

#: What is chosen as lists of files.
LISTS = ("dub", "takes", "consent")
#: The language at the end of a file's name, as dubsync's own reader of names takes it.
_LANGUAGE = re.compile(r"[-_. ]([A-Za-z]{2,3}(?:[-_][A-Z]{2})?)$")


class DUBSYNC_PG_file(bpy.types.PropertyGroup):
    """A chosen file."""

    path: StringProperty(name="File", subtype="FILE_PATH")


class DUBSYNC_PG_timeline(bpy.types.PropertyGroup):
    """What is chosen for one scene's timeline."""

    folder: StringProperty(
        name="Reel",
        description="Folder of dubsync's reel for this timeline. Empty: made beside the .blend",
        subtype="DIR_PATH",
    )
    language: StringProperty(
        name="Language", description="Language of the dub, such as it-IT or es-ES"
    )
    script: StringProperty(
        name="Script",
        description="The dub script, if there is one: cue sheet, subtitles or screenplay",
        subtype="FILE_PATH",
    )
    start: StringProperty(
        name="Timecode",
        description="Timecode of the scene's first frame, HH:MM:SS:FF, as the dub counts. "
        "Empty: Blender's frame numbers",
    )
    dub: CollectionProperty(type=DUBSYNC_PG_file)
    takes: CollectionProperty(type=DUBSYNC_PG_file)
    consent: CollectionProperty(type=DUBSYNC_PG_file)
    performers: StringProperty(
        name="Performers",
        description="Who plays whom, as ELISE=anna-example, MARC=marc-example. Empty: the reel's, "
        "or the characters' names",
    )
    markers: StringProperty(options={"HIDDEN"})
    count: IntProperty(options={"HIDDEN"})
    show_media: BoolProperty(name="Dub and takes", default=True)
    show_shots: BoolProperty(name="Shots", default=False)


def command_in(text, folder):
    """(command, environment) that start dubsync: `text` of the preferences, else the file beside.

    text  path of dubsync, or a command of several words, with quotes where a path has spaces
    """
    if not text.strip():
        return link_client.read_command(folder)
    path = bpy.path.abspath(text.strip())
    if os.path.exists(path):
        return [os.path.normpath(path)], {}
    return words_of(text), {}


def words_of(text):
    """Words of a command; quotes keep spaces, and a backslash is only a backslash.

    >>> words_of('"C:\\\\Program Files\\\\py.exe" -m dubsync')
    ['C:\\\\Program Files\\\\py.exe', '-m', 'dubsync']
    """
    words, word, quote = [], "", ""
    for letter in text.strip():
        if quote:
            quote, word = ("", word) if letter == quote else (quote, word + letter)
        elif letter in "\"'":
            quote = letter
        elif letter == " ":
            words, word = words + ([word] if word else []), ""
        else:
            word += letter
    return words + ([word] if word else [])


class SceneMemory(Memory):
    """What is chosen for a timeline, kept in its scene: it travels with the .blend."""

    def __init__(self):
        Memory.__init__(self, path=os.devnull)

    def get(self, key):
        """What is known of the timeline of `key`."""
        scene = self._scene_of(key)
        known = {name: type(blank)() for name, blank in BLANK.items()}
        if scene is not None:
            chosen = scene.dubsync
            for name in ("folder", "script"):
                path = getattr(chosen, name).strip()
                known[name] = os.path.normpath(bpy.path.abspath(path)) if path else ""
            known["language"] = chosen.language.strip()
            for name in LISTS:
                known[name] = [bpy.path.abspath(one.path) for one in getattr(chosen, name)]
            try:
                known["performers"] = link_consent.read_performers(chosen.performers)
            except problems.Problem:  # `sync` says what is wrong with it
                known["performers"] = {}
        return known

    def put(self, key, chosen):
        """Keep what was chosen; a path that means the same stays as the user wrote it."""
        scene = self._scene_of(key)
        if scene is None:
            return
        known = self.get(key)
        for name in ("folder", "script", "language"):
            if name in chosen and chosen[name] != known[name]:
                said = chosen[name]
                kept = sequencer.as_kept(said) if said and name != "language" else said
                setattr(scene.dubsync, name, kept)
        for name in LISTS:
            if name in chosen and list(chosen[name]) != known[name]:
                set_files(getattr(scene.dubsync, name), chosen[name])
        if "performers" in chosen and chosen["performers"] != known["performers"]:
            scene.dubsync.performers = link_consent.performers_text(chosen["performers"])

    def folders(self):
        """The reels of all scenes."""
        return [
            os.path.normpath(bpy.path.abspath(one.dubsync.folder))
            for one in bpy.data.scenes
            if one.dubsync.folder
        ]

    def _scene_of(self, key):
        name = key.split("|", 2)[-1].split("/", 1)[-1]  # as adapter.scene_name
        return next((one for one in bpy.data.scenes if one.name_full == name), None)


def set_files(files, paths):
    """Make a collection of files hold `paths`, each once, in order."""
    files.clear()
    for path in dict.fromkeys(paths):
        files.add().path = sequencer.as_kept(path)


def guess_language(chosen):
    """Fill in the language where it is empty and all files of the dub end in one: ELISE_it-IT.wav.

    The panel shows it before anything is sent; it can be changed there.
    """
    ends = [_LANGUAGE.search(os.path.splitext(one.path)[0]) for one in chosen.dub]
    tags = {end.group(1) if end else "" for end in ends}
    if not chosen.language and len(tags) == 1:
        chosen.language = tags.pop()


def take_start(scene):
    """Fill in the timecode where it is empty and a file of the dub lies on the timeline.

    A Broadcast Wave says when it begins; where its strip is says which frame that is.
    """
    editor, rate = sequencer.editor_of(scene), sequencer.rate_of(scene)
    if scene.dubsync.start or editor is None or rate is None:
        return
    dub = {os.path.normpath(bpy.path.abspath(one.path)) for one in scene.dubsync.dub}
    found = set()
    for strip in sequencer.top_strips(editor):
        path = sequencer.file_of(strip) if strip.type == "SOUND" else ""
        begins = timecode.sound_start(path) if path in dub else None
        if begins is not None:
            found.add(begins * rate + scene.frame_start - int(strip.frame_start))
    if len(found) == 1:
        frame = found.pop()
        if frame >= 0 and abs(frame - round(frame)) < 0.05:
            scene.dubsync.start = timecode.text_of(round(frame), rate)


class DubsyncPreferences(bpy.types.AddonPreferences):
    """Where dubsync is on this computer."""

    bl_idname = __package__

    dubsync: StringProperty(
        name="dubsync",
        description="Path of the dubsync program. Empty: the one that installed this add-on",
        subtype="FILE_PATH",
    )

    def draw(self, context):
        """The preferences' page."""
        self.layout.prop(self, "dubsync")
        row = self.layout.row()
        row.operator("dubsync.check_program", icon="CHECKMARK")


def register():
    """Give each scene its choices."""
    bpy.types.Scene.dubsync = PointerProperty(type=DUBSYNC_PG_timeline)


def unregister():
    """Take the property away; what a .blend holds stays in it."""
    del bpy.types.Scene.dubsync


CLASSES = (DUBSYNC_PG_file, DUBSYNC_PG_timeline, DubsyncPreferences)
