"""A recut keeps what is still valid, and draws exactly the frames that changed."""

import json
import shutil
import tomllib
import wave
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.errors import DubsyncError, MissingMedia, SettingsError
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import Timecode
from dubsync.editorial.otio.write import write_otio_flat
from dubsync.editorial.probe import probe_cut
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.new_project import Dubs, new_project
from dubsync.service.plugins import allow_engine
from dubsync.service.project import Project
from dubsync.service.recut import files as recut_files
from dubsync.service.recut import recut as recutting
from dubsync.service.recut.files import on_new_cut
from dubsync.service.recut.recut import recut, undo
from dubsync.service.render.provenance import read_record
from tests.made_once import made_once
from tests.service import drawn_engine
from tests.service.recut import recut_engine
from tests.service.reel_making import consent
from tests.service.test_bad_input import HEAD, event, movie
from tests.speech.speech_synthesis import talk

RATE = Fraction(24)
START, FRAMES = 3600 * 24, 190
BEGIN = {"a": START, "b": 2 * START}  # first timecode of each plate
#: plate, first frame, frames, record frames (None: as many); two plates, four shots in turn
OLD = [("a", 40, 40), ("b", 40, 40), ("a", 100, 40), ("b", 100, 40)]
HANDLES = 8


def tc(frame):
    return str(Timecode(frame, RATE))


def edl(shots, at=0):
    """A list of shots end to end from record frame `at`; ("gap", n) leaves a gap."""
    text = HEAD
    for n, (plate, first, *rest) in enumerate(shots, start=1):
        if plate == "gap":
            at += first
            continue
        count, record = rest[0], rest[1] if len(rest) > 1 else rest[0]
        source = BEGIN[plate] + first
        text += event(n, f"{plate}.mov", f"{tc(source)} {tc(source + record)}",
                      f"{tc(START + at)} {tc(START + at + record)}")  # fmt: skip
        if record != count:
            speed = 24 * count / record
            text += f"M2   AX       {speed:05.1f}                {tc(source)}\n"
        at += record
    return text


def voice(path, *, seconds=7.0, rate=48000):
    """A machine's voice that speaks up once in every shot of the old cut."""
    at = np.arange(round(seconds * rate)) / rate
    here = at % (40 / 24)
    samples = (0.2 * talk(seconds, rate) * ((here > 0.3) & (here < 1.1)) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, rate, len(samples), "NONE", ""))
        out.writeframes(samples.tobytes())


@pytest.fixture(scope="session")
def old_reel():
    """The folder of a project of the old cut, every shot rendered; tests must not change it."""
    allow_engine("tests.service.recut.recut_engine:build")
    return made_once("old_cut", make_old_reel)


def make_old_reel(folder):
    (folder / "plates").mkdir()
    for name, begin in BEGIN.items():
        movie(folder / "plates" / f"{name}.mov", frames=FRAMES, start=tc(begin))
    voice(folder / "e.wav")
    (folder / "old.edl").write_text(edl(OLD))
    record = consent(folder / "elise-m.toml", "elise-m", date.today())
    new_project(
        folder / "REEL", cut=folder / "old.edl", media=[folder / "plates"],
        dubs=[Dubs("fr-FR", {"ELISE": folder / "e.wav"})], performers={"ELISE": "elise-m"},
        consent=[record],
    )  # fmt: skip
    toml = folder / "REEL" / "dubsync.toml"
    mine = '[engine]\nengine = "tests.service.recut.recut_engine:build"\n'
    text = toml.read_text().replace("[engine]\n", mine)
    toml.write_text(text.replace('e.wav"', 'e.wav"\nstart = "01:00:00:00"'))
    done = Project.open(folder / "REEL").sync()
    assert [result.status for result in done] == ["done"] * 4


@pytest.fixture
def reel(old_reel, tmp_path):
    """A copy of that project; the record of drawn frames is empty."""
    shutil.copytree(old_reel, tmp_path / "old", copy_function=shutil.copy2)
    drawn_engine.ASKED.clear()
    recut_engine.DRAWN.clear()
    yield tmp_path / "old" / "REEL"
    recut_engine.REACH[0], recut_engine.BRIGHTER[0] = 0, 0.0


