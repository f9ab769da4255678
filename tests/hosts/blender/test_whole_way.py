"""The sample's shot, synced from inside Blender by the real dubsync, picture by picture."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.hosts.blender.blender_process import BlenderProcess

SAMPLE = ROOT / "sample_projects" / "two_hander"
MADE = (".dubsync", "renders", "reports", "delivery", "tweaks", "recut")
#: The cut in Blender's frames: clip, file, record, first frame in the file, speed.
CUT = (
    ("A001C003_251114_ELISE_CU", (1, 95), 12, None),
    ("A002C004_251114_MARC_BCU", (95, 175), 12, "4/5"),
    ("A001C006_251114_ELISE_CU", (175, 229), 12, None),
)
SHOT, RECORD = "A001C006_251114_ELISE_CU", (175, 229)
PROGRAM = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
from dubsync.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample reel whose actors are trained for a moment."""
    folder = tmp_path_factory.mktemp("sample") / "two_hander"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns(*MADE, "make", "*_es*"))
    toml = folder / "dubsync.toml"
    text = toml.read_text().replace("train_minutes = 0.5", "train_minutes = 0.02")
    toml.write_text(text[: text.index("[languages.")] + text[text.index("[engine]") :])
    (folder / "dubsync.py").write_text(PROGRAM)
    return folder


@pytest.fixture
def cut(blender: BlenderProcess, reel: Path, tmp_path: Path) -> Any:
    """The cut in Blender, the reel chosen."""
    blender.call("begin", str(tmp_path), 24, 1.001)
    for name, record, first, speed in CUT:
        movie = str(reel / "plates" / f"{name}.mov")
        blender.call("add_movie", name, movie, 1, record, first, speed=speed)
    blender.call("add_sound", "dub", str(reel / "dub" / "ELISE_it.wav"), 3, 1)
    program = f'"{sys.executable}" "{reel / "dubsync.py"}"'
    blender.call("choose", program=program, folder=str(reel))
    blender.call("select", [SHOT])
    return blender.call


def test_the_samples_shot_is_cancelled_synced_and_laid_in_frame_by_frame(
    cut: Any, tmp_path: Path
) -> None:
    before = cut("listed")
    if not cut("press", "read")["shots"][-1][1].startswith(("rendered", "pending")):
        said = cut("press_and_cancel", step="render", seconds=500)
        assert (said["state"], said["problem"]) == ("cancelled", None)
        assert cut("listed") == before
    said = cut("press", "sync", wait=True)
    assert (said["state"], said["problem"]) == ("done", None)
    after = cut("listed")
    (name,) = set(after) - set(before)
    laid = after.pop(name)
    assert after == before, "clips and sound are untouched"
    assert (laid["channel"], laid["record"], laid["source"]) == (2, list(RECORD), [8, 62])
    assert laid["mark"]["shot"] == SHOT
    with av.open(laid["file"]) as movie:
        frames = [frame.to_ndarray(format="rgb24") for frame in movie.decode(video=0)]
    assert len(frames) == 70
    pictures = cut("render", list(range(*RECORD)), str(tmp_path), (960, 540))
    for place, path in enumerate(pictures):
        picture = np.asarray(Image.open(path).convert("RGB"), float)
        off = [np.abs(picture - frames[place + n]).mean() for n in (7, 8, 9)]
        assert off[1] == min(off) and off[1] < 2, f"frame {RECORD[0] + place}: {off}"
    assert cut("press", "layers")["said"][0] == "2 strips added, muted."
