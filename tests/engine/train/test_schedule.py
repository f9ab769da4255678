"""A training interrupted at any moment resumes where it was, or starts again; never in part."""

import logging
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open

from dubsync.engine.network.mouth_net import GUIDES, MATTE, Inputs, MouthNet
from dubsync.engine.train import schedule
from dubsync.engine.train.checkpoint import STATE, facts_of
from dubsync.engine.train.training_pairs import TrainingPairs
from tests.engine.train.short_training import (
    CONFIG,
    CPU,
    cut_off_and_again,
    damaged,
    run,
    same,
    tinted_pairs,
)


def test_training_pairs_with_one_wrong_tint_are_learnt(clock):
    result = run(replace(CONFIG, seconds=100))

    first, last = result.curve[0][1], min(loss for _, loss in result.curve)
    assert result.steps == 100
    assert last < 0.6 * first


def test_the_network_is_never_worse_on_what_was_held_back_than_untrained(clock):
    pairs = tinted_pairs()
    upside_down = pairs.shown.clone()
    upside_down[pairs.held_out] *= -1  # training does not help the held-out pairs
    strange = replace(pairs, shown=upside_down)

    result = run(replace(CONFIG, seconds=25), pairs=strange)
    began = run(replace(CONFIG, seconds=0), pairs=strange)

    run_ = schedule._new_run(CONFIG, CPU)
    run_.mean.load_state_dict(result.network.state_dict())
    schedule._validate(run_, strange, np.flatnonzero(strange.held_out), CPU)
    assert run_.best <= began.curve[0][1] + 1e-6


def test_no_time_at_all_leaves_the_network_untrained():
    result = run(replace(CONFIG, seconds=0))

    assert result.steps == 0
    assert result.network.answer.weight.abs().max() == 0


def test_training_ends_at_its_time_limit_and_reports_progress():
    steps = []
    began = time.monotonic()
    result = run(replace(CONFIG, seconds=1.0), progress=steps.append)

    assert time.monotonic() - began < 6
    assert result.steps >= 1
    assert [s.done for s in steps] == sorted(s.done for s in steps)
    assert (steps[-1].done, steps[-1].total, steps[-1].shot) == (100, 100, "Ada")


def test_the_same_seed_and_steps_give_the_same_weights_and_another_seed_others(clock):
    first = run()

    assert same(first, run())
    assert not same(first, run(replace(CONFIG, seed=8)))


def test_the_same_number_of_steps_gives_the_same_network(clock):
    result = run(replace(CONFIG, seconds=60))
    assert result.planned == result.steps > schedule.WARM_STEPS

    again = run(replace(CONFIG, seconds=1, steps=result.steps))

    assert same(result, again)
    assert [loss for _, loss in again.curve] == [loss for _, loss in result.curve]


def test_a_training_cut_off_ends_as_one_that_was_not(clock, tmp_path, monkeypatch):
    whole = run()

    again = cut_off_and_again(CONFIG, tmp_path, monkeypatch, every=5, after=17)

    assert again.steps == whole.steps == 18
    assert again.curve[0] == whole.curve[0]
    assert [s for s, _ in again.curve] == sorted(s for s, _ in again.curve)
    assert same(again, whole)


def test_a_checkpoint_counts_steps_and_seconds(clock, tmp_path, monkeypatch):
    steps = []

    cut_off_and_again(CONFIG, tmp_path, monkeypatch, every=5, after=17, progress=steps.append)

    assert len(steps) == 18 - 15 + 1  # 15 steps were kept; one beat says that it is done
    assert steps[0].done == 100 * 16 // 18


def test_a_training_that_is_done_is_not_begun_again(clock, tmp_path):
    first = run(kept=tmp_path)

    again = run(kept=tmp_path)

    assert again.steps == first.steps
    assert same(first, again)


def test_more_time_goes_on_from_where_less_ended(clock, tmp_path):
    run(kept=tmp_path)

    assert run(replace(CONFIG, seconds=24), kept=tmp_path).steps == 24


