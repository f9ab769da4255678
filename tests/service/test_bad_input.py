"""Bad input: each fault is named with a remedy, and other shots are synced."""

import shutil
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dubsync.core.errors import DubsyncError, MissingMedia, SettingsError
from dubsync.service.new_project import Dubs, new_project
from dubsync.service.project import Project
from tests.speech.speech_synthesis import talk

RATE = Fraction(24)
HEAD = "TITLE: R\nFCM: NON-DROP FRAME\n\n"


def movie(path, *, frames=60, rate=RATE, size=(128, 72), start="01:00:00:00"):
    """A gray movie with a start timecode and no face."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.metadata["timecode"] = start
        for n in range(frames):
            picture = np.full((size[1], size[0], 3), 60 + n, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = n, 1 / rate
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def stem(path, *, seconds=5.0, rate=48000, loud=True, gap=0.5):
    """Bursts of a machine's voice, `gap` seconds apart in every two, or silence."""
    at = np.arange(round(seconds * rate)) / rate
    sounding = (at % 2 > gap) & loud
    samples = (0.2 * talk(seconds, rate) * sounding * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, rate, len(samples), "NONE", ""))
        out.writeframes(samples.tobytes())


def event(number, name, source, record):
    """One CMX3600 event of reel AX."""
    line = f"{number:03d}  AX       V     C        {source} {record}"
    return f"{line}\n* FROM CLIP NAME: {name}\n"


@pytest.fixture
def parts(tmp_path):
    """A folder with one plate, one stem and a cut of one event."""
    (tmp_path / "plates").mkdir()
    movie(tmp_path / "plates" / "a.mov")
    stem(tmp_path / "e.wav")
    cut = event(1, "a.mov", "01:00:00:10 01:00:02:00", "01:00:00:00 01:00:01:14")
    (tmp_path / "cut.edl").write_text(HEAD + cut)
    return tmp_path


def made(parts, **changes):
    arguments = {
        "cut": parts / "cut.edl", "media": [parts / "plates"],
        "dubs": [Dubs("fr-FR", {"E": parts / "e.wav"})],
    }  # fmt: skip
    return new_project(parts / "REEL", **(arguments | changes))


def with_takes(parts):
    return made(parts, dubs=[Dubs("fr-FR", {"E": parts / "e.wav"}, [parts / "takes"])])


def warnings(project):
    result = project.turnover()
    shots = [warning for shot in result.shots for warning in shot.warnings]
    return " | ".join(
        f"{d.about}: {d.message}" for d in (*result.cut.warnings, *result.warnings, *shots)
    )


def test_a_sound_reel_resolves(parts):
    (shot,) = made(parts).turnover().shots
    assert shot.characters == ("E",)
    assert shot.source.start == 86410
    assert len(shot.render) == 38 + 8 + 8


@pytest.mark.parametrize(
    "content", [b"", b"TITLE: x\n", b"\x00\xff\x13" * 400, HEAD.encode() + b"001  AX V C 01:0"]
)
def test_an_invalid_edl_is_refused_and_no_project_is_left(parts, content):
    (parts / "cut.edl").write_bytes(content)
    with pytest.raises(DubsyncError) as caught:
        made(parts)
    assert "cut.edl" in str(caught.value)
    assert not (parts / "REEL" / "dubsync.toml").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"\xff\xfe{\x00", b'{"OTIO_SCHEMA": "Clip.2"}',
        b"[" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"OTIO_SCHEMA":"Timeline.1","name":"x","tracks":null}',
    ],
)  # fmt: skip
def test_an_invalid_otio_is_refused(parts, content):
    (parts / "cut.otio").write_bytes(content)
    with pytest.raises(DubsyncError, match="cut.otio"):
        made(parts, cut=parts / "cut.otio")


def test_a_missing_plate_is_named_and_the_other_shot_is_synced(parts):
    cut = event(1, "gone.mov", "01:00:00:00 01:00:01:00", "01:00:00:00 01:00:01:00")
    cut += event(2, "a.mov", "01:00:00:10 01:00:01:10", "01:00:01:00 01:00:02:00")
    (parts / "cut.edl").write_text(HEAD + cut)
    project = made(parts)
    assert "gone.mov" in warnings(project)
    assert [shot.plate.name for shot in project.turnover().shots] == ["a.mov"]


def test_an_unreadable_plate_is_named(parts):
    (parts / "plates" / "b.mov").write_bytes(b"not a movie at all")
    project = made(parts)
    assert "b.mov" in warnings(project)
    assert len(project.turnover().shots) == 1


def test_a_plate_shorter_than_its_event_is_reported_with_the_missing_frames(parts):
    cut = event(1, "a.mov", "01:00:00:10 01:00:04:10", "01:00:00:00 01:00:04:00")
    (parts / "cut.edl").write_text(HEAD + cut)
    said = warnings(made(parts))
    assert "a.mov" in said
    assert "46" in said  # 106 wanted from frame 10 on, 60 held


def test_an_edl_at_another_rate_than_its_plates_is_a_warning_with_both_rates(parts):
    said = warnings(made(parts, rate=Fraction(25)))
    assert "24" in said and "25" in said


def test_plates_of_two_rates_need_the_cuts_rate(parts):
    movie(parts / "plates" / "b.mov", rate=Fraction(25))
    with pytest.raises(SettingsError, match="does not state its frame rate") as caught:
        made(parts)
    assert "--rate" in caught.value.hint


