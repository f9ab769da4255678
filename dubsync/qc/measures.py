"""Turn measures into findings: a value against its limit, where it is worst, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.core.result import Finding
from dubsync.core.settings import QCSettings
from dubsync.qc.image_measures import ENERGY_FLOOR, HIGH_PASS_FLOOR, FaceSeries, FrameMeasures
from dubsync.qc.mouth import Curve
from dubsync.qc.sync import Closures, Offset

Verdict = Literal["pass", "review", "fail", "not measured"]

OVERSHARP = 1.6  #: a mouth sharper than this, relative to the plate's, looks etched
LEAST_FOLLOW = 0.8  #: correlation of rendered and target mouth; below it the shot needs review
LEAST_CORRELATION = 0.2  #: the same of mouth and sound; people who talk measure 0.2 to 0.65
LEAST_CLOSURES = 0.7
MOST_IN_SILENCE = 0.08  #: lip opening in silence, eye distances; real people reach 0.1
LOST_SHARE = 0.05  #: share of a shot's frames that may lose the face before it fails


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure's name (`head` in a narrow column), its meaning, and what to do about it."""

    name: str
    head: str
    means: str
    remedy: str


_ALL = (
    Measure(
        "lip-sync offset",
        "offset",
        "How late (+) or early (-) the rendered mouth is against the dub.",
        "Slip the mouth by this much in the other direction (dubsync tweak) and sync again, or "
        "check the position of the stem.",
    ),
    Measure(
        "lip-sync correlation",
        "sync corr.",
        "Correlation of the mouth's opening with the dub's loudness (1: identical movement).",
        "Play the shot with sound. A mumbled line or music in the stem can explain it; otherwise "
        "raise intensity (dubsync tweak), or film a take of the line.",
    ),
    Measure(
        "target correlation",
        "target corr.",
        "Correlation of the rendered mouth with the target movement (1: identical movement).",
        "The renderer lacks exemplars for these mouths or this head pose: add plates of the actor.",
    ),
    Measure(
        "render lag",
        "lag",
        "How late (+) or early (-) the rendered mouth is against the target movement.",
        "The renderer itself causes this. Please report it with the shot's record.",
    ),
    Measure(
        "closures",
        "m b p",
        "Share of the dub's m, b and p on which the lips close within one frame.",
        "Check the marked frames: viewers notice an open mouth on an m or b first.",
    ),
    Measure(
        "lip motion in silence",
        "silence",
        "How far the synced lips part while the dub is silent.",
        "Check the stem for breaths or noise; trim it, or ease the end of the line.",
    ),
    Measure(
        "mouth sharpness",
        "sharpness",
        "Fine detail in the rendered mouth, relative to the plate's (1: the same).",
        "Below the limit the mouth looks soft beside the skin: try a larger crop_px, or add "
        "closer plates of the actor. Far above 1 it looks etched.",
    ),
    Measure(
        "flicker",
        "flicker",
        "Frame-to-frame change inside the matte, relative to the plate's (1: the same).",
        "Play the marked frames at speed. Exemplars that pop and changing light both show there.",
    ),
    Measure(
        "seam",
        "seam",
        "Contrast across the edge of the matte, relative to the plate's there (1: no seam).",
        "Check the jaw line in the marked frames. Grade differences between plates cause it.",
    ),
    Measure(
        "samples changed outside the matte",
        "outside matte",
        "Stored samples (one channel of one pixel) that differ from the plate where the matte is "
        "black.",
        "Do not deliver. Sync the shot again, and check the disk it was written to.",
    ),
    Measure(
        "kept frames changed",
        "kept frames",
        "Frames that were to stay as in the plate and differ from it.",
        "Do not deliver. Sync the shot again, and report it with the shot's record.",
    ),
    Measure(
        "frames with a lost face",
        "face lost",
        "Frames in which a face is detected in the plate but not in the render.",
        "Check the marked frames: the face is broken, or something covers it.",
    ),
)
MEASURES = {measure.name: measure for measure in _ALL}


