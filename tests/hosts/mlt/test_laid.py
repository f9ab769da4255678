"""A synced clip is played by the real MLT where its shot is, from its handles on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.editorial.mlt import test_mlt_played as making
from tests.hosts.mlt.projects import MltHost, Project

pytestmark = making.pytestmark


@pytest.mark.parametrize("kdenlive", [False, True])
def test_mlt_plays_the_synced_clips_over_their_shots(tmp_path: Path, kdenlive: bool) -> None:
    frames = {
        name: making.movie(tmp_path / name, n)
        for n, name in enumerate(("plate.mkv", "insert.mkv", "render.mkv"))
    }
    cut, _ = making.cut_and_render()
    path = tmp_path / f"cut.{'kdenlive' if kdenlive else 'mlt'}"
    made = making.write_mlt(cut, (), kdenlive=kdenlive).data
    path.write_bytes(made.replace(b'width="1920" height="1080"', b'width="64" height="36"'))
    host, start = MltHost(str(path)), making.START
    shots = [
        {"name": name, "picture": str(tmp_path / "render.mkv"), "edit": "", "handles": [8, 4],
         "source": source, "record": [start + at, start + stop]}
        for name, at, stop, source in (("a", 0, 10, [1008, 1018]), ("b", 14, 20, [1008, 1020]))
    ]  # fmt: skip
    before = path.read_bytes()
    assert all(one["placed"] for one in host.add_results(shots, {}))
    written = Path(host.save())
    assert written.name == f"cut_dubsync_v001{path.suffix}" and path.read_bytes() == before
    shown = making.played(written)
    expected = {n: ("render.mkv", 8 + n) for n in range(6)}  # the insert lies over the others
    expected |= {n: ("insert.mkv", n - 6) for n in range(6, 14)}
    expected |= {n: ("render.mkv", 8 + 2 * (n - 14)) for n in range(14, 20)}
    for n, (name, at) in expected.items():
        assert all(map(np.array_equal, shown[n], frames[name][at])), (n, name, at)


def test_a_project_with_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.mlt"
    path.write_bytes(b'<!DOCTYPE mlt [<!ENTITY a "b">]><mlt>&a;</mlt>')
    with pytest.raises(Exception, match="entities"):
        Project(str(path))


def test_times_of_a_project_are_frames_or_clock_times(tmp_path: Path) -> None:
    cut, _ = making.cut_and_render()
    path = tmp_path / "cut.mlt"
    path.write_bytes(making.write_mlt(cut, ()).data)
    project = Project(str(path))
    assert [project.frames(text) for text in ("24", "00:00:01.001", None)] == [24, 24, 0]
    assert project.rate == Fraction(24000, 1001)
