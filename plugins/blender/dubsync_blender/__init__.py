"""dubsync in Blender's Video Sequencer.

SPDX-License-Identifier: GPL-3.0-or-later
"""

import bpy
from bpy.app.handlers import persistent

from . import operators, panel, settings, work

bl_info = {
    "name": "dubsync",
    "author": "The dubsync authors",
    "version": (0, 1, 0),
    "blender": (3, 4, 0),
    "location": "Video Sequencer > Sidebar > dubsync",
    "description": "Fits the picture of clips to their dub, and lays the renders above them",
    "category": "Sequencer",
}

CLASSES = settings.CLASSES + operators.CLASSES + panel.CLASSES


@persistent
def _file_closes(*_arguments):
    """Another .blend is opened: the job of this one stops; its finished shots are kept."""
    work.WORK.close()
    work.WORK.problem, work.WORK.said = None, []


def register():
    """Called by Blender when the add-on is enabled."""
    for one in CLASSES:
        bpy.utils.register_class(one)
    settings.register()
    panel.register()
    bpy.app.handlers.load_pre.append(_file_closes)


def unregister():
    """Called by Blender when the add-on is disabled."""
    bpy.app.handlers.load_pre.remove(_file_closes)
    work.WORK.close()
    panel.unregister()
    settings.unregister()
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