def recut_to(reel, shots, **options):
    path = reel.parent / "new.edl"
    path.write_text(edl(shots))
    return recut(reel, path, **options)


def drawn():
    return sorted(frame for _, frame in recut_engine.DRAWN)


def numbers(plate, first, stop):
    return [BEGIN[plate] + n for n in range(first, stop)]


A1, B1, A2, B2 = OLD
#: kind -> (the new cut, plate frames that no render of the old cut has)
CHANGES = {
    "moved": ([A1, ("gap", 24), B1, A2, B2], []),
    "reordered": ([B1, A2, A1, B2], []),
    "trimmed head": ([("a", 50, 30), B1, A2, B2], []),
    "extended head": ([A1, B1, ("a", 88, 52), B2], numbers("a", 80, 92)),
    "extended tail": ([A1, B1, A2, ("b", 100, 45)], numbers("b", 148, 153)),
    "slipped": ([("a", 46, 40), B1, A2, B2], numbers("a", 88, 94)),
    "retimed": ([A1, ("b", 40, 32, 40), A2, B2], numbers("b", 32, 80)),
    "gone": ([A1, A2, B2], []),
    "new, never dubbed": ([A1, B1, ("a", 160, 20), A2, B2], []),
    "new, of frames shown before": ([A1, B1, A2, B2, ("a", 130, 20)], numbers("a", 148, 158)),
    "split": ([("a", 40, 20), B1, ("a", 60, 20), A2, B2], []),
    "trimmed and moved": ([("gap", 48), A1, ("b", 45, 20), A2, ("b", 100, 52)],
                          numbers("b", 148, 160)),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
def test_exactly_the_frames_that_changed_are_drawn(reel, kind):
    shots, wanted = CHANGES[kind]

    found = recut_to(reel, shots)

    assert drawn() == wanted
    assert found.frames()["rendered"] == len(wanted)
    assert not any(asked[0] == "learn" for asked in drawn_engine.ASKED), "the actor was kept"
    assert {result.status for result in found.results} <= {"done", "unchanged"}


@pytest.mark.parametrize(("kind", "changed"), [("extended tail", "b_2"), ("split", "")])
def test_kept_frames_are_bit_for_bit_what_they_were(reel, kind, changed):
    before = {shot.name: pictures(reel, shot.name) for shot in shots_of(reel)}
    recut_engine.BRIGHTER[0] = 0.2  # what is drawn now would show

    recut_to(reel, CHANGES[kind][0])

    new = set(CHANGES[kind][1])
    for shot in shots_of(reel):
        for number, planes in pictures(reel, shot.name).items():
            olds = [frames[number] for frames in before.values() if number in frames]
            same = any(all(np.array_equal(a, b) for a, b in zip(planes, old, strict=True))
                       for old in olds)  # fmt: skip
            if same:
                assert shot.name != changed or number not in new
            else:
                assert shot.name == changed and number in new


def shots_of(reel):
    return Project.open(reel).turnover().shots


def pictures(reel, name):
    """Plate frame -> the planes of the newest picture and matte, and its coded layer frame."""
    folder = Project.open(reel).store.latest("renders", name)
    record = read_record(folder)
    first = record["frames"]["first"]
    result = {}
    planes = []
    for role in ("picture", "matte", "layer"):
        plate = probe_plate(folder / record["outputs"][role]["file"], rate=RATE)
        with open_plate(plate) as reader:
            planes.append([frame.planes for frame in reader.frames(plate.frames)])
    for n, (picture, matte, layer) in enumerate(zip(*planes, strict=True)):
        result[first + n] = (*picture, *matte, *layer)
    return result


def test_kept_frames_cross_fade_into_new_ones(reel):
    recut_engine.REACH[0] = 3
    drawn_engine.VERSION[0] = "drawn-1"
    old = pictures(reel, "b_2")
    recut_engine.BRIGHTER[0] = 0.2

    found = recut_to(reel, CHANGES["extended tail"][0])

    new, end = pictures(reel, "b_2"), BEGIN["b"] + 148
    assert found.frames()["faded"] == 3 and found.frames()["rendered"] == 5
    steps = [int(new[n][0][30, 30]) - int(old[n][0][30, 30]) for n in range(end - 5, end)]
    assert steps[:2] == [0, 0] and 0 < steps[2] < steps[3] < steps[4]
    outside = [np.array_equal(new[n][0][:, 60:], old[n][0][:, 60:]) for n in range(end - 5, end)]
    assert all(outside)
    (result,) = [r for r in found.results if r.name == "b_2"]
    assert result.rendered.samples_changed_outside_matte == 0


def test_a_moved_shot_is_hard_linked(reel):
    recut_to(reel, CHANGES["moved"][0])

    store = Project.open(reel).store
    new, old = (store.folder / "renders" / "b" / v / f"b_{v}.mkv" for v in ("v002", "v001"))
    assert new.samefile(old)
    reused = read_record(new.parent)["taken_over"]
    assert reused == {"kept": 56, "faded": 0, "rendered": 0, "from": ["b/v001"]}


def test_a_second_sync_renders_nothing(reel):
    recut_to(reel, CHANGES["trimmed and moved"][0])
    recut_engine.DRAWN.clear()

    assert {r.status for r in Project.open(reel).sync()} == {"unchanged"}
    assert not recut_engine.DRAWN


def test_tweaks_and_answers_follow_their_frames(reel):
    project = Project.open(reel)
    project.tweak("b_2", ["jaw=1.2@+10..+20"])
    project.draw_with("a_2", "plate")
    project.point("b", "ELISE", [(30.0, 30.0)], silent)
    Project.open(reel).sync()
    recut_engine.DRAWN.clear()

    recut_to(reel, [B2, A2, B1], render=False)  # b_2 is now the first b, so it is called b

    reel_now = Project.open(reel).reel
    assert [shot.name for shot in reel_now.turnover.shots] == ["b", "a", "b_2"]
    assert set(reel_now.tweaks["b"]) == {"ELISE"} and not reel_now.tweaks["b_2"]
    assert reel_now.renderers == {"a": "plate"}
    assert list(reel_now.pointed) == ["b_2"]
    Project.open(reel).sync()
    assert drawn() == []


def test_a_tweak_after_a_recut_draws_the_frames_it_reaches(reel):
    recut_to(reel, CHANGES["moved"][0])
    project = Project.open(reel)
    project.tweak("a", ["jaw=1.2@+30..+31"])
    recut_engine.DRAWN.clear()

    Project.open(reel).sync()

    made = drawn()
    assert numbers("a", 70, 72)[0] in made and len(made) < 48


def test_a_dry_run_reports_the_same_and_changes_nothing(reel):
    before = {p: p.read_bytes() for p in reel.glob("*.toml")}

    listed = recut_to(reel, CHANGES["slipped"][0], dry_run=True)

    assert {p: p.read_bytes() for p in reel.glob("*.toml")} == before
    assert not (reel / "recut").exists() and not recut_engine.DRAWN
    done = recut(reel, reel.parent / "new.edl")
    assert listed.frames() == done.frames() and listed.shots == done.shots


def test_undo_restores_cut_answers_and_tweaks_and_reuses_the_frames(reel):
    Project.open(reel).tweak("b_2", ["jaw=1.2"])
    Project.open(reel).sync()
    before = (reel / "dubsync.toml").read_bytes()
    recut_to(reel, CHANGES["slipped"][0])
    recut_engine.DRAWN.clear()

    version = undo(reel)

    assert (reel / "dubsync.toml").read_bytes() == before
    assert (version / "undone").exists()
    Project.open(reel).sync()
    assert drawn() == []
    with pytest.raises(SettingsError, match="no recut to undo"):
        undo(reel)


def said(reel):
    """The user's answers and the files that a recut changes: file -> its content."""
    files = [*reel.glob("*.toml"), reel / ".dubsync" / "recut.json"]
    tweaks = {shot: said for shot, said in Project.open(reel).reel.tweaks.items() if said}
    return {path.name: path.read_bytes() for path in files if path.exists()}, tweaks


def answered(reel):
    """`reel` with an answer of each kind that a recut keeps."""
    project = Project.open(reel)
    project.tweak("b_2", ["jaw=1.2"])
    project.point("b", "ELISE", [(30.0, 30.0)], silent)
    return reel


class Killed(BaseException):
    """Like a killed process: no handler sees it."""


@pytest.mark.parametrize("dies_at", ["keep_before", "renderers_text", "keep_actors"])
def test_a_failed_recut_changes_nothing(reel, dies_at, monkeypatch):
    before, real = said(answered(reel)), getattr(recut_files, dies_at)
    (reel / "renderers.toml").write_text('a_2 = "plate"\n')
    before[0]["renderers.toml"] = (reel / "renderers.toml").read_bytes()
    calls = iter([OSError("no space")])

    def fails_once(*given, **named):
        for error in calls:
            raise error
        return real(*given, **named)

    monkeypatch.setattr(recut_files, dies_at, fails_once)
    monkeypatch.setattr(recutting, "keep_before", recut_files.keep_before)
    with pytest.raises((DubsyncError, OSError)):
        recut_to(reel, CHANGES["slipped"][0], render=False)

    assert said(reel) == before
    assert not list((reel / "recut").glob("v*"))
    with pytest.raises(SettingsError, match="no recut to undo"):
        undo(reel)
    assert recut(reel, reel.parent / "new.edl", render=False).version


def test_a_recut_that_was_killed_is_undone_before_the_next(reel, monkeypatch):
    before = said(answered(reel))
    monkeypatch.setattr(recut_files, "keep_actors", lambda *_: (_ for _ in ()).throw(Killed))
    monkeypatch.setattr(recut_files, "_put_back", lambda *_: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        recut_to(reel, [B2, A2, B1], render=False)
    monkeypatch.undo()
    assert said(reel) != before

    with pytest.raises(SettingsError, match="was interrupted"):
        recut(reel, reel.parent / "new.edl", render=False)
    undo(reel)

    assert {**said(reel)[0], "recut.json": b""} == {**before[0], "recut.json": b""}
    assert said(reel)[1] == before[1]
    assert recut(reel, reel.parent / "new.edl", render=False).version


def test_undo_skips_an_incomplete_version(reel):
    before = (reel / "dubsync.toml").read_bytes()
    recut_to(reel, CHANGES["slipped"][0], render=False)
    (reel / "recut" / "v002").mkdir()

    assert undo(reel).name == "v001"

    assert (reel / "dubsync.toml").read_bytes() == before


def test_the_project_file_keeps_its_comments_and_names_the_dub_cut(reel):
    toml = reel / "dubsync.toml"
    toml.write_text("# my own words\n" + toml.read_text())

    recut_to(reel, CHANGES["moved"][0], render=False)

    text = toml.read_text()
    assert text.startswith("# my own words\n")
    assert 'cut = "../new.edl"' in text and 'dub_cut = "../old.edl"' in text
    assert (reel / "recut" / "v001" / "dubsync.toml").read_text().count("old.edl") == 1
    report = json.loads((reel / "recut" / "v001" / "report.json").read_text())
    assert report["frames"]["rendered"] == 0


def timelines(path, **cuts):
    """An .otio of several timelines, each of a list's shots."""
    made = []
    for name, shots in cuts.items():
        (path.parent / "one.edl").write_text(edl(shots))
        written = write_otio_flat(probe_cut(path.parent / "one.edl", RATE), ())
        made.append(json.loads(written.data) | {"name": name})
    held = {"OTIO_SCHEMA": "SerializableCollection.1", "name": "", "metadata": {}, "children": made}
    path.write_text(json.dumps(held))
    return path


def test_a_recut_goes_from_one_timeline_to_another_of_the_same_file_and_back(reel):
    both = timelines(reel.parent / "r1.otio", R1_V04=OLD, R1_V05=CHANGES["moved"][0])
    toml = reel / "dubsync.toml"
    named = 'cut = "../r1.otio"\ntimeline = "R1_V04"'
    toml.write_text(toml.read_text().replace('cut = "../old.edl"', named))
    before = toml.read_text()
    with pytest.raises(SettingsError, match="already"):
        recut(reel, both, render=False)

    listed = recut(reel, both, timeline="R1_V05", render=False)

    said = tomllib.loads(toml.read_text())["project"]
    assert (said["timeline"], said["dub_timeline"]) == ("R1_V05", "R1_V04")
    assert said["cut"] == said["dub_cut"] == "../r1.otio"
    assert (reel / "recut/v001/changes.html").exists()
    assert listed.frames()["rendered"] == 0 < listed.frames()["kept"]
    assert Path(listed.dub_cut).resolve() == both.resolve()
    assert recut(reel, both, timeline="R1_V04", render=False).dub_cut == ""
    assert tomllib.loads(toml.read_text()) == tomllib.loads(before)


def test_the_named_timeline_is_read_from_the_new_cut(reel):
    file = replace(Project.open(reel).whole, timeline="R1")
    several = timelines(reel.parent / "v5.otio", R1=OLD, R2=OLD)
    other = timelines(reel.parent / "v6.otio", R1_V06=OLD)

    assert on_new_cut(file, several).timeline == "R1"
    assert on_new_cut(file, other).timeline == ""
    (reel.parent / "new.edl").write_text(edl(OLD))
    assert on_new_cut(file, reel.parent / "new.edl").timeline == ""
    assert on_new_cut(file, other).dub_timeline == "R1"


def test_a_second_recut_keeps_the_dub_aligned_with_the_old_cut(reel):
    recut_to(reel, CHANGES["moved"][0])
    third = reel.parent / "third.edl"
    third.write_text(edl([("gap", 60), B1, ("gap", 7), A1, A2, B2]))
    recut_engine.DRAWN.clear()

    recut(reel, third)

    assert drawn() == []
    assert 'dub_cut = "../old.edl"' in (reel / "dubsync.toml").read_text()


def test_stems_for_the_new_cut_draw_only_frames_with_other_sound(reel):
    """The new stem is the old one, cut where the picture was cut and moved with it."""
    recut_to(reel, CHANGES["moved"][0])
    lay_again(reel.parent / "e.wav", reel.parent / "e2.wav", cut_at=40, gap=24)
    toml = reel / "dubsync.toml"
    text = toml.read_text().replace("e.wav", "e2.wav")
    toml.write_text("".join(ln for ln in text.splitlines(True) if not ln.startswith("dub_cut")))
    recut_engine.DRAWN.clear()

    Project.open(reel).sync()

    made = drawn()  # within a second of the hole, what is heard beside the shot has changed
    assert made and not set(made) & set(numbers("b", 92 - BEGIN["b"] + BEGIN["b"], 148))
    assert not set(made) & set(numbers("a", 120, 148))


def lay_again(path: Path, out: Path, *, cut_at: int, gap: int):
    with wave.open(str(path)) as sound:
        params, data = sound.getparams(), sound.readframes(sound.getnframes())
    at = 2 * cut_at * params.framerate // 24
    hole = bytes(2 * gap * params.framerate // 24)
    with wave.open(str(out), "wb") as made:
        made.setparams(params)
        made.writeframes(data[:at] + hole + data[at:])


def test_the_current_cut_is_refused_as_new_cut(reel):
    with pytest.raises(SettingsError, match="already"):
        recut(reel, reel.parent / "old.edl")


def test_a_missing_new_cut_is_named(reel):
    with pytest.raises(MissingMedia, match=r"not found: .*nowhere\.edl") as refused:
        recut(reel, reel.parent / "nowhere.edl")
    assert "dubsync.toml" not in refused.value.hint
