"""Makes the open mouths that portraits without a driver borrow, from the sample reel's take.

    python -m benchmarks.open_mouths

Five frames of the synthetic performer's take, whose lips are nearest to five openings and whose
teeth show; of each the mouth alone is kept.  Prints the digest of the file it writes.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
from safetensors.numpy import save

from dubsync.core.colour import working_rgb
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.engine import build
from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.compositing.mouth_inside import opening, skin_tone, teeth_seen
from dubsync.engine.geometry.mesh import LIPS
from dubsync.engine.portrait.open_mouths import SHIPPED
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate

TAKE = Path(__file__).parents[1] / "sample_projects/two_hander/takes/MARC_L002_t01.mov"
OPENINGS = (0.06, 0.09, 0.13, 0.18, 0.25)
#: Kept round the lips, eye distances; and how much teeth count against the opening.
ROOM, TEETH = 0.15, 0.5
#: They are kept so much smaller than filmed.
SCALE = 0.6


def main() -> None:
    plate = probe_plate(TAKE)
    with open_square(plate) as reader:
        frames = list(reader.frames(plate.frames))
    (track,) = build(EngineSettings(device="cpu")).track(
        frames, plate.frames, shot="take", progress=silent
    )
    pictures = [working_rgb(frame) for frame in frames]
    points = np.asarray(track.landmarks, np.float64)
    opened = np.array([opening(one) for one in points])
    tones = [skin_tone(p, q) for p, q in zip(pictures, points, strict=True)]
    teeth = np.array([teeth_seen(*one) for one in zip(pictures, points, tones, strict=True)])
    print("openings up to", opened.max(), "teeth", np.round(teeth[opened > 0.05], 2))
    arrays: dict[str, np.ndarray] = {}
    kept = []
    for wanted in OPENINGS:
        price = np.abs(np.log(np.maximum(opened, 1e-3) / wanted)) - TEETH * teeth
        best = int(price.argmin())
        if best not in kept:
            kept.append(best)
    kept.sort(key=lambda n: float(opened[n]))
    for n, at in enumerate(kept):
        room = ROOM * flat_eye_distance(points[at])
        low = np.floor(points[at, LIPS, :2].min(axis=0) - room).astype(int)
        high = np.ceil(points[at, LIPS, :2].max(axis=0) + room).astype(int)
        part = pictures[at][low[1] : high[1], low[0] : high[0]]
        size = (round(part.shape[1] * SCALE), round(part.shape[0] * SCALE))
        small = cv2.resize(np.clip(part, 0, 1), size, interpolation=cv2.INTER_AREA)
        arrays[f"picture{n}"] = np.rint(small * 255).astype(np.uint8)
        points[at, :, :2] = (points[at, :, :2] - low) * (np.array(size) / part.shape[1::-1])
        points[at, :, 2] *= SCALE
        print(at, round(float(opened[at]), 3), round(float(teeth[at]), 2), part.shape)
    arrays["points"] = np.asarray(points[kept], np.float32)
    arrays["openings"] = np.asarray(opened[kept], np.float32)
    arrays["tones"] = np.array(
        [[*tones[n].mean, tones[n].luma, tones[n].black, tones[n].chroma] for n in kept],
        np.float32,
    )
    data = save(arrays)
    SHIPPED.write_bytes(data)
    print(SHIPPED.name, len(data), "bytes", sha256(data).hexdigest())


if __name__ == "__main__":
    main()
