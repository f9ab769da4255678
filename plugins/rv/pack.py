"""Packs the mode as an RV package: python3 pack.py [FOLDER].

The package holds PACKAGE and the mode alone; the mode knows where the rest lies.
"""

import os
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "dubsync-1.0.rvpkg"
HELD = ("PACKAGE", "dubsync_rv_mode.py")


def pack(folder=HERE):
    """Write the package into `folder`; returns its path."""
    path = os.path.join(folder, NAME)
    aside = path + ".part"
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as package:
        for name in HELD:
            package.write(os.path.join(HERE, name), name)
    os.replace(aside, path)
    return path


if __name__ == "__main__":
    sys.stdout.write(pack(*sys.argv[1:2]) + "\n")
