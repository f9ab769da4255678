"""A shot that cannot be written, or whose plate changes, fails alone and leaves no file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import av
import pytest

from dubsync.media.movie.write import MovieWriter
from dubsync.service.project import Project
from tests.service import drawn_engine


def results(reel: Path) -> dict[str, object]:
    return {result.name: result for result in Project.open(reel).sync()}


def files_of(reel: Path, shot: str) -> list[str]:
    return [str(path) for path in reel.rglob("*") if path.is_file() and f"/{shot}/" in str(path)]


@pytest.mark.parametrize(
    "failure, method",
    [
        (av.error.ExternalError(542398533, "libx264"), "add"),
        (OSError(errno.ENOSPC, "No space left"), "close"),
    ],
)
def test_an_encoder_that_fails_in_one_shot_does_not_stop_the_next(
    reel: Path, failure: Exception, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(MovieWriter, method)

    def fails_in_a(self: MovieWriter, *given: object) -> object:
        if self._path.parent.parent.name == "a":
            raise failure
        return real(self, *given)

    monkeypatch.setattr(MovieWriter, method, fails_in_a)
    shots = results(reel)
    assert [shots[name].status for name in "ab"] == ["failed", "done"]
    assert "cannot write" in shots["a"].reason and shots["a"].hint
    assert not [name for name in files_of(reel, "a") if not name.endswith(".lock")]
    assert files_of(reel, "b")


@pytest.mark.parametrize("when", ["retarget", "composite"])
def test_a_plate_overwritten_during_sync_fails_its_shot(
    reel: Path, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plate = reel.parent / "plates" / "a.mov"
    real = getattr(drawn_engine, when)
    calls: list[str] = []

    def overwrites(*given: object, **more: object) -> object:
        if not calls:
            calls.append(when)
            state = plate.stat()
            os.utime(plate, ns=(state.st_atime_ns, state.st_mtime_ns + 10**9))
        return real(*given, **more)

    monkeypatch.setattr(drawn_engine, when, overwrites)
    shots = results(reel)
    assert [shots[name].status for name in "ab"] == ["failed", "done"]
    assert "a.mov changed while it was read" in shots["a"].reason
    assert not [name for name in files_of(reel, "a") if not name.endswith(".lock")]
    assert results(reel)["a"].status == "done"


def test_a_plate_that_is_gone_fails_its_shot(reel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = drawn_engine.prepare

    def removes(*given: object, **more: object) -> object:
        (reel.parent / "plates" / "a.mov").unlink(missing_ok=True)
        return real(*given, **more)

    monkeypatch.setattr(drawn_engine, "prepare", removes)
    shots = results(reel)
    assert [shots[name].status for name in "ab"] == ["failed", "done"]
    assert "a.mov" in shots["a"].reason
