"""Settings of `dubsync tweak`: how they are parsed, stored as versions, and make a shot stale."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.core.shot import Event, Line, Plate, Shot, playing
from dubsync.core.timeline.timecode import FrameRange, Timecode
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import plain
from dubsync.service.project import Project
from dubsync.service.tweaks.commands import change_tweaks, record_text, slip_ms, tweaked
from dubsync.service.tweaks.tweak_store import TweakStore

RATE = Fraction(24)


def frames(start, stop):
    return FrameRange(start, stop, RATE)


def a_shot(speed=1, characters=("MARC",)):
    """Plate frames 1000..1099 on record 01:00:00:00, eight handles, lines of `characters`."""
    record = frames(86400, 86400 + int(100 / abs(Fraction(speed))))
    plate = Plate("A.mov", "/x/A.mov", "A", frames(900, 1200), SimpleNamespace())
    lines = tuple(
        Line(f"{who}_L001", who, "fr", "/x/s.wav", frames(86410, 86430)) for who in characters
    )
    return Shot(
        "SH", Event("1", "SH", "A.mov", "A", "", record, frames(1000, 1100)), plate,
        frames(1000, 1100), record, frames(992, 1108),
        playing(record, frames(1000, 1100), Fraction(speed)), lines,
    )  # fmt: skip


SHOT = a_shot()


def spans(setting, shot=SHOT, drop=False):
    jaw = plain(tweaked(Tweak(), setting, shot, drop))["jaw"]
    return jaw["spans"] or jaw["keys"]


@pytest.mark.parametrize(
    ("where", "span"),
    [
        ("1012..1040", [1012, 1040, 1.2]),
        ("+12..+40", [1012, 1040, 1.2]),
        ("01:00:00:12..01:00:01:16", [1012, 1040, 1.2]),
        ("src:00:00:42:04..00:00:43:08", [1012, 1040, 1.2]),
        ("1012", [1012, 1.2]),
        ("MARC_L001", [1010, 1029, 1.2]),
    ],
)
def test_frames_are_named_by_number_timecode_or_line(where, span):
    assert spans(f"jaw=1.2@{where}") == [span]


def test_a_line_is_named_by_its_number_in_the_script_before_our_own():
    first, second = a_shot(characters=("MARC", "ELISE")).lines
    later = replace(second, name="ELISE_L002", record=frames(86440, 86450))
    shot = replace(SHOT, lines=(replace(first, cue="L002"), replace(later, cue="7")))

    assert spans("jaw=1.2@L002", shot) == spans("jaw=1.2@L001", shot) == [[1010, 1029, 1.2]]
    assert spans("jaw=1.2@ELISE_L002", shot) == [[1040, 1049, 1.2]]
    with pytest.raises(SettingsError, match="frame 7 .* is not in SH"):
        spans("jaw=1.2@7", shot)
    with pytest.raises(SettingsError, match="'L001' matches 2 lines in SH") as refused:
        spans("jaw=1.2@L001", a_shot(characters=("MARC", "ELISE")))
    assert "MARC_L001, ELISE_L001" in refused.value.hint


def test_record_timecode_finds_the_plate_frame_of_slowed_and_reversed_shots():
    slow, back = a_shot(Fraction(1, 2)), a_shot(-1)
    assert spans("jaw=1.2@01:00:00:20..01:00:01:00", slow) == [[1010, 1012, 1.2]]
    assert spans("jaw=1.2@01:00:00:00..01:00:00:10", back) == [[1089, 1099, 1.2]]
    for shot in (SHOT, slow, back):
        for frame in (1000, 1010, 1098):
            text = record_text(frame, shot, False)
            result = spans(f"jaw=1.2@{text}..{text}", shot)[0][0]
            assert abs(result - frame) <= 1


def test_record_timecode_follows_the_programmes_drop_frame():
    rate = Fraction(30000, 1001)
    spans_of = {n: FrameRange(r.start, r.stop, rate) for n, r in
                (("source", SHOT.source), ("render", SHOT.render))}  # fmt: skip
    record = FrameRange(107892, 107992, rate)
    plate = replace(SHOT.plate, frames=FrameRange(900, 1200, rate))
    time = playing(record, spans_of["source"], Fraction(1))
    shot = replace(SHOT, plate=plate, record=record, time=time, lines=(), **spans_of)
    assert str(Timecode(107892, rate, True)) == "01:00:00;00"
    assert spans("jaw=1.2@01:00:00:10..01:00:00:12", shot, True) == [[1010, 1012, 1.2]]


@pytest.mark.parametrize(
    ("setting", "message", "hint"),
    [
        ("jaw", "is not CONTROL=VALUE", "jaw=1.2@1012..1040"),
        ("jow=1", "unknown control 'jow'", "intensity, jaw"),
        ("jow=a", "unknown control 'jow'", "intensity, jaw"),
        ("jaw=wide", "is not a number", ""),
        ("jaw=9", "jaw=9 is out of range", "0 to 2"),
        ("jaw=1.2@400..1040", "frame 400 .* is not in SH", "992..1107.*1000..1099.*01:00:00:00"),
        ("jaw=1.2@00:00:42:02", "is not in SH", "^for .* write @src:00:00:42:02; "),
        ("jaw=1.2@00:00:42:02..00:00:43:00", "is not in SH", "@src:00:00:42:02..src:00:00:43:00; "),
        ("jaw=1.2@00:00:10:00", "is not in SH", "^SH has plate frames"),
        ("jaw=1.2@soon", "neither a frame nor a timecode", "MARC_L001"),
        ("jaw=1.2@01:00:00:30", "neither a frame nor a timecode", ""),
        ("viseme=m", "needs a frame", "viseme=m@FRAME"),
        ("viseme=qq@1010", "unknown viseme", "lip teeth"),
        ("mix=voice", "mix has no source 'voice'", "take, sound and original"),
        ("ease=4@1010", "one number for the whole shot", "ease=4"),
    ],
)
def test_an_invalid_setting_is_refused_with_a_hint(setting, message, hint):
    with pytest.raises(SettingsError, match=message) as refused:
        tweaked(Tweak(), setting, SHOT, False)
    assert re.search(hint, refused.value.hint)


@pytest.mark.parametrize(
    "where",
    [
        "1020..1005",
        "+20..+5",
        "+20..1005",
        "01:00:00:20..01:00:00:05",
        "src:00:00:42:05..00:00:42:00",
    ],
)
def test_a_span_that_runs_backwards_is_refused_however_it_is_written(where):
    with pytest.raises(SettingsError, match="run backwards") as refused:
        tweaked(Tweak(), f"jaw=1.2@{where}", SHOT, False)
    assert where in str(refused.value) and "first frame first" in refused.value.hint


def test_record_timecode_rises_in_a_shot_that_plays_backwards():
    shot = a_shot(speed=-1)
    [[first, last, _]] = spans("jaw=1.2@01:00:00:05..01:00:00:20", shot)
    assert last - first == 15
    with pytest.raises(SettingsError, match="run backwards"):
        tweaked(Tweak(), "jaw=1.2@01:00:00:20..01:00:00:05", shot, False)


def test_mix_sets_all_three_shares():
    tweak = tweaked(Tweak(ease=0), "mix=sound:0.5,original:1.5e-1@1010..1012", SHOT, False)
    at = {name: tweak.at(name, SHOT.render)[20] for name in ("take", "sound", "original")}
    assert at == {"take": 0, "sound": 0.5, "original": 0.15}
    assert plain(tweaked(Tweak(), "mix=sound", SHOT, False)) == {"take": 0.0, "sound": 1.0}


def test_undo_of_one_characters_tweak_alone_is_refused_and_loses_nothing(tmp_path):
    store = TweakStore(tmp_path)
    change_tweaks(store, SHOT, False, settings=["jaw=1.1"])
    before = store.latest("SH")
    with pytest.raises(SettingsError, match="not to one character's"):
        change_tweaks(store, SHOT, False, character=SHOT.characters[0], change="undo")
    assert store.latest("SH") == before


def test_undo_and_redo_walk_through_the_versions_and_write_every_step(tmp_path):
    store = TweakStore(tmp_path)
    now = lambda: plain(store.latest("SH").tweaks.get("MARC", Tweak()))  # noqa: E731
    say = lambda *s, **o: change_tweaks(store, SHOT, False, settings=s, **o)  # noqa: E731
    say("jaw=1.1")
    say("jaw=1.2")
    assert say(change="undo").redo
    assert now() == {"jaw": 1.1}
    say(change="undo")
    assert now() == {}
    with pytest.raises(SettingsError, match="no tweak to undo"):
        say(change="undo")
    say(change="redo")
    say(change="redo")
    assert now() == {"jaw": 1.2}
    with pytest.raises(SettingsError, match="nothing to redo"):
        say(change="redo")
    say(change="undo")
    say("width=0.5")  # a change after an undo: there is nothing to redo any more
    assert now() == {"jaw": 1.1, "width": 0.5}
    with pytest.raises(SettingsError, match="nothing to redo"):
        say(change="redo")
    say(change="reset")
    assert now() == {}
    say(change="undo")
    assert now() == {"jaw": 1.1, "width": 0.5}
    files = sorted(p.name for p in (tmp_path / "tweaks/SH").glob("v*.json"))
    assert files == [f"v{n:03d}.json" for n in range(1, 11)]


def test_a_change_without_effect_writes_no_version(tmp_path):
    store = TweakStore(tmp_path)
    assert change_tweaks(store, SHOT, False).version.number == 0
    change_tweaks(store, SHOT, False, settings=["jaw=1.1"])
    assert change_tweaks(store, SHOT, False, settings=["jaw=1.1"]).version.number == 1
    with pytest.raises(SettingsError):
        change_tweaks(store, SHOT, False, settings=["width=1.5", "jaw=9"])
    assert store.latest("SH").number == 1


def test_one_of_two_characters_is_tweaked_alone_or_both_together(tmp_path):
    store, two = TweakStore(tmp_path), a_shot(characters=("MARC", "ELISE"))
    change_tweaks(store, two, False, settings=["jaw=1.1"])
    change_tweaks(store, two, False, settings=["width=0.8"], character="ELISE")
    tweaks = store.latest("SH").tweaks
    assert plain(tweaks["MARC"]) == {"jaw": 1.1}
    assert plain(tweaks["ELISE"]) == {"jaw": 1.1, "width": 0.8}
    change_tweaks(store, two, False, change="reset", character="ELISE")
    assert set(store.latest("SH").tweaks) == {"MARC"}
    with pytest.raises(SettingsError, match="not dubbed"):
        change_tweaks(store, two, False, settings=["jaw=1"], character="PAUL")


def test_tweaks_set_at_the_same_time_are_all_stored(tmp_path):
    settings = ["jaw=1.1", "width=0.9", "intensity=1.2", "closure=0.5", "slip_ms=40", "brows=0.5"]

    def tweak(setting):
        return change_tweaks(TweakStore(tmp_path), SHOT, False, settings=[setting]).version

    with ThreadPoolExecutor(len(settings)) as pool:
        written = list(pool.map(tweak, settings))

    latest = plain(TweakStore(tmp_path).latest("SH").tweaks["MARC"])
    assert set(latest) == {setting.split("=")[0] for setting in settings}
    assert {version.number for version in written} == set(range(1, len(settings) + 1))
    assert all(version.request == (settings[n],) for n, version in enumerate(written))


def test_a_control_without_effect_is_noted(tmp_path):
    tweaks = change_tweaks(TweakStore(tmp_path), SHOT, False, settings=["gaze=0.5", "jaw=1.1"])
    assert tweaks.notes == ("gaze: no effect, MARC has no take in SH",)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "other"}'])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "tweaks/SH/v001.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(DubsyncError, match="v001.json"):
        TweakStore(tmp_path).all()


def test_a_render_record_gives_the_slip_it_was_made_with():
    record = {"tweak": {"MARC": {"slip_ms": 40.0, "jaw": 1.2}}}
    assert slip_ms(record, "MARC", SHOT.render) == 40
    assert slip_ms(record, "ELISE", SHOT.render) == 0


def recorded(result):
    return json.loads(Path(result.rendered.record).read_text())


def test_only_the_tweaked_shot_is_rendered_again_and_its_record_says_how(synced_reel):
    project = Project.open(synced_reel)
    project.tweak("a", ["jaw=1.2@+3..+9", "slip_ms=40"])

    done = {r.name: r for r in project.sync()}

    assert (done["a"].status, done["b"].status) == ("done", "unchanged")
    assert recorded(done["a"])["tweak"]["ELISE"]["slip_ms"] == 40.0
    project.tweak("a", change="undo")
    (again,) = project.sync(["a"])
    assert (again.status, recorded(again)["tweak"]) == ("done", {})
    report = Project.open(synced_reel).check(["a"])
    assert not any(np.isnan(f.value) for f in report.findings if f.value is not None)
