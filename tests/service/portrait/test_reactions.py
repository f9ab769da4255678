"""Reactions start and end at rest, move what they say, and come from files of ours alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.core.learning.moving_still import CHANNELS, Reaction
from dubsync.core.steps import Engine
from dubsync.engine.portrait.channels import sampled
from dubsync.service.portrait.found_stills import find_stills
from dubsync.service.portrait.reactions import LIBRARY, names, reactions


def test_the_library_has_the_reactions_of_the_manual_and_says_where_they_come_from() -> None:
    assert set(names()) == {"angry", "haha", "idle", "like", "sad", "wow"}
    for made in reactions(names()):
        assert 2 <= made.seconds <= 8 and (made.curves or made.name == "idle")
    assert "by hand" in (LIBRARY / "README.md").read_text()


@pytest.mark.parametrize("name", ["angry", "haha", "like", "sad", "wow"])
def test_each_starts_and_ends_at_rest_without_a_jerk(name: str) -> None:
    (made,) = reactions([name])
    times = np.linspace(0, made.seconds, 400)
    for channel, values in sampled(made, times).items():
        assert abs(values[0]) < 1e-9 and abs(values[-1]) < 1e-9, channel
        top = max(abs(values).max(), 1e-9)
        assert abs(np.diff(values)[[0, -1]]).max() < 0.1 * top, channel


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=6))
def test_a_curve_never_goes_beyond_its_keys(inner: list[float]) -> None:
    keys = [(0.0, 0.0), *((0.2 * (n + 1), v) for n, v in enumerate(inner)), (2.0, 0.0)]
    made = Reaction("x", 2.0, {"jaw": tuple(keys)})
    values = sampled(made, np.linspace(0, 2, 200))["jaw"]
    assert values.max() <= max(*inner, 0) + 1e-6 and values.min() >= min(*inner, 0) - 1e-6


def test_its_first_and_last_frame_are_at_rest(engine: Engine, photo: Path) -> None:
    stills = find_stills([photo], engine, face=None, longest=320, beside=photo.parent).stills
    portrait = engine.moving_still(stills)
    (made,) = reactions(["wow"])
    motion = portrait.by_reaction(made, np.array([0.0, 0.8, made.seconds]))
    still = stills[0].picture
    first, middle, last = (motion.draw(n, None) for n in range(3))
    assert np.array_equal(first, last)
    assert np.abs(first - still).mean() < 0.004 < 3 * np.abs(middle - still).mean()
    assert motion.opening[1] > motion.opening[0] + 0.05
    (waits,) = reactions(["idle"])
    idle = portrait.by_reaction(waits, np.linspace(0, waits.seconds, 30))
    assert np.abs(idle.draw(0, None) - first).mean() < 0.002
    assert np.abs(idle.turned).max() > 0.3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "x"\nseconds = 2\n[curves]\nears = [[0, 0], [1, 0]]', "no channel"),
        ('name = "x"\nseconds = 2\n[curves]\njaw = [[0, 0], [1, 1]]', "does not end at rest"),
        ('name = "x"\nseconds = 2\n[curves]\njaw = [[0, 0], [3, 0]]', "do not rise within"),
        ('name = "x"\nseconds = 2\n[curves]\njaw = "wide"', "not in the form"),
        ('name = "x/../y"\nseconds = 2\n[curves]\njaw = [[0, 0], [1, 0]]', "plain name"),
        ('name = "x"\nseconds = 1e9\n[curves]\njaw = [[0, 0], [1, 0]]', "up to 60"),
        ("name = ", "not valid TOML"),
    ],
)
def test_a_file_that_is_no_reaction_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        reactions([str(path)])


def test_an_unknown_reaction_names_those_there_are() -> None:
    with pytest.raises(SettingsError, match="no reaction 'cry'") as refused:
        reactions(["cry"])
    assert "sad" in refused.value.hint
    with pytest.raises(SettingsError):
        reactions(["../../etc/passwd"])


def test_channels_of_mouth_brows_lids_gaze_and_head_move_the_picture(
    engine: Engine, photo: Path
) -> None:
    stills = find_stills([photo], engine, face=None, longest=320, beside=photo.parent).stills
    portrait = engine.moving_still(stills)
    rest = portrait.by_reaction(reactions(["idle"])[0], np.array([0.0])).draw(0, None)
    for channel in ("smile", "brow_down", "shut", "gaze_x", "gaze_y", "yaw", "pitch", "size"):
        assert channel in CHANNELS
        peak = 5.0 if channel in ("yaw", "pitch", "roll") else 0.8
        made = Reaction("x", 2.0, {channel: ((0.0, 0.0), (1.0, peak), (2.0, 0.0))})
        moved = np.abs(portrait.by_reaction(made, np.array([1.0])).draw(0, None) - rest)
        assert moved.max() > 0.02, channel
