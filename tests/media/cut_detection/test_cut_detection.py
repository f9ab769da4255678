"""Cuts, dissolves and fades of a flat reel are found; flashes, pans and motion are not."""

import numpy as np
import pytest

from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.cut_detection.find_joins import find_joins
from dubsync.media.cut_detection.small_pictures import HIGH, WIDE, SmallPictures
from tests.media.cut_detection.made_reels import mixed, pictures, room, shot


def found(*shots):
    return [(j.kind, j.start, j.stop) for j in find_joins(pictures(*shots)) if j.listed]


@pytest.mark.parametrize("length", [3, 4, 11, 30])
def test_a_hard_cut_is_found_on_its_first_frame(length):
    reel = shot(1, 20), shot(2, length), shot(3, 20)

    assert found(*reel) == [("cut", 20, 20), ("cut", 20 + length, 20 + length)]


def test_a_jump_cut_in_one_take_is_found():
    assert found(shot(1, 25), shot(1, 25, first=45)) == [("cut", 25, 25)]


@pytest.mark.parametrize("first", [38, 60])
def test_a_jump_to_nearly_the_same_pose_is_found(first):
    assert found(shot(1, 25, grain=2), shot(1, 25, first=first, grain=2)) == [("cut", 25, 25)]


@pytest.mark.parametrize("order", ["pulldown", "twos", "lost"])
def test_repeated_pictures_and_the_jump_after_them_are_no_cut(order):
    taken, n = shot(1, 72, grain=1), np.arange(60)
    places = {
        "pulldown": n - n // 5,
        "twos": n // 2 * 2,
        "lost": np.where((n % 20 > 9) & (n % 20 < 13), n // 20 * 20 + 9, n),
    }

    assert found(taken[places[order]]) == []


def test_a_cut_is_found_between_repeated_pictures():
    twos = np.arange(40) // 2 * 2

    assert found(shot(1, 40)[twos], shot(2, 40)[twos]) == [("cut", 40, 40)]


@pytest.mark.parametrize("pattern", ["lamp", "strobe"])
def test_a_light_that_changes_is_no_cut(pattern):
    n = np.arange(60)
    lit = n >= 30 if pattern == "lamp" else (n > 20) & (n < 45) & (n % 4 < 2)

    assert found(shot(1, 60, grain=1) * np.where(lit, 0.55, 1)[:, None, None]) == []


def test_a_blink_is_no_cut():
    taken = shot(1, 60, grain=1)
    taken[30:33, 38:44, 70:78] -= 60
    taken[30:33, 38:44, 84:92] -= 60

    assert found(taken) == []


@pytest.mark.parametrize("light", [0.08, 0.3])
def test_dark_and_grainy_shots_are_cut_where_they_are_cut(light):
    reel = (light * each for each in (shot(1, 20, grain=12), shot(2, 20, grain=12)))

    assert found(*reel) == [("cut", 20, 20)]


def test_bars_above_and_below_change_nothing():
    reel = np.concatenate([mixed(shot(1, 30), shot(2, 30), 8), shot(3, 20)])
    reel[:, :14] = reel[:, -14:] = 0

    assert found(reel) == [("dissolve", 22, 30), ("cut", 52, 52)]


@pytest.mark.parametrize("frames", [1, 2, 3, 4])
def test_a_flash_is_no_cut(frames):
    lit = shot(1, 50)
    lit[20 : 20 + frames] += 0.8 * (255 - lit[20 : 20 + frames])

    assert found(lit) == []


def test_a_fast_pan_is_no_cut():
    wide, steps = room(4, 520), (1 - np.cos(np.linspace(0, np.pi, 9))) / 2
    places = [0] * 15 + [round(360 * step) for step in steps] + [360] * 15

    panned = np.stack([wide[:, place : place + 160] for place in places])

    assert not [join for join in found(panned) if join[0] == "cut"]


def test_one_take_has_no_join():
    assert find_joins(pictures(shot(5, 90))) == ()


@pytest.mark.parametrize("frames", [6, 12, 32])
def test_a_dissolve_is_found_with_its_ends(frames):
    (join,) = find_joins(pictures(mixed(shot(1, 70), shot(2, 70), frames)))

    assert (join.kind, join.sure) == ("dissolve", True)
    slack = 1 + frames // 12
    assert abs(join.start - (70 - frames)) <= slack and abs(join.stop - 70) <= slack


def test_fades_go_to_black_and_come_from_it():
    black = np.full((20, 90, 160), 16, np.float32)
    reel = mixed(mixed(shot(1, 40), black, 8), shot(2, 40), 6)

    assert found(reel) == [("fade out", 32, 40), ("fade in", 46, 52)]


def test_frame_numbers_count_from_the_reels_first():
    joins = find_joins(pictures(shot(1, 20), shot(2, 20)), first=90000)

    assert [join.start for join in joins] == [90020]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_reel_of_hardly_any_frames_has_no_join(count):
    assert find_joins(pictures(shot(1, 3)[:count])) == ()


@pytest.mark.parametrize(
    "model, bits, floating", [("yuv", 10, False), ("rgb", 8, False), ("rgb", 16, True)]
)
def test_pictures_of_every_kind_become_the_same_small_ones(model, bits, floating):
    form = PictureFormat(
        320, 180, model, bits, floating, chroma=(1, 1) if model == "yuv" else (0, 0)
    )
    value = 0.5**2.4 if floating else (1 << bits) // 2
    kind = np.float16 if floating else np.uint16 if bits > 8 else np.uint8
    small = SmallPictures()

    small.add(Frame(0, tuple(np.full(form.plane_shape(n), value, kind) for n in range(3)), form))

    assert small.luma.shape == (1, HIGH, WIDE)
    assert (
        abs(int(small.luma[0, 5, 5]) - 128) <= 1 and abs(int(small.colour[0, 0, 5, 5]) - 128) <= 1
    )
