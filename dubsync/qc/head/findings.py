"""Findings of a head and eyes that were moved: each value against its limit, and where it is worst.

Nothing is said of what was not asked: a shot with a new mouth alone has none of these findings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.plural import counted
from dubsync.core.result import Finding
from dubsync.qc.findings import LEAST_COMPARED, PLATE, FindingsBuilder, Verdict
from dubsync.qc.head.beyond_face import BeyondFace
from dubsync.qc.head.head_and_eyes import Blinks, movement
from dubsync.qc.mouth import Curve

TURN, WRONG_TURN = 2.0, 5.0  #: degrees between wanted and drawn head: needs review, and fails
GAZE, WRONG_GAZE = 0.06, 0.12  #: eye widths between wanted and drawn gaze
MISSED = 0.2  #: share of the wanted blinks that may be missed before the shot fails
ALIKE, STRANGER = 0.34, 0.50  #: distance of face descriptors: needs review, and fails
JUMPS, TORN = 1.5, 4.0  #: flicker of hair and edge, times the plate's
SOFT, VERY_SOFT = 0.7, 0.5  #: detail of hair and neck, times the plate's
HARSH = 1.6
#: Size of the background that was made up, % of the face's area, from which somebody should look at
#: it: a rim as high as the face and wider than that share of it.  A sliver beside a still actor is
#: less.  It never fails: whether what was made up looks right is for eyes to say.
MADE_UP = 2.0
LEAST_MOVES = 0.1  #: degrees from frame to frame: a head that moves less is still


def head_finding(builder: FindingsBuilder, apart: Curve) -> Finding:
    """How far the drawn head is from the wanted one: `apart` (T,) degrees."""
    limit = f"at most {TURN:g} degrees; fails past {WRONG_TURN:g}"
    return _median(builder, "head turn", apart, "degrees", limit, (TURN, WRONG_TURN))


def gaze_finding(builder: FindingsBuilder, apart: Curve) -> Finding:
    """How far the drawn gaze is from the wanted one: `apart` (T,) eye widths."""
    limit = f"at most {GAZE:g} eye widths; fails past {WRONG_GAZE:g}"
    return _median(builder, "gaze", apart, "eye widths", limit, (GAZE, WRONG_GAZE))


def blink_finding(builder: FindingsBuilder, blinks: Blinks) -> Finding:
    """Blinks that are wanted and not drawn, or drawn and not wanted."""
    limit = f"none; fails past {MISSED:.0%} of the wanted blinks"
    wrong = (*blinks.missed, *blinks.unwanted)
    if not blinks.wanted and not wrong:
        return builder.unknown("blinks", "blinks", limit, "nobody blinks in these frames")
    note = "; ".join(
        f"{said} at {', '.join(builder.label(builder.first + run[0]) for run in runs)}"
        for said, runs in (("eyes stay open", blinks.missed), ("eyes shut", blinks.unwanted))
        if runs
    )
    most = MISSED * max(len(blinks.wanted), 1)
    verdict: Verdict = "pass" if not wrong else "fail" if len(wrong) > most else "review"
    note = note or f"all {counted(len(blinks.wanted), 'blink')} drawn"
    frames = _frames(builder, wrong[0]) if wrong else None
    return builder.finding("blinks", float(len(wrong)), "blinks", limit, verdict, note, frames)


def identity_finding(builder: FindingsBuilder, apart: float | None, usual: float | None) -> Finding:
    """Distance of the face descriptors of render and plate.

    Args:
        apart: None where the render shows no face that can be described.
        usual: distance of the plate's own parts; None where there is one part alone.
    """
    limit = f"at most {ALIKE:g}; fails past {STRANGER:g}"
    if apart is None:
        return builder.unknown("identity", "", limit, "no face of the render can be described")
    verdict: Verdict = "fail" if apart > STRANGER else "review" if apart > ALIKE else "pass"
    note = "" if usual is None else f"the plate's own parts are {usual:.2f} apart"
    return builder.finding("identity", apart, "", limit, verdict, note)


def edge_findings(
    builder: FindingsBuilder, beyond: BeyondFace, still: NDArray[np.bool_]
) -> tuple[Finding, Finding]:
    """Hair, neck and edge: how much they jump, and their detail.

    Args:
        still: (T,) where the head moves no faster than the plate's: hair that moves fast changes
            from frame to frame because it moves.
    """
    flicker, sharp = "head edge flicker", "hair sharpness"
    limit = f"at most {JUMPS:g} {PLATE}; fails past {TORN:g}"
    each = np.where(still, beyond.flicker, np.nan)
    jump = _median(builder, flicker, each, PLATE, limit, (JUMPS, TORN))
    limit = f"at least {SOFT:g} {PLATE}; fails below {VERY_SOFT:g}"
    curve = beyond.sharpness
    if np.isfinite(curve).sum() < LEAST_COMPARED:
        few = "fewer than 8 frames show hair or neck inside the matte"
        return jump, builder.unknown(sharp, PLATE, limit, few)
    value = float(np.nanmedian(curve))
    verdict: Verdict = (
        "fail" if value < VERY_SOFT else "review" if value < SOFT or value > HARSH else "pass"
    )
    worst = builder.worst(curve, max if value > HARSH else min)
    return jump, builder.finding(sharp, value, PLATE, limit, verdict, "", worst)


def still_frames(wanted: NDArray[np.floating], plate: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(T,) where the wanted head (T, 7) moves no faster than the plate's does in most frames."""
    own = movement(plate)
    usual = float(np.nanpercentile(own, 95)) if np.isfinite(own).any() else 0.0
    return np.asarray(movement(wanted) <= max(usual, LEAST_MOVES), bool)


