"""Turn measures into findings: a value against its limit, where it is worst, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.core.plural import counted
from dubsync.core.result import Finding
from dubsync.core.settings import QCSettings
from dubsync.qc.image_measures import HIGH_PASS_FLOOR, FaceSeries, FrameMeasures
from dubsync.qc.like_mouths import LikeMouths, unsure_by
from dubsync.qc.measures import MEASURES, worded
from dubsync.qc.mouth import Curve, bend
from dubsync.qc.sync import Offset

Verdict = Literal["pass", "review", "fail", "not measured"]

SOFT_SHARE = 0.7  #: a shot fails below this share of the limit, and needs review above it
OVERSHARP, ETCHED = 1.6, 3.0  #: relative to the plate's: a mouth needs review, and fails
LEAST_FOLLOW = 0.8  #: correlation of rendered and target mouth; below it the shot needs review
WRONG_MOUTH = 0.5  #: below this correlation the mouth is not the target's
LEAST_CORRELATION = 0.2  #: the same of mouth and sound; people who talk measure 0.2 to 0.65
#: Chance reaches a higher correlation with so little speech, see `Offset.least`.
MOST_CHANCE = 0.35
#: Standard deviation of the target's opening, eye distances, below which a mouth hardly moves.
LEAST_MOVES = 0.02
HARDLY_MOVES, MOVES_LITTLE = 40.0, 60.0  #: % of the target movement: fails, and needs review
PLATES, LEFT = 50.0, 70.0  #: % of frames with the plate's mouth: needs review, and fails
ASIDE, UNSURE = 3.0, 0.5  #: % of the eye distance: lips aside need review, surely so they fail
#: % of the eye distance that lips may part in silence (real people reach 10), and that fails.
MOST_IN_SILENCE, TALKS_IN_SILENCE = 8.0, 12.0
#: A mouth may resemble the plate's this much less than they resemble each other; ...
UNLIKE = 0.12
LEAST_LIKENESS = 0.85  #: ... and from here on it resembles them enough.
STILL = 0.01  #: eye distances: a mouth that bends its course by less hardly moves
LEAST_COMPARED = 8  #: frames for a median
WINDOW = 9  #: frames over which a seam may show and go
LOST_SHARE = 0.05  #: share of a shot's frames that may lose the face before it fails
PLATE = "times the plate's"


@dataclass(frozen=True, slots=True)
class FindingsBuilder:
    """Turns measures of one face (or, without a character, of a whole shot) into Findings.

    first  number of frame 0 of every curve
    label  formats a frame number for an editor, as timecode
    each   what is counted: "frame", or "field" of interlaced plates
    """

    shot: str
    character: str
    first: int
    settings: QCSettings
    label: Callable[[int], str] = str
    each: str = "frame"

    def offset(
        self, result: Offset, intended_ms: float = 0.0, followed: Offset | None = None
    ) -> tuple[Finding, Finding]:
        """Lip-sync offset, and correlation at that offset.

        Args:
            intended_ms: the slip set by the artist.
            followed: lag of the render behind a target that was made from this sound; None where
                it was not. The two must agree, or the offset is a coincidence.
        """
        most = self.settings.offset_ms
        limit = f"at most {most:g} ms early or late"
        if intended_ms:
            limit += f" of the slip of {abs(intended_ms):g} ms"
        name, least = "lip-sync offset", f"at least {LEAST_CORRELATION:g}"
        why = self._unsure_offset(result, intended_ms, followed)
        known = result.ms is not None and not why
        if known or (result.correlation is not None and result.least <= MOST_CHANCE):
            value = result.correlation or 0.0
            low: Verdict = "review" if value < LEAST_CORRELATION else "pass"
            likeness = self.finding("lip-sync correlation", value, "", least, low)
        else:
            likeness = self.unknown("lip-sync correlation", "", least, why)
        if result.ms is None or why:
            return self.unknown(name, "ms", limit, why), likeness
        verdict: Verdict = "fail" if abs(result.ms - intended_ms) > most else "pass"
        return self.finding(name, result.ms, "ms", limit, verdict), likeness

    def _unsure_offset(self, result: Offset, slip: float, followed: Offset | None) -> str:
        """Why the offset says nothing; "" where it does."""
        if result.ms is None:
            return result.note
        if not result.sure:
            return (
                f"the mouth and so little speech match best with a correlation of "
                f"{result.correlation:.2f}, which chance also reaches (below {result.least:.2f})"
            )
        if followed is None or not followed.timed or followed.ms is None:
            return ""
        apart = abs(result.ms - slip - followed.ms)
        if apart <= self.settings.offset_ms:
            return ""
        return (
            "the sound alone does not place this mouth: it follows the movement that was made from "
            f"this sound {worded(followed.ms, 'ms')}"
        )

    def follow(
        self, result: Offset, frame_ms: float, wanted: Curve, drawn: Curve
    ) -> tuple[Finding, Finding, Finding]:
        """Correlation of the rendered mouth with its target, its lag, and how far it moves.

        Args:
            frame_ms: milliseconds per frame.
            wanted, drawn: (T,) opening of the target and of the render, eye distances; NaN in
                frames that are not compared.
        """
        likeness, lag, moves = "target correlation", "render lag", "mouth movement"
        most = max(self.settings.offset_ms, frame_ms)
        limits = (
            f"at least {LEAST_FOLLOW:g}; fails below {WRONG_MOUTH:g}",
            f"at most {frame_ms:.0f} ms (one frame); fails past {most:.0f} ms",
            f"at least {MOVES_LITTLE:.0f} %; fails below {HARDLY_MOVES:.0f} %",
        )
        both = np.isfinite(wanted) & np.isfinite(drawn)
        moved = float(wanted[both].std()) if both.any() else np.inf
        if result.correlation is None or moved < LEAST_MOVES:
            note = result.note or (
                f"the dub opens and closes this mouth by only {100 * moved:.1f} % of the eye "
                "distance, too little to follow"
            )
            names = zip((likeness, lag, moves), ("", "ms", "%"), limits, strict=True)
            one, other, third = (self.unknown(n, u, limit, note) for n, u, limit in names)
            return one, other, third
        apart = np.where(both, np.abs(wanted - drawn), np.nan)
        worst = self.worst(apart, max)
        value = result.correlation
        verdict = _least(value, LEAST_FOLLOW, WRONG_MOUTH)
        found = self.finding(likeness, value, "", limits[0], verdict, frames=worst)
        if both.sum() < LEAST_COMPARED:
            movement = self.unknown(moves, "%", limits[2], "too few frames show the mouth")
        else:
            share = 100 * float(drawn[both].std()) / moved
            verdict = _least(share, MOVES_LITTLE, HARDLY_MOVES)
            movement = self.finding(moves, share, "%", limits[2], verdict, frames=worst)
        return found, self._lag(result, limits[1], frame_ms, most), movement

    def _lag(self, result: Offset, limit: str, frame_ms: float, most: float) -> Finding:
        if result.ms is None or not result.timed:
            note = "the render and its target are too different to compare their timing"
            return self.unknown("render lag", "ms", limit, note)
        late = abs(result.ms)
        verdict: Verdict = "fail" if late > most else "review" if late > frame_ms else "pass"
        return self.finding("render lag", result.ms, "ms", limit, verdict)

    def of_plate(self, nearer: Curve) -> Finding:
        """Whether the mouth is the plate's: `nearer` (T,), see `nearer_plate`."""
        name, limit = "mouth of the plate", f"at most {PLATES:.0f} %; fails past {LEFT:.0f} %"
        if not np.isfinite(nearer).any():
            note = "dub and plate open the mouth alike in nearly all frames"
            return self.unknown(name, "%", limit, note)
        value, worst = 100 * float(np.nanmean(nearer)), self.worst(nearer, max)
        return self.finding(name, value, "%", limit, _most(value, PLATES, LEFT), "", worst)

    def silence(self, apart: Curve) -> Finding:
        """Lip motion in silence: `apart` (T,) eye distances from where the lips stand, NaN where
        not counted."""
        name = "lip motion in silence"
        limit = f"at most {MOST_IN_SILENCE:.0f} %; fails past {TALKS_IN_SILENCE:.0f} %"
        n = int(np.isfinite(apart).sum())
        if n < 6:
            note = f"only {counted(n, f'silent {self.each}')} with a synced mouth"
            return self.unknown(name, "%", limit, note)
        value = 100 * float(np.nanpercentile(apart, 90))
        verdict = _most(value, MOST_IN_SILENCE, TALKS_IN_SILENCE)
        return self.finding(name, value, "%", limit, verdict, "", self.worst(apart, max))

    def like(self, result: LikeMouths) -> tuple[Finding, ...]:
        """Sharpness of mouth and skin, and the mouth's position and likeness."""
        drawn = int((np.isfinite(result.skin) | (result.like > 0)).sum())
        few = (
            f"the plate shows no mouth as open, as large and as turned for most {self.each}s: "
            f"{int(np.isfinite(result.lips).sum())} of {drawn} can be compared"
        )
        few = few if drawn else f"no {self.each} shows a synced mouth"
        bare = f"fewer than 8 {self.each}s show skin round the mouth inside the matte"
        return (
            self._sharp("mouth sharpness", result.lips, few),
            self._sharp("skin sharpness", result.skin, bare),
            self._position(result, few),
            self._likeness(result, few),
        )

    def _sharp(self, name: str, curve: Curve, few: str) -> Finding:
        least = self.settings.sharpness
        limit = f"at least {least:g} {PLATE}; fails below {SOFT_SHARE * least:.2g}"
        compared = np.isfinite(curve)
        if compared.sum() < LEAST_COMPARED:
            return self.unknown(name, PLATE, limit, few)
        value = float(np.median(curve[compared]))
        soft = _least(value, least, SOFT_SHARE * least)
        verdict = _most(value, OVERSHARP, ETCHED) if soft == "pass" else soft
        worst = self.worst(curve, max if value > OVERSHARP else min)
        note = f"{int(compared.sum())} {self.each}s compared"
        return self.finding(name, value, PLATE, limit, verdict, note, worst)

    def _position(self, result: LikeMouths, few: str) -> Finding:
        name, limit = "mouth position", f"at most {ASIDE:g} %"
        curves = [c for c in (result.across, result.down) if np.isfinite(c).sum() >= LEAST_COMPARED]
        if not curves:
            return self.unknown(name, "%", limit, few)
        away = [100 * abs(float(np.nanmedian(c))) for c in curves]
        value, unsure = max(away), 100 * unsure_by(far := curves[int(np.argmax(away))])
        verdict = _most(value, ASIDE, ASIDE + min(unsure, UNSURE))
        note = f"measured to within {unsure:.1f} %" if verdict == "review" else ""
        return self.finding(name, value, "%", limit, verdict, note, self.worst(abs(far), max))

    def _likeness(self, result: LikeMouths, few: str) -> Finding:
        name = "mouth likeness"
        both = (result.picture, result.natural)
        if min(np.isfinite(c).sum() for c in both) < LEAST_COMPARED:
            return self.unknown(name, "", f"at least {LEAST_LIKENESS:g}", few)
        value, natural = (float(np.nanmedian(c)) for c in both)
        least = min(LEAST_LIKENESS, natural - UNLIKE)
        note = f"the plate's own mouths resemble each other by {natural:.2f}"
        verdict: Verdict = "fail" if value < least else "pass"
        worst = self.worst(result.picture, min)
        return self.finding(name, value, "", f"at least {least:.2f}", verdict, note, worst)

    def picture(self, series: FaceSeries, plate: Curve, render: Curve) -> tuple[Finding, Finding]:
        """Flicker and seam of one face.

        Args:
            plate, render: (T,) opening of both mouths, eye distances.
        """
        still = bend(render) <= max(np.nanpercentile(bend(plate), 95), STILL)
        return self._flicker(series, still), self._seam(series)

    def _flicker(self, series: FaceSeries, still: NDArray[np.bool_]) -> Finding:
        most = self.settings.flicker
        name, limit = "flicker", f"at most {most:g} {PLATE}"
        both = np.isfinite(series.flicker_plate) & np.isfinite(series.flicker_render) & still
        if both.sum() < LEAST_COMPARED:
            note = (
                f"only {counted(int(both.sum()), self.each)} with the mouth inside the matte whose "
                "mouth moves no faster than the plate's"
            )
            return self.unknown(name, PLATE, limit, note)
        plate, render = (
            float(np.sqrt(np.square(x[both]).mean()))
            for x in (series.flicker_plate, series.flicker_render)
        )
        value = max(render, HIGH_PASS_FLOOR) / max(plate, HIGH_PASS_FLOOR)
        verdict: Verdict = "fail" if value > most else "pass"
        note = ""
        each = np.where(both, series.flicker, np.nan)
        if verdict == "pass" and float(np.nanpercentile(each, 95)) > 2 * most:
            verdict = "review"
            note = f"within the limit, but one {self.each} in 20 is past {2 * most:g} {PLATE}"
        return self.finding(name, value, PLATE, limit, verdict, note, self.worst(each, max))

    def _seam(self, series: FaceSeries) -> Finding:
        most = self.settings.seam
        name, limit = "seam", f"at most {most:g} %"
        steps = 100 * series.steps[np.isfinite(series.steps).any(axis=(1, 2))]
        if len(steps) < WINDOW:
            note = f"fewer than 9 {self.each}s have an edge of the matte to measure"
            return self.unknown(name, "%", limit, note)
        value = float(_lasting(steps).max())
        windows = np.array(
            [_lasting(steps[n : n + WINDOW]).max() for n in range(len(steps) - WINDOW + 1)]
        )
        verdict = _most(value, most, most)
        note = ""
        if verdict == "pass" and float(np.percentile(windows, 90)) > 2.5 * most:
            verdict = "review"
            note = f"within the limit over the shot, but past {2.5 * most:g} % in one part of it"
        each = np.full(len(series.steps), np.nan)
        each[np.isfinite(series.steps).any(axis=(1, 2))] = [_lasting(s[None]).max() for s in steps]
        return self.finding(name, value, "%", limit, verdict, note, self.worst(each, max))

    def untouched(
        self, measures: FrameMeasures, kept: Sequence[int], written: int | None, exact: bool
    ) -> tuple[Finding, Finding]:
        """Pixels changed outside the matte, and changed frames that were to be kept.

        Args:
            measures: counted on the written files.
            kept: numbers of the frames of weight 0.
            written: samples changed outside the matte as counted by the render's own record; None
                where it could not count them.
            exact: whether the delivery codec is lossless.
        """
        names = ("pixels changed outside the matte", "pixels"), ("kept frames changed", "frames")
        if not measures.comparable:  # a failure, unless the codec is lossy
            verdict: Verdict = "fail" if exact else "not measured"
            note = "the render is stored in another pixel format than the plate"
            first, second = (self.finding(n, None, u, "0", verdict, note) for n, u in names)
            return first, second
        stray = max(measures.stray_pixels, written or 0)
        lossy = "" if exact else "the delivery codec is lossy: every pixel may change slightly"
        bad: Verdict = "fail" if exact else "review"
        wrong = sorted(set(kept) & set(measures.changed_frames))
        of_kept = lossy or f"{len(kept)} of {measures.frames} frames are to be kept"
        rows = (
            (stray, bad if stray else "pass", lossy, measures.stray_frames),
            (len(wrong), bad if wrong else "pass", of_kept, wrong),
        )
        outside, still = (
            self.finding(name, float(value), unit, "0", shown, note, _span(frames))
            for (name, unit), (value, shown, note, frames) in zip(names, rows, strict=True)
        )
        return outside, still

    def faces(self, plate_seen: NDArray[np.bool_], render_seen: NDArray[np.bool_]) -> Finding:
        """Frames with a face in the plate and none in the render."""
        lost = np.flatnonzero(plate_seen & ~render_seen)
        name = "frames with a lost face"
        if not plate_seen.any():
            return self.unknown(name, "frames", "0", "no face was detected in the plate")
        share = len(lost) / int(plate_seen.sum())
        verdict: Verdict = "fail" if share > LOST_SHARE else "review" if len(lost) else "pass"
        unseen = int((~plate_seen).sum())
        note = f"the plate has no face in {counted(unseen, 'frame')}" if unseen else ""
        frames = _span([self.first + int(n) for n in lost])
        return self.finding(name, float(len(lost)), "frames", "0", verdict, note, frames)

    def worst(self, curve: Curve, which: Callable[[float, float], float]) -> tuple[int, int] | None:
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

    def unknown(self, measure: str, unit: str, limit: str, note: str) -> Finding:
        """A finding without a value; `note` says why."""
        return self.finding(measure, None, unit, limit, "not measured", note)

    def finding(
        self,
        measure: str,
        value: float | None,
        unit: str,
        limit: str,
        verdict: Verdict,
        note: str = "",
        frames: tuple[int, int] | None = None,
    ) -> Finding:
        """A value against its limit, in the words of its measure."""
        about = MEASURES[measure]
        message = note if value is None else about.says.format(value=worded(value, unit))
        remedy = about.remedy if verdict in ("review", "fail") else ""
        return Finding(
            self.shot, self.character, measure, value, unit, limit, verdict, note, frames,
            message, remedy,
        )  # fmt: skip


def _least(value: float, good: float, bad: float) -> Verdict:
    return "fail" if value < bad else "review" if value < good else "pass"


def _most(value: float, good: float, bad: float) -> Verdict:
    return "fail" if value > bad else "review" if value > good else "pass"


def _lasting(steps: Curve) -> Curve:
    """(C,) root mean square over the arcs of steps (T, C, ARCS) that last: their medians."""
    shown = np.isfinite(steps).any(axis=0)
    middle = np.zeros(steps.shape[1:])
    seen = steps[:, shown]  # of few frames, nanmedian takes ten times as long
    median = np.median if np.isfinite(seen).all() else np.nanmedian
    middle[shown] = median(seen, axis=0)
    count = np.maximum(shown.sum(axis=-1), 1)
    return np.asarray(np.sqrt((middle**2).sum(axis=-1) / count), np.float64)


def _span(frames: Sequence[int]) -> tuple[int, int] | None:
    return (min(frames), max(frames)) if frames else None
