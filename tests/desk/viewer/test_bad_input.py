"""What the viewer does when something is missing, very long or very short."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.shot import playing
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.viewer.picture.qt_pictures import rgb_image
from dubsync.desk.viewer.place_words import in_sentences, runs_of
from dubsync.service.proxies import loader
from tests.desk.viewer.synthetic_shot import (
    HANDLES,
    RECORD,
    number_in,
    painted,
    synthetic_shot,
)
from tests.media.reading_synthesis import numbered


@pytest.fixture
def shot(tmp_path):
    return synthetic_shot(tmp_path)


def shows(window, number):
    return lambda: number_in(painted(window.panel.view)) == number


def test_a_plate_that_goes_offline_while_it_plays_keeps_its_picture_and_says_where_it_was(
    qtbot, open_viewer, tmp_path
):
    shot = synthetic_shot(tmp_path, n=400)
    window = open_viewer(shot)
    panel, said = window.panel, []
    window.session.message.connect(lambda text, stays: said.append(text))
    path = Path(shot.plate.path)
    panel.playback.play(1)
    aside = path.rename(path.with_suffix(".aside"))
    panel.feed.held.forget(panel.stage.pictures.plate.key)
    with qtbot.waitSignal(panel.offline, timeout=5000) as told:
        panel.stage.want()
    assert told.args[0].gone and str(path.parent) in said[-1]
    assert not panel.playback.playing
    assert panel.view.state.a is not None  # the last picture stays
    qtbot.waitUntil(lambda: panel.view.state.note is not None, timeout=5000)
    assert panel.view.state.note.text == f"Offline: looked in {path.parent.name}"
    aside.rename(path)
    with qtbot.waitSignal(panel.offline, timeout=5000) as told:
        panel.feed.look_again()
    assert told.args[0] is None
    frame = panel.stage.frame
    qtbot.waitUntil(shows(window, frame), timeout=5000)
    qtbot.waitUntil(lambda: panel.view.state.note is None, timeout=5000)


def test_a_shot_of_which_nothing_was_ever_seen_shows_an_empty_frame(
    qtbot, open_viewer, tmp_path, monkeypatch
):
    shot = synthetic_shot(tmp_path)
    Path(shot.plate.path).unlink()
    window = open_viewer(shot, seen=lambda panel: panel.view.state.missing)
    assert painted(window.panel.view).mean() < 40
    assert window.panel.transport.record.text() == "01:00:00:00"


def test_a_shot_of_20000_frames_opens_at_once_and_stays_within_its_memory(
    qtbot, open_viewer, tmp_path, monkeypatch
):
    shot = long_shot(tmp_path, 20_000)
    monkeypatch.setattr(loader, "open_plate", lambda plate, like: LongReader())
    began = time.monotonic()
    window = open_viewer(shot)
    panel = window.panel
    assert time.monotonic() - began < 3
    panel.feed.held._most = 4 << 20
    began = time.monotonic()
    for record in (RECORD + 19_000, RECORD + 7, RECORD + 2_345):
        panel.seek(record)
        panel.facts._tell()
    assert time.monotonic() - began < 1
    assert panel.transport.frame.text().endswith("2346 of 20000")
    qtbot.waitUntil(shows(window, 2_345), timeout=5000)
    assert panel.feed.held.bytes <= panel.feed.held.most_bytes


class LongReader:
    """A plate whose frames show their numbers, however long it is."""

    def read(self, numbers):
        for number in numbers:
            luma = np.array(numbered(number % 4096).to_ndarray()[:144], np.uint8)
            yield Frame(number, (luma,), PictureFormat(256, 144, "gray", 8, full_range=True))

    def __exit__(self, *error):
        pass


def long_shot(tmp_path, n):
    """A shot of `n` frames; its file has fewer."""
    shot = synthetic_shot(tmp_path, handles=0)
    span = replace(shot.plate.frames, stop=shot.plate.frames.start + n)
    record = replace(shot.record, stop=shot.record.start + n)
    return replace(
        shot, plate=replace(shot.plate, frames=span), source=span, render=span, record=record,
        time=playing(record, span, Fraction(1)),
    )  # fmt: skip


def test_a_shot_of_one_frame_plays_on_it(qtbot, open_viewer, tmp_path):
    shot = synthetic_shot(tmp_path, n=1, handles=0)
    window = open_viewer(shot)
    window.commands["play"].trigger()
    qtbot.wait(120)
    window.commands["on a frame"].trigger()
    window.commands["back a frame"].trigger()
    assert window.panel.playback.record == RECORD
    assert window.panel.transport.frame.text().endswith("1 of 1")


def test_the_window_on_a_screen_of_another_scale_asks_for_other_pixels(
    qtbot, open_viewer, shot, monkeypatch
):
    window = open_viewer(shot, size=(700, 300))
    panel = window.panel
    panel.view.resize(200, 120)
    panel._zoomed()
    narrow = panel.stage.width
    monkeypatch.setattr(type(panel.view), "devicePixelRatioF", lambda view: 1.25)
    window.windowHandle().screenChanged.emit(window.windowHandle().screen())
    assert panel.stage.width == round(narrow * 1.25)


# -- previews of tweaks that are not rendered ---------------------------------------------------


def preview(shot, frame, level):
    picture = np.full((144, 256, 3), level, np.uint8)
    return SimpleNamespace(
        shot=shot.name, frame=frame, image=picture, matte=None, landmarks={}, renderer="warp"
    )


def test_a_change_shows_at_once_and_goes_when_it_is_undone(qtbot, open_viewer, shot, monkeypatch):
    window = open_viewer(shot)
    session, panel, asked = window.session, window.panel, []
    monkeypatch.setattr(
        session.preview, "ask_picture",
        lambda shot, frame, tweaks, width, near=False: asked.append((frame, near)),
    )  # fmt: skip
    session.edits._shot = shot.name
    session.edits.changed.emit()  # the saved tweaks are read: there are none
    panel.show_look("render")
    qtbot.waitUntil(shows(window, HANDLES), timeout=5000)
    session.edits.change("A", Tweak().held("jaw", 1.4), "jaw=1.4")
    assert asked[0] == (HANDLES, False) and all(near for _, near in asked[1:])
    session.preview.picture.emit(preview(shot, HANDLES, 77))
    qtbot.waitUntil(lambda: painted(panel.view)[100:200].mean() == 77, timeout=5000)
    assert panel.view.state.note.text == "Preview, not rendered yet"
    # Another change: the older preview stays until the newer one is there.
    session.edits.change("A", Tweak().held("jaw", 1.5), "jaw=1.5")
    qtbot.wait(50)
    assert painted(panel.view)[100:200].mean() == 77
    session.preview.picture.emit(preview(shot, HANDLES, 99))
    qtbot.waitUntil(lambda: painted(panel.view)[100:200].mean() == 99, timeout=5000)
    session.edits.change("A", Tweak(), "jaw=1")
    session.edits._draft = {}
    session.edits.changed.emit()
    qtbot.waitUntil(shows(window, HANDLES), timeout=5000)
    assert panel.view.state.note is None


def test_what_takes_long_before_a_first_preview_is_told_with_its_progress(
    qtbot, open_viewer, shot, monkeypatch
):
    window = open_viewer(shot)
    session, panel = window.session, window.panel
    monkeypatch.setattr(session.preview, "ask_picture", lambda *about, **more: None)
    session.edits._shot = shot.name
    session.edits.changed.emit()
    panel.show_look("render")
    session.edits.change("A", Tweak().chosen("region", "head"), "region=head")
    session.preview.working.emit("SH020", "clean plate", 1, 9)  # of another shot
    session.preview.working.emit(shot.name, "learn the head", 12, 40)
    said = "Preview is being made: learn the head, 12 of 40"
    qtbot.waitUntil(lambda: getattr(panel.view.state.note, "text", "") == said, timeout=5000)
    session.preview.picture.emit(preview(shot, HANDLES, 77))
    done = "Preview, not rendered yet"
    qtbot.waitUntil(lambda: getattr(panel.view.state.note, "text", "") == done, timeout=5000)
    assert panel.previews.working == ""


def test_a_preview_of_another_shot_is_not_shown(qtbot, open_viewer, shot):
    window = open_viewer(shot)
    window.session.preview.picture.emit(preview(SimpleNamespace(name="SH020"), HANDLES, 77))
    assert window.panel.previews.get(HANDLES) is None


def test_words_for_faults_are_sentences_and_runs_are_whole():
    assert in_sentences("a.mov is gone", "", "put it back.") == "A.mov is gone. Put it back."
    assert runs_of(np.array([True, True, False, True]), 10) == [(10, 12), (13, 14)]


def test_a_picture_keeps_its_pixels_alive():
    image = rgb_image(np.full((3, 5, 3), 200, np.uint8))
    assert image.pixelColor(4, 2).red() == 200
