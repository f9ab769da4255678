"""A photograph follows a take: as long, at its rate, with its sound, marked and recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from dubsync.core.colour import working_rgb
from dubsync.core.digest import file_digest
from dubsync.core.errors import ConsentMissing, DeliveryError, FaceQuestion, NoFace, SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.learning.moving_still import StillMotion, StillReach
from dubsync.core.progress import Step
from dubsync.core.settings import EngineSettings, Settings
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.drawn_movie import Drawn, drawing
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.service.portrait.beyond import beyond_reach, driver_faults
from dubsync.service.portrait.driver import Driver, frames_told
from dubsync.service.portrait.order import PortraitOrder
from dubsync.service.portrait.portrait import make_portrait, make_reactions
from tests.service.portrait.conftest import SAMPLE

SETTINGS = Settings(engine=EngineSettings(device="cpu"))
TAKE = SAMPLE / "takes/MARC_L002_t01.mov"
FRAMES = 5


@pytest.fixture(scope="session")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five frames of a synthetic performer's take, with its sound."""
    plate = probe_plate(TAKE)
    with open_square(plate) as reader:
        start = plate.frames.start
        pictures = [working_rgb(f)[::2, ::2] for f in reader.read(range(start, start + FRAMES))]
    out = tmp_path_factory.mktemp("take") / "take.mkv"
    height, width = pictures[0].shape[:2]
    frames = FrameRange(start, start + FRAMES, plate.frames.rate)
    drawn = Drawn(width, height, frames, "a test", slate=plate, sound=TAKE)
    with drawing(out, drawn) as add:
        for picture in pictures:
            add(picture)
    return out


@pytest.fixture
def order(tmp_path: Path, photo: Path, take: Path, record: Callable[..., Path]) -> PortraitOrder:
    return PortraitOrder(
        (photo,), tmp_path / "out.mov", take=take, consent=record(), settings=SETTINGS
    )


def test_a_portrait_is_as_long_as_its_take_and_keeps_its_sound(
    order: PortraitOrder, take: Path
) -> None:
    told: list[str] = []
    made = make_portrait(order, warned=lambda warning: told.append(warning.message))
    written, driver = probe_plate(order.out), probe_plate(take)
    assert written.frames.rate == driver.frames.rate and len(written.frames) == FRAMES
    assert written.has_sound and made.frames == FRAMES and made.quality == "1 still"
    assert written.has_timecode == driver.has_timecode
    assert [w.message for w in made.warnings] == told
    with av.open(str(order.out)) as movie:
        comment = {k.lower(): v for k, v in movie.metadata.items()}["comment"]
    assert "synthetic" in comment and "1 still" in comment
    record = json.loads(Path(made.record).read_text())
    assert record["quality"] == {"mark": "1 still", "stills": 1}
    assert record["consent"][0]["id"] == "P-1" and record["consent"][0]["operation"] == "portrait"
    assert record["outputs"]["picture"]["sha256"] == file_digest(order.out)
    assert {one["role"] for one in record["inputs"]} == {"still", "take"}
    assert str(order.out.parent) not in json.dumps(record)
    assert cv2.imread(made.sheet) is not None


def test_a_portrait_needs_consent_to_a_portrait(
    order: PortraitOrder, record: Callable[..., Path]
) -> None:
    with pytest.raises(ConsentMissing, match="no consent record is given"):
        make_portrait(replace(order, consent=None))
    with pytest.raises(ConsentMissing, match="portrait of 'elise'"):
        make_portrait(replace(order, consent=record('"lip_reenact", "train_model"')))
    assert not order.out.exists()


def test_consent_that_is_withdrawn_while_frames_are_drawn_leaves_no_movie(
    order: PortraitOrder,
) -> None:
    assert order.consent is not None
    gone = order.consent.with_suffix(".toml.withdrawn")

    def withdrawing(step: Step) -> None:
        if step.name == "portrait" and step.done == 2 and order.consent.exists():
            order.consent.rename(gone)

    with pytest.raises(ConsentMissing):
        make_portrait(order, progress=withdrawing)
    assert not list(order.out.parent.glob("*.mov")) and not order.beside.exists()


def test_a_movie_that_is_there_is_kept_and_another_name_is_offered(order: PortraitOrder) -> None:
    order.out.write_bytes(b"mine")
    with pytest.raises(DeliveryError, match="exists") as refused:
        make_portrait(order)
    assert order.out.read_bytes() == b"mine" and "out_v002.mov" in refused.value.hint


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"take": None}, "nothing for the portrait to follow"),
        ({"out": Path("x.gif")}, "cannot be written as .gif"),
        ({"rate": "0"}, None),
        ({"photos": ()}, "0 photographs given"),
    ],
)
def test_an_order_that_cannot_be_done_is_refused_at_once(
    order: PortraitOrder, changes: dict[str, object], said: str | None
) -> None:
    bad = replace(order, **changes)
    if said is None:
        with pytest.raises(SettingsError, match="out of range"):
            list(make_reactions(replace(bad, out=order.out.parent), ["idle"]))
        return
    with pytest.raises(SettingsError, match=said):
        make_portrait(bad)


