"""Of requests the newest wins, and the frame that is looked at goes first."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.preview import requests
from dubsync.service.preview.messages import BrokenMessage, receive, send
from dubsync.service.preview.packed import Packing, packed_picture, unpacked, unpacked_picture
from dubsync.service.preview.picture import PreviewPicture
from dubsync.service.preview.requests import MOST_NEAR, Request, Waiting, request_json, request_of

JAW = {"A": Tweak().held("jaw", 1.2)}


def picture(number, frame=1, shot="s", **how):
    return Request(number, "picture", shot, frame, 960, **how)


def numbers(waiting):
    return [waiting.next().number for _ in range(len(waiting))]


def test_the_newest_picture_of_a_shot_takes_the_place_of_the_older_one():
    waiting = Waiting()
    assert waiting.add(picture(1)) == []
    assert waiting.add(picture(2, shot="other")) == []
    assert [one.number for one in waiting.add(picture(3, frame=9))] == [1]
    assert numbers(waiting) == [2, 3]


def test_the_frame_looked_at_goes_before_its_neighbours_and_before_curves():
    waiting = Waiting()
    for n in range(3):
        waiting.add(picture(n, frame=n, near=True))
    waiting.add(Request(7, "curves", "s"))
    waiting.add(picture(8, frame=5))
    assert numbers(waiting) == [8, 7, 0, 1, 2]


def test_a_new_tweak_makes_the_neighbours_of_the_old_one_needless():
    waiting = Waiting()
    waiting.add(picture(1, frame=2, near=True))
    waiting.add(picture(2, frame=3, near=True, shot="other"))
    gone = waiting.add(picture(3, tweaks=JAW))
    assert [one.number for one in gone] == [1]
    assert waiting.add(picture(4, frame=2, near=True, tweaks=JAW)) == []
    assert waiting.add(picture(5, frame=3, near=True, tweaks=JAW)) == []


def test_a_neighbour_asked_for_again_is_answered_once():
    waiting = Waiting()
    waiting.add(picture(1, frame=2, near=True))
    assert [one.number for one in waiting.add(picture(2, frame=2, near=True))] == [1]


def test_no_more_neighbours_wait_than_may():
    waiting = Waiting()
    gone = [one for n in range(MOST_NEAR + 5) for one in waiting.add(picture(n, n, near=True))]
    assert [one.number for one in gone] == [0, 1, 2, 3, 4] and len(waiting) == MOST_NEAR


def test_curves_that_waited_long_go_before_newer_pictures(monkeypatch):
    waiting = Waiting()
    waiting.add(Request(1, "curves", "s"))
    waiting.add(picture(2))
    now = requests.time.monotonic()
    monkeypatch.setattr(requests.time, "monotonic", lambda: now + requests.PATIENCE_S + 1)
    waiting.add(picture(3))
    assert numbers(waiting) == [1, 3]


@given(st.lists(st.tuples(
    st.sampled_from(requests.KINDS), st.sampled_from("st"), st.integers(0, 4), st.booleans()
), max_size=60))  # fmt: skip
def test_every_request_is_answered_or_dropped_once(asked):
    waiting, seen = Waiting(), []
    for n, (kind, shot, frame, near) in enumerate(asked):
        seen += [one.number for one in waiting.add(Request(n, kind, shot, frame, 9, near=near))]
    seen += numbers(waiting)
    assert sorted(seen) == list(range(len(asked)))


def test_a_request_comes_through_json_as_it_was():
    one = request_of(request_json(picture(4, 77, tweaks=JAW, near=True)))
    assert (one.number, one.kind, one.shot, one.frame, one.width) == (4, "picture", "s", 77, 960)
    assert one.tweaks == JAW and one.near


@pytest.mark.parametrize("body", [
    {}, {"number": "x"}, request_json(picture(1)) | {"kind": "shell"},
    request_json(picture(1)) | {"tweaks": {"A": {"nothing": 1}}},
    request_json(picture(1)) | {"tweaks": [1]},
])  # fmt: skip
def test_what_is_no_request_is_refused(body):
    with pytest.raises(SettingsError):
        request_of(body)


def test_a_picture_comes_through_a_pipe_as_it_was():
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    points = np.linspace(0, 5, 956, dtype=np.float32).reshape(478, 2)
    sent = PreviewPicture("s", 9, image, image[..., 0], {"A": points}, "warp")
    pipe = io.BytesIO()
    send(pipe, *packed_picture(sent))
    pipe.seek(0)
    came = unpacked_picture(*receive(pipe))

    assert (came.shot, came.frame, came.renderer) == ("s", 9, "warp")
    np.testing.assert_array_equal(came.image, image)
    np.testing.assert_array_equal(came.matte, image[..., 0])
    np.testing.assert_array_equal(came.landmarks["A"], points)
    assert receive(pipe) is None


@given(st.binary(max_size=60))
def test_bytes_that_are_no_message_are_told(junk):
    pipe = io.BytesIO(junk)
    try:
        while receive(pipe) is not None:
            pass
    except BrokenMessage as error:
        assert str(error)


@pytest.mark.parametrize("place", [
    {"at": 0, "type": "u1", "shape": [1 << 40]}, {"at": -4, "type": "u1", "shape": [4]},
    {"at": 0, "type": "object", "shape": [4]}, {"at": 60, "type": "f4", "shape": [4]},
    {"at": 0, "type": "u1", "shape": [-1]},
])  # fmt: skip
def test_an_array_that_is_not_there_is_refused(place):
    packing = Packing()
    packing.add(np.zeros(64, np.uint8))
    with pytest.raises(ValueError, match="array"):
        unpacked(place, memoryview(packing.bytes))
