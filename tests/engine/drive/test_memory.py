"""A drive that remembers gives what one that does not gives, and works out only what changed."""

import numpy as np
import pytest

from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.drive import comping
from dubsync.engine.drive.comping import comp
from dubsync.engine.drive.memory import Memory
from tests.engine.drive.test_comping import AUDIO, BASIS, RANGE, SOUND_MOUTH, made, take


def test_a_take_is_worked_out_once_for_the_same_times(monkeypatch):
    asked = []
    real = comping.drive_take
    monkeypatch.setattr(comping, "drive_take", lambda *how: asked.append(1) or real(*how))
    memory, cue = Memory(), take()
    first, second = (comp(SOUND_MOUTH, AUDIO, [cue], BASIS, RANGE, memory=memory) for _ in range(2))

    assert len(asked) == 1
    np.testing.assert_array_equal(first.mouth, second.mouth)
    np.testing.assert_array_equal(first.mouth, made(cue).mouth)
    comp(SOUND_MOUTH, AUDIO, [take()], BASIS, RANGE, memory=memory)
    assert len(asked) >= 2  # another take, however alike


def test_no_more_is_remembered_than_may_be():
    memory = Memory()
    for n in range(Memory.MOST + 9):
        memory.held(n, (), lambda n=n: n)
    assert len(memory._known) == Memory.MOST
    assert memory.held(Memory.MOST + 8, (), lambda: pytest.fail("it is held")) == Memory.MOST + 8


def test_a_tweak_of_the_mouth_alone_asks_for_no_new_sound():
    memory, made_of = Memory(), object()
    calls = []
    for _ in (Tweak(), Tweak().held("jaw", 1.2)):
        memory.held("sound", (made_of,), lambda: calls.append(1))
    assert calls == [1]
