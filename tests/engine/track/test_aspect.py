"""Case 02: an anamorphic plate has the faces of the square plate that it was made from."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from dubsync.core.arrays import Array
from dubsync.core.progress import silent
from dubsync.core.shot import Plate
from dubsync.engine.geometry.mesh import skull_weights
from dubsync.engine.geometry.pose import align_robustly
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.pixels.square import square_format
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate

#: HDV and XDCAM, 2:1 scope, PAL 16:9, NTSC 4:3.
WIDTHS = {Fraction(4, 3): 384, Fraction(2): 256, Fraction(64, 45): 360, Fraction(8, 9): 576}


@pytest.fixture(scope="module")
def tracker() -> FaceTracker:
    return FaceTracker()


def plate(shared: Path, folder: Path, aspect: Fraction, width: int) -> Plate:
    """Six frames of a woman, 512 x 512 as shown, squeezed to `width`."""
    path = folder / f"{width}.mp4"
    with (
        av.open(str(shared / "footage" / "katiehill_512_8s.mp4")) as source,
        av.open(str(path), "w") as made,
    ):
        stream = made.add_stream("libx264", rate=25, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = width, 512, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        for n, frame in enumerate(islice(source.decode(video=0), 50, 56)):
            squeezed = frame.reformat(width=width, height=512, interpolation="BICUBIC")
            squeezed.pts, squeezed.time_base, squeezed.pict_type = n, Fraction(1, 25), 0
            made.mux(stream.encode(squeezed))
        made.mux(stream.encode(None))
    return probe_plate(path)


def landmarks(tracker: FaceTracker, plate: Plate) -> Array:
    """(T, 478, 3) of its one face, as if it were 512 pixels high."""
    with open_square(plate) as reader:
        (track,) = tracker(
            reader.frames(plate.frames), plate.frames, shot=plate.name, progress=silent
        )
    return np.asarray(track.landmarks * (512 / square_format(plate.format).height))


def test_faces_of_anamorphic_plates_are_those_of_the_square_plate(
    shared: Path, tracker: FaceTracker, tmp_path: Path
) -> None:
    control = landmarks(tracker, plate(shared, tmp_path, Fraction(1), 512))
    canonical = tracker.landmarker.canonical
    head = align_robustly(control, canonical.points, skull_weights(canonical))
    for aspect, width in WIDTHS.items():
        made = plate(shared, tmp_path, aspect, width)
        assert made.format.pixel_aspect == aspect
        seen = landmarks(tracker, made)
        apart = np.abs(seen - control)
        assert np.median(apart) < 0.2 and np.percentile(apart, 95) < 0.8, aspect
        pose = align_robustly(seen, canonical.points, skull_weights(canonical))
        assert pose.scale == pytest.approx(head.scale, rel=0.01)
        assert np.abs(pose.rotation - head.rotation).max() < 0.02, aspect
