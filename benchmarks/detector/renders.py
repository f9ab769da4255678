"""The shots of the measurement: plates and renders of the same frames, made once and kept."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.record import record_in
from dubsync.media.probe import probe_plate

FRAMES = 96  #: of a shot, from its first, at most
REVIEW = 3  #: exit code of a render that `dubsync check` wants looked at; it is measured too
SHARED = Path(__file__).parents[2].parent / "shared"

#: Shots of the sample reel, drawn by each actor's own network.  Both people are synthetic.
REEL = {
    "elise": "A001C003_251114_ELISE_CU",
    "elise_2": "A001C004_251114_ELISE_MCU",
    "marc": "A002C001_251114_MARC_CU",
    "marc_2": "A002C004_251114_MARC_BCU",
}
#: Shot -> (clip, dub), drawn by `dubsync clip`: the warp, for it trains no actor.
CLIPS = {
    "woman": ("woman_braids_720p_24s.mp4", "it_1.wav"),
    "katie": ("katiehill_512_8s.mp4", "es_1.wav"),
    "bluewall": ("woman_bluewall_700_7s.mp4", "fr_1.wav"),
    "oval": ("obama_oval_20s.mov", "de_1.wav"),
    "andrew": ("andrew_a_25s.mov", "fr_2.wav"),
    "grid": ("grid_ans_woman_curly.mpg", "it_1.wav"),
}


@dataclass(frozen=True, slots=True)
class Render:
    """A plate, what was drawn over it, and where: movies of the same frames and size."""

    shot: str
    plate: Path
    picture: Path
    matte: Path


def person_of(shot: str) -> str:
    """Whom a shot shows: "elise_2" is of "elise"."""
    return shot.partition("_")[0]


def render(shot: str, reel: Path, kept: Path) -> Render:
    """The render of a shot: the rendered `reel`'s, or one in `kept`, made there when missing.

    Raises:
        CalledProcessError: ffmpeg or `dubsync clip` failed.
        FileNotFoundError: the reel is not rendered in it-IT.
    """
    kept.mkdir(parents=True, exist_ok=True)
    return _of_reel(shot, reel, kept) if shot in REEL else _of_clip(shot, kept)


def _of_reel(shot: str, reel: Path, kept: Path) -> Render:
    name = REEL[shot]
    folder, stem = reel / "renders/it-IT" / name / "v001", f"{name}_it-IT_v001"
    record = json.loads((folder / f"{stem}.record.json").read_text("utf-8"))
    whole, plate = reel / "plates" / record["plate"], kept / f"{shot}.mkv"
    if not plate.exists():
        first = record["frames"]["first"] - probe_plate(whole).frames.start
        count = min(FRAMES, record["frames"]["stop"] - record["frames"]["first"])
        _ffmpeg("-i", str(whole), "-an", "-vf", f"select=gte(n\\,{first})", "-fps_mode",
                "passthrough", "-frames:v", str(count), "-c:v", "ffv1", str(plate))  # fmt: skip
    return Render(shot, plate, folder / f"{stem}.mkv", folder / f"{stem}_matte.mkv")


def _of_clip(shot: str, kept: Path) -> Render:
    plate, picture = kept / f"{shot}.mp4", kept / f"out_{shot}.mkv"
    matte = kept / f"out_{shot}.dubsync/renders/{shot}/v001/{shot}_v001_matte.mkv"
    if not matte.exists():
        clip, dub = CLIPS[shot]
        _ffmpeg("-i", str(SHARED / "footage" / clip), "-frames:v", str(FRAMES), "-an", "-c:v",
                "libx264", "-preset", "veryfast", "-crf", "10", "-pix_fmt", "yuv420p",
                str(plate))  # fmt: skip
        made = subprocess.run(
            [sys.executable, "-m", "dubsync", "clip", plate.name, "--dub",
             str((SHARED / "speech" / dub).resolve()), "--consent",
             str(record_in(kept).resolve()), "-o", picture.name],
            check=False, cwd=kept, stdout=subprocess.DEVNULL)  # fmt: skip
        if made.returncode not in (0, REVIEW):
            made.check_returncode()
    return Render(shot, plate, picture, matte)


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)
