"""Runs inside Blender: takes [function, arguments, options] a line, answers each with a line.

Nothing of the test suite is imported here: Blender has a Python of its own.
"""

import contextlib
import doctest
import json
import os
import sys
import time
import traceback
import types

import bpy

MARK = "@@answer "
ADDON = "dubsync_blender"
STATE = {"module": ""}


def install(path):
    """Install the zip as a user does; Blender's version."""
    if bpy.app.version >= (4, 2, 0):
        bpy.ops.extensions.package_install_files(
            filepath=path, repo="user_default", enable_on_install=True
        )
        STATE["module"] = f"bl_ext.user_default.{ADDON}"
    else:
        bpy.ops.preferences.addon_install(filepath=path, overwrite=True)
        bpy.ops.preferences.addon_enable(module=ADDON)
        STATE["module"] = ADDON
    return list(bpy.app.version)


def part(name):
    return sys.modules[f"{STATE['module']}.{name}"]


def disable_and_enable():
    """Whether the add-on can be switched off and on."""
    bpy.ops.preferences.addon_disable(module=STATE["module"])
    gone = not hasattr(bpy.types.Scene, "dubsync")
    bpy.ops.preferences.addon_enable(module=STATE["module"])
    return gone and hasattr(bpy.types.Scene, "dubsync")


# -- a timeline --------------------------------------------------------------------------------


