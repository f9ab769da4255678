"""Seconds to find the plates of a large media folder: the first time, and again.

    python -m benchmarks.probing [--clips 3000] [--json]

Clips are copies of one H.264 movie of 200 frames at 1280x720, in folders of a hundred, with 40 junk
files among them.  Both are timed in one run as processes of their own: `dubsync new`, which probes
everything, and `dubsync turnover`, which finds it kept.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

EDL = """TITLE: MANY
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00
* FROM CLIP NAME: A000C000.mov
"""
JUNK = 40


def movie(path: Path) -> None:
    """A movie of 200 frames of a moving slope at 25 fps, some 2 MB."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=Fraction(25), options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        slope = (np.arange(1280) // 5).astype(np.uint8)
        still = np.ascontiguousarray(np.broadcast_to(slope[None, :, None], (720, 1280, 3)))
        for number in range(200):
            frame = av.VideoFrame.from_ndarray(np.roll(still, number, 1), format="rgb24")
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))


def fill(folder: Path, clips: int) -> None:
    """The media folder, cut and stem of the reel in `folder`."""
    source = folder / "source.mov"
    movie(source)
    for number in range(clips):
        place = folder / "media" / f"A{number // 100:03d}"
        place.mkdir(parents=True, exist_ok=True)
        clip = place / f"A{number // 100:03d}C{number % 100:03d}.mov"
        try:
            clip.hardlink_to(source)
        except OSError:
            shutil.copy(source, clip)
    for number in range(JUNK):
        (folder / "media" / f"junk{number}.mov").write_bytes(b"no movie" * 50)
    (folder / "cut.edl").write_text(EDL)
    with wave.open(str(folder / "dub.wav"), "wb") as out:
        out.setparams((1, 2, 48000, 4 * 48000, "NONE", ""))
        out.writeframes(bytes(8 * 48000))


def seconds(*arguments: str) -> float:
    """Wall seconds of `dubsync ARGUMENTS`."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "dubsync", *arguments], check=True, capture_output=True)
    return time.monotonic() - began


def main() -> None:
    """Print both times, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=3000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, asked.clips)
        reel = str(folder / "reel")
        first = seconds("new", reel, "--cut", str(folder / "cut.edl"), "--media",
                        str(folder / "media"), "--dub", f"ANNA={folder / 'dub.wav'}",
                        "--language", "de-DE", "--rate", "25")  # fmt: skip
        seconds("turnover", reel)  # the stem is analysed here, once
        again = seconds("turnover", reel)
    figures = {"clips": asked.clips, "first_s": round(first, 1), "again_s": round(again, 1)}
    print(json.dumps(figures) if asked.json else
          f"{asked.clips} clips: {first:.1f} s, again {again:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main()
