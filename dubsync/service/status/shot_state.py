"""The state of one shot, by its newest render, what QC and people said of it, and its inputs.

todo            there is no render of it yet that is whole
rendered        its render is up to date; QC has not measured it, and nobody has judged it
pending review  its render is up to date and QC has measured it; a person is to judge it
approved        a person approved a version, and nothing has changed since
rejected        a person rejected its newest version, and nothing has changed since
stale           its inputs changed since it was rendered, or since the version shown was judged
unsure          as stale, perhaps: plates that may change it are not analysed yet
blocked         a person must decide or give consent first
offline         no plate is found for it, or more than one, or one cannot be read
skipped         it keeps the plate
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from dubsync.core.errors import DeliveryError, DubsyncError, MissingMedia, SettingsError
from dubsync.core.note import Judgement
from dubsync.core.shot import Shot
from dubsync.service.judging.judgement_store import (
    JudgementStore,
    Verdict,
    last_on,
    standing_approval,
)
from dubsync.service.qc.checked_versions import Checked
from dubsync.service.reel.looked import LookedReel
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.render_key import render_key
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.record_form import SEAL
from dubsync.service.render.same_material import taken_over_whole
from dubsync.service.render.sync import newest, skipped, stays_plate
from dubsync.service.render.verify_render import altered
from dubsync.service.status.why_stale import OTHERWISE, why_stale
from dubsync.service.store.folder import version_number

State = Literal["todo", "rendered", "pending review", "approved", "rejected", "stale", "unsure",
                "blocked", "offline", "skipped"]  # fmt: skip
#: The states in the order of a shot's way to delivery.
STATES: tuple[State, ...] = (
    "todo", "rendered", "pending review", "approved", "rejected", "stale", "unsure", "blocked",
    "offline", "skipped",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShotStatus:
    """One shot, or an event that became none.

    state      see this module
    reasons    why it is so
    version    the version shown, "v002": the one approved last unless it was rendered since, else
               the newest; "": none that is whole
    made       when that was made, ISO 8601; "": unknown
    judgement  the last one of that version; None: it was not judged
    approved   the version that a delivery holds because it is approved, "v001"; "": none
    checked    QC's verdict on the version shown; "": not measured
    to_render  whether the next run renders it; it finds out about those that are unsure
    """

    name: str
    state: State
    reasons: tuple[str, ...] = ()
    hint: str = ""
    version: str = ""
    made: str = ""
    judgement: Judgement | None = None
    approved: str = ""
    checked: str = ""
    to_render: bool = False


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was said of a reel's renders; checked: shot name -> QC's last word on it."""

    judgements: JudgementStore
    checked: Mapping[str, Checked]


def shot_status(
    reel: Reel, looked: LookedReel | None, shot: Shot, reviewed: Reviewed
) -> ShotStatus:
    """The status of one shot.  Nothing is analysed.

    Args:
        reel: with the shot's tweaks as they are now; those of `looked` may be older.
        looked: None: not all plates are analysed, so faces and actors are not compared.
    """
    try:
        verdicts = reviewed.judgements.of(shot.name)
    except SettingsError as error:
        return ShotStatus(shot.name, "blocked", (str(error),), error.hint)
    approval = standing_approval(verdicts)
    approved = approval.judgement.version if approval else ""
    try:
        status = _by_render(reel, looked, shot, verdicts, reviewed.checked.get(shot.name))
    except MissingMedia as error:
        status = ShotStatus(shot.name, "offline", (str(error),), error.hint)
    except DubsyncError as error:
        status = ShotStatus(shot.name, "blocked", (str(error),), error.hint)
    if status.state == "approved":
        approved = status.version  # that may be the approved one, taken over whole
    return replace(status, approved=approved)


