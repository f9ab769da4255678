"""The background behind a person who moves is found, in each frame's light and grain."""

import numpy as np
import pytest

from dubsync.core.errors import ShapeError
from dubsync.core.picture import Region
from dubsync.core.progress import silent
from dubsync.engine.clean_plate.clean_plate import (
    DOUBTFUL,
    INPAINTED,
    SEEN,
    away_from,
    clean_plate,
)
from tests.engine.clean_plate.walking_person import WHOLE, WalkingPerson


def plate_of(shot, region=WHOLE):
    return clean_plate(
        shot.read, shot.numbers, shot.people, region, eye_px=14, shot="x", progress=silent
    )


def across(number):
    return 30 + 100 * (number - 100) / 23, 60


def error(plate, shot, number, where):
    """RMS difference from the truth at `where`, of 255."""
    truth = shot.background(number) / 255
    return 255 * float(np.sqrt(((plate.at(number) - truth)[where] ** 2).mean()))


@pytest.fixture(scope="module")
def walked():
    """A person who walks through the picture."""
    shot = WalkingPerson(across)
    return shot, plate_of(shot)


def test_what_a_person_uncovers_by_moving_is_seen_in_the_plate(walked):
    shot, plate = walked
    person = shot.matte(110)
    assert (plate.known(110)[person] == SEEN).mean() > 0.9
    assert error(plate, shot, 110, person & (plate.known(110) == SEEN)) < 1


def test_what_nobody_ever_sees_is_inpainted_and_said_so():
    shot = WalkingPerson(lambda n: (80, 60))
    plate = plate_of(shot)
    known = plate.known(110)
    assert (known[shot.matte(110)] == INPAINTED).all()
    assert np.isfinite(plate.at(110)).all()
    assert (known[~shot.matte(110)] == SEEN).mean() > 0.8


def test_what_is_always_beside_a_person_is_seen_with_doubt():
    shot = WalkingPerson(lambda n: (80, 60))
    plate = clean_plate(
        shot.read, shot.numbers, shot.people, WHOLE, eye_px=40, shot="x", progress=silent
    )
    away = away_from(shot.matte(110))
    beside = (away > 4) & (away < 6)
    assert (plate.known(110)[beside] == DOUBTFUL).mean() > 0.9
    assert error(plate, shot, 110, beside) < 4


def test_what_is_seen_once_only_is_doubtful():
    shot = WalkingPerson(lambda n: (80, 60) if n < 123 else (25, 60))
    assert (plate_of(shot).known(100)[40:70, 75:85] == DOUBTFUL).all()


def test_the_plate_follows_a_change_of_light():
    shot = WalkingPerson(across, gain=lambda n: 1 - 0.3 * (n - 100) / 23)
    plate = plate_of(shot)
    for number in (100, 112, 123):
        seen = shot.matte(number) & (plate.known(number) == SEEN)
        assert error(plate, shot, number, seen) < 4


def test_the_plate_is_as_grained_as_the_frames():
    shot = WalkingPerson(across, grain=5.0)
    plate = plate_of(shot)
    person = shot.matte(112) & (plate.known(112) == SEEN)
    added = 255 * (plate.at(112) - shot.background(112) / 255)[person]
    assert added.std() == pytest.approx(5.0, rel=0.2)
    assert np.corrcoef(added.ravel(), (255 * (plate.at(113) - shot.background(113) / 255)[person])
                       .ravel())[0, 1] < 0.3  # fmt: skip


def test_a_part_of_a_frame_is_the_same_as_in_the_whole():
    shot = WalkingPerson(across, grain=4.0, gain=lambda n: 1 - 0.01 * (n - 100))
    plate = plate_of(shot)
    part = Region(30, 20, 90, 80)
    whole = plate.at(110)
    assert np.allclose(plate.at(110, part), whole[part.rows, part.columns], atol=1e-5)
    assert np.array_equal(plate.at(110), whole)


def test_a_frame_of_another_shot_is_refused(walked):
    with pytest.raises(ShapeError, match="not one of the clean plate's"):
        walked[1].at(99)
    with pytest.raises(ShapeError, match="not within"):
        walked[1].at(110, Region(0, 0, 400, 20))


def test_memory_does_not_grow_with_the_length_of_the_shot():
    long = WalkingPerson(lambda n: (30 + (n % 60), 60), frames=120)
    plate = plate_of(long, Region(40, 20, 80, 60))
    assert sum(light.local.nbytes for light in plate.lights) < 120 * 25000
    assert plate.picture.nbytes == 40 * 40 * 3 * 2
