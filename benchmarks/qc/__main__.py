"""Whether QC is right about good and about spoilt pictures.

    python -m benchmarks.qc [--kept FOLDER] [--tuning] [--json]

Good: shots that `dubsync clip` renders, and plates as they are beside their own sound; none may
fail.  Spoilt: the same renders spoilt in one known way each; each must fail by the measure that was
spoilt.  Limits were chosen on other people (--tuning measures those).  Renders are kept in FOLDER
(.bench/qc), so that only the first run makes them.  Exit code 3 when one verdict is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.qc.make import Measured, made
from benchmarks.qc.shots import MADE, TESTS, TUNING
from benchmarks.qc.spoil import (
    Spoil,
    blurred,
    brighter,
    flickering,
    frozen,
    late,
    lighter,
    of_another,
    original,
    pictures_of,
    redder,
    shifted,
    stray,
    teeth,
    write_changed,
    write_spoilt,
)
from dubsync.core.result import Finding
from dubsync.core.settings import EngineSettings, QCSettings
from dubsync.core.steps import AlignedAudio, Engine
from dubsync.engine import build
from dubsync.media.sound.stem import read_sound
from dubsync.service.qc.measure import measure_shot
from dubsync.speech.audio_features import extract_features

ROOT = Path(__file__).parents[2]
SHARP = ("mouth sharpness", "skin sharpness")
FOLLOWS = ("target correlation", "mouth movement")
KEPT = ("mouth of the plate", "target correlation")
#: Way of spoiling -> (what it does to a frame, the measures that are right to fail).
WAYS: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "blur of 1 px": (blurred(1), SHARP),
    "blur of 2 px": (blurred(2), SHARP),
    "blur of 3 px": (blurred(3), SHARP),
    "moved across": (shifted(0.05, 0), ("mouth position",)),
    "moved down": (shifted(0, 0.05), ("mouth position",)),
    "late by 4 frames": (late(4), ("render lag",)),
    "late by 5 frames": (late(5), ("render lag",)),
    "frozen": (frozen, FOLLOWS),
    "the plate's mouth kept": (original, KEPT),
    "flicker of 4 %": (flickering(0.04), ("flicker",)),
    "brighter by 6 %": (brighter(0.06), ("seam",)),
    "redder by 6 levels": (redder(6), ("seam",)),
    "teeth in a shut mouth": (teeth, ("lip motion in silence",)),
    "a box, 6 levels lighter": (lighter(6), ("seam",)),
}
ANOTHER, PIXEL = "another person's mouth", "one pixel outside the matte"
SPOILT = (
    ("happy_german", "blur of 1 px"), ("curly_japanese", "blur of 1 px"),
    ("frenchman_italian", "blur of 2 px"), ("podium_spanish", "blur of 2 px"),
    ("glasses_silent", "blur of 3 px"), ("biden_german", "blur of 3 px"),
    ("newsman_spanish", "moved across"), ("brown_chinese", "moved across"),
    ("sweater_italian", "moved down"), ("frenchman_italian", "late by 4 frames"),
    ("biden_german", "late by 4 frames"), ("youth_korean", "late by 5 frames"),
    ("glasses_french", "frozen"), ("newsman_spanish", "frozen"), ("bald_french", "frozen"),
    ("sweater_italian", "the plate's mouth kept"), ("newsman_spanish", "the plate's mouth kept"),
    ("green_german", "the plate's mouth kept"), ("contempt_silent", "flicker of 4 %"),
    ("green_german", "flicker of 4 %"), ("sweater_silent", "brighter by 6 %"),
    ("beard_german", "brighter by 6 %"), ("newsman_short", "redder by 6 levels"),
    ("glasses_french", "redder by 6 levels"), ("glasses_silent", "teeth in a shut mouth"),
    ("frenchman_silent", "teeth in a shut mouth"), ("lipsync_late", "a box, 6 levels lighter"),
    ("tinted_silent", "a box, 6 levels lighter"), ("nodding_italian", PIXEL),
    ("fair_silent", PIXEL), ("happy_german", ANOTHER), ("podium_spanish", ANOTHER),
    ("curly_japanese", ANOTHER),
)  # fmt: skip
#: Whose mouth is laid on another's.
DONORS = {"happy": "glasses_silent", "podium": "newsman_short", "curly": "brown_chinese"}
AS_THEY_ARE = (
    "lipsync_late", "newsman_spanish", "biden_german", "curly_japanese", "profile_french",
    "frenchman_italian",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdicts:
    """QC's verdicts on one shot.

    right   measures of which one must fail; empty for a good shot
    failed  measures that failed, in words
    """

    shot: str
    way: str
    right: tuple[str, ...]
    failed: dict[str, str]
    review: dict[str, str]

    @property
    def true(self) -> bool:
        """Whether QC is right."""
        return any(name in self.failed for name in self.right) if self.right else not self.failed


class Trial:
    """Measures shots, with one engine."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._engine: Engine = build(EngineSettings())

    def good(self, names: tuple[str, ...]) -> Iterator[Verdicts]:
        """Renders as they are."""
        for name in names:
            yield self._verdicts(name, "rendered", (), self._made(name))

    def plates(self, names: tuple[str, ...]) -> Iterator[Verdicts]:
        """Plates in place of their renders, with their own sound as the dub."""
        for name in names:
            yield self._verdicts(name, "plate as it is", (), self._as_it_is(name))

    def spoilt(self, pairs: tuple[tuple[str, str], ...]) -> Iterator[Verdicts]:
        """Renders spoilt in one way each."""
        for name, way in pairs:
            measured = self._made(name)
            shown, folder = pictures_of(measured), self._kept / name / "spoilt" / _safe(way)
            if way == PIXEL:
                result = write_changed(measured, shown, stray, folder)
                right: tuple[str, ...] = ("pixels changed outside the matte",)
            elif way == ANOTHER:
                donor = pictures_of(self._made(DONORS[name.split("_")[0]]))
                result = write_spoilt(measured, shown, of_another(donor), folder)
                right = ("mouth likeness",)
            else:
                spoil, right = WAYS[way]
                result = write_spoilt(measured, shown, spoil, folder, box=way.startswith("a box"))
            yield self._verdicts(name, way, right, result)

    def _made(self, name: str) -> Measured:
        return made(next(shot for shot in MADE if shot.name == name), self._kept)

    def _as_it_is(self, name: str) -> Measured:
        measured = self._made(name)
        plate = measured.rendered.shot.plate
        frames = measured.rendered.frames
        times = np.arange(len(frames)) / float(frames.rate)
        own = AlignedAudio(extract_features(read_sound(Path(plate.path))), times)
        parts = tuple(replace(part, corrected=part.original) for part in measured.parts)
        rendered = replace(measured.rendered, picture=plate.path)
        dub = {character: own for character in measured.dub}
        return replace(measured, rendered=rendered, parts=parts, dub=dub)

    def _verdicts(
        self, name: str, way: str, right: tuple[str, ...], measured: Measured
    ) -> Verdicts:
        page = measure_shot(
            measured.rendered,
            measured.parts,
            measured.dub,
            engine=self._engine,
            folder=self._kept,
            settings=QCSettings(),
            **measured.options,
        )
        failed, review = (
            {f.measure: _figure(f) for f in page.findings if f.verdict == verdict}
            for verdict in ("fail", "review")
        )
        return Verdicts(name, way, right, failed, review)


