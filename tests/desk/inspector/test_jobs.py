"""Jobs run one after the other in processes of their own; nothing of the queue is lost."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

from dubsync.desk.session.background import Background
from dubsync.desk.session.job import Job, after_exit, after_line, arguments_of
from dubsync.desk.session.jobs import KEPT, Jobs
from dubsync.desk.shell.jobs_panel import jobs_text
from tests.desk.inspector.conftest import until

#: Stands for `python -m dubsync sync REEL SHOT`: its shot's name says how it goes.
ENGINE = """
import json, signal, sys, time
shot = sys.argv[5]
def stop(*_):
    print("Stopped.", file=sys.stderr, flush=True)
    sys.exit(130)
signal.signal(signal.SIGINT, stop)
print(f"render {shot} 10/100 20.0 frames/s", file=sys.stderr, flush=True)
if shot.startswith("slow"):
    time.sleep(30)
if shot.startswith("dies"):
    import os; os.kill(os.getpid(), 9)
bad = shot.startswith("bad")
row = {"name": shot, "status": "failed" if bad else "done",
       "reason": "the face of MARC is lost" if bad else "",
       "hint": "point at it: dubsync faces REEL" if bad else ""}
print(json.dumps({"schema": "dubsync.sync/1", "shots": [row]}))
sys.exit(1 if bad else 0)
"""


@pytest.fixture
def project(tmp_path):
    derived = tmp_path / "reel" / ".dubsync"
    derived.mkdir(parents=True)
    return SimpleNamespace(
        file=SimpleNamespace(folder=tmp_path / "reel"), store=SimpleNamespace(derived=derived)
    )


@pytest.fixture
def make(qapp, tmp_path, project):
    """Queues on one project, as one desk after the other has them."""
    engine = tmp_path / "engine.py"
    engine.write_text(ENGINE)
    made = []

    def one():
        background = Background("test")
        jobs = Jobs(background)
        jobs.program = [sys.executable, str(engine)]
        jobs.open_reel(project)
        background.run(lambda: None).result()
        made.append((jobs, background))
        return jobs

    yield one
    for jobs, background in made:
        jobs.stop()
        background.finish()


def test_jobs_are_done_one_after_the_other(make):
    jobs, done = make(), []
    jobs.ended.connect(done.append)
    jobs.ask("SH010", "it-IT")
    jobs.ask("SH020", "it-IT")
    assert [job.state for job in jobs.jobs] == ["running", "waiting"]
    until(lambda: len(done) == 2)
    assert [(job.shot, job.state) for job in done] == [("SH010", "done"), ("SH020", "done")]
    assert not jobs.jobs


def test_a_job_that_fails_stays_with_the_engines_sentence_and_is_tried_again(make):
    jobs, done = make(), []
    jobs.ended.connect(done.append)
    jobs.ask("bad", "it-IT")
    until(lambda: done)
    failed = jobs.of("bad")
    assert (failed.state, failed.message) == ("failed", "the face of MARC is lost")
    assert failed.hint
    jobs.try_again(failed)
    assert jobs.of("bad").state == "running"
    until(lambda: len(done) == 2)


def test_an_engine_that_crashes_takes_nothing_with_it(make):
    jobs, done = make(), []
    jobs.ended.connect(done.append)
    jobs.ask("dies", "it-IT")
    jobs.ask("SH020", "it-IT")
    until(lambda: len(done) == 2)
    assert jobs.of("dies").state == "failed"
    assert done[-1].state == "done"


def test_a_running_job_is_cancelled_between_two_frames(make):
    jobs, done = make(), []
    jobs.ended.connect(done.append)
    jobs.ask("slow", "it-IT")
    until(lambda: jobs.running is not None and jobs.running.done == 10)
    assert jobs.running.seconds_left == pytest.approx(4.5)
    jobs.cancel(jobs.running)
    until(lambda: done)
    assert done[0].state == "cancelled"
    assert not jobs.jobs


def test_the_newest_request_replaces_one_that_waits(make):
    jobs = make()
    jobs.ask("slow", "it-IT")
    for _ in range(3):
        jobs.ask("SH020", "it-IT")
    assert len(jobs.open) == 2


def test_the_newest_request_for_a_running_shot_starts_it_again(make):
    jobs = make()
    jobs.ask("slow", "it-IT")
    until(lambda: jobs.running is not None and jobs.running.done == 10)
    jobs.ask("slow", "it-IT")
    until(lambda: len(jobs.open) == 1 and jobs.running is not None and jobs.running.done == 10)


def test_quitting_in_mid_render_keeps_the_queue_and_it_goes_on(make, project):
    jobs = make()
    jobs.ask("slow", "it-IT")
    jobs.ask("SH020", "it-IT")
    until(lambda: jobs.running is not None and jobs.running.done == 10)
    jobs.stop()
    later = make()
    until(lambda: later.running is not None)
    assert [job.shot for job in later.open] == ["slow", "SH020"]


def test_a_desk_that_is_killed_leaves_its_queue(make, project):
    jobs = make()
    jobs.ask("slow", "it-IT")
    jobs.ask("SH020", "fr-FR")
    kept = project.store.derived / KEPT
    until(lambda: kept.is_file() and "SH020" in kept.read_text())
    rows = json.loads(kept.read_text())["jobs"]  # what a kill -9 leaves
    assert [row["shot"] for row in rows] == ["slow", "SH020"]


def test_a_damaged_queue_is_empty(make, project):
    (project.store.derived / KEPT).write_text('{"schema": "desk jobs, 1", "jobs": [{"kind": ')
    assert not make().jobs


def test_lines_of_progress_are_read_and_others_let_be():
    job = after_line(Job("render", "SH010", ""), "render SH010 41/100 3.8 frames/s")
    assert (job.stage, job.done, job.total, job.rate) == ("render", 41, 100, 3.8)
    assert after_line(job, "SH010: done (renderer MARC: actor)") == job
    assert after_line(job, "verify SH010 0/1").rate == 0


def test_a_refusal_is_told_in_its_own_words():
    out = json.dumps({"schema": "dubsync.error/1", "error": "no consent", "hint": "add one"})
    job = after_exit(Job("render", "SH010", ""), 1, False, out, "")
    assert (job.state, job.message, job.hint) == ("failed", "no consent", "add one")


def test_a_render_of_what_has_not_changed_says_so():
    row = {"name": "SH010", "status": "unchanged", "reason": ""}
    out = json.dumps({"schema": "dubsync.sync/1", "shots": [row]})
    done = after_exit(Job("render", "SH010", ""), 0, False, out, "")
    assert (done.state, done.message) == ("done", "nothing has changed since its newest render")


def test_a_check_that_finds_something_is_done():
    out = json.dumps({"schema": "dubsync.check/1", "shots": [{"name": "SH010"}]})
    assert after_exit(Job("check", "SH010", ""), 3, False, out, "").state == "done"


def test_jobs_are_verbs_of_the_command_line():
    assert arguments_of(Job("repair", "SH010", "it-IT"), "REEL") == [
        "-m", "dubsync", "sync", "REEL", "SH010", "--repair", "--language", "it-IT", "--json",
    ]  # fmt: skip


def test_the_button_says_how_many_jobs_there_are():
    running = Job("render", "SH010", "", "running", "render", 50, 100, 2.0)
    assert jobs_text(()) == "No jobs"
    assert jobs_text((running,)) == "1 job, 0:25"
    assert jobs_text((running, Job("render", "SH020", ""))) == "2 jobs"
    assert jobs_text((Job("render", "SH010", "", "failed"),)) == "1 failed"
