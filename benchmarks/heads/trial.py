"""One actor learnt from the first part of a clip, to be re-made in the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from benchmarks.heads.clips import SHARED, Clip, prepared
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import silent
from dubsync.core.steps import Footage
from dubsync.engine import actor as actors
from dubsync.engine.actor import LearntActor
from dubsync.engine.clean_plate.clean_plate import CleanPlate, clean_plate
from dubsync.engine.head.head_crop import working_scale
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.learn_head import learn_head
from dubsync.engine.head.person_matte import PersonMatte
from dubsync.engine.head.read_keys import not_far
from dubsync.engine.motion.fit import fit

#: name -> clip, take that is re-made or "" for the clip's own last fifth
TRIALS = {
    "katiehill": ("katiehill_512_8s.mp4", ""),
    "woman_braids": ("woman_braids_720p_24s.mp4", ""),
    "man_black_sweater": ("man_black_sweater_1080x1920_20s.mp4", ""),
    "obama_address": ("obama_address_30s.mov", ""),
    "andrew": ("andrew_a_25s.mov", "andrew_b_27s.mov"),
}
#: Share of a clip that is learnt from; frames judged at most; frames that the plate is made from.
SPLIT, JUDGED, PLATE_FRAMES = 0.8, 48, 90
EXEMPLARS, WIDEST_PX = 450, 1024


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One actor, and the frames to be re-made.

    bank      frames learnt from
    clip      that the truth is in, and its frames judged, `track` and `motion` refined on it
    plate     the background, of frames learnt from alone where the clip is one
    """

    name: str
    actor: LearntActor
    head: HeadModel
    bank: Clip
    learnt: int
    clip: Clip
    track: FaceTrack
    motion: MotionTrack
    plate: CleanPlate

    @property
    def plate_name(self) -> str:
        """The plate of the judged frames, if its key frames are the head's."""
        return self.bank.name if self.bank is self.clip else ""

    @property
    def numbers(self) -> list[int]:
        """The judged frames."""
        return list(range(self.track.frames.start, self.track.frames.stop))


def trial(name: str, kept: Path, judged: int = JUDGED, few: int = 0) -> Trial:
    """The trial of one name.

    Args:
        kept: folder in which tracks are kept.
        few: learn from so many frames only, evenly spread; 0: all.
    """
    first, second = TRIALS[name]
    bank = prepared(SHARED / "footage" / first, kept)
    learnt = len(bank) if second else int(SPLIT * len(bank))
    clip = prepared(SHARED / "footage" / second, kept, 400) if second else bank
    start = 0 if second else learnt
    footage = [bank.footage(0, learnt)]
    if few:
        footage = _few(bank, learnt, few)
    actor = actors.learn(name, footage, most=EXEMPLARS, widest_px=WIDEST_PX, progress=silent)
    head = learn_head(actor, footage, progress=silent)
    track = refined(clip, actor, start, min(len(clip), start + judged))
    motion = fit(track, actor.model)
    numbers = range(len(clip)) if second else range(learnt)
    judged_frames = range(track.frames.start, track.frames.stop)
    plate = plate_of(clip, numbers, judged_frames)
    return Trial(name, actor, head, bank, learnt, clip, track, motion, plate)


def refined(clip: Clip, actor: LearntActor, start: int, stop: int) -> FaceTrack:
    """The track of frames of a clip, refined by the actor's appearance: parameters, no pixels."""
    track = clip.track(start, stop)
    if actor.appearance is None:
        return track
    moved = np.zeros_like(track.landmarks[..., :2])
    for row in range(stop - start):
        picture = np.asarray(clip.frames[start + row], np.float32) / np.float32(255)
        points = track.landmarks[row, :, :2]
        moved[row] = actor.appearance.refined(picture, points) - points
    better = np.array(track.landmarks)
    better[..., :2] += gaussian_filter1d(moved, 0.7, axis=0)
    scale = working_scale(track.landmarks)
    return replace(track, landmarks=not_far(track.landmarks, better, scale))


def _few(bank: Clip, learnt: int, few: int) -> list[Footage]:
    """Footage of `few` frames, each a plate's part of one frame."""
    rows = np.unique(np.linspace(0, learnt - 1, few + 2).round().astype(int)[1:-1])
    return [bank.footage(int(row), int(row) + 1) for row in rows]


def plate_of(clip: Clip, numbers: Sequence[int], judged: Sequence[int]) -> CleanPlate:
    """The background of some frames of a clip, for the frames judged as well.

    Nothing is taken from a judged frame that is not among them: all of it counts as a person.
    """
    person = PersonMatte()
    height, width = clip.frames.shape[1:3]
    some = list(numbers)[:: max(1, len(numbers) // PLATE_FRAMES)]

    def people(frame: Frame) -> NDArray[np.float32]:
        if frame.number not in numbers:
            return np.ones((height, width), np.float32)
        return person(np.asarray(np.stack(frame.planes, -1) / np.float32(255), np.float32))

    return clean_plate(
        clip.read, sorted({*some, *judged}), people, Region(0, 0, width, height), eye_px=50.0,
        shot=clip.name, progress=silent,
    )  # fmt: skip
