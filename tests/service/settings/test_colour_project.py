"""A project with [colour]: its plates' spaces, its doubts, and what stays as it was."""

import pytest

from dubsync.core.colours.choice import ColourChoice
from dubsync.core.errors import SettingsError
from dubsync.core.settings import Settings
from dubsync.core.shot import Cut, Event, Shot, Turnover
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.faces.face_tracks import faces_key
from dubsync.service.render.provenance import DrawnFaces, Proof, RenderFacts, record_of
from dubsync.service.render.record_form import misshapen
from dubsync.service.store.folder import Store
from dubsync.service.turnover.opened_files import OpenedFiles
from dubsync.service.turnover.plate_spaces import plate_spaces, spaces_text
from tests.service.test_bad_input import movie


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    """A folder with a.mov and b.mov, without colour tags."""
    folder = tmp_path_factory.mktemp("media")
    for name in "ab":
        movie(folder / f"{name}.mov", start="01:00:00:00")
    return folder


def opened(media, tmp_path, choice=None):
    return OpenedFiles(Store(tmp_path), choice).plates([media])


def as_shots(plates):
    """A turnover that shows all of each plate."""
    shots = []
    for n, plate in enumerate(plates):
        record = FrameRange(0, len(plate.frames), plate.frames.rate)
        event = Event(str(n), plate.name, plate.name, "", "", record, plate.frames)
        shots.append(Shot(plate.name, event, plate, plate.frames, record, plate.frames))
    return Turnover(Cut("cut", "cut.edl", plates[0].frames.rate, False, ()), tuple(shots))


def test_every_plate_has_a_space_and_what_said_it_and_video_keeps_its_keys(media, tmp_path):
    plain, said = opened(media, tmp_path)
    assert not said, "video is no doubt in a project that manages no colours"
    choice = ColourChoice("builtin studio", spaces=(("a.*", "arri_logc4"),))
    plates, warnings = opened(media, tmp_path, choice)
    a, b = plate_spaces(as_shots(plates))
    assert (a.space, a.source, a.working, a.doubt) == ("ARRI LogC4", "setting", "ACEScct", "")
    assert (b.source, b.working) == ("assumed", "") and "taken for Rec.1886 Rec.709" in b.doubt
    assert [warning.about for warning in warnings] == ["b.mov"]
    text = "\n".join(spaces_text((a, b)))
    assert 'a.mov: ARRI LogC4 ([colour.spaces] "a.*"), drawn in ACEScct' in text
    assert not plate_spaces(as_shots(plain)) and not spaces_text(())
    keys = [[faces_key(Store(tmp_path), "e", p, p.frames) for p in ps] for ps in (plain, plates)]
    assert keys[0][0] != keys[1][0], "a plate that is drawn in another colour is tracked anew"
    assert keys[0][1] == keys[1][1], "of video nothing is made again"


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (ColourChoice("builtin studoi"), "no built-in colour config"),
        (ColourChoice("builtin studio", working="ACEScg"), "not a log space"),
        (ColourChoice("builtin studio", spaces=(("a.*", "LogC44"),)), "no colour space 'LogC44'"),
        (ColourChoice("builtin studio", spaces=(("a.*", "ADX10"),)), "a.mov is in ADX10"),
    ],
    ids=["config", "working", "misspelt", "separable"],
)
def test_what_cannot_be_used_is_refused_before_anything_is_drawn(media, tmp_path, choice, message):
    with pytest.raises(SettingsError, match=message) as refused:
        opened(media, tmp_path, choice)
    assert refused.value.hint


def test_a_record_names_config_space_and_what_said_it(media, tmp_path):
    choice = ColourChoice("builtin studio", spaces=(("a.*", "ACEScct"),))
    recorded = []
    for one in (choice, None):
        shot = as_shots(opened(media, tmp_path, one)[0]).shots[0]
        facts = RenderFacts("k", "fr", (), (), Settings(), {}, "engine", {})
        proof = Proof(50, 0, 0, "", "")
        record = record_of(shot, 1, facts, DrawnFaces({}, {}, {}), proof, {}, 1.0)
        assert not misshapen(record)
        recorded.append(record)
    colour = recorded[0]["colour"]
    assert (colour["space"], colour["source"]) == ("ACEScct", "setting")
    assert colour["working"] == "ACEScct" and colour["config"].startswith("studio-config")
    assert len(colour["config_sha256"]) == 64 and "colour" not in recorded[1]
