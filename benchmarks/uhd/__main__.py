"""What large faces look like, and cost: faces of 700 to 1,400 pixels in UHD.

    python -m benchmarks.uhd --faces FACES --plates PLATES [--px 750 1350] [--crop 160 ... 0]
                             [--frames 72] [--judged 16] [--minutes 0] [--pictures FOLDER]
                             [--clip N] [--json]

FACES is made by `sample_projects/two_hander/make/large_face.py`; from it PLATES gets a close-up of
each size in ProRes 10-bit 4:2:2: the middle of a UHD frame.  The last `--judged` frames are drawn
from the others alone, at each crop (0: automatic), and compared with the truth: energy of the
mouth in octaves from the finest, Laplacian energy ("sharpness"), flicker, also with the grain
blurred away, shake (standard deviation of the mouth's place beside the truth, pixels), seam,
perceptual distance.
--clip dubs N frames, whole UHD in ProRes and in half-float EXR, by `dubsync clip`, and tells the
time and the peak memory of its process.

Exit code 3 when the automatic crop misses a target: sharpness .95 to 1.05, flicker at most 1.1,
seam 1.0 (.95 to 1.05), 2.5 GB.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.uhd.clip import dubbed
from benchmarks.uhd.held_out import Seen, trial
from benchmarks.uhd.plates import make_plate, make_wide
from dubsync.cli.progress import shown

SHARP, FLICKER, SEAM, MIB = (0.95, 1.05), 1.1, (0.95, 1.05), 2560


def missed(row: dict[str, Any]) -> list[str]:
    """Where the row is beyond a target, in words."""
    short = []
    if not SHARP[0] <= row["sharpness"] <= SHARP[1]:
        short.append(f"sharpness {row['sharpness']:.2f}")
    if row["flicker"] > FLICKER:
        short.append(f"flicker {row['flicker']:.2f}")
    if not SEAM[0] <= row["seam"] <= SEAM[1]:
        short.append(f"seam {row['seam']:.2f}")
    return [f"{row['plate']} at {row['crop_px'] or 'automatic'}: {text}" for text in short]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--plates", type=Path, required=True)
    parser.add_argument("--px", type=int, nargs="+", default=[750, 1350])
    parser.add_argument("--crop", type=int, nargs="*", default=[160, 256, 512, 1024, 0])
    parser.add_argument("--frames", type=int, default=72)
    parser.add_argument("--judged", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=0.0, help="0: the warp renderer")
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--clip", type=int, default=0, help="frames to dub by `dubsync clip`")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows, clips, short = [], [], []
    options.plates.mkdir(parents=True, exist_ok=True)
    with shown() as progress:
        for px in options.px:
            movie = make_plate(options.faces, options.plates, px, options.frames, progress)
            seen = Seen.of(movie, options.judged) if options.crop else None
            for crop in options.crop if seen is not None else ():
                pictures = options.pictures and options.pictures / f"{px}_{crop}"
                rows.append(trial(seen, crop, minutes=options.minutes, pictures=pictures))
                print(json.dumps(rows[-1]), flush=True)
                short += [] if crop else missed(rows[-1])
            if not options.clip:
                continue
            for plate in make_wide(options.plates, px, options.clip, options.clip):
                clips.append(dubbed(plate, options.plates / "clips", options.clip))
                print(json.dumps(clips[-1]), flush=True)
                over = clips[-1]["peak_mib"] > MIB
                short += [f"{plate.name}: {clips[-1]['peak_mib']} MiB"] if over else []
    if options.json:
        print(json.dumps({"rows": rows, "clips": clips, "missed": short}))
    else:
        print("missed: " + ("; ".join(short) or "nothing"))
    sys.exit(3 if short else 0)


if __name__ == "__main__":
    main()
