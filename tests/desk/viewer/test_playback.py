"""Playing shows the right frame at each time, and sound and picture have one clock."""

from __future__ import annotations

import time
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.desk.viewer.play.playback import Playback
from dubsync.desk.viewer.play.sound_out import HZ, NO_CARD, Round, SoundOut
from dubsync.service.proxies.play_path import play_path
from dubsync.service.proxies.played_sound import PlayedSound
from tests.desk.viewer.synthetic_shot import (
    FILM,
    HANDLES,
    RECORD,
    NoCard,
    number_in,
    painted,
    synthetic_shot,
)


class HandClock(SoundOut):
    """Sound whose clock a test sets."""

    def __init__(self):
        super().__init__(NoCard())
        self.now = 0.0

    def elapsed(self):
        return self.now


@pytest.fixture
def shot(tmp_path):
    return synthetic_shot(tmp_path)


@pytest.fixture
def playback(qtbot, shot):
    made = Playback(HandClock())
    made.shown = []
    made.frame_due.connect(made.shown.append)
    made.open(play_path(shot), RECORD)
    yield made
    made.stop()


def at(playback, seconds):
    """The record frame that is shown after `seconds`."""
    playback.out.now = seconds
    playback._on_time()
    return playback.record


@given(st.integers(0, 500_000))
def test_at_24000_over_1001_each_time_has_its_frame(milliseconds):
    seconds = Fraction(milliseconds, 1000)
    played = Round(RECORD / FILM, RECORD / FILM, (RECORD + 32) / FILM)
    place, over = played.place(float(seconds))
    due = RECORD + floor(seconds * FILM + Fraction(1, 10**6)) % 32
    assert floor(place * float(FILM) + 1e-6) == due and not over


def test_playing_shows_each_frame_in_its_time_and_loops(playback):
    playback.play(1)
    for n in range(80):
        assert at(playback, float((n + Fraction(1, 100)) / FILM)) == RECORD + n % 32
    assert playback.dropped == 0


def test_time_that_was_lost_is_counted_as_dropped_frames(playback):
    playback.play(1)
    at(playback, float(1.5 / FILM))
    assert playback.dropped == 0
    at(playback, float(5.5 / FILM))
    assert playback.dropped == 3 and playback.record == RECORD + 5


def test_a_frame_that_is_not_in_memory_is_counted_as_dropped(playback):
    playback.is_ready = lambda record: record != RECORD + 2
    playback.play(1)
    for n in range(5):
        at(playback, float((n + 0.5) / FILM))
    assert playback.dropped == 1


def test_l_plays_faster_each_time_and_j_turns_round(playback):
    for speed in (1, 2, 4, 8, 8):
        playback.faster(1)
        assert playback.speed == speed
    playback.faster(-1)
    assert playback.speed == -1
    playback.go(RECORD + 20)
    assert at(playback, float(3.5 / FILM)) == RECORD + 17
    playback.stop()
    assert not playback.playing


def test_play_stops_at_the_end_where_it_does_not_loop(playback):
    playback.set_loop(False)
    playback.play(1)
    assert at(playback, 10.0) == RECORD + 31
    assert not playback.playing
    playback.play(1)  # again, from the beginning
    assert playback.record == RECORD


def test_marks_hold_the_loop_and_go_when_they_are_set_again(playback):
    playback.go(RECORD + 5)
    playback.mark(0)
    playback.go(RECORD + 9)
    playback.mark(1)
    assert (playback.loop.start, playback.loop.stop) == (RECORD + 5, RECORD + 10)
    playback.mark(1)
    assert playback.loop.stop == RECORD + 32
    playback.set_handles(True)
    assert playback.loop.stop == RECORD + 32 + HANDLES


@pytest.mark.parametrize("speed", [Fraction(2), Fraction(1, 2), Fraction(-1)])
def test_a_retimed_shot_plays_by_its_time_map(qtbot, tmp_path, speed):
    shot = synthetic_shot(tmp_path, speed=speed)
    path = play_path(shot)
    shown = [path.plate_frame(record) for record in range(path.cut.start, path.cut.stop)]
    assert shown == [shot.plate_frame(n) for n in range(shot.record.start, shot.record.stop)]
    assert min(shown) >= shot.source.start and max(shown) < shot.source.stop


