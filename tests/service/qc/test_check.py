"""The report lists what was measured, and why other shots were not."""

import json
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dubsync.core.errors import MediaError
from dubsync.core.picture import PictureFormat
from dubsync.core.progress import silent
from dubsync.core.result import Finding
from dubsync.core.settings import Settings
from dubsync.core.shot import Cut, Event, Plate, ProjectWarning, Shot, Turnover
from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.report import ShotPage
from dubsync.service.qc import check_shot
from dubsync.service.qc.check import check_reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.store.folder import Store

FRAMES = FrameRange(100, 148, Fraction(24))
RECORD: dict[str, Any] = {
    "version": 2, "seal": "s", "key": "now", "made": "2026-11-21", "tweak": {},
    "settings": {"delivery": {"picture": "lossless"}}, "consent": [{"id": "elise-1"}],
    "frames": {"timecode": "00:00:04:04", "rate": "24"}, "versions": {"dubsync": "0"},
    "proof": {"frames_changed": 1, "frames": 48, "plate_outside_sha256": "a",
              "picture_outside_sha256": "a"},
}  # fmt: skip


def shot(name: str) -> Shot:
    plate = Plate("A.mov", "/A.mov", "A", FRAMES, PictureFormat(8, 8, "gray", 8))
    event = Event("1", name, "A", "A", "", FRAMES, FRAMES)
    return Shot(name, event, plate, FRAMES, FRAMES, FRAMES)


@dataclass
class FakeReel:
    """What check_reel asks of a Reel; `engine` fails the test when consent is lacking."""

    store: Store
    names: tuple[str, ...]
    blocked: tuple[str, ...] = ()
    key: str = "now"
    language: str = "fr-FR"
    settings: Settings = field(default_factory=Settings)
    audio_analysis: Any = None
    engine: Any = field(default_factory=lambda: SimpleNamespace(beyond=None, version="e"))
    stems: Any = None

    @property
    def turnover(self) -> Turnover:
        cut = Cut("R3", "/R3.edl", Fraction(24), False, ())
        alone = Event("9", "SC09", "", "", "", FRAMES, None)
        return Turnover(cut, tuple(map(shot, self.names)), ((alone, "nobody speaks"),),
                        (ProjectWarning("stem", "is short"),))  # fmt: skip

    def shot(self, name: str) -> Shot:
        return shot(name)

    def refusal(self, result: Shot) -> ShotResult | None:
        if result.name in self.blocked:
            return ShotResult(result.name, "blocked", "no consent for ELISE")
        return None

    def watching(self, progress: Any, result: Shot) -> Any:
        return progress

    def renderer_setting(self, result: Shot) -> str:
        return "auto"

    def look(self, progress: Any) -> "FakeReel":
        return self

    def plan(self, result: Shot) -> Any:
        assert result.name not in self.blocked, "planned for a performer who did not consent"
        driven = SimpleNamespace(parts=(), warnings=())
        return SimpleNamespace(shot=result, render_key=self.key, driven=lambda progress: driven)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Shots whose name starts with "made" have a render; "made_torn" will not decode."""
    seen: list[str] = []

    def measure(rendered: Any, *_: Any, **__: Any) -> ShotPage:
        name = rendered.shot.name
        seen.append(name)
        if name == "made_torn":
            raise MediaError("frame 3 does not decode")
        finding = Finding(name, "", "seam", 1.0, "of plate", "at most 1.5", "pass")
        return ShotPage(name, 2, (), "A.mov", "A", FRAMES, False, (finding,))

    monkeypatch.setattr(
        check_shot, "newest", lambda _, s: Path("/r") if s.name.startswith("made") else None
    )
    monkeypatch.setattr(
        check_shot, "verified", lambda _, s, *__: (SimpleNamespace(shot=s, frames=FRAMES), RECORD)
    )
    monkeypatch.setattr(check_shot, "measure_shot", measure)
    return seen


def checked(reel: FakeReel, results: tuple[ShotResult, ...] = ()) -> dict[str, Any]:
    report = check_reel(reel, reel.names, name="R3 / v12", results=results, progress=silent)  # type: ignore[arg-type]
    assert Path(report.html).is_file()
    return {"path": report.json, **json.loads(Path(report.json).read_text())}


def reasons(document: dict[str, Any], kind: str) -> dict[str, str]:
    return {row["name"]: row["reason"] for row in document[kind]}


def test_shots_that_cannot_be_measured_are_listed_and_the_others_go_on(tmp_path, measured):
    names = ("made_torn", "made", "missing", "failed", "forbidden")
    failed = ShotResult("failed", "failed", "no face in the plate")
    reel = FakeReel(Store(tmp_path), names, blocked=("forbidden",))

    document = checked(reel, (failed,))

    assert [s["name"] for s in document["shots"]] == ["made"]
    assert "frame 3 does not decode" in reasons(document, "failed")["made_torn"]
    assert "sync it first" in reasons(document, "failed")["missing"]
    assert reasons(document, "failed")["failed"] == "no face in the plate"
    assert reasons(document, "blocked") == {"forbidden": "no consent for ELISE"}
    assert reasons(document, "skipped") == {"SC09": "nobody speaks"}
    assert document["verdict"] == "fail"


def test_render_older_than_its_inputs_is_checked_with_a_warning(tmp_path, measured):
    document = checked(FakeReel(Store(tmp_path), ("made",), key="other"))

    assert [s["name"] for s in document["shots"]] == ["made"]
    assert any("changed since" in d["message"] for d in document["warnings"])


def test_second_check_is_a_new_version_and_leaves_the_first(tmp_path, measured):
    reel = FakeReel(Store(tmp_path), ("made",))
    first = Path(checked(reel)["path"])
    before = first.read_bytes()

    second = Path(checked(reel)["path"])

    assert (first.parent.name, second.parent.name) == ("v001", "v002")
    assert first.read_bytes() == before
    assert second.name == "R3_v12_fr-FR_v002.json"


def test_reel_with_nothing_rendered_still_has_its_report(tmp_path, measured):
    document = checked(FakeReel(Store(tmp_path), ()))

    assert document["shots"] == [] and document["counts"]["skipped"] == 1


def test_a_shot_that_did_not_change_is_measured_once(tmp_path, measured):
    reel = FakeReel(Store(tmp_path), ("made", "made_too"))
    before = checked(reel)["shots"]
    assert measured == ["made", "made_too"]
    assert checked(FakeReel(Store(tmp_path), reel.names))["shots"] == before
    assert measured == ["made", "made_too"]
    strict = Settings(qc=replace(reel.settings.qc, seam=0.1))
    checked(FakeReel(Store(tmp_path), reel.names, settings=strict))
    assert measured[2:] == ["made", "made_too"]
