"""The preview worker answers for a window, may die without it, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.tweak.tweak import Tweak
from dubsync.service.preview.client import Opened, PreviewClient
from dubsync.service.project import Project
from tests.service.preview.conftest import paint
from tests.service.reel_making import make_reel

ROOT = Path(__file__).parents[3]
SLOW = {"ELISE": Tweak().held("jaw", 1.97)}  #: the painting engine takes its time over it


class Answers:
    """Collects answers from the client's thread."""

    def __init__(self):
        self._came, self.all = threading.Condition(), []

    def __call__(self, answer):
        with self._came:
            self.all.append(answer)
            self._came.notify_all()

    def wait(self, count):
        with self._came:
            assert self._came.wait_for(lambda: len(self.all) >= count, 300), self.all
            return self.all


def there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def preview_of(reel):
    before, home = threading.active_count(), Path.cwd()
    os.chdir(ROOT)
    try:
        made = PreviewClient(reel, "fr-FR")
        yield made
        made.close()
        assert not there(made.pid) and threading.active_count() == before
    finally:
        os.chdir(home)


@pytest.fixture
def client(painted):
    with preview_of(painted) as made:
        yield made


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """One reel, and one worker that goes on from test to test: the change of each is taken back."""
    reel = paint(make_reel(tmp_path_factory.mktemp("kept"), date.today()))
    with preview_of(reel) as made:
        yield made, reel


def asked(client, *requests):
    """The answers to (kind, shot, fields), in the order of asking, one after the other."""
    result = []
    for kind, shot, fields in requests:
        answers = Answers()
        client.request(kind, shot, on_answer=answers, **fields)
        result += answers.wait(1)
    return result


def test_it_opens_a_shot_and_shows_frames_plates_and_curves(kept):
    client, _ = kept
    opened = asked(client, ("open", "a", {}))[0].value
    assert isinstance(opened, Opened) and opened.characters == ("ELISE",)
    at = opened.frames.start + 10
    tweaked = {"frame": at, "width": 128, "tweaks": {"ELISE": Tweak().held("jaw", 1.5)}}
    plain, changed, plate, curves = asked(
        client, ("picture", "a", {"frame": at, "width": 128}), ("picture", "a", tweaked),
        ("plate", "a", {"frame": at, "width": 64}), ("curves", "a", {}),
    )  # fmt: skip
    assert plain.value.image.shape == (72, 128, 3) and plate.value.shape == (36, 64, 3)
    assert not np.array_equal(plain.value.image, changed.value.image)
    assert len(curves.value.characters["ELISE"].weight) == len(opened.frames)


def test_what_goes_wrong_is_said_and_the_other_shots_go_on(client, painted):
    at = asked(client, ("open", "a", {}), ("open", "b", {}))[1].value.frames.start + 10
    (painted.parent / "plates" / "a.mov").unlink()
    where = {"frame": at, "width": 128}
    gone, nothing, beyond, other = asked(
        client, ("plate", "a", {"frame": 86400 + 3, "width": 128}), ("picture", "z", where),
        ("picture", "b", where | {"frame": 5}), ("picture", "b", where),
    )  # fmt: skip
    assert gone.status == "failed" and "a.mov" in gone.message
    assert nothing.status == "failed" and "no shot is called 'z'" in nothing.message
    assert beyond.error == "SettingsError" and beyond.hint
    assert other.status == "done" and "Traceback" not in gone.message + nothing.message


def test_of_many_requests_the_newest_is_answered_and_each_gets_an_answer(kept):
    client, _ = kept
    at = asked(client, ("open", "a", {}))[0].value.frames.start + 10
    answers = Answers()
    client.request("picture", "a", on_answer=answers, frame=at, width=128, tweaks=SLOW)
    time.sleep(0.1)
    for n in range(8):
        client.request("picture", "a", on_answer=answers, frame=at + n, width=128)
    came = answers.wait(9)
    assert [one.request.frame for one in came if one.status == "done"] == [at, at + 7]
    assert sum(one.status == "dropped" for one in came) == 7


def test_a_worker_that_is_killed_is_started_again_and_asked_again(client):
    opened = asked(client, ("open", "a", {}))[0].value
    answers, old = Answers(), client.pid
    client.request(
        "picture", "a", on_answer=answers, frame=opened.frames.start + 9, width=128, tweaks=SLOW
    )
    os.kill(old, signal.SIGKILL)
    assert answers.wait(1)[0].status == "done"
    assert client.pid != old and not there(old)
    assert asked(client, ("curves", "a", {}))[0].status == "done"


def test_a_project_that_changed_on_disk_is_read_again_when_asked(kept):
    client, reel = kept
    at = asked(client, ("open", "a", {}))[0].value.frames.start + 10
    look = ("picture", "a", {"frame": at, "width": 128})
    before = asked(client, look)[0].value.image
    Project.open(reel).tweak("a", ["jaw=1.5"])
    same, _, after = asked(client, look, ("reread", "", {}), look)
    np.testing.assert_array_equal(same.value.image, before)
    assert not np.array_equal(after.value.image, before)
    Project.open(reel).tweak("a", change="undo")
    again = asked(client, ("reread", "", {}), look)[1]
    np.testing.assert_array_equal(again.value.image, before)


def test_an_answer_given_beside_it_is_noticed_without_asking(kept):
    client, reel = kept
    at = asked(client, ("open", "a", {}))[0].value.frames.start + 10
    look = ("picture", "a", {"frame": at, "width": 128})
    assert asked(client, look)[0].value.renderer == "warp"
    Project.open(reel).draw_with("a", "plate")
    assert asked(client, look)[0].value.renderer == ""
    Project.open(reel).draw_with("a", "auto")
    assert asked(client, look)[0].value.renderer == "warp"


def test_a_worker_that_cannot_start_is_given_up_and_said(painted, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    client, answers = PreviewClient(painted, "fr-FR", python=str(python)), Answers()
    client.request("open", "a", on_answer=answers)
    assert answers.wait(1)[0].error == "Stopped" and answers.all[0].hint
    time.sleep(0.2)
    client.request("open", "a", on_answer=answers)
    assert answers.wait(2)[1].status == "failed"
    client.close()


def test_closing_in_the_middle_of_work_leaves_no_process(client):
    asked(client, ("open", "a", {}))
    client.request("picture", "a", on_answer=lambda answer: None, frame=86410, width=128,
                   tweaks=SLOW)  # fmt: skip
    began = time.monotonic()
    client.close()
    assert time.monotonic() - began < 5 and not there(client.pid)


def test_a_worker_ends_when_its_window_is_gone(painted):
    worker = subprocess.Popen(
        [sys.executable, "-m", "dubsync.service.preview.worker", str(painted), "fr-FR"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    with worker:
        worker.stdin.close()
        assert worker.wait(30) == 0
        assert worker.stdout.read() == b""
