"""The desk's link to the preview process: asked and answered on the Qt thread, never blocked."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.session.preview_link import PreviewLink
from dubsync.service.project import Project

LONG_MS = 300_000  #: on a machine that other work keeps busy


@pytest.fixture
def link(qapp, rendered_reel):
    before = threading.active_count()
    made = PreviewLink()
    made.open(rendered_reel, Project.open(rendered_reel).language)
    yield made
    made.close()
    deadline = time.monotonic() + 60
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() == before


def test_pictures_and_curves_come_also_after_the_process_was_killed(link, qtbot, rendered_reel):
    shot = Project.open(rendered_reel).turnover().shots[0]
    frame, who = shot.source.start + 8, shot.characters[0]
    with qtbot.waitSignal(link.picture, timeout=LONG_MS) as came:
        began = time.perf_counter()
        link.ask_picture(shot.name, frame, {}, 480)
        assert time.perf_counter() - began < 0.25  # the window did not wait for the process
    plain = came.args[0]
    assert (plain.shot, plain.frame) == (shot.name, frame) and who in plain.landmarks

    os.kill(link._client.pid, signal.SIGKILL)
    tweaks = {who: Tweak().held("jaw", 1.8)}
    with qtbot.waitSignals([link.picture, link.curves], timeout=LONG_MS):
        link.ask_curves(shot.name, tweaks)
        link.ask_picture(shot.name, frame, tweaks, 480)


def test_what_cannot_be_shown_is_told(link, qtbot):
    with qtbot.waitSignal(link.failed, timeout=LONG_MS) as came:
        link.ask_picture("nowhere", 3, {}, 480)
    kind, shot, message, hint = came.args
    assert (kind, shot) == ("picture", "nowhere") and "nowhere" in message and hint


def test_the_plate_alone_needs_no_analysis(link, qtbot, rendered_reel):
    shot = Project.open(rendered_reel).turnover().shots[0]
    with qtbot.waitSignal(link.plate, timeout=LONG_MS) as came:
        link.ask_plate(shot.name, shot.source.start, 160)
    name, frame, picture = came.args
    assert (name, frame) == (shot.name, shot.source.start)
    assert picture.shape[1] == 160 and picture.dtype == np.uint8
