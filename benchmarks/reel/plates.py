"""Plates of the long reel: footage of ../shared at 480x270 and 25 fps, in two framings each."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dubsync.media.probe import probe_plate

SHARED = Path(__file__).parents[2].parent / "shared"
RATE = 25
WIDTH, HEIGHT = 480, 270


@dataclass(frozen=True, slots=True)
class Footage:
    """One clip: whose it is, its frames a second, and what is cut out of it first."""

    character: str
    file: str
    rate: int = 25
    crop: str = ""


@dataclass(frozen=True, slots=True)
class MadePlate:
    """A plate on disk: its character, its file, its frames and the number of the first one."""

    character: str
    path: Path
    frames: int
    first: int


FOOTAGE = (
    Footage("OLIVER", "obama_oval_20s.mov", 30),
    Footage("OLIVER", "obama_address_30s.mov", 30),
    Footage("OLIVER", "obama_2020_20s.mov", 30),
    Footage("ANDY", "andrew_a_25s.mov", 30),
    Footage("ANDY", "andrew_b_27s.mov", 30),
    Footage("BRIT", "woman_braids_720p_24s.mp4"),
    Footage("SAM", "man_black_sweater_1080x1920_20s.mp4", crop="crop=900:506:90:190,"),
    Footage("FELIX", "franck_4800frames_silent.mp4", 24),
    Footage("NELL", "newsman_512_71s.mp4"),
    Footage("REMY", "fr_man_suit_512_50s.mp4", 30),
    Footage("KATE", "katiehill_512_8s.mp4"),
)
#: Framings: how the camera was set up for the take.
FRAMINGS = {"MCU": "", "CU": "crop=iw*0.82:ih*0.82:iw*0.09:ih*0.05,"}
FITTED = f"scale=-2:{HEIGHT},crop='min(iw,{WIDTH})':{HEIGHT},pad={WIDTH}:{HEIGHT}:-1:0:0x202428"
#: Most frames of one plate.
LONGEST = 1200


def make_plates(folder: Path) -> list[MadePlate]:
    """Write every plate into `folder`; those that are there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for n, footage in enumerate(FOOTAGE, 1):
        for take, (framing, crop) in enumerate(FRAMINGS.items(), 1):
            name = f"A{n:03d}C{take:03d}_{footage.character}_{framing}.mov"
            path = folder / name
            if not path.is_file():
                _write(footage, crop, path, f"{n:02d}:{take * 10:02d}:00:00")
            probed = probe_plate(path)
            made.append(MadePlate(footage.character, path, len(probed.frames), probed.frames.start))
    return made


def _write(footage: Footage, crop: str, path: Path, timecode: str) -> None:
    source = SHARED / "footage" / footage.file
    chain = f"setpts=N/{RATE}/TB,{footage.crop}{crop}{FITTED}"
    aside = path.with_suffix(".part.mov")
    subprocess.run(
        [
            _ffmpeg(), "-v", "error", "-y", "-i", str(source), "-map", "0:v:0", "-map", "0:a:0?",
            "-vf", chain, "-r", str(RATE), "-frames:v", str(LONGEST), "-af",
            f"atempo={RATE / footage.rate}", "-shortest", "-c:v", "libx264", "-crf", "14",
            "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p", "-g", "12", "-c:a",
            "pcm_s16le", "-ar", "48000", "-ac", "1", "-timecode", timecode, str(aside),
        ],
        check=True,
    )  # fmt: skip
    aside.rename(path)


def _ffmpeg() -> str:
    found = shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())
