"""Nuke runs this file where it has a window: it makes the menu.

`dubsync plugins install nuke` writes in where the rest lies.
"""

import sys

import nuke

HOME = "FOLDER_OF_DUBSYNC/dubsync/nuke"

if HOME not in sys.path:
    sys.path.insert(0, HOME)

from dubsync_nuke import commands  # noqa: E402

commands.add_menu(nuke, HOME)
