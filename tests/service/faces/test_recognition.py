"""Faces and sound give each shot its characters; a shot that cannot be read stops no other."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from dubsync.core.errors import EngineError, MediaError
from dubsync.core.progress import silent
from dubsync.service.faces.recognition import NOBODY, Recognition, recognised
from dubsync.service.project import Project
from tests.service.faces.test_cast import face, shot
from tests.service.faces.test_plate_sound import offset, result


def looked_at(*shots, speaking=None, broken=()):
    """The recognition of shots that each show one face; `speaking`: in all, or by shot."""

    def in_shot(asked, *, progress):
        if asked.name in broken:
            raise MediaError(f"{asked.name} cannot be read", hint="copy it again")
        return (face(1, "ELISE"),)

    return recognised(
        shots,
        {},
        face_tracks=SimpleNamespace(in_shot=in_shot),
        plate_sound=SimpleNamespace(
            speaking=lambda asked, tracks: (
                speaking[asked.name] if isinstance(speaking, dict) else speaking
            )
        ),
        progress=silent,
    )


def test_a_shot_that_cannot_be_tracked_is_refused_and_the_others_go_on():
    good, bad = shot("SH010", "ELISE"), shot("SH020", "ELISE")

    known = looked_at(good, bad, broken={"SH020"})

    assert list(known.faces(good)[0]) == ["ELISE"]
    assert list(known.seen("ELISE")) == ["SH010"]
    with pytest.raises(MediaError, match="SH020"):
        known.faces(bad)
    assert known.row(bad) is None


def test_a_line_that_nobody_on_screen_speaks_is_named_with_its_character():
    one = shot("SH010", "ELISE")

    elsewhere = shot("SH020", "ELISE")  # where she is seen to speak
    said = {"SH010": result(off_screen=0.98), "SH020": result(off_screen=0.1)}

    away = looked_at(one, elsewhere, speaking=said)
    here = looked_at(one, speaking=result(off_screen=0.1))

    assert [line.name for line in away.off_screen(one)["ELISE"]] == [one.lines[0].name]
    assert here.off_screen(one) == {}


def test_the_script_decides_who_is_on_screen_before_the_sound_does():
    one = shot("SH010", "ELISE")
    seen, unseen = (
        replace(one, lines=(replace(one.lines[0], on_screen=word),)) for word in ("on", "off")
    )

    assert looked_at(seen, speaking=result(off_screen=0.98)).off_screen(seen) == {}
    away = looked_at(unseen, speaking=result(off_screen=0.1)).off_screen(unseen, {"ELISE"})
    assert [line.on_screen for line in away.get("ELISE", ())] in (["off"], [])
    assert unseen.characters == ()  # nobody's face is looked for


def test_the_row_of_a_shot_says_faces_and_how_late_its_sound_is():
    one = shot("SH010", "ELISE")

    row = looked_at(one, speaking=result(at=offset(120))).row(one)
    quiet = looked_at(one).row(one)

    assert row["faces"] == {"ELISE": [1]}
    assert (row["sound_offset_ms"], row["sure"]) == (pytest.approx(120), True)
    assert quiet["sound_offset_ms"] is None


def test_an_open_question_about_a_face_stops_its_shot():
    two = shot("SH010", "ELISE", "MARC")  # and one face only

    known = looked_at(two)

    with pytest.raises(EngineError) as asked:
        known.faces(two)
    assert asked.value.hint


def test_no_face_is_recognised_before_the_plates_are_analysed():
    assert NOBODY.row(shot("SH010", "ELISE")) is None
    assert NOBODY.seen("ELISE") == {}


def test_a_line_found_off_screen_makes_its_shot_stale_and_pointing_at_the_face_undoes_it(
    reel, monkeypatch
):
    opened = Project.open(reel).reel

    def key(one):
        return one.look(silent).plan(one.shot("a")).render_key

    before = key(opened)

    def off(self, asked, pointed=()):
        return {} if "ELISE" in pointed else {"ELISE": asked.lines[:1]}

    monkeypatch.setattr(Recognition, "off_screen", off)
    away = key(replace(opened))
    at_the_face = tuple(opened.look(silent).recognition.casting.tracks["a"]["ELISE"][0]
                        .landmarks[0, :, :2].mean(axis=0))  # fmt: skip

    assert away != before
    assert key(replace(opened, pointed={"a": {"ELISE": [at_the_face]}})) == before