def test_overlapping_events_are_a_warning(parts):
    cut = event(1, "a.mov", "01:00:00:00 01:00:01:00", "01:00:00:00 01:00:01:00")
    cut += event(2, "a.mov", "01:00:00:00 01:00:01:00", "01:00:00:12 01:00:01:12")
    (parts / "cut.edl").write_text(HEAD + cut)
    assert "overlap" in warnings(made(parts)).lower()


def test_two_shots_of_one_name_get_two_names(parts):
    cut = event(1, "a.mov", "01:00:00:00 01:00:01:00", "01:00:00:00 01:00:01:00")
    cut += event(2, "a.mov", "01:00:01:00 01:00:02:00", "01:00:01:00 01:00:02:00")
    (parts / "cut.edl").write_text(HEAD + cut)
    names = [shot.name for shot in made(parts).turnover().shots]
    assert len(set(names)) == len(names) == 2


@pytest.mark.parametrize("name", ["Ünïcödé žluť 山.mov", "n" * 200 + ".mov", "a b'c&d.mov"])
def test_any_file_name_is_found_and_makes_a_safe_shot_name(parts, name):
    shutil.move(parts / "plates" / "a.mov", parts / "plates" / name)
    cut = event(1, name, "01:00:00:10 01:00:02:00", "01:00:00:00 01:00:01:14")
    (parts / "cut.edl").write_text(HEAD + cut, encoding="utf-8")
    (shot,) = made(parts).turnover().shots
    assert shot.plate.name == name
    assert set(shot.name) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    )
    assert 0 < len(shot.name) <= 64


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seconds": 0.9}, "before the cut"),
        ({"seconds": 30.0}, "past the cut"),
        ({"loud": False}, "no speech is heard in e.wav"),
    ],
)
def test_an_odd_dub_is_a_warning(parts, changes, named):
    stem(parts / "e.wav", **changes)
    assert named in warnings(made(parts))


def test_a_dub_at_44_1_kHz_starts_where_one_at_48_does(parts):  # noqa: N802
    project = made(parts)
    at_48 = project.turnover().shots[0].lines
    stem(parts / "e.wav", rate=44100)
    at_44 = Project.open(parts / "REEL").turnover().shots[0].lines
    assert [line.record for line in at_48] == [line.record for line in at_44]


@pytest.mark.parametrize("content", [b"", b"RIFF\xff\xff\xff\xffWAVEfmt ", b"junk" * 99])
def test_a_dub_without_sound_is_refused_by_name(parts, content):
    (parts / "e.wav").write_bytes(content)
    with pytest.raises(DubsyncError, match="e.wav"):
        made(parts).turnover()


def test_a_missing_dub_is_refused(parts):
    with pytest.raises(MissingMedia, match="nowhere.wav"):
        made(parts, dubs=[Dubs("fr-FR", {"E": parts / "nowhere.wav"})])


def test_a_link_out_of_the_media_roots_is_not_opened(parts, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.mov"
    movie(outside, frames=5)
    (parts / "plates" / "link.mov").symlink_to(outside)
    project = made(parts)
    assert "leads out of the media folders" in warnings(project)


def test_a_take_whose_character_is_unknown_is_a_warning(parts):
    (parts / "takes").mkdir()
    movie(parts / "takes" / "SOMEBODY_t01.mov")
    assert "SOMEBODY_t01.mov" in warnings(with_takes(parts))


@pytest.mark.parametrize(
    ("name", "start", "used", "says"),
    [
        ("E_L002_t01.mov", "20:00:00:00", "E_L002", "matched with E_L002, by its name"),
        ("E_t01.mov", "01:00:02:08", "E_L002", "matched with E_L002, by its timecode"),
        ("E_t01.mov", "20:00:00:00", "", "not used: it has no sound, and neither its name nor"),
        ("E_L009_t01.mov", "20:00:00:00", "", "not used: it has no sound"),
    ],
)
def test_a_take_without_sound_is_matched_by_name_or_timecode(parts, name, start, used, says):
    (parts / "takes").mkdir()
    movie(parts / "takes" / name, start=start)
    stem(parts / "e.wav", gap=1.2)
    project = with_takes(parts)
    assert says in warnings(project)
    assert [take.line for take in project.intake.takes] == ([used] if used else [])


def test_a_take_without_sound_of_the_only_line_is_used(parts):
    (parts / "takes").mkdir()
    movie(parts / "takes" / "E_t01.mov", start="20:00:00:00")
    project = with_takes(parts)
    assert "the only line of E" in warnings(project)
    assert [take.line for take in project.intake.takes] == ["E_L001"]


def test_without_consent_every_shot_is_blocked_and_no_engine_is_loaded(parts):
    project = made(parts)
    (result,) = project.sync()
    assert result.status == "blocked"
    assert "no consent record" in result.reason
    assert "engine" not in vars(project.reel)


def test_a_new_project_does_not_overwrite_another(parts):
    made(parts)
    with pytest.raises(SettingsError, match="a project already"):
        made(parts)


def test_a_plate_without_a_face_fails_its_shot_alone(parts):
    (parts / "REEL" / "consent").mkdir(parents=True)
    consent = Path(__file__).parents[2] / "sample_projects/two_hander/consent/synthetic-381.toml"
    (parts / "c.toml").write_text(consent.read_text().replace("synthetic-381", "e"))
    (result,) = made(parts, consent=[parts / "c.toml"]).sync()
    assert result.status in ("failed", "blocked", "skipped")
    assert "no face" in result.reason
