"""A fault of dubsync in one shot ends that shot alone, and keeps a file to send."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from dubsync.core.errors import Cancelled, ConsentMissing, IncompleteDelivery
from dubsync.service.fault import Fault, bounded
from dubsync.service.project import Project


@pytest.fixture(autouse=True)
def kept_here(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_fault_in_one_shot_is_said_and_the_next_shot_is_rendered(reel, engine, monkeypatch):
    usual = engine.build

    def fit(track, actor):
        if actor.character == "ELISE":
            raise ZeroDivisionError("by nothing")
        return engine.fit(track, actor)

    monkeypatch.setattr(engine, "build", lambda settings: replace(usual(settings), fit=fit))

    a, b = Project.open(reel).sync()

    assert (a.status, b.status) == ("failed", "done")
    assert a.reason == "dubsync has a fault: ZeroDivisionError: by nothing"
    file = Path(a.hint.rpartition("details: ")[2])
    assert "Traceback" in file.read_text() and "by nothing" in file.read_text()
    with pytest.raises(IncompleteDelivery, match="1 of 2 shots corrected; not: a"):
        Project.open(reel).deliver(formats=("edl",))


def test_a_refusal_of_the_system_in_one_shot_is_no_fault_of_dubsync(reel, engine, monkeypatch):
    usual = engine.build

    def prepare(actor, *rest, renderer="warp"):
        if actor.character == "ELISE":
            raise OSError(28, "No space left on device", "x.mkv")
        return engine.prepare(actor, *rest, renderer=renderer)

    monkeypatch.setattr(engine, "build", lambda settings: replace(usual(settings), prepare=prepare))
    a, b = Project.open(reel).sync()
    assert (a.status, b.status) == ("failed", "done")
    assert a.reason.startswith("the operating system refused: [Errno 28]")
    assert not list(reel.glob("renders/a/v*"))


def test_a_fault_while_one_shot_is_checked_leaves_the_other_checked(
    synced_reel, engine, monkeypatch
):
    usual, calls = engine.build, []

    def track(frames, span, *, shot, progress):
        calls.append(shot)
        if shot == "a":  # the render of a, tracked again
            raise IndexError("a mistake")
        return engine.track(frames, span, shot=shot, progress=progress)

    monkeypatch.setattr(engine, "build", lambda settings: replace(usual(settings), track=track))
    report = Project.open(synced_reel).check()
    assert "a" in calls and list(report.verdicts) == ["b"]
    assert "dubsync has a fault: IndexError: a mistake" in report.summary


@pytest.mark.parametrize("error", [Cancelled(), ConsentMissing("x"), KeyboardInterrupt()])
def test_what_is_expected_passes_the_boundary(error):
    def work():
        raise error

    with pytest.raises(type(error)) as raised:
        bounded(work)
    assert raised.value is error


def test_a_fault_whose_file_cannot_be_written_is_still_a_fault(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    with pytest.raises(Fault, match="KeyError"):
        bounded(lambda: {}["x"])


def test_the_file_to_send_tells_no_path_user_or_host_of_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "annalogin")
    monkeypatch.setattr("platform.node", lambda: "edit-suite-3")
    monkeypatch.setattr("sys.argv", ["/opt/x/bin/dubsync", "sync", "C:\\Films\\R3", "/mnt/R3"])

    def fails():
        raise ValueError(f"annalogin@edit-suite-3 cannot read {Path.home()}/films/a.mov /mnt/b.mov")

    with pytest.raises(Fault) as caught:
        bounded(fails)
    told = Path(caught.value.file).read_text()
    assert "USER@HOST cannot read ~/films/a.mov .../b.mov" in told
    assert ".../R3" in told and "test_shot_fault.py" in told and "in fails" in told
    for private in ("annalogin", "edit-suite-3", str(Path.home()), "/mnt", "Films", "/opt"):
        assert private not in told
