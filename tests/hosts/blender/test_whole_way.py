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

from dubsync.core.settings import EngineSettings, Settings
from dubsync.service.new_project import Dubs, new_project
from tests.conftest import ROOT
from tests.hosts.blender.blender_process import BlenderProcess

SAMPLE = ROOT / "sample_projects" / "two_hander"
#: ELISE's first and last shots, at the frames that her dub counts from: clip -> record, first
#: frame in the file.
CUT = {
    "A001C003_251114_ELISE_CU": ((86400, 86494), 12),
    "A001C006_251114_ELISE_CU": ((87022, 87076), 12),
}
SHOT = "A001C006_251114_ELISE_CU"
RECORD = CUT[SHOT][0]
PROGRAM = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
from dubsync.cli.main import main
if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plates of CUT, and a program that starts this dubsync."""
    folder = tmp_path_factory.mktemp("sample")
    (folder / "plates").mkdir()
    for name in CUT:
        shutil.copy(SAMPLE / "plates" / f"{name}.mov", folder / "plates")
    (folder / "dubsync.py").write_text(PROGRAM)
    return folder


@pytest.fixture
def cut(blender: BlenderProcess, sample: Path, tmp_path: Path) -> Any:
    """The cut in Blender, and its reel: made of what Blender exports."""
    blender.call("begin", str(tmp_path), 24, 1.001)
    for name, (record, first) in CUT.items():
        movie = str(sample / "plates" / f"{name}.mov")
        blender.call("add_movie", name, movie, 1, record, first)
    blender.call("add_sound", "dub", str(SAMPLE / "dub" / "ELISE_it.wav"), 3, 86400)
    if not (sample / "reel").exists():
        blender.call("export", str(sample / "cut.otio"))
        _make_reel(sample)
    program = f'"{sys.executable}" "{sample / "dubsync.py"}"'
    blender.call("choose", program=program, folder=str(sample / "reel"))
    blender.call("select", [SHOT])
    return blender.call


def _make_reel(sample: Path) -> None:
    """The reel, whose actor is trained for a moment."""
    new_project(
        sample / "reel", cut=sample / "cut.otio", media=[sample / "plates"],
        dubs=[Dubs("it-IT", {"ELISE": SAMPLE / "dub" / "ELISE_it.wav"})],
        performers={"ELISE": "synthetic-381"},
        consent=[SAMPLE / "consent" / "synthetic-381.toml"],
        settings=Settings(handles=8, engine=EngineSettings(train_minutes=0.02)),
    )  # fmt: skip


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
