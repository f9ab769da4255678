"""Case 11: a mouth that is rightly shut passes; blurred, or left as it was, it fails."""

from pathlib import Path

import pytest

from benchmarks.qc.make import Measured, made
from benchmarks.qc.shots import Made
from benchmarks.qc.spoil import blurred, original, pictures_of, write_spoilt
from dubsync.core.result import Finding
from dubsync.core.settings import EngineSettings, QCSettings
from dubsync.engine import build
from dubsync.service.qc.measure import measure_shot

#: As the case's make.sh: the plate shows teeth; the dub is silent throughout, or for 1.2 s.
PLATE, FIRST, FRAMES = "footage/katiehill_512_8s.mp4", 50, 40
SILENT = Made("katie_silent", PLATE, FIRST, "", frames=FRAMES)
LATE = Made("katie_late", PLATE, FIRST, "speech/de_1.wav", lead_s=1.2, frames=FRAMES)


def findings(measured: Measured, folder: Path) -> dict[str, Finding]:
    engine = build(EngineSettings())
    page = measure_shot(
        measured.rendered, measured.parts, measured.dub, engine=engine, settings=QCSettings(),
        folder=folder, **measured.options,
    )  # fmt: skip
    return {finding.measure: finding for finding in page.findings}


@pytest.fixture(scope="module")
def silent(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return made(SILENT, tmp_path_factory.mktemp("silent"))


def test_a_mouth_shut_by_a_silent_dub_is_no_failure(silent, tmp_path):
    found = findings(silent, tmp_path)

    assert [f for f in found.values() if f.verdict == "fail"] == []
    assert found["mouth sharpness"].value > 0.7
    for name in ("lip-sync offset", "render lag", "target correlation", "mouth movement"):
        assert (found[name].verdict, found[name].value) == ("not measured", None)
        assert found[name].note


def test_the_same_mouth_blurred_fails_for_its_sharpness(silent, tmp_path):
    soft = write_spoilt(silent, pictures_of(silent), blurred(1), tmp_path)

    result = findings(soft, tmp_path)["mouth sharpness"]
    assert result.verdict == "fail" and result.value < 0.2
    assert result.frames and result.remedy


def test_the_plates_talking_mouth_under_a_silent_dub_fails_for_moving_in_silence(silent, tmp_path):
    kept = write_spoilt(silent, pictures_of(silent), original, tmp_path)

    assert findings(kept, tmp_path)["lip motion in silence"].verdict == "fail"


def test_a_mouth_shut_until_the_dub_begins_is_no_failure(shared, tmp_path):
    found = findings(made(LATE, tmp_path), tmp_path)

    assert [f for f in found.values() if f.verdict == "fail"] == []
    assert found["mouth sharpness"].value > 0.7
