"""What a machine of a farm does with a job, and what it refuses before it draws a frame."""

import json
import shutil
from fractions import Fraction

import pytest
from filelock import FileLock

from dubsync.core.errors import HouseKeyError, SettingsError
from dubsync.core.farm.path_map import UNMAPPED, PathMap, PathRule
from dubsync.core.version import __version__
from dubsync.service.farm.bundle import write_bundle
from dubsync.service.farm.path_rules import read_path_rules
from dubsync.service.farm.template import FarmOptions
from dubsync.service.farm.work import open_work
from dubsync.service.project import Project
from dubsync.service.store.folder import Store
from dubsync.service.turnover.opened_files import OpenedFiles
from tests.small_reel import SAMPLE


def job(reel, **more):
    """The shots.json of a new job."""
    return write_bundle(Project.open(reel), FarmOptions(), **more).folder / "shots.json"


def done(reel, shots, numbers, paths=UNMAPPED):
    """How the tasks end, each machine's project opened anew."""
    work = open_work(reel, shots, numbers, paths)
    return {task.id: work.do(task).status for task in work.tasks}


def test_every_chunk_does_its_own_tasks_and_doing_it_again_does_nothing(reel, engine):
    shots = job(reel)
    assert done(reel, shots, "0-1") == {"look:a": "done", "look:b": "done"}
    assert done(reel, shots, "1-1") == {"look:b": "unchanged"}
    assert done(reel, shots, "2,3") == {"learn:ELISE": "done", "learn:MARC": "done"}
    asked = list(engine.ASKED)
    assert done(reel, shots, "0-3") == dict.fromkeys(
        ["look:a", "look:b", "learn:ELISE", "learn:MARC"], "unchanged"
    )
    assert asked == engine.ASKED


def test_another_machine_finds_absolute_media_where_its_rules_say(reel, tmp_path, engine):
    toml, there = reel / "dubsync.toml", tmp_path / "there"
    toml.write_text(toml.read_text().replace("../", "/mnt/show/"))
    there.mkdir()
    for name in ("plates", "e.wav", "m.wav", "cut.edl"):
        shutil.move(tmp_path / name, there / name)
    rules = PathMap((PathRule("/mnt/show", str(there)),))
    shots = tmp_path / "shots.json"
    (reel / "farm").mkdir()
    shots.write_text(json.dumps({
        "schema": "dubsync.farm_shots/1", "dubsync": __version__, "reel": "REEL",
        "language": "fr-FR", "house": "", "without": [],
        "tasks": [{"task": "look:a", "step": "Look"}],
    }))  # fmt: skip
    assert done(reel, shots, "0", rules) == {"look:a": "done"}
    assert engine.ASKED == [("track", "a")]


def test_media_that_a_cut_names_by_their_paths_are_mapped_too(tmp_path):
    text = (SAMPLE / "two_hander.otio").read_text()
    cut = tmp_path / "cut.otio"
    cut.write_text(text.replace('"plates/', '"file:///mnt/show/plates/'))
    rules = PathMap((PathRule("/mnt/show", "/here"),))
    read = OpenedFiles(Store(tmp_path), None, rules).cut(cut, Fraction(24000, 1001), "")
    media = {event.media for event in read.events}
    assert "/here/plates/A003C001_251114_TWO.mov" in media
    assert not any("/mnt/" in one for one in media)


def test_a_task_that_another_machine_is_at_waits_for_its_end(reel, monkeypatch):
    monkeypatch.setattr("dubsync.service.farm.work.LOOK_S", 1)
    shots = job(reel)
    done(reel, shots, "0-2")
    lock = FileLock(reel / "renders" / "a" / ".lock")
    (reel / "renders" / "a").mkdir(parents=True)
    lock.acquire()
    waited = []

    def progress(step):
        if step.name.startswith("wait"):
            waited.append(step.shot)
            lock.release()

    work = open_work(reel, shots, "4", UNMAPPED)
    assert work.do(work.tasks[0], progress).status == "done"
    assert waited == ["a"]


def changed(shots, **values):
    shots.write_text(json.dumps(json.loads(shots.read_text()) | values))
    return shots


def test_a_machine_with_another_version_is_refused(reel):
    with pytest.raises(SettingsError, match=r"made by 9\.9: its renders would differ"):
        done(reel, changed(job(reel), dubsync="9.9"), "0")


def test_a_machine_without_the_house_s_key_is_refused(reel, engine):
    shots = changed(job(reel), house="ab" * 32)
    with pytest.raises(HouseKeyError, match="signs with no key") as refused:
        done(reel, shots, "0")
    assert "--keys" in refused.value.hint
    assert engine.ASKED == []


def test_a_job_of_an_older_cut_is_refused(reel):
    shots = changed(job(reel), tasks=[{"task": "shot:c", "step": "Shots_ELISE"}])
    with pytest.raises(SettingsError, match="has no task 'shot:c'") as refused:
        done(reel, shots, "0")
    assert "dubsync submit" in refused.value.hint


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": "x"}', '{"tasks": [1]}'])
def test_what_is_no_list_of_tasks_is_refused(tmp_path, text):
    (tmp_path / "shots.json").write_text(text)
    with pytest.raises(SettingsError, match="not the list of a job's tasks"):
        done(tmp_path / "REEL", tmp_path / "shots.json", "0")


def rules(tmp_path, text):
    file = tmp_path / "rules.json"
    file.write_text(text if isinstance(text, str) else json.dumps(text))
    return read_path_rules(file)


def rule(form, source, destination):
    return {
        "source_path_format": form, "source_path": source, "destination_path": destination
    }  # fmt: skip


def test_the_rules_of_a_session_are_read_and_no_rules_are_none(tmp_path):
    made = rules(tmp_path, {"version": "pathmapping-1.0", "path_mapping_rules": [
        rule("WINDOWS", "Z:\\shows", "/nas"), rule("URI", "s3://bucket", "/nas/b"),
    ]})  # fmt: skip
    assert made == PathMap((PathRule("Z:\\shows", "/nas", windows=True),))
    assert rules(tmp_path, {}) == UNMAPPED


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", {"version": "pathmapping-9"},
        {"version": "pathmapping-1.0", "path_mapping_rules": "x"},
        {"version": "pathmapping-1.0", "path_mapping_rules": [rule("POSIX", "shows", "/nas")]},
        {"version": "pathmapping-1.0", "path_mapping_rules": [rule("POSIX", "/shows", "nas")]},
        {"version": "pathmapping-1.0", "path_mapping_rules": [rule("VMS", "/shows", "/nas")]},
        {"version": "pathmapping-1.0", "path_mapping_rules": [rule("POSIX", 7, "/nas")]},
    ],
)  # fmt: skip
def test_rules_that_map_nothing_are_refused(tmp_path, text):
    with pytest.raises(SettingsError):
        rules(tmp_path, text)
