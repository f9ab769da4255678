"""Hiero and Nuke Studio run this file as they start: it makes the menu.

`dubsync plugins install hiero` puts it into Python/Startup, and writes in where the rest lies.
"""

import sys

HOME = "FOLDER_OF_DUBSYNC/dubsync/hiero"

if HOME not in sys.path:
    sys.path.insert(0, HOME)

from dubsync_hiero.start import add_menu  # noqa: E402

add_menu(HOME)
