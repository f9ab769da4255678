"""Consent that is withdrawn by another process reaches a run that is in progress."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import ConsentMissing, IncompleteDelivery
from dubsync.core.progress import Step
from dubsync.service import delivery
from dubsync.service.consent import live
from dubsync.service.consent.live import LiveConsent
from dubsync.service.project import Project
from tests.service.reel_making import add_language, consent


@pytest.fixture(autouse=True)
def at_every_step(monkeypatch):
    """Records are looked at after every step of progress, not once a second."""
    monkeypatch.setattr(live, "EVERY_S", 0.0)


def withdrawn(reel, performer):
    """`dubsync consent --withdraw`, in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "dubsync", "consent", reel, performer, "--withdraw", "--yes"],
        check=True, capture_output=True,
    )  # fmt: skip


def set_aside(reel, performer):
    record = reel / "consent" / f"{performer}.toml"
    if record.exists():
        record.rename(record.with_suffix(".toml.withdrawn"))


def test_a_withdrawal_between_two_shots_stops_that_persons_shot_alone(reel, engine):
    project = Project.open(reel)
    a, b = project.sync(
        finished=lambda result: withdrawn(reel, "marc-d") if result.name == "a" else None
    )
    assert (a.status, b.status) == ("done", "blocked")
    assert "no consent record for performer 'marc-d'" in b.reason
    assert not list(reel.glob("renders/b/*")) and not list(reel.glob(".dubsync/actors/MARC/*"))
    assert not [call for call in engine.ASKED if "MARC" in call]
    with pytest.raises(IncompleteDelivery, match=r"1 of 2 shots corrected; not: b \(lip_reenact"):
        project.deliver(formats=("edl",))


def test_a_withdrawal_while_a_shot_is_rendered_leaves_nothing_of_it(reel):
    def step(done: Step) -> None:
        if (done.name, done.shot, done.done) == ("render", "a", 3):
            set_aside(reel, "elise-m")

    a, b = Project.open(reel).sync(progress=step)

    assert (a.status, b.status) == ("blocked", "done")
    assert not [path for path in reel.glob("renders/a/*") if path.name != ".lock"]


def test_a_withdrawal_during_a_training_ends_it_and_leaves_no_model(reel, engine, monkeypatch):
    """It is withdrawn by another process, which deletes the models that it finds."""
    steps = []

    def train(actor, *, minutes, size, kept, progress, steps=0):
        (kept / "half").write_text("work")
        withdrawn(reel, "elise-m")
        kept.mkdir(parents=True, exist_ok=True)  # a checkpoint written after the withdrawal
        (kept / "half").write_text("more work")
        progress(Step("train", actor.character, 1, 100))
        pytest.fail("the training goes on")

    usual = engine.build
    monkeypatch.setattr(engine, "build", lambda settings: replace(usual(settings), train=train))

    trained = Project.open(reel).train(["ELISE"], minutes=1, progress=steps.append)

    assert isinstance(trained["ELISE"], ConsentMissing)
    left = [p for p in reel.glob(".dubsync/*/ELISE/**/*") if p.is_file() and p.name != ".lock"]
    assert left == []


def test_a_model_that_appears_just_after_the_withdrawal_is_deleted(reel, engine, monkeypatch):
    def learn(character, footage, *, progress):
        set_aside(reel, "elise-m")
        return engine.DrawnActor(character)

    usual = engine.build
    monkeypatch.setattr(engine, "build", lambda settings: replace(usual(settings), learn=learn))
    a, _ = Project.open(reel).sync(["a", "b"])
    assert a.status == "blocked"
    assert not list(reel.glob(".dubsync/actors/ELISE/*"))


def test_a_withdrawal_while_shots_are_checked_keeps_the_person_out_of_the_report(synced_reel):
    reel = synced_reel
    project = Project.open(reel)

    def step(done: Step) -> None:
        if (done.name, done.shot) == ("check", "b"):  # a is measured already
            set_aside(reel, "elise-m")

    report = project.check(progress=step)

    assert list(report.verdicts) == ["b"]
    assert report.summary.startswith("1 of 2 shots checked")
    assert [shot for shot, why in report.unchecked if "elise-m" in why] == ["a"]


def test_a_withdrawal_before_the_files_appear_stops_the_delivery(synced_reel, monkeypatch):
    reel = synced_reel
    check = delivery._check
    monkeypatch.setattr(
        delivery, "_check", lambda *given: set_aside(reel, "elise-m") or check(*given)
    )
    with pytest.raises(ConsentMissing, match="elise-m"):
        Project.open(reel).deliver(formats=("otio",))
    assert not list((reel / "delivery").glob("v*"))


def test_the_command_says_so_and_its_exit_code_is_not_0(reel, engine, monkeypatch):
    usual = engine.build

    def learn(character, footage, *, progress):
        if character == "ELISE":
            set_aside(reel, "elise-m")
        return engine.learn(character, footage, progress=progress)

    monkeypatch.setattr(engine, "build", lambda settings: replace(usual(settings), learn=learn))
    ran = CliRunner().invoke(main, ["run", str(reel)])
    assert ran.exit_code == 1
    assert "a: blocked: lip_reenact of 'elise-m'" in ran.output and "b: done" in ran.output
    assert "1 of 2 shots corrected; not: a" in ran.output


def test_a_record_is_read_again_although_its_old_time_is_put_back(tmp_path):
    """Same length, same modification time: the change time and the inode tell."""
    path = consent(tmp_path / "e.toml", "e", date.today())
    read = LiveConsent(tmp_path)
    assert read.read()[0].covers("e", "train_model", "fr-FR", date.today())
    stat, text = path.stat(), path.read_text()
    path.write_text(text.replace('"lip_reenact", "train_model"', '"lip_reenact","lip_reenact" '))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    assert not read.read()[0].covers("e", "train_model", "fr-FR", date.today())


def test_consent_that_expires_at_midnight_ends_at_midnight(reel, monkeypatch):
    project = Project.open(reel)
    shot = project.reel.shot("a")
    assert project.reel.refusal(shot) is None
    tomorrow = date.today() + timedelta(181)

    class Later(date):
        @classmethod
        def today(cls):
            return tomorrow

    monkeypatch.setattr("dubsync.service.reel.inputs.date", Later)
    assert "is valid from" in project.reel.refusal(shot).reason


def test_consent_that_comes_during_a_run_does_not_make_a_shot_one_without_a_face(reel):
    record = reel / "consent/marc-d.toml"
    kept = record.read_text()
    record.unlink()
    _, b = Project.open(reel).sync(finished=lambda result: record.write_text(kept))
    assert b.status == "failed" and "not analysed: consent was missing" in b.reason
    assert Project.open(reel).sync()[1].status == "done"


def test_another_languages_consent_is_looked_at_too(reel):
    add_language(reel, "de-DE", ELISE=(0.4, 1.2))
    german = Project.open(reel).into("de-DE")
    assert {result.name: result.status for result in german.sync()}["a"] == "blocked"
