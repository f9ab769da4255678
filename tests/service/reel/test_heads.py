"""A whole head is learnt once, kept beside its actor, and refused where it cannot be had."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from dubsync.core.errors import ConsentMissing, EngineError, ModelError
from dubsync.core.progress import silent
from dubsync.service.reel.heads import kept_heads as module
from dubsync.service.reel.heads.kept_heads import Heads
from dubsync.service.store.folder import Store

ACTOR = SimpleNamespace(character="ELISE", digest="a" * 64)


class AnEngine:
    """Learns a head that is a text file."""

    version = "heads-1"

    def __init__(self):
        self.learnt = 0

    def learn_head(self, actor, footage, *, progress):
        self.learnt += 1
        return Head(f"head of {actor.digest}")

    def save_head(self, head, folder):
        (folder / "head.txt").write_text(head.text)

    def load_head(self, folder):
        text = (folder / "head.txt").read_text()
        if not text.startswith("head"):
            raise ModelError("altered")
        return Head(text)


class Head:
    def __init__(self, text):
        self.text = text

    def __len__(self):
        return 3


@pytest.fixture
def reel(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "training_facts", lambda *about: {"schema": "x"})
    return SimpleNamespace(
        engine=AnEngine(), store=Store(tmp_path), audio_analysis=None, in_front=None, photos={},
        face_tracks=None, train_consent=lambda character: None,
    )  # fmt: skip


def heads(reel):
    return Heads(reel, lambda character, folder: nullcontext())


def test_a_head_is_learnt_once_and_read_ever_after(reel):
    first = heads(reel).of(ACTOR, (), silent)
    again = heads(reel)
    assert again.of(ACTOR, (), silent).text == first.text
    assert again.of(ACTOR, (), silent) is again.of(ACTOR, (), silent)
    assert reel.engine.learnt == 1
    kept = list((reel.store.derived / "heads" / "ELISE").iterdir())
    assert len(kept) == 1 and (kept[0] / "head.txt").is_file()


def test_another_state_of_the_actor_has_another_head(reel):
    mine = heads(reel)
    mine.of(ACTOR, (), silent)
    mine.of(SimpleNamespace(character="ELISE", digest="b" * 64), (), silent)
    assert reel.engine.learnt == 2


def test_a_damaged_head_is_learnt_again(reel):
    heads(reel).of(ACTOR, (), silent)
    path = next((reel.store.derived / "heads" / "ELISE").iterdir()) / "head.txt"
    path.write_text("something else")
    assert heads(reel).of(ACTOR, (), silent).text.startswith("head")
    assert reel.engine.learnt == 2


def test_an_engine_of_mouths_alone_says_what_to_set(reel):
    reel.engine.learn_head = None
    with pytest.raises(EngineError) as refused:
        heads(reel).of(ACTOR, (), silent)
    assert "region=face" in refused.value.hint


def test_without_consent_no_head_is_learnt(reel):
    def refuse(character):
        raise ConsentMissing(character)

    reel.train_consent = refuse
    with pytest.raises(ConsentMissing):
        heads(reel).of(ACTOR, (), silent)
    assert reel.engine.learnt == 0