def begin(folder, fps=24, fps_base=1.0, saved="film.blend"):
    """An empty file at a frame rate; saved in `folder` under a name, or not at all."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module=STATE["module"])
    scene = bpy.context.scene
    scene.name = "cut"
    rate(fps, fps_base)
    scene.sequence_editor_create()
    open_scene("cut")
    if saved:
        bpy.ops.wm.save_as_mainfile(filepath=os.path.join(folder, saved))


def open_scene(name):
    scene = bpy.data.scenes[name]
    bpy.context.window.scene = scene
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene


def rate(fps, fps_base):
    bpy.context.scene.render.fps = fps
    bpy.context.scene.render.fps_base = fps_base


def scene():
    return part("sequencer").scene_of(bpy.context)


def editor():
    return scene().sequence_editor


def strips():
    return part("sequencer").top_strips(editor())


def find(name):
    return next(one for one in part("sequencer").all_strips(editor()) if one.name == name)


def add_movie(name, path, channel, record, first, speed=None):
    """A movie strip that shows its frames from `first` in [start, stop] of the timeline."""
    length = record[1] - record[0]
    strip = strips().new_movie(
        name=name, filepath=path, channel=channel, frame_start=200_000, fit_method="ORIGINAL"
    )
    strip.name = name
    if speed:
        part("sequencer").set_speed(scene(), strip, part("source").Fraction(speed))
        first = round(first / float(part("source").Fraction(speed)))
    strip.frame_offset_start = first
    strip.frame_final_duration = length
    strip.frame_start = record[0] - first
    strip.channel = channel
    strip.select = False
    return strip.channel


def add_effect(name, kind, channel, start, length, one=None, two=None):
    more = {"length": length} if bpy.app.version >= (5, 0, 0) else {"frame_end": start + length}
    names = ("input1", "input2") if bpy.app.version >= (5, 0, 0) else ("seq1", "seq2")
    for key, value in zip(names, (one, two), strict=True):
        if value:
            more[key] = find(value)
    strip = strips().new_effect(name=name, type=kind, channel=channel, frame_start=start, **more)
    strip.select = False


def add_images(name, folder, files, channel, start):
    strip = strips().new_image(
        name=name, filepath=os.path.join(folder, files[0]), channel=channel, frame_start=start
    )
    for file in files[1:]:
        strip.elements.append(file)
    strip.frame_final_duration = len(files)
    strip.select = False


def add_sound(name, path, channel, start):
    strips().new_sound(name=name, filepath=path, channel=channel, frame_start=start).select = False


def add_scene_strip(name, channel, start):
    other = bpy.data.scenes.new("Set")
    strip = strips().new_scene(name=name, scene=other, channel=channel, frame_start=start)
    strip.frame_final_duration = 10
    strip.select = False


def into_meta(name, names, channel):
    meta = strips().new_meta(name=name, channel=channel, frame_start=1)
    for one in names:
        find(one).move_to_meta(meta)
    meta.select = False


def put(name, key, value):
    """Set a property of a strip."""
    setattr(find(name), key, value)


def put_transform(name, key, value):
    setattr(find(name).transform, key, value)


def mark_as_result(name, clip=""):
    """As if dubsync had laid the strip in."""
    mark = {"shot": name, "version": "v001", "kind": "picture", "clip": clip}
    find(name)[part("sequencer").MARK] = json.dumps(mark)


def cut_out(name):
    strips().remove(find(name))


def rename(old, new):
    find(old).name = new


def select(names):
    for one in strips():
        one.select = one.name in names


def listed():
    """Every strip: name -> what a test compares."""
    place = part("place")
    rows = {}
    for one in part("sequencer").all_strips(editor()):
        rows[one.name] = {
            "kind": one.type,
            "channel": one.channel,
            "record": [one.frame_final_start, one.frame_final_end],
            "start": round(one.frame_start, 3),
            "file": part("sequencer").file_of(one),
            "mute": one.mute,
            "mark": place.mark_of(one),
            "source": part("source").Playing(one, scene()).source,
            "scale": getattr(getattr(one, "transform", None), "scale_x", 0),
        }
    return rows


def render(frames, folder, size):
    """Render frames of the timeline as PNG; their paths."""
    here, made = scene(), []
    here.render.resolution_x, here.render.resolution_y = size
    here.render.resolution_percentage = 100
    here.view_settings.view_transform = "Standard"
    here.render.image_settings.file_format = "PNG"
    here.render.image_settings.compression = 0
    for frame in frames:
        here.frame_set(frame)
        here.render.filepath = os.path.join(folder, f"{bpy.app.version[0]}_{frame:06d}.png")
        bpy.ops.render.render(write_still=True, scene=here.name)
        made.append(here.render.filepath)
    return made


# -- the add-on --------------------------------------------------------------------------------


def host(method, *arguments):
    """A method of the adapter that the panel uses."""
    return getattr(part("work").WORK.host, method)(*arguments)


def export(path):
    """Write the timeline; the losses that are told."""
    return part("timeline_otio").write_timeline(scene(), path)


def choose(program="", folder="", language="", dub=(), takes=(), start=""):
    """What a person puts into the panel and the preferences."""
    bpy.context.preferences.addons[STATE["module"]].preferences.dubsync = program
    chosen = scene().dubsync
    chosen.folder, chosen.language, chosen.start = folder, language, start
    part("settings").set_files(chosen.dub, dub)
    part("settings").set_files(chosen.takes, takes)


def press(button, finish=False, **options):
    """Press a button of the panel, and follow its job to the end."""
    # A script gets a report of an error raised; the panel shows it.
    with contextlib.suppress(RuntimeError):
        getattr(bpy.ops.dubsync, button)(**options)
    if finish:
        part("work").WORK.wait(60)
    return shown()


def press_and_cancel(shots=0, step="", seconds=60, **options):
    """Press Sync, and Cancel as soon as `shots` are done and a step is under way."""
    bpy.ops.dubsync.sync(**options)
    work, ends = part("work").WORK, time.monotonic() + seconds
    while work.tick():
        told = work.flow.progress
        if told and told["shots_done"] >= shots and told["step"] == (step or told["step"]):
            break
        assert time.monotonic() < ends, "no progress"
        time.sleep(0.005)
    seen = [work.doing(), work.count(), work.part(), bpy.ops.dubsync.sync.poll()]
    bpy.ops.dubsync.cancel()
    work.wait(seconds)
    return {**shown(), "seen": seen}


def press_and(then, **options):
    """Press Sync; before the job ends, call other functions of this file: [[name, arguments]]."""
    bpy.ops.dubsync.sync(**options)
    for name, arguments in then:
        globals()[name](*arguments)
    part("work").WORK.wait(60)
    return shown()


def shown():
    """What the panel shows."""
    work = part("work").WORK
    problem = work.problem
    return {
        "state": work.state,
        "problem": [problem.what, problem.where, problem.hint] if problem else None,
        "kind": problem.kind if problem else "",
        "said": work.said,
        "shots": [[one["name"], one["state"]] for one in work.shots],
        "running": bool(work.client and work.client.running),
    }


def start():
    """Press Sync, and go on."""
    bpy.ops.dubsync.sync()


def open_another():
    """Open another .blend while a job is under way; whether dubsync ran before and after."""
    client = part("work").WORK.client
    before = client.running
    bpy.ops.wm.read_homefile(use_empty=True)
    return [before, client.running]


def reopen(folder):
    """Save, and open the file again."""
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=os.path.join(folder, "film.blend"))
    open_scene("cut")


def timecode_chosen():
    return scene().dubsync.start


def chosen():
    """What is kept in the scene."""
    memory = part("settings").SceneMemory()
    return memory.get(f"blender||film.blend/{scene().name_full}")


def add_marker_as_user(frame, text):
    scene().timeline_markers.new(text, frame=frame)


def markers():
    return sorted([one.frame, one.name] for one in scene().timeline_markers)


def go_to(frame):
    scene().frame_set(frame)


def take_sequencer_away():
    """A scene without strips is open."""
    empty = bpy.data.scenes.new("nothing")
    open_scene(empty.name)


class Drawn:
    """Stands in for a layout, which needs a window: says what Blender would not know."""

    def __init__(self, wrong, texts):
        self.__dict__.update(wrong=wrong, texts=texts)

    def __getattr__(self, name):
        known = bpy.types.UILayout.bl_rna
        if name not in known.functions and name not in known.properties:
            raise AttributeError(f"no layout has {name}")
        return lambda *given, **options: self.make(name, given, options)

    def make(self, name, given, options):
        takes = bpy.types.UILayout.bl_rna.functions[name].parameters
        self.wrong += [f"{name}({key})" for key in options if key not in takes]
        if "icon" in options and options["icon"] not in takes["icon"].enum_items:
            self.wrong.append(f"icon {options['icon']}")
        if name == "operator":
            group, _, verb = given[0].partition(".")
            if verb not in dir(getattr(bpy.ops, group)):
                self.wrong.append(f"operator {given[0]}")
            self.texts.append(options.get("text", ""))
            return types.SimpleNamespace()
        if name == "prop" and given[1] not in given[0].bl_rna.properties:
            self.wrong.append(f"property {given[1]}")
        self.texts.append(options.get("text", ""))
        return Drawn(self.wrong, self.texts)


def draw():
    """What this Blender would not know in the panels, and the texts that they show."""
    panel, wrong, texts = part("panel"), [], []
    context = types.SimpleNamespace(
        region=types.SimpleNamespace(width=300),
        preferences=bpy.context.preferences,
        scene=bpy.context.scene,
        sequencer_scene=scene(),
    )
    for one in panel.CLASSES:
        one.draw(types.SimpleNamespace(layout=Drawn(wrong, texts)), context)
    return [wrong, texts]


def draw_while_busy():
    start()
    drawn = draw()
    part("work").WORK.wait(60)
    return drawn


def doctests():
    """How many examples in the add-on's docstrings there are, and how many fail."""
    found = [doctest.testmod(part(name)) for name in ("panel", "settings")]
    return [sum(one.attempted for one in found), sum(one.failed for one in found)]


def main():
    for line in sys.stdin:
        name, arguments, options = json.loads(line)
        try:
            answer = {"result": globals()[name](*arguments, **options)}
        except Exception as error:
            if type(error).__name__ == "Problem":
                answer = {"problem": [error.what, error.where, error.hint, error.kind]}
            else:
                answer = {"error": traceback.format_exc()}
        print("\n" + MARK + json.dumps(answer), flush=True)


main()
