"""A real reel of three events that is made in seconds: the sample's plates, cut short."""

from __future__ import annotations

import shutil
from pathlib import Path

from dubsync.service.project import Project

SAMPLE = Path(__file__).parents[1] / "sample_projects" / "two_hander"
MARC = "A002C001_251114_MARC_CU"
ELISE = "A001C006_251114_ELISE_CU"
SILENT = "A002C002_251114_MARC_CU"

_CUT = """\
TITLE: SMALL_REEL
FCM: NON-DROP FRAME

001  A002C001 V     C        10:52:08:21 10:52:11:05 01:00:03:22 01:00:06:06
* FROM CLIP NAME: A002C001_251114_MARC_CU.mov
002  A002C002 V     C        10:58:40:12 10:58:41:12 01:00:11:22 01:00:12:22
* FROM CLIP NAME: A002C002_251114_MARC_CU.mov
003  A001C006 V     C        10:37:49:08 10:37:51:14 01:00:25:22 01:00:28:04
* FROM CLIP NAME: A001C006_251114_ELISE_CU.mov
"""
_PROJECT = """\
[project]
name = "small_reel"
language = "it-IT"
cut = "small.edl"
rate = "24000/1001"
media = ["plates"]
takes = ["takes"]
script = "dub/script_it.csv"
handles = 4

[characters.ELISE]
performer = "synthetic-381"
dub = "dub/ELISE_it.wav"

[characters.MARC]
performer = "synthetic-562"
dub = "dub/MARC_it.wav"

[engine]
device = "cpu"
train_minutes = 0
"""


def small_reel(folder: Path) -> Path:
    """A project in `folder`, not analysed yet: MARC with a take, a silent shot, ELISE."""
    for name in (MARC, ELISE, SILENT):
        (folder / "plates").mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLE / "plates" / f"{name}.mov", folder / "plates")
    shutil.copytree(SAMPLE / "takes", folder / "takes")
    shutil.copytree(SAMPLE / "consent", folder / "consent")
    (folder / "dub").mkdir()
    for name in ("ELISE_it.wav", "MARC_it.wav", "script_it.csv"):
        shutil.copy(SAMPLE / "dub" / name, folder / "dub")
    (folder / "small.edl").write_text(_CUT)
    (folder / "dubsync.toml").write_text(_PROJECT)
    return folder


def rendered_small_reel(folder: Path) -> Path:
    """The same with both shots rendered by the warp and checked."""
    project = Project.open(small_reel(folder))
    project.sync(checked=True)
    project.check()
    return folder
