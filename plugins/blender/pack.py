"""Make the add-on's zip, which Blender installs: Preferences > Add-ons > Install from Disk.

    python plugins/blender/pack.py [FOLDER]

It holds the add-on, the link that all plugins share, and their licences.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ADDON = HERE / "dubsync_blender"
LINK = HERE.parent / "link" / "dubsync_link"
#: Entries get one date, so that the same files make the same zip.
DATE = (1980, 1, 1, 0, 0, 0)


def pack(folder: Path) -> Path:
    """Write the zip into `folder`; its path."""
    files = {
        f"{ADDON.name}/LICENSE": HERE / "LICENSE",
        f"{ADDON.name}/{LINK.name}/LICENSE": HERE.parents[1] / "LICENSE",
        **{f"{ADDON.name}/{path.name}": path for path in _sources(ADDON)},
        **{f"{ADDON.name}/{LINK.name}/{path.name}": path for path in _sources(LINK)},
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{ADDON.name}.zip"
    aside = path.with_suffix(".part")
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(files):
            out.writestr(zipfile.ZipInfo(name, DATE), files[name].read_bytes())
    aside.replace(path)
    return path


def _sources(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix in (".py", ".toml", ".json")]


if __name__ == "__main__":
    print(pack(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build")))
