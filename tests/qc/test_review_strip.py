"""A review strip shows every frame once, with its curves, labels and marks."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import PHONES
from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.burn_in import BAR, Bar, fitted
from dubsync.qc.chart import Mark
from dubsync.qc.mouth import MouthCurves
from dubsync.qc.pictures.review_strip import (
    PICTURE,
    ROW_FRAMES,
    WAVE_BINS,
    Label,
    ReviewStrip,
    phone_labels,
    pictured,
    rows_of,
)
from dubsync.qc.pictures.strip_drawing import COLOURS, HIT, LEFT, MISSED, draw_strip
from dubsync.qc.sync import target_closures

RATE = Fraction(24)


def a_strip(t=100, start=1000):
    frames = FrameRange(start, start + t, RATE)
    at = np.arange(t)
    opening = 0.1 + 0.1 * np.sin(at / 3)
    mouth = np.full((PICTURE[1], PICTURE[0], 3), 120, np.uint8)
    shown = dict.fromkeys(pictured(frames), mouth)
    return ReviewStrip(
        title="SH010   v001   MARC", frames=frames,
        cut=FrameRange(start + min(8, t - 1), start + t, RATE),
        shown_at=[f"01:00:00:{n:02d}" for n in range(t)], plate=shown, render=shown,
        wave=np.tile(np.array([-0.5, 0.5]), (t, WAVE_BINS, 1)),
        lines=(Label(10, 40, "L001"),), phones=(Label(12.0, 13.5, "m", "shut"),),
        spoken=(at > 10) & (at < 40), opening={"plate": opening, "render": opening + 0.02},
        width={"plate": 0.8 + opening}, closure_evidence=np.clip(np.sin(at / 4), 0, 1),
        dub_closures=(Mark(start + 12, True),), target_closures=(Mark(start + 30, False),),
        weight=np.clip(at / 10, 0, 1), tweaks={"jaw": (Label(5, 9, "1.2"),)},
    )  # fmt: skip


def shows(picture, colour):
    return int((picture == np.array(colour)).all(axis=2).sum())


@given(st.integers(1, 400))
def test_rows_hold_every_frame_and_pictures_lie_inside_the_shot(t):
    frames = FrameRange(1000, 1000 + t, RATE)
    rows, each, scale = rows_of(frames)
    assert (rows - 1) * each < t <= rows * each
    assert each <= ROW_FRAMES and scale >= 20
    shown = pictured(frames)
    assert shown and all(n in frames for n in shown) and len(set(shown)) == len(shown)
    same_row = [b - a for a, b in zip(shown, shown[1:], strict=False)
                if (a - 1000) // each == (b - 1000) // each]  # fmt: skip
    assert all(apart * scale >= PICTURE[0] for apart in same_row)


@pytest.mark.parametrize("t", [1, 2, 30, 100, 300])
def test_a_strip_is_drawn_at_any_length(t):
    strip = a_strip(t)
    strip = replace(strip, dub_closures=(), target_closures=()) if t < 31 else strip
    picture = draw_strip(strip)
    assert picture.dtype == np.uint8 and picture.shape[1] <= 1900
    if t >= 100:
        assert shows(picture, HIT) > 60 and shows(picture, MISSED) > 40
        assert shows(picture, COLOURS["render"]) > 500


def test_the_same_strip_is_drawn_the_same():
    np.testing.assert_array_equal(draw_strip(a_strip()), draw_strip(a_strip()))


def test_unseen_frames_and_a_missing_render_leave_gaps():
    strip = a_strip()
    gap = strip.opening["plate"].copy()
    gap[20:60] = np.nan
    bare = replace(strip, render={}, phones=(), lines=(), tweaks={}, opening={"plate": gap})
    assert draw_strip(bare).shape[0] < draw_strip(strip).shape[0] - 2 * PICTURE[1]
    nothing = np.full(100, np.nan)
    draw_strip(replace(bare, opening={"plate": nothing}, width={"plate": nothing}))


def hearing(phone_at):
    n = 200
    phones = np.zeros((n, len(PHONES)), np.float32)
    phones[:, 0] = 1
    for phone, a, b in phone_at:
        phones[a:b] = 0
        phones[a:b, PHONES.index(phone)] = 1
    zero = np.zeros(n)
    return AudioFeatures(
        Fraction(10), np.zeros((n, 40)), zero, zero, zero, phones, np.zeros((n, 64))
    )  # fmt: skip


def test_phone_labels_have_the_times_and_tones_of_their_phones():
    times = 10 + np.arange(48) / 24
    labels = phone_labels(hearing([("m", 50, 58), ("ʃ", 100, 112), ("u", 112, 130)]), times)
    assert [(label.text, label.tone) for label in labels] == [
        ("m", "shut"), ("sh", "plain"), ("u", "round")
    ]  # fmt: skip
    assert labels[0].first == pytest.approx(12) and labels[0].last == pytest.approx(13.92)


def test_uncertain_phones_have_no_label():
    n = 200
    alike = AudioFeatures.of_level(
        Fraction(10), np.zeros((n, 40)), np.ones(n), np.ones(n), np.zeros(n)
    )  # fmt: skip
    assert phone_labels(alike, 10 + np.arange(48) / 24) == ()


def test_target_closures_are_met_within_a_frame_and_rest_is_no_closure():
    wanted = np.full(60, 0.2)
    wanted[[20, 21, 40]] = 0.0
    wanted[50:] = 0.0
    opening = np.full(60, 0.2)
    opening[19] = 0.0
    times = np.arange(60) / 24
    result = target_closures(opening, wanted, np.ones(60, bool), times, 1000)
    assert (result.frames, result.hit) == ((1020, 1040), (True, False))
    plates = target_closures(opening, wanted, np.zeros(60, bool), times, 1000)
    assert plates.frames == ()
    assert MouthCurves(opening, opening, opening).seen.all()


def test_the_bar_marks_the_current_frame():
    picture = np.full((100, 300, 3), 90, np.uint8)
    bar = Bar(600, "SH010  v001", np.tile([-0.5, 0.5], (100, 1)), (0.1, 0.9))
    one, other = (
        bar.under([picture, picture], ("plate", "render"), "frame 1012", at) for at in (0.2, 0.8)
    )
    assert one.shape == (100 + BAR, 600, 3)
    np.testing.assert_array_equal(one[:100], other[:100])
    assert (one[100:] != other[100:]).any()
    assert (one[40:100, 100:200] == 90).all() and LEFT > 0
    assert fitted(picture, 150, 50).shape == (50, 150, 3)