def test_a_checkpoint_of_another_training_is_not_resumed(clock, tmp_path):
    run(kept=tmp_path)

    other = run(replace(CONFIG, key="two", seconds=3), kept=tmp_path)
    larger = run(replace(CONFIG, key="two", seconds=2, network="S"), kept=tmp_path)

    assert (other.steps, larger.steps) == (3, 2)
    assert same(other, run(replace(CONFIG, key="two", seconds=3)))


@pytest.mark.parametrize(
    "how",
    ["empty", "short", "noise", "no facts", "dice.state", "net.answer.bias", "best.answer.bias"],
)
def test_a_damaged_checkpoint_is_not_resumed_in_part(clock, tmp_path, caplog, how):
    config = replace(CONFIG, seconds=4)
    fresh = run(config)
    run(config, kept=tmp_path)
    damaged(tmp_path / STATE, how)

    with caplog.at_level(logging.WARNING):
        again = run(config, kept=tmp_path)

    assert again.steps == fresh.steps
    assert len(again.curve) == len(fresh.curve)
    assert same(again, fresh)
    assert "training starts again" in caplog.text


def test_nothing_is_pickled(clock, tmp_path):
    run(kept=tmp_path / "kept")

    assert [p.name for p in (tmp_path / "kept").iterdir()] == [STATE]
    with safe_open(tmp_path / "kept" / STATE, "pt") as file:
        assert file.metadata().keys() == {"facts"}
        assert all(torch.isfinite(file.get_tensor(k).float()).all() for k in file.keys())  # noqa: SIM118


KILLED = """
from dubsync.core.progress import silent
from dubsync.engine.train import schedule
from tests.engine.train.short_training import CONFIG, CPU, PAIRS
from pathlib import Path
from dataclasses import replace
schedule.KEEP_S = 0.2
long = replace(CONFIG, seconds=600)
schedule.train_network(long, PAIRS, device=CPU, kept=Path({folder!r}), progress=silent)
"""


def test_a_training_killed_outright_goes_on(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", KILLED.format(folder=str(tmp_path))])
    try:
        waited = time.monotonic()
        while not (tmp_path / STATE).exists() and time.monotonic() - waited < 180:
            assert process.poll() is None
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    steps = []

    facts = facts_of(tmp_path / STATE)
    again = run(
        replace(CONFIG, seconds=facts["seconds"] + 0.2), kept=tmp_path, progress=steps.append
    )

    assert facts["steps"] > 0 and facts["seconds"] >= 0.2
    assert again.steps > facts["steps"]
    assert len(steps) == again.steps - facts["steps"] + 1
    assert again.curve[0][0] == 0


def test_large_training_pairs_are_cropped_to_windows(clock, monkeypatch):
    sizes = []
    plain = MouthNet.forward

    def watched(self, shown):
        sizes.append(tuple(shown.shape[2:]))
        return plain(self, shown)

    monkeypatch.setattr(MouthNet, "forward", watched)
    run(replace(CONFIG, seconds=2, window=8))

    assert sizes.count((8, 8)) == 2


def test_training_pairs_of_many_sizes_are_padded_without_being_changed():
    first, second = (
        Inputs(*[np.full((*s, 3), v, np.float32) for v in (0.1, 0.2, 0.3, 0.4)],
               np.ones(s, np.float32), np.zeros((*s, GUIDES), np.float32))
        for s in ((20, 40), (31, 17))
    )  # fmt: skip

    none = np.zeros(2, bool)
    both = TrainingPairs.of([first, second], none, np.ones(2, np.float32), none)

    assert both.shown.shape[2:] == (32, 48)
    np.testing.assert_allclose(both.shown[0, :, :20, :40], first.stacked(), atol=2e-3)
    np.testing.assert_allclose(both.truth[1, :, :31, :17], 0.4, atol=1e-3)
    assert both.shown[1, MATTE, 31:].abs().max() == 0
