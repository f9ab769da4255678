"""The disk a run needs is known before any work, and a disk that is too small is refused."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from dubsync.core.errors import DeliveryError
from dubsync.service.disk_space import needed as space
from dubsync.service.disk_space.needed import Needed, needed, refuse_short
from dubsync.service.project import Project
from tests.small_reel import ELISE, MARC


def taken(folder: Path) -> dict[str, int]:
    files = [path for path in (folder / "renders").rglob("*_v001*") if path.is_file()]
    size = {role: 0 for role in ("picture", "matte", "layer")}
    for path in files:
        role = next((r for r in ("_matte", "_layer") if r in path.name), "_picture")[1:]
        size[role] += path.stat().st_size if path.suffix in (".mkv", ".mov") else 0
    return size


def test_what_a_fresh_reel_needs_is_what_its_renders_then_take(rendered_reel, tmp_path):
    left_out = shutil.ignore_patterns("renders", "reports", "actors")
    fresh = shutil.copytree(rendered_reel, tmp_path / "fresh", ignore=left_out)
    need, real = needed(Project.open(fresh).unlooked), taken(rendered_reel)
    assert need.bytes_by_shot.keys() == {MARC, ELISE}
    assert need.bytes_by_kind["picture"] == pytest.approx(real["picture"], rel=need.within)
    assert need.bytes_by_kind["models"] > 0
    assert "edit media" not in need.bytes_by_kind


def test_shots_that_are_rendered_need_nothing_unless_they_are_named(rendered_reel):
    reel = Project.open(rendered_reel).unlooked
    assert needed(reel).total == 0
    again = needed(reel, [MARC, ELISE])
    assert again.within == space.ERROR_AFTER
    for kind, real in taken(rendered_reel).items():
        assert again.bytes_by_kind[kind] == pytest.approx(real, rel=0.01)
    assert again.bytes_by_kind["models"] == 0


def test_a_disk_that_is_too_small_is_refused_with_what_is_lacking(rendered_reel, monkeypatch):
    reel = Project.open(rendered_reel).unlooked
    monkeypatch.setattr(space.shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000_000))
    need = needed(reel, [MARC])
    assert need.short == need.total - 1_000_000
    with pytest.raises(DeliveryError, match="are lacking; it needs about") as refused:
        refuse_short(need, rendered_reel)
    assert "--ignore-space" in refused.value.hint


def test_a_disk_that_is_large_enough_is_not_refused(tmp_path):
    refuse_short(Needed({"a": 5}, {"picture": 5}, 5, 0.1), tmp_path)
