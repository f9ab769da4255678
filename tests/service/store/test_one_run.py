"""Two runs of one project do not mix: the second is told who runs it; the dead hold nothing."""

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import asdict, replace

import pytest

from dubsync.core.errors import DeliveryError
from dubsync.service.store import one_run
from dubsync.service.store.one_run import OneRun, Runner

ANNA = Runner("anna", socket.gethostname(), 2**22 + 1, "sync", "2026-11-30T14:02:00+00:00")
HOLD = """
import sys
from pathlib import Path
from dubsync.service.store.one_run import OneRun
with OneRun(Path(sys.argv[1]), "sync"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def left(tmp_path):
    """left(runner): what a run leaves that did not end by itself."""

    def left(runner):
        (tmp_path / ".dubsync").mkdir(exist_ok=True)
        (tmp_path / ".dubsync/run.json").write_text(json.dumps(asdict(runner)))
        return tmp_path

    return left


def test_a_second_run_is_refused_by_name_and_may_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(one_run, "LOOK_S", 0.05)
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert held.stdout.readline() == b"held\n"
    with pytest.raises(DeliveryError, match=rf"process {held.pid}, dubsync sync\) has run") as told:
        OneRun(tmp_path, "clean").__enter__()
    assert socket.gethostname() in str(told.value) and "--wait" in told.value.hint
    threading.Timer(0.1, held.stdin.close).start()
    with OneRun(tmp_path, "clean", wait=True):
        assert held.wait(5) == 0
        held.stdout.close()


def test_a_killed_run_lets_go_and_the_next_one_tells_it(tmp_path, caplog):
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert held.stdout.readline() == b"held\n"
    held.kill()
    held.communicate()
    with OneRun(tmp_path, "sync"):
        assert f"process {held.pid}" in caplog.text and "without finishing" in caplog.text
    assert not (tmp_path / ".dubsync/run.json").exists()


def test_the_runs_of_one_process_are_one(tmp_path):
    with OneRun(tmp_path, "run"):
        with OneRun(tmp_path, "sync"):
            pass
        assert one_run.read_runner(tmp_path / ".dubsync").verb == "run"


def test_a_dead_process_is_told_whose_number_another_one_has_now(left, caplog):
    mine = one_run._started(os.getpid())
    if not mine:
        pytest.skip("this system does not say when a process began")
    with OneRun(left(replace(ANNA, pid=os.getppid(), started=mine + 1)), "sync"):
        assert "anna" in caplog.text


def test_a_living_process_is_believed_where_the_share_carries_no_locks(left):
    with pytest.raises(DeliveryError, match="anna on"):
        OneRun(left(replace(ANNA, pid=os.getppid())), "sync").__enter__()


def test_a_copy_of_a_project_that_runs_is_free(left):
    with OneRun(left(replace(ANNA, pid=os.getppid(), folder="/elsewhere/reel")), "sync"):
        pass


def test_another_machines_run_is_not_guessed_to_be_dead(left):
    folder = left(replace(ANNA, host="cutter-9"))
    with pytest.raises(DeliveryError, match="anna on cutter-9") as told:
        OneRun(folder, "sync").__enter__()
    assert "cannot be seen from here" in told.value.hint and "run.json" in told.value.hint
    (folder / ".dubsync/run.json").unlink()
    with OneRun(folder, "sync"):
        pass


@pytest.mark.parametrize("text", ["", "{", '{"user": 1}'])
def test_a_damaged_name_stops_nobody(tmp_path, text):
    (tmp_path / ".dubsync").mkdir()
    (tmp_path / ".dubsync/run.json").write_text(text)
    with OneRun(tmp_path, "sync"):
        pass