@dataclass(frozen=True, slots=True)
class FindingsBuilder:
    """Turns measures of one face (or, without a character, of a whole shot) into Findings.

    first  number of frame 0 of every curve
    label  formats a frame number for an editor, as timecode
    """

    shot: str
    character: str
    first: int
    settings: QCSettings
    label: Callable[[int], str] = str

    def offset(self, result: Offset, intended_ms: float = 0.0) -> Finding:
        """Lip-sync offset; `intended_ms` is the slip set by the artist."""
        most = self.settings.offset_ms
        limit = f"at most {most:g} ms early or late"
        if intended_ms:
            limit += f" of the slip of {intended_ms:+g} ms"
        name = "lip-sync offset"
        if result.ms is None:
            return self._finding(name, None, "ms", limit, "not measured", result.note)
        if not result.sure:
            note = (
                f"best match at {result.ms:+.0f} ms, but with so little speech its correlation of "
                f"{result.correlation:.2f} can be chance (below {result.least:.2f})"
            )
            return self._finding(name, None, "ms", limit, "not measured", note)
        verdict: Verdict = "fail" if abs(result.ms - intended_ms) > most else "pass"
        return self._finding(name, result.ms, "ms", limit, verdict)

    def correlation(self, result: Offset) -> Finding:
        """Lip-sync correlation, at the best offset."""
        return self._least(
            "lip-sync correlation", result.correlation, LEAST_CORRELATION, result.note
        )

    def follow(self, result: Offset, frame_ms: float) -> tuple[Finding, Finding]:
        """Correlation of the rendered mouth with its target, and its lag."""
        likeness = self._least("target correlation", result.correlation, LEAST_FOLLOW, result.note)
        most = max(self.settings.offset_ms, frame_ms)
        limit = f"at most {frame_ms:.0f} ms (one frame); fails past {most:.0f} ms"
        if result.ms is None or not result.sure:
            note = result.note or "render and target are too different to compare their timing"
            return likeness, self._finding("render lag", None, "ms", limit, "not measured", note)
        late = abs(result.ms)
        verdict: Verdict = "fail" if late > most else "review" if late > frame_ms else "pass"
        return likeness, self._finding("render lag", result.ms, "ms", limit, verdict)

    def closures(self, result: Closures) -> Finding:
        """Share of m, b and p on which the lips meet."""
        limit = f"at least {LEAST_CLOSURES:.0%}"
        if result.share is None:
            note = "the dub has no m, b or p while the face is visible"
            return self._finding("closures", None, "%", limit, "not measured", note)
        missed = [frame for frame, hit in zip(result.frames, result.hit, strict=True) if not hit]
        verdict: Verdict = "review" if result.share < LEAST_CLOSURES else "pass"
        note = f"{sum(result.hit)} of {len(result.hit)} met"
        if missed:
            note += "; missed at " + ", ".join(self.label(frame) for frame in missed[:12])
            note += ", ..." if len(missed) > 12 else ""
        span = (missed[0], missed[0]) if missed else None
        return self._finding("closures", 100 * result.share, "%", limit, verdict, note, span)

    def silence(self, apart: Curve) -> Finding:
        """Lip motion in silence: `apart` (T,) eye distances from rest, NaN where not counted."""
        name = "lip motion in silence"
        limit = f"at most {100 * MOST_IN_SILENCE:.0f} % of the eye distance"
        n = int(np.isfinite(apart).sum())
        if n < 6:
            note = f"only {n} silent frames with a synced mouth"
            return self._finding(name, None, "%", limit, "not measured", note)
        value = float(np.nanpercentile(apart, 90))
        verdict: Verdict = "review" if value > MOST_IN_SILENCE else "pass"
        return self._finding(name, 100 * value, "%", limit, verdict, "", self._worst(apart, max))

    def picture(self, series: FaceSeries) -> tuple[Finding, Finding, Finding]:
        """Sharpness, flicker and seam of one face."""
        return self._sharpness(series), self._flicker(series), self._seam(series)

    def _sharpness(self, series: FaceSeries) -> Finding:
        least = self.settings.sharpness
        name, limit = "mouth sharpness", f"at least {least:g}"
        both = np.isfinite(series.sharpness)
        if both.sum() < 3:
            note = "fewer than 3 frames with the mouth inside the matte"
            return self._finding(name, None, "x plate", limit, "not measured", note)
        plate = float(np.median(series.sharpness_plate[both]))
        value = float(np.median(series.sharpness_render[both])) / max(plate, ENERGY_FLOOR)
        verdict: Verdict = "fail" if value < least else "review" if value > OVERSHARP else "pass"
        # A single frame compares an open mouth with a closed one, so frames are named only for
        # a verdict that needs action.
        sides = {"fail": min, "review": max}
        worst = self._worst(series.sharpness, sides[verdict]) if verdict in sides else None
        return self._finding(name, value, "x plate", limit, verdict, "", worst)

    def _flicker(self, series: FaceSeries) -> Finding:
        most = self.settings.flicker
        name, limit = "flicker", f"at most {most:g}"
        both = np.isfinite(series.flicker_plate) & np.isfinite(series.flicker_render)
        if both.sum() < 3:
            note = "fewer than 3 consecutive frames with the mouth inside the matte"
            return self._finding(name, None, "x plate", limit, "not measured", note)
        plate, render = (
            float(np.sqrt(np.square(x[both]).mean()))
            for x in (series.flicker_plate, series.flicker_render)
        )
        value = max(render, HIGH_PASS_FLOOR) / max(plate, HIGH_PASS_FLOOR)
        worst = self._worst(series.flicker, max)
        verdict = self._above(value, most, series.flicker)
        return self._finding(name, value, "x plate", limit, verdict, _far(verdict, most), worst)

    def _seam(self, series: FaceSeries) -> Finding:
        most = self.settings.seam
        name, limit = "seam", f"at most {most:g}"
        if not np.isfinite(series.seam).any():
            return self._finding(
                name, None, "x plate", limit, "not measured", "the matte is empty in every frame"
            )
        value = float(np.nanmedian(series.seam))
        verdict = self._above(value, most, series.seam)
        worst = self._worst(series.seam, max)
        return self._finding(name, value, "x plate", limit, verdict, _far(verdict, most), worst)

    def untouched(
        self, measures: FrameMeasures, kept: Sequence[int], written: int | None, exact: bool
    ) -> tuple[Finding, Finding]:
        """Samples changed outside the matte, and changed frames that were to be kept.

        Args:
            measures: counted on the written files.
            kept: numbers of the frames of weight 0.
            written: samples changed outside the matte as counted by the render's own record; None
                where it could not count them.
            exact: whether the delivery codec is lossless.
        """
        if not measures.comparable:
            return self._another_kind(exact)
        stray = max(measures.stray_samples, written or 0)
        lossy = "" if exact else "the delivery codec is lossy: every sample may change slightly"
        bad: Verdict = "fail" if exact else "review"
        frames = _span(measures.stray_frames)
        outside = self._finding(
            "samples changed outside the matte",
            float(stray),
            "samples",
            "0",
            bad if stray else "pass",
            lossy,
            frames,
        )
        wrong = sorted(set(kept) & set(measures.changed_frames))
        note = lossy or f"{len(kept)} of {measures.frames} frames are to be kept"
        still = self._finding(
            "kept frames changed",
            float(len(wrong)),
            "frames",
            "0",
            bad if wrong else "pass",
            note,
            _span(wrong),
        )
        return outside, still

    def _another_kind(self, exact: bool) -> tuple[Finding, Finding]:
        """The same findings where pixel formats differ: failures, unless the codec is lossy."""
        verdict: Verdict = "fail" if exact else "not measured"
        note = "the render is stored in another pixel format than the plate"
        names = ("samples changed outside the matte", "samples"), ("kept frames changed", "frames")
        first, second = (self._finding(n, None, unit, "0", verdict, note) for n, unit in names)
        return first, second

    def faces(self, plate_seen: NDArray[np.bool_], render_seen: NDArray[np.bool_]) -> Finding:
        """Frames with a face in the plate and none in the render."""
        lost = np.flatnonzero(plate_seen & ~render_seen)
        name = "frames with a lost face"
        if not plate_seen.any():
            note = "no face was detected in the plate"
            return self._finding(name, None, "frames", "0", "not measured", note)
        share = len(lost) / int(plate_seen.sum())
        verdict: Verdict = "fail" if share > LOST_SHARE else "review" if len(lost) else "pass"
        unseen = int((~plate_seen).sum())
        note = f"the plate has no face in {unseen} frames" if unseen else ""
        frames = _span([self.first + int(n) for n in lost])
        return self._finding(name, float(len(lost)), "frames", "0", verdict, note, frames)

    def _least(self, name: str, value: float | None, least: float, note: str) -> Finding:
        limit = f"at least {least:g}"
        if value is None:
            return self._finding(name, None, "", limit, "not measured", note)
        return self._finding(name, value, "", limit, "review" if value < least else "pass", note)

    def _above(self, value: float, most: float, curve: Curve) -> Verdict:
        """Fail when the shot is over the limit, review when 5 % of its frames are far over."""
        if value > most:
            return "fail"
        return "review" if float(np.nanpercentile(curve, 95)) > 2 * most else "pass"

    def _worst(
        self, curve: Curve, which: Callable[[float, float], float]
    ) -> tuple[int, int] | None:
        """The worst half second or so (12 frames) of `curve`, as frame numbers first and last."""
        if not np.isfinite(curve).any():
            return None
        sign = 1.0 if which is max else -1.0
        score = np.where(np.isfinite(curve), sign * curve, -np.inf)
        peak = int(np.argmax(score))
        level = sign * (float(np.nanmedian(curve)) + float(curve[peak])) / 2
        low = high = peak
        while low > 0 and peak - low < 6 and score[low - 1] >= level:
            low -= 1
        while high < len(curve) - 1 and high - peak < 6 and score[high + 1] >= level:
            high += 1
        return self.first + low, self.first + high

    def _finding(
        self,
        measure: str,
        value: float | None,
        unit: str,
        limit: str,
        verdict: Verdict,
        note: str = "",
        frames: tuple[int, int] | None = None,
    ) -> Finding:
        return Finding(
            self.shot, self.character, measure, value, unit, limit, verdict, note, frames
        )


def _far(verdict: Verdict, most: float) -> str:
    """Why a shot within its limit still needs review."""
    note = f"within the limit, but one frame in 20 is past {2 * most:g}"
    return note if verdict == "review" else ""


def _span(frames: Sequence[int]) -> tuple[int, int] | None:
    return (min(frames), max(frames)) if frames else None
