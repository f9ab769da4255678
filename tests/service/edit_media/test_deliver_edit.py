"""A cut points at edit media that its host opens; what would be offline is refused or told."""

import json
from datetime import date
from pathlib import Path

import opentimelineio as otio
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import DeliveryError, HostCannotOpen, IncompleteDelivery, SettingsError
from dubsync.service.edit_media import make_edit
from dubsync.service.project import Project
from tests.service.reel_making import make_synced_reel

EDIT = "renders/{}/v001/edit/prores422hq_mov/{}_v001.mov"


@pytest.fixture(scope="module")
def synced(tmp_path_factory):
    """A synced reel of two shots, a and b."""
    return make_synced_reel(tmp_path_factory.mktemp("edit"), date.today())


@pytest.fixture
def reel(synced):
    """`synced`, with its settings as they were when the test is over."""
    toml = synced / "dubsync.toml"
    text = toml.read_text()
    yield synced
    toml.write_text(text)


def choose(reel: Path, **delivery: str) -> Project:
    """The project with these settings under [delivery]."""
    toml = reel / "dubsync.toml"
    lines = "".join(f'{key} = "{value}"\n' for key, value in delivery.items())
    toml.write_text(toml.read_text().replace("[delivery]\n", f"[delivery]\n{lines}"))
    return Project.open(reel)


def versions(reel: Path) -> set[str]:
    return {path.name for path in (reel / "delivery").glob("v*")}


def test_without_a_host_it_is_said_who_opens_the_cut_and_how_to_choose_a_host(reel):
    said = CliRunner().invoke(main, ["deliver", str(reel), "--as", "edl"])
    assert said.exit_code == 0, said.output
    assert "The corrected clips are FFV1 in Matroska" in said.output
    assert "would be offline in Media Composer, DaVinci Resolve, Premiere Pro" in said.output
    assert "dubsync deliver REEL --for avid" in said.output
    assert "not verified in the hosts" in said.output


def test_a_cut_whose_host_cannot_open_its_media_is_refused_unless_forced(reel):
    project, before = choose(reel, host="avid"), versions(reel)
    with pytest.raises(HostCannotOpen, match="Media Composer does not open FFV1") as refused:
        project.deliver(formats=("edl",))
    assert 'edit = "dnxhr_hqx" and edit_container = "mxf_opatom"' in refused.value.hint
    assert versions(reel) == before
    delivery = project.deliver(formats=("edl",), allow_offline=True)
    assert delivery.opens["edl"] == () and "avid" in delivery.unopened


def test_edit_media_are_made_once_and_the_cut_points_at_them(reel):
    project = choose(reel, edit="prores422hq")
    delivery = project.deliver(formats=("otio", "edl", "ale"))
    files = [reel / EDIT.format(name, name) for name in "ab"]
    assert [delivery.edit[name] for name in "ab"] == [str(file) for file in files]
    assert "premiere" in delivery.opens["edl"] and delivery.opens["ale"] == ("avid",)
    made = [file.stat().st_mtime_ns for file in files]
    again = project.deliver(formats=("otio",))
    assert [file.stat().st_mtime_ns for file in files] == made
    timeline = otio.adapters.read_from_file(again.files["otio"])
    clip = timeline.find_clips()[0]
    urls = {key: media.target_url for key, media in clip.media_references().items()}
    assert clip.active_media_reference_key == "dubbed-fr-FR"
    assert urls["dubbed-fr-FR"].endswith("prores422hq_mov/a_v001.mov")
    assert urls["dubbed-fr-FR-master"].endswith("renders/a/v001/a_v001.mkv")
    assert "a.mov" in urls["DEFAULT_MEDIA"] or "DEFAULT_MEDIA" in urls


def test_a_host_can_be_chosen_for_one_delivery(reel):
    said = CliRunner().invoke(main, ["deliver", str(reel), "--for", "premiere", "--json"])
    assert said.exit_code == 0, said.output
    body = json.loads(said.stdout)
    assert body["host"] == "premiere" and body["media"] == ["ProRes 422 HQ in MOV"]
    assert "premiere" in body["opens"]["xml"] and set(body["edit"]) == {"a", "b"}
    assert "prores422hq_mov" in Path(body["files"]["xml"]).read_text()


