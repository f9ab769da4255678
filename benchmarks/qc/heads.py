"""Whether QC is right about moved heads and eyes: one rendered shot as it is, and spoilt.

    python -m benchmarks.qc.heads REEL SHOT [--language TAG] [--other SHOT] [--json]

SHOT is rendered already, with a head that turns, eyes that look aside or a blink (`dubsync tweak`).
Each way of spoiling must fail, or need review, by its own measure; the render as it is may not
fail.  --other names a rendered shot of another person, whose face is laid on this one.  Exit code 3
when one verdict is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.qc.make import Measured
from benchmarks.qc.spoil import (
    Pictures,
    Plane,
    Planes,
    Spoil,
    pictures_of,
    planes_of,
    similarity,
    sized,
    warped,
    write_spoilt,
)
from dubsync.core.result import Finding
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Engine
from dubsync.engine import build
from dubsync.qc.head.beyond_face import OVAL
from dubsync.qc.report import ShotPage
from dubsync.service.project import Project
from dubsync.service.qc import check
from dubsync.service.qc.measure import measure_shot

HEAD = ("head turn", "gaze", "blinks", "identity", "head edge flicker", "hair sharpness")
EYES = (33, 133, 362, 263, 159, 145, 386, 374, 70, 300)


@dataclass(frozen=True, slots=True)
class Verdict:
    """QC's verdicts on one way of spoiling; `right`: the measures of which one must complain."""

    way: str
    right: tuple[str, ...]
    found: dict[str, str]
    true: bool


def measured_of(reel: Path, shot: str, language: str) -> Measured:
    """What the newest render of a shot is measured from."""
    seen: list[Measured] = []

    def kept(rendered: Any, parts: Any, dub: Any, *, engine: Engine, **options: Any) -> ShotPage:
        options.pop("progress", None)
        seen.append(Measured(rendered, tuple(parts), dict(dub), options))
        return measure_shot(rendered, parts, dub, engine=engine, **options)

    project = Project.open(reel)
    project = project.into(language) if language else project
    with patch.object(check, "measure_shot", kept):
        project.check([shot])
    if not seen:
        raise SystemExit(f"{shot} has no finished render: dubsync sync {reel} {shot}")
    return seen[0]


def eyes_of_plate(shown: Pictures, n: int) -> Planes:
    """The plate's own eyes and brows, moved with the head."""
    return _laid(shown, n, shown.plate[n], shown.face.landmarks[n], EYES, 0.25)


def hair_blurred(px: float) -> Spoil:
    """Everything but the face blurred by `px` at an eye distance of 60."""

    def spoil(shown: Pictures, n: int) -> Planes:
        sigma = px * shown.eyes / 60
        soft = [cv2.GaussianBlur(p, (0, 0), sigma / s) for p, s in sized(shown.render[n])]
        return _beyond(shown, n, planes_of(soft))

    return spoil


def hair_flickers(share: float) -> Spoil:
    """Everything but the face brighter by `share` in every second frame."""

    def spoil(shown: Pictures, n: int) -> Planes:
        y, u, v = shown.render[n]
        lit = np.asarray(16 + (y - 16) * (1 + share * (n % 2)), np.float32)
        return _beyond(shown, n, (lit, u, v))

    return spoil


def face_of(donor: Pictures) -> Spoil:
    """Another person's face, laid on this one."""

    def spoil(shown: Pictures, n: int) -> Planes:
        seen = np.flatnonzero(donor.face.seen)
        source = int(seen[n % len(seen)])
        return _laid(shown, n, donor.plate[source], donor.face.landmarks[source], OVAL, 0.05)

    return spoil


def _laid(
    shown: Pictures, n: int, planes: Planes, points: NDArray[np.floating],
    where: Sequence[int], grown: float,
) -> Planes:  # fmt: skip
    """Part of another picture, round the landmarks `where`, on the render."""
    ours = shown.face.landmarks[n].copy()
    ours[:, :2] += shown.face.shifted[n]
    move = similarity(points[list(where), :2], ours[list(where), :2])
    cover = _hull(ours[list(where), :2], shown.matte[n].shape, grown * shown.eyes)
    result = []
    for p, (own, step) in zip(planes, sized(shown.render[n]), strict=True):
        other = warped(p, move, step, size=own.shape[::-1])
        share = cv2.resize(cover, own.shape[::-1], interpolation=cv2.INTER_AREA)
        result.append(own + share * (other - own))
    return planes_of(result)