@dataclass(frozen=True, slots=True, eq=False)
class BehindHead:
    """What the plate behind a moved head is made of, per frame; NaN where no head is drawn anew.

    elsewhere  (T,) seen in other frames, with doubt: % of what the head uncovers; NaN: nothing is
    filled     (T,) seen in no frame of the shot, inpainted: % of what the head uncovers, likewise
    made_up    (T,) samples that are inpainted; 0 where the head uncovers nothing
    """

    elsewhere: Curve
    filled: Curve
    made_up: Curve


def background_finding(
    builder: FindingsBuilder, behind: BehindHead | None, face_area: Curve
) -> Finding:
    """How large the background is that the head uncovers and no frame of the shot shows.

    Args:
        behind: None where the record does not say.
        face_area: (T,) area of the face, samples of the plate; NaN where it is not seen.
    """
    limit = f"at most {MADE_UP:g} % of the face's area"
    if behind is None:
        return builder.unknown("background", "%", limit, "the render's record does not say")
    size = 100 * behind.made_up / face_area
    if not np.isfinite(size).any():
        note = "no frame with a seen face says what is behind the head"
        return builder.unknown("background", "%", limit, note)
    there = size > 0
    value = float(np.percentile(size[there], 95)) if there.any() else 0.0
    verdict: Verdict = "review" if value > MADE_UP else "pass"
    return builder.finding(
        "background", value, "%", limit, verdict, _made_of(behind),
        builder.worst(size, max) if value else None,
    )  # fmt: skip


def _made_of(behind: BehindHead) -> str:
    """How much is made up in the frame with the most, and how much is doubtful."""
    notes = []
    if np.nanmax(behind.made_up) > 0:
        worst = int(np.nanargmax(behind.made_up))
        notes.append(
            f"at most {counted(round(float(behind.made_up[worst])), 'sample')}, "
            f"{behind.filled[worst]:.0f} % of what the head uncovers there"
        )
    known = behind.elsewhere[np.isfinite(behind.elsewhere)]
    if known.size and known.mean() >= 1:
        notes.append(f"{known.mean():.0f} % comes from other frames, with doubt")
    return "; ".join(notes)


def _median(
    builder: FindingsBuilder,
    name: str,
    curve: Curve,
    unit: str,
    limit: str,
    levels: tuple[float, float],
) -> Finding:
    """The median of `curve`; one frame in ten that is past the second level needs review."""
    known = np.isfinite(curve)
    if known.sum() < LEAST_COMPARED:
        return builder.unknown(name, unit, limit, "fewer than 8 frames can be compared")
    value = float(np.nanmedian(curve))
    good, bad = levels
    verdict: Verdict = "fail" if value > bad else "review" if value > good else "pass"
    note = ""
    if verdict == "pass" and float(np.nanpercentile(curve, 90)) > bad:
        verdict, note = "review", f"within the limit, but one frame in ten is past {bad:g}"
    return builder.finding(name, value, unit, limit, verdict, note, builder.worst(curve, max))


def _frames(builder: FindingsBuilder, run: tuple[int, int]) -> tuple[int, int]:
    return builder.first + run[0], builder.first + run[1]
