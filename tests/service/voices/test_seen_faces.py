"""Seen faces are named: pointed at, identified by another dub, by plate name, or by likeness."""

from dataclasses import replace

import numpy as np

from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.service.voices.seen_faces import from_arrays, looked_key, seen_faces, to_arrays
from tests.service.faces.test_cast import SPAN, face, shot

BOTH = ("ELISE", "MARC")


def seen(tracks, *, pointed=None, elsewhere=None, speaking=None, clips=None):
    """(shot, character, how it is known) of every face in `tracks`, by shot."""
    clips = clips or {}
    shots = [named(shot(name), clips.get(name, "")) for name in tracks]
    return seen_faces(shots, tracks, speaking or {}, BOTH, pointed or {}, elsewhere or {})


def named(shot, clip):
    return replace(shot, event=replace(shot.event, clip=clip)) if clip else shot


def whose(result):
    return [(f.shot, f.character, f.by) for f in result]


def test_a_face_without_evidence_has_no_name():
    assert whose(seen({"A": [face(1, "ELISE")]})) == [("A", "", "")]


def test_a_face_that_was_pointed_at_names_those_like_it():
    tracks = {"A": [face(1, "ELISE")], "B": [face(1, "MARC")], "C": [face(1, "ELISE")]}
    point = tuple(tracks["A"][0].landmarks[0, :, :2].mean(axis=0))
    result = whose(seen(tracks, pointed={"A": {"ELISE": [point]}}))
    assert result == [
        ("A", "ELISE", "a person pointed at it"), ("B", "", ""), ("C", "ELISE", "its looks"),
    ]  # fmt: skip


def test_a_face_identified_by_another_languages_dub_has_that_name():
    tracks = {"A": [face(1, "ELISE"), face(2, "MARC")]}
    result = seen(tracks, elsewhere={"A": {"MARC": (tracks["A"][1],)}})
    assert ("A", "MARC", "another language's dub") in whose(result)


def test_a_clip_named_after_one_character_names_the_face_that_is_alone_in_it():
    tracks = {"A": [face(1, "ELISE")], "B": [face(1, "ELISE"), face(2, "MARC")]}
    result = whose(seen(tracks, clips={"A": "A001_ELISE_CU.mov", "B": "A002_MARC.mov"}))
    assert result == [
        ("A", "ELISE", "the plate's name"),
        ("B", "ELISE", "its looks"),
        ("B", "", ""),
    ]


def test_a_clip_name_with_two_names_or_only_part_of_one_gives_no_name():
    for clip in ("ELISE_MARC.mov", "ELISEO_CU.mov", "MARCEL.mov"):
        assert whose(seen({"A": [face(1, "ELISE")]}, clips={"A": clip})) == [("A", "", "")]


def test_a_face_point_overrides_the_clips_name():
    tracks = {"A": [face(1, "ELISE")], "B": [face(1, "ELISE")]}
    point = tuple(tracks["A"][0].landmarks[0, :, :2].mean(axis=0))
    result = seen(tracks, pointed={"A": {"ELISE": [point]}}, clips={"B": "MARC_CU.mov"})
    assert [f.character for f in result] == ["ELISE", "ELISE"]


def test_probabilities_are_on_record_time_and_survive_the_cache():
    tracks = {"A": [face(1, "ELISE")]}
    listed = np.linspace(0, 1, len(SPAN))
    sure = Offset(0.0, 1.0, True, np.zeros(0), np.zeros(0))
    speaking = {"A": Speaking(SPAN, listed[None], np.zeros(len(SPAN)), sure)}
    (result,) = seen(tracks, speaking=speaking)
    one = shot("A")
    first = one.source.start - one.render.start
    assert result.has_sound and result.start == float(one.record.start / one.record.rate)
    assert np.allclose(result.speaks, listed[first : first + len(one.record)])
    (again,) = from_arrays(to_arrays([result]))
    assert (again.shot, again.at, again.rate) == (result.shot, result.at, result.rate)
    assert np.array_equal(again.speaks, result.speaks, equal_nan=True)


def test_a_new_answer_changes_the_cache_key():
    shots = [shot("A")]
    keys = {
        looked_key(shots, engine, BOTH, pointed)
        for engine in ("one", "two")
        for pointed in ({}, {"A": {"ELISE": [(1.0, 2.0)]}})
    }
    assert len(keys) == 4