def test_a_still_picture_and_a_shot_of_one_frame_play(qtbot, tmp_path):
    for number, shot in enumerate((
        synthetic_shot(tmp_path, speed=Fraction(0), record=12),
        synthetic_shot(tmp_path, n=40, handles=0, record=None),
    )):  # fmt: skip
        playback = Playback(HandClock())
        playback.open(play_path(shot), RECORD)
        playback.play(1)
        assert at(playback, 100.3) in playback.loop, number
        playback.stop()


class ClockedCard:
    """A sound card with a clock of its own, which runs `ppm` faster than the machine's."""

    BLOCK = 480

    def __init__(self, ppm=0):
        self.heard, self.ppm = [], ppm

    def __call__(self, fill, rate):
        self.fill, self.rate = fill, rate
        return self

    def start(self):
        pass

    def stop(self):
        pass

    def close(self):
        self.closed = True

    def run(self, out, seconds, monkeypatch, latency=0.03):
        """(time, samples in its ears, what the clock of `out` says) at each block."""
        start, told, n = time.monotonic(), [], 0
        real = self.rate * (1 + self.ppm * 1e-6)
        while n / real < seconds:
            now = start + n / real
            monkeypatch.setattr("dubsync.desk.viewer.play.sound_out.time.monotonic", lambda: now)  # noqa: B023
            block = np.zeros(self.BLOCK, np.float32)
            self.fill(block, latency)
            self.heard.append(block)
            told.append((max(n / self.rate - latency, 0), out.elapsed()))
            n += self.BLOCK
        return np.array(told)


@pytest.mark.parametrize("ppm", [0, 500, -500])
def test_picture_follows_the_card_within_a_frame_over_60_s(monkeypatch, ppm):
    card = ClockedCard(ppm)
    out = SoundOut(card)
    out.play(Round(Fraction(3600), Fraction(3600), Fraction(3602)))
    told = card.run(out, 60, monkeypatch)
    late = np.abs(told[10:, 0] - told[10:, 1])
    assert late.max() < 1 / 24 / 4


def test_a_card_that_swallows_sound_at_once_is_given_up_for_the_machines_clock(monkeypatch):
    card = ClockedCard(ppm=30_000_000)
    out = SoundOut(card)
    out.play(Round(Fraction(0), Fraction(0), Fraction(1000)))
    card.run(out, 3, monkeypatch)
    assert out.silent and card.closed


def test_sound_loops_without_a_gap_and_each_key_has_its_own(monkeypatch):
    n = 4800
    sound = PlayedSound(
        play_record(), np.arange(n, dtype=np.float32) / n, -np.arange(n, dtype=np.float32) / n
    )
    card = ClockedCard()
    out = SoundOut(card)
    out.give(sound)
    first = sound.start
    out.play(Round(first, first, first + Fraction(1000, HZ)))
    card.run(out, 0.05, monkeypatch)
    heard = np.concatenate(card.heard)
    assert np.allclose(heard, np.arange(len(heard)) % 1000 / n)
    out.heard = "original"
    card.run(out, 0.02, monkeypatch)
    assert (card.heard[-1] <= 0).all()


def play_record():
    from dubsync.core.timeline.timecode import FrameRange

    return FrameRange(RECORD, RECORD + 3, FILM)


def test_without_a_sound_card_it_plays_silently_and_says_so_once(qtbot, open_viewer, shot):
    card = NoCard()
    window = open_viewer(shot, open_card=card)
    said = []
    window.session.message.connect(lambda text, stays: said.append(text))
    for _ in range(3):
        window.commands["play"].trigger()
        qtbot.wait(30)
    assert said.count(NO_CARD) == 1 and card.asked == 1


def test_play_in_the_window_keeps_time(qtbot, open_viewer, shot):
    window = open_viewer(shot)
    panel = window.panel
    qtbot.waitUntil(lambda: panel.stage.held_frames().all(), timeout=5000)
    began = time.monotonic()
    window.commands["play"].trigger()
    qtbot.wait(400)
    record, passed = panel.playback.record, time.monotonic() - began
    window.commands["play"].trigger()
    assert abs(record - RECORD - passed * float(FILM)) < 3
    frame = panel.stage.frame
    qtbot.waitUntil(lambda: number_in(painted(panel.view)) == frame, timeout=5000)
