"""One run: its sinks, its words, and the consent that is asked for again."""

import numpy as np
import pytest

from dubsync.core.driven.live import DriverSeen, Hold
from dubsync.core.errors import ConsentMissing
from dubsync.core.face import BLENDSHAPES, LANDMARKS
from dubsync.service.live.run import LiveRun, run_until
from dubsync.service.live.shared_frames import LiveFrame


class SessionDouble:
    """A session whose frames are given."""

    def __init__(self, frames):
        self.left, self.noted = list(frames), []

    @property
    def ended(self):
        return not self.left

    def newest(self, timeout):
        return self.left.pop(0)

    def shown(self, frame):
        self.noted.append(frame.number)


def frame(number, hold=Hold.FOLLOWS, others=0):
    seen = DriverSeen(np.zeros((LANDMARKS, 3), np.float32), np.zeros(BLENDSHAPES, np.float32), 1.0,
                      others)  # fmt: skip
    return LiveFrame(number, np.zeros((2, 2, 3), np.uint8), 0, hold=hold, seen=seen)


def test_every_sink_has_a_picture_before_it_counts_as_shown_and_words_come_once():
    frames = [frame(0, Hold.STARTING), frame(1, Hold.STARTING), None, frame(4), frame(5, others=1)]
    session, told, order = SessionDouble(frames), [], []
    run = LiveRun(session, [lambda f: order.append(("a", f.number, len(session.noted))),
                            lambda f: order.append(("b", f.number, len(session.noted)))],
                  lambda: None)  # fmt: skip
    run_until(run, lambda: False, told.append)
    assert [f"{who}{n}" for who, n, _ in order] == ["a0", "b0", "a1", "b1", "a4", "b4", "a5", "b5"]
    assert all(noted == place // 2 for place, (_, _, noted) in enumerate(order))
    assert len(told) == 2 and "neutral face" in told[0] and "Somebody else" in told[1]


def test_a_run_ends_where_consent_is_withdrawn(monkeypatch):
    from dubsync.service.live import run as module

    monkeypatch.setattr(module, "EVERY_S", 0.0)
    asked, shown = [], []

    def check():
        asked.append(1)
        if len(asked) == 3:
            raise ConsentMissing("withdrawn")

    run = LiveRun(SessionDouble([frame(n) for n in range(9)]), [lambda f: shown.append(f)], check)
    with pytest.raises(ConsentMissing):
        run_until(run, lambda: False, lambda line: None)
    assert len(shown) == 2
