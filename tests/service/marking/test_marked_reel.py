"""What a production relies on when its renders carry the house's mark."""

import json
import shutil
from datetime import date
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import SettingsError
from dubsync.core.proof.mark_payload import mark_payload, payload_text
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.faces.face_tracks import forget_faces
from dubsync.service.find_mark import find_mark as finding
from dubsync.service.ledger.read_ledger import read_ledger
from dubsync.service.marking import installed_markers
from dubsync.service.marking.clean_faces import kept_clean_faces
from dubsync.service.marking.installed_markers import GROUP, load_marker
from dubsync.service.plugins import allow_engine
from dubsync.service.project import Project
from dubsync.service.store.folder import Store
from tests.service.marking import drawing_engine, tiny_marker
from tests.service.reel_making import ENGINE, make_reel

DRAWS = "tests.service.marking.drawing_engine:build"


@pytest.fixture(scope="module")
def marking(house_key):
    """This machine has the house's key and the tiny marker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBSYNC_KEYS", str(house_key.folder.parents[1]))
        tiny = EntryPoint("tiny", "tests.service.marking.tiny_marker:marker", GROUP)
        patch.setattr(installed_markers, "entry_points", lambda group: [tiny])
        patch.setattr(finding, "load_engine", drawing_engine.build)
        yield patch


@pytest.fixture
def keyed(marking, house_key, monkeypatch):
    monkeypatch.setenv("DUBSYNC_KEYS", str(house_key.folder.parents[1]))


def say(reel, lines):
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().split("[proof]")[0] + f"[proof]\n{lines}\n")


@pytest.fixture(scope="module")
def made(marking, tmp_path_factory):
    """A reel of two shots: first rendered without a mark, then with it."""
    reel = make_reel(tmp_path_factory.mktemp("marked"), date.today())
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace(ENGINE, DRAWS))
    allow_engine(DRAWS)
    say(reel, 'mark = false\nmark_off_reason = "the client\'s terms"')
    assert {one.status for one in Project.open(reel).sync()} == {"done"}
    say(reel, 'marker = "tiny"')
    assert {one.status for one in Project.open(reel).sync()} == {"done"}
    return reel


def folder(reel, version="v002", shot="a"):
    return next(p for p in (reel / "renders").glob(f"*{shot}*/{version}"))


def record(reel, version="v002"):
    return json.loads(next(folder(reel, version).glob("*.record.json")).read_text())


def planes(path):
    plate = probe_plate(path)
    with open_plate(plate) as reader:
        return np.stack([frame.planes[0].astype(int) for frame in reader.frames(plate.frames)])


def picture(reel, version="v002"):
    return folder(reel, version) / record(reel, version)["outputs"]["picture"]["file"]


def test_the_mark_is_in_drawn_pixels_and_nowhere_else(made):
    plain, marked = planes(picture(made, "v001")), planes(picture(made))
    assert 0 < np.abs(marked - plain).max() <= tiny_marker.STEP
    matte = planes(folder(made) / record(made)["outputs"]["matte"]["file"])
    assert not (marked - plain)[matte == 0].any()
    assert record(made)["proof"]["changed_outside"] == 0


def test_the_record_says_what_was_marked_and_why_something_was_not(made, house_key):
    entry, key = record(made)["mark"], record(made)["key"]
    assert entry["payload"] == payload_text(mark_payload(house_key.fingerprint, key))
    assert (entry["marker"], entry["version"]) == ("tiny", "tiny-1")
    assert entry["frames"] == record(made)["proof"]["frames_changed"]
    assert record(made, "v001")["mark"] == {"off_reason": "the client's terms"}
    off = [one for one in read_ledger(made).entries if one.kind == "mark_off"]
    assert {one.what["reason"] for one in off} == {"the client's terms"}
    assert house_key.mark_secret.hex() not in json.dumps(record(made))


def test_a_marked_render_is_up_to_date_and_without_a_key_an_unmarked_one_is(
    made, keyed, tmp_path, monkeypatch
):
    reel = shutil.copytree(made.parent, tmp_path / "copy", copy_function=shutil.copy2) / "REEL"
    assert {one.status for one in Project.open(reel).sync()} == {"unchanged"}
    key = Project.open(reel).reel.look(lambda step: None)
    with_key = key.plan(key.reel.turnover.shots[0]).render_key
    monkeypatch.setenv("DUBSYNC_KEYS", str(tmp_path / "none"))
    bare = Project.open(reel).reel.look(lambda step: None)
    assert bare.plan(bare.reel.turnover.shots[0]).render_key == record(made, "v001")["key"]
    assert with_key != record(made, "v001")["key"]


def test_a_marker_that_changes_what_was_not_drawn_is_refused(made, keyed, monkeypatch, tmp_path):
    reel = shutil.copytree(made.parent, tmp_path / "copy", copy_function=shutil.copy2) / "REEL"
    shutil.rmtree(reel / "renders")
    monkeypatch.setattr(tiny_marker, "STRAY", [True])
    results = list(Project.open(reel).sync())
    assert {one.status for one in results} == {"failed"}
    assert all("'tiny' changed" in one.reason and "marker" in one.hint for one in results)


def test_a_project_names_only_installed_markers(keyed):
    with pytest.raises(SettingsError) as caught:
        load_marker("os:system")
    assert "tiny" in caught.value.hint


def find(*arguments):
    result = CliRunner().invoke(main, ["mark", "find", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_copy_says_whose_and_which_render_it_is(made, keyed, tmp_path):
    copy = shutil.copy(picture(made), tmp_path / "copy.mkv")
    code, said = find(copy, "--marker", "tiny", "--reel", made)
    assert code == 0
    assert "Studio Nord" in said and "v002" in said and "1 in 10^12" in said
    code, told = find(copy, "--marker", "tiny", "--reel", made, "--json")
    (mark,) = json.loads(told.splitlines()[-1])["marks"]
    assert mark["renders"][0]["own"] and mark["payload"] == record(made)["mark"]["payload"]


def test_weak_runs_of_faces_are_added_up_where_the_records_are_at_hand(made, keyed, monkeypatch):
    monkeypatch.setattr(tiny_marker, "WEAK", [0.01])
    monkeypatch.setattr(finding, "STRETCH", 12)
    copy = picture(made)
    assert find(copy, "--marker", "tiny")[0] == 1  # nothing says which payloads to look for
    code, said = find(copy, "--marker", "tiny", "--reel", made)
    assert code == 0 and "together carry the mark of Studio Nord" in said
    monkeypatch.setattr(tiny_marker, "WEAK", [0.9])
    assert find(copy, "--marker", "tiny", "--reel", made)[0] == 1


def test_no_mark_is_not_said_to_be_another_house_s_picture(made, keyed):
    code, said = find(picture(made, "v001"), "--marker", "tiny")
    assert code == 1 and "no mark found" in said and "does not say that it is not yours" in said


def test_without_a_key_or_a_file_it_could_not_look(made, keyed, tmp_path, monkeypatch):
    assert find(tmp_path / "gone.mov", "--marker", "tiny")[0] == 2
    monkeypatch.setenv("DUBSYNC_KEYS", str(tmp_path / "none"))
    code, said = find(picture(made), "--marker", "tiny")
    assert code == 2 and "no house key" in said


def test_clean_faces_are_kept_for_the_reader_and_go_with_the_face_tracks(made, tmp_path):
    payload = int(record(made)["mark"]["payload"], 16)
    (face,) = kept_clean_faces(Store(made), payload)
    assert len(face.numbers) == record(made)["mark"]["frames"] and face.faces.shape[1:] == (8, 8)
    copy = Store(shutil.copytree(made, tmp_path / "REEL"))
    forget_faces(copy, ["fr-FR"])
    assert kept_clean_faces(copy, payload) == ()


def test_damaged_clean_faces_are_not_read(made, tmp_path):
    payload = int(record(made)["mark"]["payload"], 16)
    store = Store(shutil.copytree(made, tmp_path / "REEL"))
    (path,) = (store.derived / "tracks" / "clean" / payload_text(payload)).glob("*.npz")
    path.write_bytes(path.read_bytes()[:40])
    assert kept_clean_faces(store, payload) == ()
