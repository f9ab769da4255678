"""Draw one performer's speaking pictures at the generator's full 1024 pixels: for `benchmarks.uhd`.

    python make/large_face.py --work WORK --out FOLDER --landmarks FILE [--frames 96]

The reel's own plates show faces of at most 430 pixels; a UHD close-up shows 700 to 1400. FOLDER
gets one PNG a frame (the lower face speaks, the rest is the still), and `face.npz` with the
landmarks of each, the still's matte, and the head's motion. `benchmarks.uhd` sets them into UHD.
Whatever is finer than the generator draws (pores, stubble, creases of the lips, grain) is added
there, at the plate's own pixels.
"""

from __future__ import annotations

import argparse
import json
import sys
import types
from pathlib import Path

import cv2
import numpy as np

# The voices are not needed here, and `mouth` wants only the name of a type from there.
_voice = types.ModuleType("voice")
_voice.Phone = tuple  # type: ignore[attr-defined]
sys.modules.setdefault("voice", _voice)

import directions  # noqa: E402
import mouth  # noqa: E402
import performer  # noqa: E402
from generator import Generator  # noqa: E402
from landmarks import Landmarker  # noqa: E402
from matte import Matting  # noqa: E402
from motion import talking_head  # noqa: E402
from regions import LIDS, PASTED, hull_mask  # noqa: E402
from solve import load_or_solve  # noqa: E402

SIZE = 1024
LANDMARKS = "face_landmarks_detector.tflite, from dubsync/engine/weights/face_landmarker.task"
SEEDS = {"MARC": 562, "ELISE": 381}
RATE = 24000 / 1001


def phones_of(reel: Path, character: str) -> list[tuple[str, float, float]]:
    """The character's lines of the original, one after the other with a short rest between."""
    lines = json.loads((reel / "original" / "lines.json").read_text())["lines"]
    result, at = [], 0.25
    for line in lines:
        if line["character"] != character:
            continue
        first, last = line["phones"][0][1], line["phones"][-1][2]
        result += [(p, a - first + at, b - first + at) for p, a, b in line["phones"]]
        at += last - first + 0.2
    return result


def pictures(speaker: performer.Performer, weights: np.ndarray, lids: np.ndarray):
    """Each frame's picture [SIZE, SIZE, 3], 8-bit BGR, and its landmarks [478, 3]."""
    for row, lid in zip(weights, lids, strict=True):
        made = speaker._speaking(speaker._stills[int(lid)], row)
        made = np.clip(np.rint(made), 0, 255).astype(np.uint8)
        points = speaker._landmarker(made)
        yield made, speaker.points if points is None else points


def main() -> None:
    """Draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = Path(__file__).resolve().parent.parent
    weights = here.parent.parent / "dubsync" / "engine" / "weights"
    parser.add_argument("--work", type=Path, required=True, help="folder for solved faces")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--frames", type=int, default=96)
    parser.add_argument("--character", choices=SEEDS, default="MARC")
    parser.add_argument("--landmarks", type=Path, required=True, help=LANDMARKS)
    parser.add_argument("--matting", type=Path, default=weights / "selfie_segmentation.tflite")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    asked.out.mkdir(parents=True, exist_ok=True)
    performer.SIZE = SIZE
    generator, landmarker = Generator(1), Landmarker(asked.landmarks)
    drawn = asked.work / "drawn.npz"
    if not drawn.exists():
        directions.draw(generator, landmarker, drawn)
    known = directions.fit(drawn)
    solved = load_or_solve(SEEDS[asked.character], known, generator, landmarker, asked.work)
    speaker = performer.Performer(generator, landmarker, Matting(asked.matting), known, solved)
    phones = phones_of(here, asked.character)
    spoken = mouth.weights(phones, asked.frames, RATE, energy=1.2)
    moves = talking_head(5, spoken, RATE)
    points = []
    for n, (picture, at) in enumerate(pictures(speaker, spoken, moves.lids)):
        cv2.imwrite(str(asked.out / f"{n:04d}.png"), picture)
        points.append(at)
    np.savez(
        asked.out / "face.npz", points=np.array(points), still=speaker.points,
        alpha=speaker._extension.alpha, columns=speaker._extension.columns,
        rows=speaker._extension.rows, light=speaker._relief.light,
        lower=hull_mask(speaker.points, PASTED, SIZE, 11, 10),
        lids=np.maximum(*(hull_mask(speaker.points, lid, SIZE, 9, 4) for lid in LIDS)),
        mouth=spoken, yaw=moves.yaw, pitch=moves.pitch, roll=moves.roll, shift=moves.shift,
    )  # fmt: skip


if __name__ == "__main__":
    main()
