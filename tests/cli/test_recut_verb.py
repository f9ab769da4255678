"""The text that `dubsync recut` prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.cut.recut import recut_text
from dubsync.cli.main import main
from dubsync.service.recut.report import Recut, ShotRecut


def test_the_reason_of_a_failed_shot_is_printed_in_full() -> None:
    why = (
        "its plate is not where the cut says; relink it, or name its folder with --media, and sync"
    )
    shot = ShotRecut("sh1", "fr-FR", "", "new", "failed", reason=why)
    assert why in recut_text(Recut("", "a.edl", "b.edl", "", (), (shot,), ()))


@pytest.mark.parametrize("dub_cut", ["", "a.edl"])
def test_dub_cut_is_mentioned_only_if_there_is_one(dub_cut: str) -> None:
    text = recut_text(Recut("recut/v001", "a.edl", "b.edl", dub_cut, (), (), ()))
    assert ("remove dub_cut" in text) == bool(dub_cut)


@pytest.mark.parametrize("more", [["--timeline", "R1"], ["--no-render"], ["--relearn"]])
def test_undo_cannot_be_combined_with_other_options(tmp_path: Path, more: list[str]) -> None:
    refused = CliRunner().invoke(main, ["recut", str(tmp_path), "--undo", *more])
    assert refused.exit_code == 2 and "--undo cannot be combined" in refused.output
