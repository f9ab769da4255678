"""Filmed takes train the speaking style, if the voice actor consented."""

import json
import shutil
from datetime import date

import av
import numpy as np
import pytest

from dubsync.service.project import Project
from dubsync.service.recut.recut import recut
from dubsync.service.render.provenance import read_record
from tests.service.reel_making import consent, make_reel
from tests.service.test_withdrawal import dubsync
from tests.speech.speech_synthesis import talk


def filmed(path, start, stop, *, frames=75, rate=25):
    """A gray take with a machine's voice from `start` to `stop` seconds."""
    at = np.arange(frames * 48000 // rate) / 48000
    speech = talk(frames / rate, 48000)
    samples = (12000 * speech * ((at >= start) & (at < stop))).astype("<i2")
    with av.open(str(path), "w") as out:
        picture = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        picture.width, picture.height, picture.pix_fmt = 128, 72, "yuv420p"
        voice = out.add_stream("pcm_s16le", rate=48000, layout="mono")
        for n in range(frames):
            gray = av.VideoFrame.from_ndarray(np.full((72, 128, 3), 90 + n, np.uint8), "rgb24")
            out.mux(picture.encode(gray.reformat(format="yuv420p")))
        sound = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        sound.sample_rate = 48000
        out.mux([*voice.encode(sound), *voice.encode(None), *picture.encode(None)])


@pytest.fixture(scope="module")
def with_take(tmp_path_factory):
    """A reel with MARC dubbed by marc-v, who is filmed in the take and agreed to training."""
    folder = tmp_path_factory.mktemp("taken")
    reel = make_reel(folder, date.today())
    takes = reel.parent / "takes"
    takes.mkdir()
    filmed(takes / "MARC_t1.mov", 2.4, 2.9)
    consent(reel / "consent" / "marc-v.toml", "marc-v", date.today())
    toml = reel / "dubsync.toml"
    said = toml.read_text().replace("takes = []", 'takes = ["../takes"]')
    said = said.replace('dub = "../m.wav"', 'dub = "../takes/MARC_t1.mov"\nvoice_actor = "marc-v"')
    toml.write_text(said)
    Project.open(reel).turnover()
    return folder


@pytest.fixture(scope="module")
def drawn_with_take(with_take, tmp_path_factory):
    """The same, drawn."""
    folder = shutil.copytree(with_take, tmp_path_factory.mktemp("drawn") / "copy")
    assert status(Project.open(folder / "REEL").sync()) == {"a": "done", "b": "done"}
    return folder


@pytest.fixture
def taken(with_take, tmp_path, engine):
    """A copy of the reel with the take, not drawn yet."""
    return shutil.copytree(with_take, tmp_path / "copy") / "REEL"


@pytest.fixture
def drawn(drawn_with_take, tmp_path, engine):
    """A copy of the reel with the take, drawn; the engine's record of calls is empty."""
    return shutil.copytree(drawn_with_take, tmp_path / "copy") / "REEL"


def asked(engine, step):
    return [one[1:] for one in engine.ASKED if one[0] == step]


def status(results):
    return {result.name: result.status for result in results}


def test_a_take_trains_its_characters_speaking_style_once(taken, engine):
    assert status(Project.open(taken).sync()) == {"a": "done", "b": "done"}
    assert asked(engine, "speaking_style") == [("MARC", ["b.mov"], ["MARC_t1.mov"])]
    assert engine.DRIVEN == [("ELISE", None), ("MARC", [75])]

    engine.ASKED.clear()
    assert status(Project.open(taken).sync()) == {"a": "unchanged", "b": "unchanged"}
    Project.open(taken).triage()
    assert not asked(engine, "speaking_style")
    assert ("MARC", [75]) in engine.DRIVEN


def test_turnover_lists_the_takes_that_train(taken):
    said = json.loads(dubsync("turnover", taken, "--json").stdout)
    assert said["take_training"] == {"MARC": {"voice_actor": "marc-v", "takes": ["MARC_t1.mov"]}}
    assert (
        "MARC: also trained on the take of marc-v: MARC_t1.mov" in dubsync("turnover", taken).output
    )


def test_a_voice_actor_without_name_or_consent_trains_no_speaking_style(taken, engine):
    (taken / "consent" / "marc-v.toml").unlink()
    project = Project.open(taken)
    (warning,) = [d for d in project.turnover().warnings if "own lines only" in d.message]
    assert warning.about == "MARC" and "'marc-v'" in warning.message
    project.sync()
    assert not asked(engine, "speaking_style")
    assert engine.DRIVEN == [("ELISE", None), ("MARC", None)]

    toml = taken / "dubsync.toml"
    toml.write_text(toml.read_text().replace('voice_actor = "marc-v"\n', ""))
    project = Project.open(taken)
    assert not [d for d in project.turnover().warnings if "own lines only" in d.message]
    assert status(project.sync()) == {"a": "unchanged", "b": "unchanged"}


def test_another_take_makes_only_its_character_s_shots_stale(drawn, engine):
    filmed(drawn.parent / "takes" / "MARC_t1.mov", 2.3, 2.8)
    assert status(Project.open(drawn).sync()) == {"a": "unchanged", "b": "done"}
    assert len(asked(engine, "speaking_style")) == 1


def test_records_list_the_takes_that_trained_a_speaking_style(drawn):
    taken = drawn
    record = read_record(taken / "renders" / "b" / "v001")
    assert {"MARC_t1.mov"} == {
        i["name"] for i in record["inputs"] if i["role"].startswith("training take")
    }
    assert [c["id"] for c in record["consent"]] == ["marc-d-001", "marc-v-001"]
    elise = read_record(taken / "renders" / "a" / "v001")
    assert [c["id"] for c in elise["consent"]] == ["elise-m-001"]
    (folder,) = taken.glob(".dubsync/speaking_styles/MARC/*")
    facts = json.loads((folder / "training.record.json").read_text())
    assert facts["voice_actor"] == "marc-v" and facts["performer"] == "marc-d"
    assert [take["name"] for take in facts["takes"]] == ["MARC_t1.mov"]


@pytest.mark.parametrize("who", ["marc-v", "marc-d"])
def test_a_speaking_style_is_deleted_when_either_performer_withdraws_consent(drawn, who):
    taken = drawn
    listed = json.loads(dubsync("consent", taken, who, "--json").stdout)["performers"][0]
    assert "speaking_style" in [model["kind"] for model in listed["models"]]
    assert listed["dubs"] == (["MARC"] if who == "marc-v" else [])

    assert dubsync("consent", taken, who, "--withdraw", "--yes").exit_code == 0

    assert not list(taken.glob(".dubsync/speaking_styles/MARC/*"))
    after = status(Project.open(taken).sync())
    assert after["b"] == ("done" if who == "marc-v" else "blocked")


def test_an_open_project_stops_using_takes_when_consent_is_withdrawn(drawn, engine):
    project = Project.open(drawn)
    project.sync()
    project.withdraw(next(d for d in project.consents() if d.performer == "marc-v"))
    assert status(project.sync())["b"] == "done"
    assert engine.DRIVEN[-1] == ("MARC", None)


def test_a_damaged_speaking_style_is_learnt_again(drawn, engine):
    (kept,) = drawn.glob(".dubsync/speaking_styles/MARC/*/speaking_style.safetensors")
    kept.write_bytes(kept.read_bytes()[:40])
    Project.open(drawn).triage()
    assert len(asked(engine, "speaking_style")) == 1
    assert engine.DRIVEN[-1] == ("MARC", [75])


def test_a_recut_learns_no_speaking_style_again(drawn, engine):
    taken = drawn
    new = taken.parent / "new.edl"
    old = (taken.parent / "cut.edl").read_text()
    shorter = "02:00:00:10 02:00:01:20 01:00:02:00 01:00:03:10"  # of the plate that teaches MARC
    new.write_text(old.replace("02:00:00:10 02:00:02:00 01:00:02:00 01:00:03:14", shorter))
    assert new.read_text() != old

    recut(taken, new)

    assert not asked(engine, "speaking_style")
    assert len(list(taken.glob(".dubsync/speaking_styles/MARC/*"))) == 1
