"""Workspace > Scripts > dubsync: opens the panel.  `dubsync plugins install resolve` puts it here.

Resolve runs this file without telling where it lies, so the installation writes its folder in.
"""

import sys

HOME = "FOLDER_OF_DUBSYNC/dubsync"

if HOME not in sys.path:
    sys.path.insert(0, HOME)

from dubsync_resolve.start import main  # noqa: E402

if __name__ == "__main__":
    main(globals(), HOME)
