"""From measures to findings: a value against its limit, where it is worst, and what to do."""

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

Verdict = Literal["pass", "look", "fail", "not measured"]

OVERSHARP = 1.6  #: mouths sharper than this, over the plate's, look etched
LEAST_FOLLOW = 0.8  #: correlation of drawn and wanted mouth below which a person should look
LEAST_CORRELATION = 0.2  #: likewise of mouth and sound; people who talk measure 0.2 to 0.65
LEAST_CLOSURES = 0.7
MOST_IN_SILENCE = 0.08  #: eye distances the lips may part while nobody speaks; people do by 0.1
LOST_SHARE = 0.05  #: share of a shot's frames that may lose the face before it fails


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure is called (`head` in a narrow column), what it means, and what to do."""

    name: str
    head: str
    means: str
    remedy: str


_ALL = (
    Measure(
        "mouth against dub",
        "offset",
        "How late (+) or early (-) the mouth in the render is against the dub's sound.",
        "Slip the shot's mouth by this much the other way and sync again, or check where the "
        "stem was laid.",
    ),
    Measure(
        "mouth follows dub",
        "follows dub",
        "How far the opening of the mouth rises and falls with the dub (1: as one).",
        "Play the shot with sound. A mumbled line or music in the stem can explain it; else raise "
        "intensity (dubsync tweak), or film a take of the line.",
    ),
    Measure(
        "mouth follows performance",
        "follows drive",
        "How far the mouth that was drawn does what the drive asked of it (1: as one).",
        "The renderer lacks exemplars for these mouths or this head pose: add plates of the actor.",
    ),
    Measure(
        "drawn lag",
        "lag",
        "How late (+) or early (-) the drawn mouth is against the one asked for.",
        "This is the renderer's own doing; please report it with the shot's record.",
    ),
    Measure(
        "closures",
        "m b p",
        "How many of the dub's m, b and p meet with closed lips within one frame.",
        "Look at the marked frames: an open mouth on an m or b is what audiences notice first.",
    ),
    Measure(
        "lips in silence",
        "silence",
        "How far the lips part while the dub is silent and the mouth is ours.",
        "Look for breaths or noise in the stem; trim the stem, or ease the line's end.",
    ),
    Measure(
        "mouth sharpness",
        "sharp",
        "Fine detail in the render's mouth, as a share of the plate's.",
        "Below the limit the mouth looks soft beside the skin: try a larger crop_px, or add "
        "closer plates of the actor. Far above 1 it looks etched.",
    ),
    Measure(
        "flicker",
        "flicker",
        "Change from frame to frame inside the matte, over the plate's own.",
        "Play the marked frames at speed: exemplars that pop or light that changes show there.",
    ),
    Measure(
        "seam",
        "seam",
        "Slope across the edge of the matte, over the plate's own slope there (1: no seam).",
        "Look along the jaw in the marked frames; grade differences between plates cause it.",
    ),
    Measure(
        "samples outside the matte",
        "outside",
        "Stored samples that differ from the plate where the matte says it was kept.",
        "Do not deliver: sync the shot again, and check the disk it was written to.",
    ),
    Measure(
        "frames not to be touched",
        "kept",
        "Frames that nobody asked to change and that differ from the plate.",
        "Do not deliver: sync the shot again, and report it with the shot's record.",
    ),
    Measure(
        "frames without a face",
        "face lost",
        "Frames in which the plate shows the face and the render no longer does.",
        "Look at the marked frames: the face is broken, or hidden by something.",
    ),
)
MEASURES = {measure.name: measure for measure in _ALL}


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns measures of one face (or, with no character, of one whole shot) into Findings.

    first  number of frame 0 of every curve
    label  how a frame number reads to an editor
    """

    shot: str
    character: str
    first: int
    settings: QCSettings
    label: Callable[[int], str] = str

    def offset(self, result: Offset, intended_ms: float = 0.0) -> Finding:
        """Mouth against dub; `intended_ms` is the artist's own slip."""
        most = self.settings.offset_ms
        limit = f"at most {most:g} ms early or late"
        if intended_ms:
            limit += f" of the {intended_ms:+g} ms asked for"
        name = "mouth against dub"
        if result.ms is None:
            return self._finding(name, None, "ms", limit, "not measured", result.note)
        if not result.sure:
            note = (
                f"a peak at {result.ms:+.0f} ms, but its correlation of "
                f"{result.correlation:.2f} is "
                f"within chance for so little speech (less than {result.least:.2f})"
            )
            return self._finding(name, None, "ms", limit, "not measured", note)
        verdict: Verdict = "fail" if abs(result.ms - intended_ms) > most else "pass"
        return self._finding(name, result.ms, "ms", limit, verdict)

    def correlation(self, result: Offset) -> Finding:
        """Mouth follows dub, at the peak."""
        return self._least("mouth follows dub", result.correlation, LEAST_CORRELATION, result.note)

    def follow(self, result: Offset, frame_ms: float) -> tuple[Finding, Finding]:
        """Mouth follows performance, and how late."""
        likeness = self._least(
            "mouth follows performance", result.correlation, LEAST_FOLLOW, result.note
        )
        most = max(self.settings.offset_ms, frame_ms)
        limit = f"at most {frame_ms:.0f} ms (one frame); fails past {most:.0f} ms"
        if result.ms is None or not result.sure:
            note = result.note or "the two are too unlike to time"
            return likeness, self._finding("drawn lag", None, "ms", limit, "not measured", note)
        late = abs(result.ms)
        verdict: Verdict = "fail" if late > most else "look" if late > frame_ms else "pass"
        return likeness, self._finding("drawn lag", result.ms, "ms", limit, verdict)

    def closures(self, result: Closures) -> Finding:
        """Share of m, b, p on which the lips meet."""
        limit = f"at least {LEAST_CLOSURES:.0%}"
        if result.share is None:
            note = "no m, b or p heard while the face is seen"
            return self._finding("closures", None, "%", limit, "not measured", note)
        missed = [frame for frame, hit in zip(result.frames, result.hit, strict=True) if not hit]
        verdict: Verdict = "look" if result.share < LEAST_CLOSURES else "pass"
        note = f"{sum(result.hit)} of {len(result.hit)}"
        if missed:
            note += "; missed at " + ", ".join(self.label(frame) for frame in missed[:12])
            note += ", ..." if len(missed) > 12 else ""
        span = (missed[0], missed[0]) if missed else None
        return self._finding("closures", 100 * result.share, "%", limit, verdict, note, span)

    def silence(self, apart: Curve) -> Finding:
        """`apart` (T,) eye distances from rest, NaN where it does not count."""
        limit = f"at most {100 * MOST_IN_SILENCE:.0f} % of the eye distance"
        n = int(np.isfinite(apart).sum())
        if n < 6:
            note = f"only {n} silent frames with a mouth of ours"
            return self._finding("lips in silence", None, "%", limit, "not measured", note)
        value = float(np.nanpercentile(apart, 90))
        verdict: Verdict = "look" if value > MOST_IN_SILENCE else "pass"
        return self._finding(
            "lips in silence", 100 * value, "%", limit, verdict, "", self._worst(apart, max)
        )

    def picture(self, series: FaceSeries) -> tuple[Finding, Finding, Finding]:
        """Sharpness, flicker and seam of one face."""
        return self._sharpness(series), self._flicker(series), self._seam(series)

    def _sharpness(self, series: FaceSeries) -> Finding:
        least = self.settings.sharpness
        name, limit = "mouth sharpness", f"at least {least:g}"
        both = np.isfinite(series.sharpness)
        if both.sum() < 3:
            note = "fewer than 3 frames with the mouth inside the matte"
            return self._finding(name, None, "of plate", limit, "not measured", note)
        plate = float(np.median(series.sharpness_plate[both]))
        value = float(np.median(series.sharpness_render[both])) / max(plate, ENERGY_FLOOR)
        verdict: Verdict = "fail" if value < least else "look" if value > OVERSHARP else "pass"
        # Frame by frame an open mouth beside a shut one says little: named only when it matters.
        sides = {"fail": min, "look": max}
        worst = self._worst(series.sharpness, sides[verdict]) if verdict in sides else None
        return self._finding(name, value, "of plate", limit, verdict, "", worst)

    def _flicker(self, series: FaceSeries) -> Finding:
        most = self.settings.flicker
        name, limit = "flicker", f"at most {most:g}"
        both = np.isfinite(series.flicker_plate) & np.isfinite(series.flicker_render)
        if both.sum() < 3:
            note = "fewer than 3 frames in a row inside the matte"
            return self._finding(name, None, "of plate", limit, "not measured", note)
        plate, render = (
            float(np.sqrt(np.square(x[both]).mean()))
            for x in (series.flicker_plate, series.flicker_render)
        )
        value = max(render, HIGH_PASS_FLOOR) / max(plate, HIGH_PASS_FLOOR)
        worst = self._worst(series.flicker, max)
        verdict = self._above(value, most, series.flicker)
        return self._finding(name, value, "of plate", limit, verdict, _far(verdict, most), worst)

    def _seam(self, series: FaceSeries) -> Finding:
        most = self.settings.seam
        name, limit = "seam", f"at most {most:g}"
        if not np.isfinite(series.seam).any():
            return self._finding(
                name, None, "of plate", limit, "not measured", "the matte is empty throughout"
            )
        value = float(np.nanmedian(series.seam))
        verdict = self._above(value, most, series.seam)
        worst = self._worst(series.seam, max)
        return self._finding(name, value, "of plate", limit, verdict, _far(verdict, most), worst)

    def untouched(
        self, watch: FrameMeasures, kept: Sequence[int], written: int | None, exact: bool
    ) -> tuple[Finding, Finding]:
        """Samples outside the matte, and frames that were to stay as they are.

        Args:
            watch: what was counted on the files.
            kept: frame numbers of weight 0.
            written: what the render's own record says of samples outside the matte; None where
                it could not count them.
            exact: whether the delivery is a lossless one.
        """
        if not watch.comparable:
            return self._another_kind(exact)
        stray = max(watch.stray_samples, written or 0)
        lossy = (
            "" if exact else "the delivery codec is not lossless: every sample may move a little"
        )
        bad: Verdict = "fail" if exact else "look"
        frames = _span(watch.stray_frames)
        outside = self._finding(
            "samples outside the matte",
            float(stray),
            "samples",
            "0",
            bad if stray else "pass",
            lossy,
            frames,
        )
        wrong = sorted(set(kept) & set(watch.changed_frames))
        note = lossy or f"{len(kept)} of {watch.frames} frames are to stay as they are"
        still = self._finding(
            "frames not to be touched",
            float(len(wrong)),
            "frames",
            "0",
            bad if wrong else "pass",
            note,
            _span(wrong),
        )
        return outside, still

    def _another_kind(self, exact: bool) -> tuple[Finding, Finding]:
        """Nothing to compare sample by sample, which only a lossy delivery may say."""
        verdict: Verdict = "fail" if exact else "not measured"
        note = "the render is stored in another pixel format than the plate"
        names = ("samples outside the matte", "samples"), ("frames not to be touched", "frames")
        first, second = (self._finding(n, None, unit, "0", verdict, note) for n, unit in names)
        return first, second

    def faces(self, plate_seen: NDArray[np.bool_], render_seen: NDArray[np.bool_]) -> Finding:
        """Frames in which the plate's face is lost in the render."""
        lost = np.flatnonzero(plate_seen & ~render_seen)
        name = "frames without a face"
        if not plate_seen.any():
            return self._finding(
                name, None, "frames", "0", "not measured", "the plate shows no face"
            )
        share = len(lost) / int(plate_seen.sum())
        verdict: Verdict = "fail" if share > LOST_SHARE else "look" if len(lost) else "pass"
        unseen = int((~plate_seen).sum())
        note = f"the plate itself shows none in {unseen}" if unseen else ""
        frames = _span([self.first + int(n) for n in lost])
        return self._finding(name, float(len(lost)), "frames", "0", verdict, note, frames)

    def _least(self, name: str, value: float | None, least: float, note: str) -> Finding:
        limit = f"at least {least:g}"
        if value is None:
            return self._finding(name, None, "", limit, "not measured", note)
        return self._finding(name, value, "", limit, "look" if value < least else "pass", note)

    def _above(self, value: float, most: float, curve: Curve) -> Verdict:
        """Fail when the shot is over the limit, look when 5 % of its frames are far over."""
        if value > most:
            return "fail"
        return "look" if float(np.nanpercentile(curve, 95)) > 2 * most else "pass"

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
    """Why a shot within its limit still wants a look."""
    return (
        f"within the limit, but one frame in 20 is past {2 * most:g}" if verdict == "look" else ""
    )


def _span(frames: Sequence[int]) -> tuple[int, int] | None:
    return (min(frames), max(frames)) if frames else None
