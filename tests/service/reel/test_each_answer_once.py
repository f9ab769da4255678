"""A run of a reel computes nothing twice, for any number of shots and languages."""

import importlib
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from dubsync.core.digest import file_digest
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.xmeml.write import write_xmeml
from dubsync.media import probe
from dubsync.service.faces import face_tracks
from dubsync.service.project import Project
from dubsync.service.reel import actor_library
from tests.service.reel_making import add_language, consent, make_reel
from tests.service.test_bad_input import HEAD, RATE, event


@pytest.fixture
def four_shots(tmp_path, engine):
    """ELISE in two shots of a.mov, MARC in two of b.mov, cut in FCP7 XML; dubbed twice."""
    folder = make_reel(tmp_path, date.today())
    rows = (
        ("a", "01:00:00:00 01:00:00:15", "01:00:00:00 01:00:00:15"),
        ("a", "01:00:00:20 01:00:01:10", "01:00:00:15 01:00:01:05"),
        ("b", "02:00:00:00 02:00:00:15", "01:00:02:00 01:00:02:15"),
        ("b", "02:00:00:20 02:00:01:15", "01:00:02:15 01:00:03:10"),
    )
    edl = tmp_path / "four.edl"
    events = (event(n, f"{plate}.mov", *times) for n, (plate, *times) in enumerate(rows, 1))
    edl.write_text(HEAD + "".join(events))
    cut = tmp_path / "four.xml"
    cut.write_bytes(write_xmeml(probe_cut(edl, RATE), ()).data)
    add_language(folder, "de-DE", ELISE=(0.3, 1.1), MARC=(2.3, 3.1))
    for performer in ("elise-m", "marc-d"):
        consent(folder / "consent" / f"{performer}.toml", performer, date.today(), "fr de")
    toml = folder / "dubsync.toml"
    toml.write_text(toml.read_text().replace("cut.edl", "four.xml"))
    return folder


def count_calls(monkeypatch, function, key):
    """Counts calls of `function` in every module that imports it, by `key` of the arguments."""
    counts = Counter()

    def counted(*arguments, **named):
        counts[key(*arguments)] += 1
        return function(*arguments, **named)

    for module in list(sys.modules.values()):
        if module.__name__.startswith(("dubsync.", "tests.service.drawn_engine")):
            for name, value in list(vars(module).items()):
                if value is function:
                    monkeypatch.setattr(module, name, counted)
    return counts


def file_name(path, *_):
    return Path(path).name


def test_a_run_of_two_languages_computes_nothing_twice(four_shots, engine, monkeypatch):
    importlib.import_module("dubsync.service.delivery")  # so that its names are counted, too
    hashed = count_calls(monkeypatch, file_digest, file_name)
    Project.open(four_shots).turnover()  # as whoever made the project looked at it
    probed = count_calls(monkeypatch, probe._movie_plate, file_name)
    read = count_calls(monkeypatch, probe_cut, file_name)
    tracked = Counter()
    opened = face_tracks.open_square
    monkeypatch.setattr(
        face_tracks, "open_square", lambda plate: tracked.update([plate.name]) or opened(plate)
    )
    loaded = count_calls(monkeypatch, engine.load, str)
    driven = count_calls(monkeypatch, engine.drive, lambda original, *_: original.frames)

    statuses = {
        project.language: {shot.name: shot.status for shot in project.run().shots}
        for project in Project.open(four_shots).into_each()
    }

    assert {tag: set(shots.values()) for tag, shots in statuses.items()} == {
        "fr-FR": {"done"}, "de-DE": {"done"},
    }  # fmt: skip
    assert [len(shots) for shots in statuses.values()] == [4, 4]
    assert sorted(driven.values()) == [2, 2, 2, 2]  # each shot planned once a language
    assert set(loaded.values()) == {1}
    assert len(loaded) == 2  # ELISE and MARC
    assert not probed["a.mov"] + probed["b.mov"]  # kept since then
    assert [hashed[name] for name in ("a.mov", "b.mov")] == [1, 1]
    assert tracked == {"a.mov": 2, "b.mov": 2}  # two shots in each, both languages together
    assert read["four.xml"] == 1


def test_only_so_many_actors_are_held_in_memory(four_shots, monkeypatch):
    monkeypatch.setattr(actor_library, "MOST_HELD", 1)
    project = Project.open(four_shots)

    assert {result.status for result in project.sync()} == {"done"}

    assert len(project.reel.loaded_actors) == 1