def test_a_take_without_a_face_is_no_driver(order: PortraitOrder, tmp_path: Path) -> None:
    empty = tmp_path / "empty.mkv"
    with drawing(empty, Drawn(64, 48, FrameRange(0, 3, Fraction(25)), "a test")) as add:
        for _ in range(3):
            add(np.full((48, 64, 3), 0.4, np.float32))
    with pytest.raises(NoFace, match=r"no face is seen in empty.mkv"):
        make_portrait(replace(order, take=empty))


def test_of_two_people_in_a_take_one_is_asked_for(order: PortraitOrder, tmp_path: Path) -> None:
    two = tmp_path / "two.mkv"
    picture = cv2.imread(str(order.photos[0]))[..., ::-1] / np.float32(255)
    pair = np.concatenate([picture, picture], axis=1)
    size = pair.shape[1], pair.shape[0]
    with drawing(two, Drawn(*size, FrameRange(0, 3, Fraction(25)), "a test")) as add:
        for _ in range(3):
            add(pair)
    with pytest.raises(FaceQuestion, match="shows 2 people") as asked:
        make_portrait(replace(order, take=two))
    assert "--take-face 1" in asked.value.hint
    assert (order.beside / "faces_in_take.png").is_file()


def motion(turned: np.ndarray, opening: float = 0.0) -> StillMotion:
    t = len(turned)
    return StillMotion(
        np.ones(t, bool), turned, np.zeros(t), np.full(t, opening), lambda n, picture: picture
    )


def test_what_lies_beyond_the_still_is_told_with_its_frames() -> None:
    reach = StillReach(12, 10, 14, 0.06, False, False)
    turned = np.zeros((40, 3), np.float32)
    turned[10:20, 1] = 18
    told = list(beyond_reach("a.jpg", motion(turned), reach, 100, own=0, inside=True))
    assert len(told) == 1 and "yaw goes to 18 degrees" in told[0].message
    assert "clean to 12: frames 110 to 119" in told[0].message
    wide = motion(np.zeros((40, 3)), opening=0.3)
    assert (
        "not the person's own"
        in next(beyond_reach("a.jpg", wide, reach, 0, own=0, inside=False)).message
    )
    assert not list(beyond_reach("a.jpg", wide, reach, 0, own=0, inside=True))
    assert not list(beyond_reach("a.jpg", wide, reach, 0, own=0.25, inside=False))


def test_frames_are_told_as_runs() -> None:
    flags = np.zeros(60, bool)
    flags[[3, 4, 5, 9, 20, 21]] = True
    assert frames_told(flags, 1000) == "frames 1003 to 1005, 1009 and 1020 to 1021"
    flags[[30, 40, 50]] = True
    assert frames_told(flags, 0, most=2).endswith("and 4 more runs")
    assert frames_told(np.eye(1, 5, 2, dtype=bool)[0], 7) == "frame 9"


def driver(plate: Plate, others: int = 0, yaw: float = 0.0) -> Driver:
    t = len(plate.frames)
    points = np.zeros((t, 478, 3))
    points[:, 263] = 60 * np.cos(np.radians(yaw)), 0, 60 * np.sin(np.radians(yaw))
    nobody = FaceTrack(1, plate.frames, points, np.zeros((t, 52)), np.ones(t),
                       np.zeros(128))  # fmt: skip
    return Driver(plate, nobody, others)


def test_where_a_driver_cannot_be_followed_is_told_with_frames(take: Path) -> None:
    plate = probe_plate(take)
    plate = replace(plate, frames=FrameRange(100, 200, Fraction(25)))
    still = motion(np.zeros((100, 3)))
    assert not list(driver_faults(driver(plate), replace(still, neutral=(3,))))
    seen = np.ones(100, bool)
    seen[[40, 41, 99]] = False
    (away,) = driver_faults(driver(plate), replace(still, seen=seen, neutral=(3,)))
    assert "not seen" in away.message and "frames 140 to 141 and 199" in away.message
    (late,) = driver_faults(driver(plate), replace(still, neutral=(60, 61)))
    assert "does not start at rest" in late.message and "frame 160" in late.message
    (never,) = driver_faults(driver(plate), replace(still, neutral=(60,), calm=0.5))
    assert "never at rest" in never.message and "a second of a resting face" in never.hint
    (aside,) = driver_faults(driver(plate, yaw=-50), replace(still, neutral=(3,)))
    assert "turned aside, by 50 degrees" in aside.message and "at the camera" in aside.hint
    (more,) = driver_faults(driver(plate, others=2), replace(still, neutral=(3,)))
    assert "2 more seen" in more.message