def test_altered_edit_media_are_made_anew(reel):
    project = choose(reel, edit="prores422hq")
    project.deliver(formats=("edl",))
    file = reel / EDIT.format("a", "a")
    whole = file.read_bytes()
    file.write_bytes(whole[:-100])
    project.deliver(formats=("edl",))
    assert len(file.read_bytes()) >= len(whole)


def test_a_list_of_edit_media_cannot_lead_out_of_its_folder(reel):
    project = choose(reel, edit="prores422hq")
    project.deliver(formats=("edl",))
    listed = reel / EDIT.format("a", "a")
    listed = listed.with_name("edit.json")
    body = json.loads(listed.read_text())
    body["essences"][0]["path"] = "../../../../../../plates/a.mov"
    listed.write_text(json.dumps(body))
    delivery = project.deliver(formats=("edl",))
    assert delivery.edit["a"] == str(reel / EDIT.format("a", "a"))


def test_files_that_do_not_say_that_they_are_one_clip_are_made_anew(reel):
    project = choose(reel, edit="prores422hq")
    project.deliver(formats=("edl",))
    listed = (reel / EDIT.format("a", "a")).with_name("edit.json")
    body = json.loads(listed.read_text())
    made = body["essences"][0]
    other = "urn:smpte:umid:" + ".".join(["060a2b34"] * 8)
    body["essences"].append(made | {"kind": "sound", "channel": 1, "material": other})
    listed.write_text(json.dumps(body))
    project.deliver(formats=("edl",))
    assert json.loads(listed.read_text())["essences"] == [made]


def test_pictures_that_the_codec_cannot_hold_are_named_and_nothing_is_left(reel):
    project, before = choose(reel, edit="dnxhr_hqx", edit_container="mov"), versions(reel)
    with pytest.raises(IncompleteDelivery) as refused:
        project.deliver(formats=("edl",))
    reasons = dict(refused.value.missing)
    assert "begins at 256x120, and the picture is 128x72" in reasons["a"]
    assert versions(reel) == before and not list(reel.glob("renders/*/v001/edit/*dnxhr*"))


def test_where_the_disk_is_full_for_one_shot_the_others_go_on(reel, monkeypatch):
    real = make_edit.write_edit_media

    def full(*args, shot, **more):
        if shot == "b":
            raise DeliveryError("the disk is full", hint="free 2 GB")
        return real(*args, shot=shot, **more)

    monkeypatch.setattr(make_edit, "write_edit_media", full)
    project = choose(reel, edit="prores4444")
    with pytest.raises(IncompleteDelivery):
        project.deliver(formats=("edl",))
    delivery = project.deliver(formats=("edl",), allow_missing=True)
    assert delivery.corrected == ("a",)
    assert delivery.missing[0][1].endswith("the disk is full (free 2 GB)")
    assert not list(reel.glob("renders/b/v001/edit/*4444*"))


def test_no_edit_media_are_made_without_consent(reel, monkeypatch):
    project = choose(reel, edit="prores4444xq")
    record = next((reel / "consent").glob("marc*"))
    kept = record.read_bytes()
    record.unlink()
    try:
        with pytest.raises(IncompleteDelivery):
            project.deliver(formats=("edl",))
    finally:
        record.write_bytes(kept)
    assert not list(reel.glob("renders/b/v001/edit/*4444xq*"))


def test_sync_makes_edit_media_where_the_settings_say_so(reel):
    project = choose(reel, edit="h264", edit_made="sync")
    results = project.sync()
    assert [result.status for result in results] == ["unchanged", "unchanged"]
    assert all(Path(result.rendered.edit.picture).is_file() for result in results)


def test_a_container_that_cannot_hold_the_codec_is_refused(reel):
    with pytest.raises(SettingsError, match="ProRes 422 HQ is not delivered in it"):
        choose(reel, edit="prores422hq", edit_container="mxf").deliver(formats=("edl",))
