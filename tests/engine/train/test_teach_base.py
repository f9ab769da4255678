"""A base is taught on several actors and can be started from; what fits no network is refused."""

import numpy as np
import pytest
import torch

from dubsync.core.errors import EngineError, ModelError
from dubsync.core.learning.house_base import HouseBase
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.sound.audio import STATES
from dubsync.engine import build
from dubsync.engine.network.base_network import base_weights, weights_of
from dubsync.engine.sound.known_heads import head_bytes, head_from, head_of
from dubsync.engine.sound.model import head_mark
from dubsync.engine.sound.sound_head import COUNT, Head, shipped_head
from dubsync.engine.train import teach_base
from tests.engine.network import textured_footage
from tests.engine.network.textured_footage import TexturedPlate, talking_track

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def taught():
    """A base of one step, on one actor without sound."""
    actor = textured_footage.learnt(TexturedPlate(talking_track(14)), most=12, refined=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teach_base, "SIZE", 48)
        return teach_base.teach_base(
            [(actor, [])], minutes=1.0, steps=1, kept=None, progress=silent, device=CPU
        )


def test_a_taught_base_starts_from_what_ships_and_is_another(taught):
    weights, shipped = weights_of(taught.network, "nord/v001", "S"), base_weights("S")

    assert weights.keys() == shipped.keys()
    assert any(not torch.equal(weights[name], shipped[name]) for name in weights)
    assert taught.facts["steps"] == 1 and taught.facts["actors"] == 1


def test_without_speech_the_head_that_ships_stays(taught):
    assert taught.head == b"" and taught.facts["speech"]["head"] == "ships"


def test_an_engine_on_a_base_names_it_in_its_version_and_trains_from_it(taught):
    engine = build(EngineSettings(device="cpu"))
    base = HouseBase("nord/v001", "ab" * 32, taught.network, head_bytes(shipped_head()))

    on_base = engine.on_base(base)

    assert on_base.version == f"{engine.version}/nord/v001@{'ab' * 6}"
    start = on_base.train.keywords["start"]
    wanted = weights_of(taught.network, "nord", "S")
    assert all(torch.equal(weight, wanted[name]) for name, weight in start("S").items())
    assert start("M") is None


@pytest.mark.parametrize("data", [b"", b"no network", head_bytes(shipped_head())])
def test_bytes_that_are_no_network_are_refused(data):
    with pytest.raises(ModelError, match="nord/v001"):
        weights_of(data, "nord/v001", "S")


def test_a_head_is_found_by_its_fingerprint_once_it_was_read():
    rng = np.random.default_rng(0)
    head = Head(np.zeros(STATES), np.ones(STATES), rng.normal(size=(1, COUNT)) * 0.1)
    again = head_from(head_bytes(head), "nord/v001")

    assert head_of(head_mark(again)) is again
    assert head_of(head_mark(shipped_head())) is shipped_head()
    with pytest.raises(ModelError, match="another sound head"):
        head_of(head_mark(again) + 1)
    with pytest.raises(ModelError, match="nord/v001"):
        head_from(b"nothing", "nord/v001")


def test_a_base_of_nobody_is_refused():
    with pytest.raises(EngineError, match="needs an actor"):
        teach_base.teach_base([], minutes=1.0, kept=None, progress=silent, device=CPU)
