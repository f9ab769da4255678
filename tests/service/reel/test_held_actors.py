"""What a long reel relies on: the actors held in memory are bounded, in number and in bytes."""

from types import SimpleNamespace

import pytest

from dubsync.service.reel import actor_library
from dubsync.service.reel.actor_library import ActorLibrary


@pytest.fixture
def library(monkeypatch):
    monkeypatch.setattr(actor_library, "BYTES_HELD", 1000)
    loaded = []
    engine = SimpleNamespace(load=lambda folder: loaded.append(folder.name) or folder.name)
    reel = SimpleNamespace(loaded_actors={}, engine=engine)
    return SimpleNamespace(of=ActorLibrary(reel, {}), held=reel.loaded_actors, loaded=loaded)


def asked(library, tmp_path, name, size):
    """Ask for the actor of a character, whose file takes so many bytes."""
    (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / name / "actor.safetensors").write_bytes(bytes(size))
    return library.of._loaded(name, "learnt", tmp_path / name)


def names(library):
    return [character for character, _ in library.held]


def test_small_actors_are_held_up_to_a_number(library, tmp_path):
    for n in range(20):
        asked(library, tmp_path, f"c{n}", 1)
    assert names(library) == [f"c{n}" for n in range(14, 20)]


def test_beyond_the_two_of_a_shot_they_are_held_up_to_their_bytes(library, tmp_path):
    for n in range(20):
        asked(library, tmp_path, f"c{n}", 300)
        assert sum(taken for _, _, taken in library.held.values()) <= 1000
    assert names(library) == ["c17", "c18", "c19"]


def test_the_two_of_a_shot_are_held_whatever_they_take(library, tmp_path):
    for _ in range(5):
        for name in ("ELISE", "MARC"):
            assert asked(library, tmp_path, name, 5000) == name
    assert library.loaded == ["ELISE", "MARC"]


def test_the_one_unused_for_longest_goes_first(library, tmp_path):
    for name in ("ELISE", "MARC", "ANNA", "ELISE", "OTTO"):
        asked(library, tmp_path, name, 300)
    assert names(library) == ["ANNA", "ELISE", "OTTO"]
    assert library.loaded == ["ELISE", "MARC", "ANNA", "OTTO"]


def test_an_actor_whose_files_a_withdrawal_took_meanwhile_is_no_fault(library, tmp_path):
    assert library.of._hold(("ELISE", "learnt"), tmp_path / "gone", "an actor") == "an actor"
