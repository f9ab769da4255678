"""RV loads this file as a mode.  `dubsync plugins install rv` writes in where the rest lies."""

import sys

HOME = "FOLDER_OF_DUBSYNC/dubsync/rv"

if HOME not in sys.path:
    sys.path.append(HOME)

from dubsync_rv import mode  # noqa: E402


def createMode():  # noqa: N802
    """What RV calls."""
    return mode.make(HOME)