def rejudged(
    status: ShotStatus, folder: Path | None, verdicts: Sequence[Verdict], checked: Checked | None
) -> ShotStatus | None:
    """The status after people or QC said something new, where nothing else changed.

    It needs neither plan nor engine.  None: that does not tell, as where an older version was gone
    back to.

    Args:
        folder: the shot's newest render.
    """
    approval = standing_approval(verdicts)
    status = replace(status, approved=approval.judgement.version if approval else "")
    if status.state in ("todo", "blocked", "offline", "skipped"):
        return status
    if folder is None or folder.name != status.version:
        return None
    number = version_number(folder)
    if approval and approval.version != number and approval.newest >= number:
        return None
    try:
        record = whole_record(folder)
    except DeliveryError:
        return None
    verdict = _verdict(folder, record, verdicts)
    seen = checked is not None and checked.version == number
    state, reasons = _judged(_unjudged(status), verdict, seen)
    return replace(
        status, state=state, reasons=reasons, judgement=verdict.judgement if verdict else None,
        checked=checked.verdict if checked and seen else "",
        approved=folder.name if state == "approved" else status.approved,
    )  # fmt: skip


def unrendered(reel: Reel) -> list[ShotStatus]:
    """The status of each event that became no shot."""
    return [
        ShotStatus(
            one.name, "skipped" if one.status == "skipped" else "offline", (one.reason,), one.hint
        )
        for one in skipped(reel)
    ]


def lacking_analysis(reel: Reel) -> list[Shot]:
    """The shots, of every language up to this one, whose plates are not analysed yet."""
    return [
        shot
        for one in (*reel.earlier, reel)
        for shot in one.turnover.shots
        if one.may_be_looked_at(shot) and not one.face_tracks.known(shot)
    ]


def inputs_now(reel: Reel, looked: LookedReel | None, shot: Shot) -> str:
    """Digest of the shot's inputs now; "" where the plates are not analysed."""
    plan = _plan(looked, shot)
    return "" if plan is None else _key(reel, plan)


#: Whether a render is up to date, and what changed if not.
_Compared = tuple[Literal["current", "stale", "unsure"], tuple[str, ...]]


def _unjudged(status: ShotStatus) -> _Compared:
    """How the render compares, without what was said of it."""
    if status.state not in ("stale", "unsure"):
        return "current", ()
    words = _words(status.judgement)
    how: Literal["stale", "unsure"] = "stale" if status.state == "stale" else "unsure"
    return how, tuple(reason for reason in status.reasons if reason not in words)


@dataclass(frozen=True, slots=True)
class _Render:
    """A render that is whole; verdict: the last judgement of it."""

    folder: Path
    record: Mapping[str, Any]
    verdict: Verdict | None = None


def _by_render(
    reel: Reel, looked: LookedReel | None, shot: Shot, verdicts: Sequence[Verdict],
    checked: Checked | None,
) -> ShotStatus:  # fmt: skip
    refused = stays_plate(reel, shot) or reel.refusal(shot)
    if refused is not None:
        return _refused(refused)
    plan = _plan(looked, shot)
    if plan is not None and all(face.pick.renderer == "plate" for face in plan.faces):
        notes = tuple(warning.message for warning in plan.warnings)
        return ShotStatus(shot.name, "skipped", notes or ("no dubbed character is seen",))
    folder = newest(reel, shot)
    if folder is None:
        return ShotStatus(shot.name, "todo", ("not rendered yet",), to_render=True)
    try:
        last = _whole(reel, folder, verdicts)
    except DeliveryError as error:
        return ShotStatus(shot.name, "todo", (str(error),), to_render=True)
    now = _compared(last.record, reel, shot, plan)
    to_render = now[0] != "current"
    shown = _gone_back_to(reel, shot, last, verdicts) or last
    if shown is not last:
        assert shown.verdict is not None
        now = _since(shown.verdict, last, now, reel, plan)
    verdict, seen = shown.verdict, checked and checked.version == version_number(shown.folder)
    state, reasons = _judged(now, verdict, bool(seen))
    return ShotStatus(
        shot.name, state, reasons,
        version=shown.folder.name,
        made=str(shown.record.get("made", "")),
        judgement=verdict.judgement if verdict else None,
        checked=checked.verdict if checked and seen else "",
        to_render=to_render,
    )  # fmt: skip


