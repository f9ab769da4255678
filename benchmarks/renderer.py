"""How well the warp renderer re-makes frames that it has not seen, beside the nearest exemplar.

    python -m benchmarks.renderer [--clip NAME ...] [--size 256] [--json]

The bank is the first 80 % of each clip; the last 20 % are drawn to their own tracked landmarks.
Exit code 3 when a figure of the first issue is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from dubsync.service.evaluate import evaluate

FOOTAGE = Path(__file__).parents[1].parent / "shared" / "footage"
CLIPS = (
    "woman_braids_720p_24s.mp4",
    "andrew_a_25s.mov",
    "katiehill_512_8s.mp4",
    "man_black_sweater_1080x1920_20s.mp4",
    "obama_address_30s.mov",
)
GAIN_EACH_DB, GAIN_MEAN_DB = 1.3, 2.2
SHARPNESS = (0.9, 1.1)
LANDMARK_ERROR = 0.02  #: of the distance between the eyes


def row(clip: Path, size: int) -> dict[str, Any]:
    """The figures of one clip."""
    with tempfile.TemporaryDirectory() as folder:
        found = evaluate(clip, size=size, out=Path(folder) / "out")
    nearest, warp = found["renderers"]["nearest"], found["renderers"]["warp"]
    return {
        "clip": clip.stem,
        "nearest_db": nearest["psnr_matte_db"],
        "gain_db": warp["psnr_matte_db"] - nearest["psnr_matte_db"],
        **warp,
    }


def missed(rows: list[dict[str, Any]]) -> list[str]:
    """What falls short, in words."""
    short = []
    for found in rows:
        if found["gain_db"] < GAIN_EACH_DB:
            short.append(f"{found['clip']}: gain {found['gain_db']:.2f} dB")
        if not SHARPNESS[0] <= found["sharpness_mouth"] <= SHARPNESS[1]:
            short.append(f"{found['clip']}: sharpness {found['sharpness_mouth']:.2f}")
        if found["landmark_error_iod"] > LANDMARK_ERROR:
            short.append(f"{found['clip']}: landmark error {found['landmark_error_iod']:.3f}")
    mean = sum(found["gain_db"] for found in rows) / len(rows)
    return short if mean >= GAIN_MEAN_DB else [*short, f"mean gain {mean:.2f} dB"]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clip", action="append", help="file name in ../shared/footage")
    options.add_argument("--size", type=int, default=256)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    rows = [row(FOOTAGE / name, asked.size) for name in asked.clip or CLIPS]
    short = missed(rows)
    if asked.json:
        print(json.dumps({"rows": rows, "missed": short}))
    else:
        for found in rows:
            values = (f"{k} {v:.3f}" for k, v in found.items() if isinstance(v, float))
            print(found["clip"], *values, sep="  ")
        print("missed:", "; ".join(short) or "nothing")
    sys.exit(3 if short else 0)


if __name__ == "__main__":
    main()
