"""Faces to paste things before: crops of clips and portraits whose rights are clear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.picture import Frame
from dubsync.engine.geometry.sampling import rgb_frame, sample
from dubsync.engine.occlusion.face_crop import CROP_PX, crop_of
from dubsync.engine.occlusion.occluder_net import NET_PX
from dubsync.engine.track.landmarker import Landmarker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

#: Of ../shared, each marked public domain in its SOURCES.md: name, and every how many frames.
CLIPS = (
    ("footage/obama_oval_20s.mov", 6),
    ("footage/obama_address_30s.mov", 9),
    ("footage/obama_eastroom_8s_silent.mp4", 6),
    ("footage/biden_whitehouse_720p_7s.mp4", 3),
)
STILLS = (
    "portraits/astronaut_512.png", "portraits/biden_official.jpg", "portraits/obama_official.jpg",
    "portraits/two_people.jpg",
)  # fmt: skip
#: A still counts as much as this many frames.
STILL_WEIGHT = 25

#: A crop (NET_PX, NET_PX, 3), 0..1, and its landmarks (478, 2), pixels of the crop.
Face = tuple[Array, Array]


def teaching_faces(shared: Path) -> list[Face]:
    """Every face of CLIPS and STILLS."""
    landmarker = Landmarker(threads=1)
    faces = [face for name, every in CLIPS for face in _of_clip(landmarker, shared / name, every)]
    for name in STILLS:
        picture = cv2.cvtColor(cv2.imread(str(shared / name)), cv2.COLOR_BGR2RGB)
        for found in landmarker.find(rgb_frame(picture)):
            faces += [_face(rgb_frame(picture), found.points)] * STILL_WEIGHT
    return faces


def _of_clip(landmarker: Landmarker, path: Path, every: int) -> Iterator[Face]:
    plate = probe_plate(path)
    numbers = range(plate.frames.start, plate.frames.stop, every)
    with open_plate(plate) as reader:
        for frame in reader.read(numbers):
            found = landmarker.find(frame, depth=1)
            if found:
                yield _face(frame, found[0].points)


def _face(frame: Frame, landmarks: Array) -> Face:
    crop = crop_of(landmarks, float(frame.format.pixel_aspect))
    picture = sample(frame, crop.square, NET_PX)
    return picture, np.asarray(crop.points * (NET_PX / CROP_PX), np.float32)