def _judged(
    now: _Compared, verdict: Verdict | None, checked: bool
) -> tuple[State, tuple[str, ...]]:
    """The state of a shot whose shown render is as `now` says."""
    said = verdict.judgement if verdict else None
    words = _words(said)
    how, reasons = now
    if how != "current":
        return how, (*reasons, *words)
    if said is not None:
        return said.judged, words
    return ("pending review", ("QC has measured it",)) if checked else ("rendered", ())


def _words(said: Judgement | None) -> tuple[str, ...]:
    if said is None:
        return ()
    return (f"{said.judged} by {said.by}{f': {said.reason}' if said.reason else ''}",)


def _whole(reel: Reel, folder: Path, verdicts: Sequence[Verdict]) -> _Render:
    """The render in `folder`.  Raises DeliveryError if its record or files are not whole."""
    record = whole_record(folder)
    if why := altered(reel.store, folder, record):
        raise DeliveryError(f"{folder.name}: {why}")
    return _Render(folder, record, _verdict(folder, record, verdicts))


def _verdict(
    folder: Path, record: Mapping[str, Any], verdicts: Sequence[Verdict]
) -> Verdict | None:
    """The last judgement of a render; None: none, or it was given on another one in its place."""
    verdict = last_on(verdicts, version_number(folder))
    if verdict and verdict.seal not in ("", record[SEAL]):
        return None
    return verdict or _kept(folder, record, verdicts)


def _kept(folder: Path, record: Mapping[str, Any], verdicts: Sequence[Verdict]) -> Verdict | None:
    """The approval of the version that a recut took over whole into this one; or None."""
    approval = standing_approval(verdicts)
    if approval is None or not approval.seal:
        return None
    try:
        before = whole_record(folder.with_name(approval.judgement.version))
    except DeliveryError:
        return None
    kept = before[SEAL] == approval.seal and taken_over_whole(record, before)
    return approval if kept else None


def _gone_back_to(
    reel: Reel, shot: Shot, last: _Render, verdicts: Sequence[Verdict]
) -> _Render | None:
    """The older render that was approved when `last` was there already; None if there is none."""
    approval = standing_approval(verdicts)
    number = version_number(last.folder)
    if approval is None or approval.version == number or approval.newest < number:
        return None
    for folder in reel.store.versions("renders", shot.name):
        if version_number(folder) == approval.version:
            try:
                whole = _whole(reel, folder, verdicts)
                return whole if whole.verdict else None
            except DeliveryError:
                return None  # altered since: the newest is what there is
    return None


def _since(
    verdict: Verdict, last: _Render, now: _Compared, reel: Reel, plan: ShotPlan | None
) -> _Compared:
    """What changed since an older render was approved, not since it was rendered.

    Args:
        now: how the newest render compares; its inputs are most often those of that time.
    """
    if plan is None or not verdict.inputs:
        return now if now[0] == "stale" else ("current", ())
    if _key(reel, plan) == verdict.inputs:
        return "current", ()
    same = last.record["key"] == verdict.inputs
    return "stale", now[1] if same and now[1] else (OTHERWISE,)


def _compared(
    record: Mapping[str, Any], reel: Reel, shot: Shot, plan: ShotPlan | None
) -> _Compared:
    if plan is not None and record["key"] == _key(reel, plan):
        return "current", ()
    reasons = why_stale(record, reel, shot, plan)
    if plan is None and not reasons:
        return "unsure", ("plates are not analysed yet: what is learnt from them may change it",)
    return "stale", reasons or (OTHERWISE,)


def _plan(looked: LookedReel | None, shot: Shot) -> ShotPlan | None:
    return looked.plan(shot) if looked else None


def _key(reel: Reel, plan: ShotPlan) -> str:
    """The shot's key with the tweaks of `reel`, which may be newer than the plan's."""
    name = plan.shot.name
    if reel.tweaks.get(name, {}) == plan.reel.tweaks.get(name, {}):
        return plan.render_key
    return render_key(reel, plan.shot, plan.faces)


def _refused(result: ShotResult) -> ShotStatus:
    """Of what cannot be rendered as things are, or keeps its plate."""
    state: State = "skipped" if result.status == "skipped" else "blocked"
    return ShotStatus(result.name, state, (result.reason,), result.hint)
