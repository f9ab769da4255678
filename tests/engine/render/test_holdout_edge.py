"""What stands in front of a face stays the plate's, bit for bit; covered frames teach nothing."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dubsync.core.errors import EngineError, NoFace
from dubsync.core.holdout import Holdout, pack
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import silent
from dubsync.core.steps import Footage
from dubsync.engine import actor as actors
from dubsync.engine.compositing.matte import eye_distance_px
from dubsync.engine.exemplars.uncovered import uncovered
from dubsync.engine.train.training import train
from tests.engine.exemplars.drawn_footage import HEIGHT, WIDTH, DrawnPlate, drawn_track
from tests.engine.render.test_renderer import CPU, composed, renderer

OPENING = np.abs(np.sin(np.arange(40) / 4))
WHOLE = Region(0, 0, WIDTH, HEIGHT)


class CoveredPlate(DrawnPlate):
    """A drawn plate with a blue bar over the chin and, in `hidden` frames, over the mouth."""

    def __init__(self, track, covered, *, lips=0.0, origin="m.mov"):
        super().__init__(track)
        self.bar = np.zeros((HEIGHT, WIDTH), bool)
        chin, lip = (track.landmarks[:, n, 1].mean() for n in (152, 13 if lips else 17))
        self.bar[int(lip if lips else (chin + lip) / 2) :, WIDTH // 2 - 12 : WIDTH // 2 + 12] = True
        t = len(track.frames)
        shown = np.isin(np.arange(t), covered)
        share = shown.astype(np.float32)
        self.track = replace(track, holdout=Holdout(
            track.frames,
            tuple(WHOLE if s else None for s in shown),
            tuple(pack(self.bar) if s else b"" for s in shown),
            0.2 * share, lips * share, origin,
        ))  # fmt: skip
        self.shown = shown

    def read(self, numbers):
        for frame in super().read(numbers):
            if not self.shown[frame.number - self.track.frames.start]:
                yield frame
                continue
            planes = [np.array(plane) for plane in frame.planes]
            rng = np.random.default_rng(frame.number)
            for plane, value in zip(planes, (20, 60, 220), strict=True):
                plane[self.bar] = value + rng.integers(0, 20, self.bar.sum())
            yield Frame(frame.number, tuple(planes), frame.format)


@pytest.fixture(scope="module")
def ada():
    plate = DrawnPlate(drawn_track(OPENING[:24], sway=0.04))
    return actors.learn("Ada", [plate.footage()], most=12, widest_px=1024, progress=silent)


def test_the_thing_in_front_stays_the_plates_and_is_not_dragged_along(ada):
    plate = CoveredPlate(drawn_track(np.full(6, 0.05), seed=1), range(6), lips=0.3)
    wanted = drawn_track(np.linspace(0.05, 0.9, 6), seed=1)
    frames = plate.frames()

    done = composed(renderer(ada, plate, wanted), frames)

    changed = 0
    for frame, made in zip(frames, done, strict=True):
        before, after = (np.stack(f.planes, -1).astype(int) for f in (frame, made.frame))
        assert (before[plate.bar] == after[plate.bar]).all()
        near = cv2.dilate(plate.bar.astype(np.uint8), np.ones((3, 3))) > 0
        blue = (after[..., 2] - after[..., 0]) > 100
        assert not (blue & ~near).any(), "a second bar beside the first"
        changed += int((before != after).any(axis=-1).sum())
    assert changed > 500, "the free part of the mouth is not drawn"


def test_a_detected_matte_keeps_a_margin_that_an_artists_does_not_need(ada):
    wanted = drawn_track(np.linspace(0.05, 0.9, 3), seed=1)
    free = {}
    for origin in ("", "m.mov"):
        plate = CoveredPlate(drawn_track(np.full(3, 0.05), seed=1), range(3), origin=origin)
        near = cv2.dilate(plate.bar.astype(np.uint8), np.ones((5, 5))) > 0
        done = composed(renderer(ada, plate, wanted), plate.frames())
        free[origin] = sum(int(((made.matte > 0) & near).sum()) for made in done)
    assert eye_distance_px(wanted.landmarks[0]) * 0.08 > 3
    assert free[""] == 0 < free["m.mov"]


def test_covered_frames_give_no_exemplar(ada):
    plate = CoveredPlate(drawn_track(OPENING[:30], sway=0.04), range(8, 18))
    learnt = actors.learn("Ada", [plate.footage()], most=12, widest_px=1024, progress=silent)
    assert not set(learnt.bank.frames.tolist()) & set(range(8, 18))
    assert learnt.bank.hidden == ()
    assert not set(plate.read_numbers) & set(range(8, 18))


def test_where_every_frame_has_a_covered_chin_it_is_cut_out_of_the_exemplars(ada, tmp_path):
    plate = CoveredPlate(drawn_track(OPENING[:20], sway=0.04), range(20))
    learnt = actors.learn("Ada", [plate.footage()], most=9, widest_px=1024, progress=silent)
    assert len(learnt.bank) == len(learnt.bank.hidden) == 9
    actors.save(learnt, tmp_path / "ada")
    again = actors.load(tmp_path / "ada")
    for one, other in zip(learnt.bank.hidden, again.bank.hidden, strict=True):
        assert one.any() and (one == other).all()

    target = DrawnPlate(drawn_track(np.full(6, 0.05), seed=1))
    wanted = drawn_track(np.linspace(0.05, 0.9, 6), seed=1)
    for made in composed(renderer(again, target, wanted), target.frames()):
        red, _, blue = (plane.astype(int) for plane in made.frame.planes)
        assert not ((blue - red) > 60).any(), "the bar of an exemplar is drawn"
    with pytest.raises(EngineError, match="covers the face in 9 of 9 frames"):
        train(again, minutes=1, size=0, kept=None, progress=silent, device=CPU)


def test_a_mouth_that_is_covered_throughout_teaches_nothing_and_says_so():
    plate = CoveredPlate(drawn_track(OPENING[:14]), range(14), lips=0.6)
    with pytest.raises(NoFace, match="mouth is covered in every frame") as refused:
        actors.learn("Ada", [plate.footage()], most=9, widest_px=1024, progress=silent)
    assert "free" in refused.value.hint


def test_free_frames_of_another_plate_are_enough():
    covered = CoveredPlate(drawn_track(OPENING[:14]), range(14), lips=0.6)
    free = DrawnPlate(drawn_track(OPENING[:14]))
    parts = uncovered([covered.footage(), free.footage()], "Ada")
    assert [int((part.track.confidence > 0).sum()) for part in parts] == [0, 14]
    assert isinstance(parts[0], Footage)
