"""Whose face a photograph shows, and which cannot be moved: said with what would help."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from dubsync.core.errors import FaceQuestion, NoFace
from dubsync.core.learning.moving_still import StillFacts
from dubsync.core.steps import Engine
from dubsync.service.portrait.found_stills import FoundStills, StrangerAmongStills, find_stills
from dubsync.service.portrait.still_faults import GLASSES, UnusableStill, still_faults

GOOD = StillFacts(yaw=0, pitch=0, roll=0, eye_px=100, shut=0.1, opening=0.0)


def found(engine: Engine, *paths: Path, face: tuple[float, ...] | None = None) -> FoundStills:
    return find_stills(paths, engine, face=face, longest=640, beside=paths[0].parent / "beside")


@pytest.fixture(scope="module")
def one(engine: Engine, photo: Path) -> FoundStills:
    """The synthetic performer's photograph, with its face."""
    return found(engine, photo)


def twice(one: FoundStills) -> FoundStills:
    return FoundStills(one.stills * 2, one.photos * 2, ())


class Named:
    """A stand-in of the engine's portrait: facts alone."""

    def __init__(self, *facts: StillFacts) -> None:
        self.facts = facts


def test_a_photograph_gives_its_one_face(one: FoundStills) -> None:
    (still,) = one.stills
    assert still.face.landmarks.shape == (1, 478, 3) and still.picture.shape[0] == 320


def test_a_dog_is_no_person(engine: Engine, shared: Path) -> None:
    with pytest.raises(NoFace, match="no human face is found in dog_negative.jpg") as refused:
        found(engine, shared / "portraits/dog_negative.jpg")
    assert "both eyes" in refused.value.hint


def test_of_two_people_one_is_asked_for_with_a_numbered_picture(
    engine: Engine, shared: Path, tmp_path: Path
) -> None:
    path = tmp_path / "two.jpg"
    path.write_bytes((shared / "portraits/two_people.jpg").read_bytes())
    with pytest.raises(FaceQuestion, match="shows 2 faces") as asked:
        found(engine, path)
    assert "--face 1" in asked.value.hint and (tmp_path / "beside/faces.png").is_file()
    left, right = (found(engine, path, face=(n,)).stills[0].face for n in (1.0, 2.0))
    assert left.landmarks[0, :, 0].mean() < right.landmarks[0, :, 0].mean()
    x, y = right.landmarks[0, :, :2].mean(axis=0)
    pointed = found(engine, path, face=(float(x), float(y))).stills[0].face
    assert np.array_equal(pointed.landmarks, right.landmarks)
    with pytest.raises(FaceQuestion, match="has no face 3"):
        found(engine, path, face=(3.0,))


def test_a_stranger_among_the_stills_is_refused(engine: Engine, shared: Path) -> None:
    one, two = (shared / f"portraits/{who}_official.jpg" for who in ("obama", "biden"))
    with pytest.raises(StrangerAmongStills, match="biden_official.jpg shows somebody else"):
        found(engine, one, two)
    assert len(found(engine, one, one).stills) == 2


def test_in_a_second_photograph_the_face_of_the_first_is_found_among_several(
    engine: Engine, shared: Path
) -> None:
    alone, two = (shared / f"portraits/{name}.jpg" for name in ("obama_official", "two_people"))
    first, second = found(engine, alone, two).stills
    assert first.face.apart(second.face) < 0.5


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"eye_px": 8}, "too small: the eyes are 8 pixels apart"),
        ({"yaw": -52}, "a profile: it is turned by 52 degrees"),
        ({"shut": 0.8}, "the eyes are shut"),
        ({"roll": 89}, "lies on its side"),
    ],
)
def test_a_first_photograph_that_cannot_be_moved_is_refused_and_a_later_one_is_told(
    one: FoundStills, facts: dict[str, float], said: str
) -> None:
    stills = twice(one)
    bad = replace(GOOD, **facts)
    with pytest.raises(UnusableStill, match=said) as refused:
        still_faults(stills, Named(bad, GOOD))
    assert refused.value.hint
    (warning,) = still_faults(stills, Named(GOOD, bad))
    assert said in warning.message


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"eye_px": 30}, "soft"),
        ({"bridge": 0.4}, "glasses are seen"),
        ({"pitch": -28}, "turned by 28"),
        ({"shut": 0.5}, "nearly shut"),
    ],
)
def test_what_only_makes_a_portrait_worse_is_told(
    one: FoundStills, facts: dict[str, float], said: str
) -> None:
    (warning,) = still_faults(one, Named(replace(GOOD, **facts)))
    assert said in warning.message
    assert not still_faults(one, Named(GOOD))


def test_a_face_that_is_small_only_as_ordered_is_told_so(one: FoundStills) -> None:
    photo = one.photos[0]
    larger = replace(one, photos=(replace(photo, stored=(4 * photo.rgb.shape[1], 4)),))
    (warning,) = still_faults(larger, Named(replace(GOOD, eye_px=30)))
    assert "--size" in warning.hint


def test_a_face_cut_by_the_edge_is_refused(engine: Engine, shared: Path, tmp_path: Path) -> None:
    picture = cv2.imread(str(shared / "portraits/obama_official.jpg"))
    path = tmp_path / "cut.png"
    cv2.imwrite(str(path), picture[:270])  # through the mouth
    with pytest.raises(NoFace) as refused:
        still_faults(found(engine, path), Named(GOOD))
    assert "whole face" in refused.value.hint or "both eyes" in refused.value.hint


def test_glasses_are_seen_across_the_bridge_of_the_nose(
    engine: Engine, one: FoundStills, photo: Path, tmp_path: Path
) -> None:
    stills = one.stills
    assert engine.moving_still(stills).facts[0].bridge < GLASSES
    picture = cv2.imread(str(photo))
    points = stills[0].face.landmarks[0, :, :2]
    right, left, bridge = points[[33, 133]].mean(0), points[[362, 263]].mean(0), points[168]
    reach = float(np.linalg.norm(left - right)) * 0.36
    thick = max(2, round(reach * 0.12))
    for eye in (right, left):
        cv2.circle(picture, tuple(int(v) for v in eye), int(reach), (20, 20, 20), thick)
    inner = (right + (reach, 0), left - (reach, 0))
    cv2.line(picture, *(tuple(int(v) for v in (end[0], bridge[1])) for end in inner),
             (20, 20, 20), thick)  # fmt: skip
    cv2.imwrite(str(tmp_path / "glasses.png"), picture)
    worn = found(engine, tmp_path / "glasses.png").stills
    assert engine.moving_still(worn).facts[0].bridge > GLASSES