def _figure(finding: Finding) -> str:
    return "-" if finding.value is None else f"{finding.value:.3g} {finding.unit}".strip()


def _safe(way: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in way)


def _printed(result: Verdicts) -> str:
    mark = "right" if result.true else "WRONG"
    failed = ", ".join(f"{name} {value}" for name, value in result.failed.items()) or "no red"
    review = ", ".join(f"{name} {value}" for name, value in result.review.items())
    return f"{mark}  {result.shot:20} {result.way:28} {failed}" + (
        f"  (review: {review})" if review else ""
    )


def main() -> int:
    """Measure all, print a line each, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, default=ROOT / ".bench" / "qc")
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.kept.mkdir(parents=True, exist_ok=True)
    trial = Trial(options.kept)
    if options.tuning:
        runs = [trial.good(tuple(shot.name for shot in TUNING))]
    else:
        names = tuple(shot.name for shot in TESTS)
        runs = [trial.good(names), trial.plates(AS_THEY_ARE), trial.spoilt(SPOILT)]
    results = []
    for run in runs:
        for result in run:
            results.append(result)
            if not options.json:
                print(_printed(result), flush=True)
    good, bad = ([r for r in results if bool(r.right) is spoilt] for spoilt in (False, True))
    counts = {
        "good": len(good),
        "good_without_red": sum(r.true for r in good),
        "spoilt": len(bad),
        "spoilt_with_the_right_red": sum(r.true for r in bad),
    }
    if options.json:
        print(json.dumps({**counts, "shots": [asdict(r) for r in results]}, indent=1))
    else:
        print(", ".join(f"{name.replace('_', ' ')}: {n}" for name, n in counts.items()))
    return 0 if all(r.true for r in results) else 3


if __name__ == "__main__":
    sys.exit(main())