def _beyond(shown: Pictures, n: int, planes: Planes) -> Planes:
    """`planes` outside the face, the render within."""
    ours = shown.face.landmarks[n].copy()
    ours[:, :2] += shown.face.shifted[n]
    cover = _hull(ours[list(OVAL), :2], shown.matte[n].shape, 0.05 * shown.eyes)
    result = []
    for p, (own, _) in zip(planes, sized(shown.render[n]), strict=True):
        share = 1 - cv2.resize(cover, own.shape[::-1], interpolation=cv2.INTER_AREA)
        result.append(own + share * (p - own))
    return planes_of(result)


def _hull(points: NDArray[np.floating], shape: tuple[int, ...], grown: float) -> Plane:
    filled = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(np.rint(points).astype(np.int32)), 255)
    side = 2 * max(1, round(grown)) + 1
    wide = cv2.dilate(filled, np.ones((side, side), np.uint8)).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), max(grown / 2, 1.0)), np.float32)


def ways(donor: Pictures | None) -> dict[str, tuple[Spoil, tuple[str, ...]]]:
    """Way of spoiling -> (what it does to a frame, the measures that are right to complain)."""
    result: dict[str, tuple[Spoil, tuple[str, ...]]] = {
        "the plate's head kept": (lambda shown, n: shown.plate[n], ("head turn",)),
        "the plate's eyes kept": (eyes_of_plate, ("gaze", "blinks")),
        "hair blurred by 2 px": (hair_blurred(2), ("hair sharpness",)),
        "hair flickers by 10 %": (hair_flickers(0.1), ("head edge flicker",)),
    }
    if donor is not None:
        result["another person's face"] = (face_of(donor), ("identity",))
    return result


def verdict(measured: Measured, way: str, right: tuple[str, ...], engine: Engine) -> Verdict:
    """QC on one render."""
    page = measure_shot(
        measured.rendered, measured.parts, measured.dub, engine=engine,
        **{**measured.options, "exact": True},
    )  # fmt: skip
    heads = [f for f in page.findings if f.measure in (*HEAD, "background")]
    bad = {f.measure for f in heads if f.verdict in ("review", "fail")}
    failed = {f.measure for f in heads if f.verdict == "fail"}
    true = any(name in bad for name in right) if right else not failed
    return Verdict(way, right, {f.measure: _figure(f) for f in heads}, true)


def _figure(finding: Finding) -> str:
    value = "-" if finding.value is None else f"{finding.value:.3g}"
    return f"{value} {finding.unit} ({finding.verdict})".replace("  ", " ")


def main() -> int:
    """Measure the render as it is and each way of spoiling it; print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reel", type=Path)
    parser.add_argument("shot")
    parser.add_argument("--language", default="")
    parser.add_argument("--other", default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured = measured_of(options.reel, options.shot, options.language)
    shown, engine = pictures_of(measured), build(EngineSettings())
    donor = (
        pictures_of(measured_of(options.reel, options.other, options.language))
        if options.other else None
    )  # fmt: skip
    results = [verdict(measured, "as rendered", (), engine)]
    with tempfile.TemporaryDirectory() as folder:
        for n, (way, (spoil, right)) in enumerate(ways(donor).items()):
            spoilt = write_spoilt(measured, shown, spoil, Path(folder) / str(n))
            results.append(verdict(spoilt, way, right, engine))
    for result in () if options.json else results:
        said = ", ".join(f"{name} {value}" for name, value in result.found.items())
        print(f"{'right' if result.true else 'WRONG'}  {result.way:24} {said}")
    if options.json:
        print(json.dumps([{"way": r.way, "found": r.found, "true": r.true} for r in results]))
    return 0 if all(result.true for result in results) else 3


if __name__ == "__main__":
    sys.exit(main())
