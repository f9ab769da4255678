"""What `dubsync recut` says when it is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.cli.recut import recut_text
from dubsync.service.recut.report import Recut, ShotRecut


def test_why_a_shot_failed_is_told_to_its_last_word() -> None:
    why = (
        "its plate is not where the cut says; relink it, or name its folder with --media, and sync"
    )
    shot = ShotRecut("sh1", "fr-FR", "", "new", "failed", reason=why)
    assert why in recut_text(Recut("", "a.edl", "b.edl", "", (), (shot,), ()))


@pytest.mark.parametrize("dub_cut", ["", "a.edl"])
def test_dub_cut_is_spoken_of_where_there_is_one(dub_cut: str) -> None:
    told = recut_text(Recut("recut/v001", "a.edl", "b.edl", dub_cut, (), (), ()))
    assert ("take dub_cut out" in told) == bool(dub_cut)


@pytest.mark.parametrize("more", [["--timeline", "R1"], ["--no-render"], ["--relearn"]])
def test_undo_stands_alone(tmp_path: Path, more: list[str]) -> None:
    refused = CliRunner().invoke(main, ["recut", str(tmp_path), "--undo", *more])
    assert refused.exit_code == 2 and "--undo stands alone" in refused.output
