"""Older versions lose their media where nobody needs them, and the project stays whole."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from dubsync.core.errors import DeliveryError
from dubsync.service.judging.judgement_store import JudgementStore
from dubsync.service.ledger.read_ledger import read_ledger
from dubsync.service.project import Project
from dubsync.service.render.older import let_go as letting
from dubsync.service.render.older import referred
from dubsync.service.render.older.deleted_note import read_note
from dubsync.service.render.older.referred import render_versions
from dubsync.service.space.clean import clean, plan_clean
from dubsync.service.verification.verify import Asked, verify
from dubsync.service.versions.list_versions import list_versions
from tests.service import drawn_engine
from tests.service.reel_making import make_reel


@pytest.fixture(scope="module")
def made(tmp_path_factory, house_key):
    """A signed project whose shot a was rendered three times, and b once, with what it is of."""
    folder, before = tmp_path_factory.mktemp("thrice"), drawn_engine.VERSION[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBSYNC_KEYS", str(house_key.folder.parents[1]))
        reel = make_reel(folder, date.today())
        for version in ("1", "2", "3"):
            drawn_engine.VERSION[0] = version
            Project.open(reel).sync(["a"] if version != "3" else [])
    drawn_engine.VERSION[0] = before
    return folder


@pytest.fixture
def twice(made, tmp_path, signing, monkeypatch):
    """A copy of it for one test."""
    monkeypatch.setattr(drawn_engine, "VERSION", ["3"])
    shutil.copytree(made, tmp_path / "made")
    return tmp_path / "made/REEL"


def media(reel: Path, version: str) -> list[str]:
    folder = reel / "renders/a" / version
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".mkv", ".mov"))


def gone(reel: Path, **options: object) -> set[str]:
    plan = plan_clean(Project.open(reel), **options)
    return {item.what for item in plan.goes if item.kind == "versions"}


def test_older_versions_go_and_the_newest_stays(twice):
    project = Project.open(twice)
    plan = plan_clean(project)
    assert gone(twice) == {"renders/a/v001", "renders/a/v002"}
    assert media(twice, "v001"), "a preview deletes nothing"
    assert clean(project, plan) == plan.bytes > 0
    assert not media(twice, "v001") and not media(twice, "v002")
    assert len(media(twice, "v003")) == 3
    assert gone(twice) == set()
    assert {result.status for result in Project.open(twice).sync()} == {"unchanged"}


def test_the_record_stays_and_everybody_says_when_the_media_were_deleted(twice):
    clean(project := Project.open(twice), plan_clean(project))
    folder = twice / "renders/a/v001"
    assert list(folder.glob("*.record.json"))
    note = read_note(folder)
    assert note.by == "clean" and "a_v001.mkv" in note.files
    faults = {one.version: one.fault for one in list_versions(project.store, "a", "fr-FR")}
    assert "deleted by clean on 20" in faults["v001"]
    assert faults["v003"] == ""


@pytest.mark.parametrize("keep, left", [(2, {"renders/a/v001"}), (3, set())])
def test_as_many_versions_stay_as_are_asked_for(twice, keep, left):
    assert gone(twice, newest=keep) == left


def test_an_approved_version_stays(twice):
    JudgementStore(twice, Project.open(twice).store.layout).judge("a", "v001", "approved", by="Ann")
    assert gone(twice) == {"renders/a/v002"}


@pytest.mark.parametrize("spelt", ["a_v001.mkv", "a_v001_layer.mov"])
@pytest.mark.parametrize("code", ["utf-8", "utf-16-le"])
def test_a_version_that_a_cut_names_stays(twice, spelt, code):
    (twice / "cuts").mkdir()
    (twice / "cuts/sent.aaf").write_bytes(b"\x01" + f"x/{spelt}|".encode(code))
    assert gone(twice) == {"renders/a/v002"}


def test_a_name_that_only_begins_alike_does_not_count(twice):
    (twice / "notes.txt").write_text("a_v0010.mkv and a_v0021")
    assert gone(twice) == {"renders/a/v001", "renders/a/v002"}


def test_the_newest_whole_version_stays_where_the_newest_is_damaged(twice):
    (twice / "renders/a/v003/a_v003.mkv").write_bytes(b"half")
    assert gone(twice) == {"renders/a/v001"}


def test_what_stays_cannot_be_let_go(twice):
    store = Project.open(twice).store
    (*_, last) = [one for one in render_versions(store, "fr-FR") if one.shot == "a"]
    with pytest.raises(DeliveryError, match="v003 must stay: the newest"):
        letting.let_go(store, [last], "clean", "x")


@pytest.mark.parametrize("step", ["append", "_delete"])
def test_a_clean_that_is_killed_leaves_a_whole_project_and_goes_on(twice, monkeypatch, step):
    project = Project.open(twice)
    plan = plan_clean(project)

    def killed(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(letting, "_enter" if step == "append" else step, killed)
        with pytest.raises(KeyboardInterrupt):
            clean(project, plan)
    assert {result.status for result in Project.open(twice).sync()} == {"unchanged"}
    again = Project.open(twice)
    clean(again, plan_clean(again))
    assert not media(twice, "v001") and not media(twice, "v002")


def test_the_setting_keep_newest_lets_older_versions_go_after_a_render(twice):
    toml = twice / "dubsync.toml"
    toml.write_text(toml.read_text().replace("[delivery]\n", '[delivery]\nkeep = "newest"\n'))
    drawn_engine.VERSION[0] = "4"
    Project.open(twice).sync(["a"])
    assert {read_note(twice / f"renders/a/v00{n}").by for n in (1, 2, 3)} == {"keep"}
    assert not media(twice, "v003") and media(twice, "v004")


def test_verify_says_that_they_were_deleted_and_the_ledger_proves_it(twice):
    clean(project := Project.open(twice), plan_clean(project))
    (entry,) = read_ledger(twice).of("clean")
    assert [row["version"] for row in entry.what["versions"]] == ["v001", "v002"]
    claims = [one for one in verify(Asked(twice)).claims if one.about == "a v001"]
    assert [(one.state, "deleted by clean" in one.why) for one in claims] == [("verified", True)]
    note = twice / "renders/a/v001/deleted.json"
    note.write_text(note.read_text().replace("nobody", "somebody"))
    claims = [one for one in verify(Asked(twice)).claims if one.about == "a v001"]
    assert [one.state for one in claims] == ["not checked"]


def test_caches_go_only_when_they_are_named_and_the_clean_faces_stay(twice):
    tracks = twice / ".dubsync/tracks"
    (tracks / "clean/1234").mkdir(parents=True)
    (tracks / "clean/1234/a.npz").write_bytes(b"x")
    (tracks / "k.safetensors").write_bytes(b"xx")
    project = Project.open(twice)
    assert not [one for one in plan_clean(project).goes if one.kind == "caches"]
    clean(project, plan_clean(project, ["caches"]))
    assert (tracks / "clean/1234/a.npz").is_file() and not (tracks / "k.safetensors").exists()
    assert {result.status for result in Project.open(twice).sync()} == {"unchanged"}


def test_what_killed_runs_left_goes_once_it_is_old(twice):
    left = twice / "renders/a/.making-v009-1"
    left.mkdir()
    (left / "half.mkv").write_bytes(b"x")
    assert not [one for one in plan_clean(Project.open(twice)).goes if one.kind == "left over"]
    os.utime(left, (0, 0))
    project = Project.open(twice)
    clean(project, plan_clean(project, ["left over"]))
    assert not left.exists()


def model(reel: Path, key: str, made: str, digest: str) -> Path:
    folder = reel / ".dubsync/actors/ELISE" / key
    folder.mkdir(parents=True)
    facts = {"schema": "dubsync.training/1", "actor": digest, "made": made, "character": "ELISE"}
    (folder / "training.record.json").write_text(json.dumps(facts))
    (folder / "actor.safetensors").write_bytes(b"x" * 100)
    return folder


def test_a_model_goes_when_a_newer_one_stands_and_no_render_that_stays_was_drawn_by_it(twice):
    shutil.rmtree(twice / ".dubsync/actors/ELISE", ignore_errors=True)
    drew = json.loads(next((twice / "renders/a/v003").glob("*.record.json")).read_text())
    old = model(twice, "k1", "2026-01-01", "nobody's")
    used = model(twice, "k2", "2026-02-01", drew["actors"]["ELISE"])
    new = model(twice, "k3", "2026-03-01", "newer")
    project = Project.open(twice)
    clean(project, plan_clean(project, ["models"]))
    assert (old.exists(), used.exists(), new.exists()) == (False, True, True)


def test_nothing_behind_a_link_that_leads_out_is_deleted(twice, tmp_path):
    project, out = Project.open(twice), tmp_path / "another house"
    shutil.move(twice / "renders/a/v001", out / "v001")
    (out / "photos").mkdir()
    (out / "photos/holiday.jpg").write_bytes(b"x")
    (out / "photos/.making-x").write_bytes(b"x")
    os.utime(out / "photos/.making-x", (0, 0))
    shutil.rmtree(twice / ".dubsync/thumbnails", ignore_errors=True)
    shutil.rmtree(twice / ".dubsync/actors/MARC", ignore_errors=True)
    for link, to in (
        ("renders/a/v001", "v001"),
        (".dubsync/thumbnails", "photos"),
        ("disclosure", "photos"),
        (".dubsync/actors/MARC", "photos"),
    ):
        (twice / link).symlink_to(out / to)
    before = sorted(out.rglob("*"))
    plan = plan_clean(project, ["versions", "proxies", "left over", "models"])
    clean(project, plan)
    assert {one.what for one in plan.goes} == {"renders/a/v002"}
    told = {one.what for one in plan.stays if "leads out" in one.why}
    assert told == {"renders/a/v001", ".dubsync/thumbnails"}
    assert sorted(out.rglob("*")) == before


def test_a_version_stays_if_a_file_that_may_name_it_cannot_be_read(twice, monkeypatch):
    (twice / "cuts").mkdir()
    (twice / "cuts/large.aaf").write_bytes(b"-" * 28 + b"a_v001.mkv" + b"-" * 28)
    (twice / "cuts/sent.aaf").write_bytes(b"x")
    monkeypatch.setattr(referred, "_MOST", 32)
    assert gone(twice) == {"renders/a/v002"}, "a name at the seam of two parts of a large file"
    opened = Path.open

    def refused(path, *args, **options):
        if path.name == "sent.aaf":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **options)

    monkeypatch.setattr(Path, "open", refused)
    assert gone(twice) == set()


def test_a_version_that_was_approved_after_the_look_is_not_deleted(twice):
    project = Project.open(twice)
    plan = plan_clean(project)
    JudgementStore(twice, project.store.layout).judge("a", "v001", "approved", by="Ann")
    clean(project, plan)
    assert media(twice, "v001") and not media(twice, "v002")


def test_a_clean_that_was_killed_before_the_ledger_knew_is_entered_by_the_next(twice, monkeypatch):
    project = Project.open(twice)
    with monkeypatch.context() as patch:
        patch.setattr(letting, "_enter", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            clean(project, plan_clean(project))
    again = Project.open(twice)
    clean(again, plan_clean(again))
    claims = [one for one in verify(Asked(twice)).claims if one.about == "a v001"]
    assert [one.state for one in claims] == ["verified"]
