"""Which shots of a reel are corrected, found out on the bytes of their files before delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dubsync.core.errors import ConsentMissing, DeliveryError, DubsyncError, SettingsError
from dubsync.core.progress import Progress, Step
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Shot
from dubsync.service.consent.records import LIP_REENACT, ConsentRecord
from dubsync.service.fault import bounded
from dubsync.service.judging.choice import CHOSEN, Choice
from dubsync.service.judging.judgement_store import JudgementStore, Verdict, standing_approval
from dubsync.service.reel.reel import Reel
from dubsync.service.render.draft import refuse_open_draft
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.record_form import SEAL
from dubsync.service.render.records.faults import proof_faults
from dubsync.service.render.render_facts import inputs_of
from dubsync.service.render.same_material import misfit, taken_over_whole
from dubsync.service.render.sync import newest, stays_plate
from dubsync.service.render.verify_render import verified

#: What is approved, or the newest renders where nothing is.
NEWEST = Choice()


@dataclass(frozen=True, slots=True)
class Deliverable:
    """What a delivery of a reel can hold.

    corrected   the verified render of each corrected shot
    missing     (shot or event, reason) of every one that should be corrected and is not
    kept        (shot, reason) of every one that keeps its plate on purpose
    unapproved  (shot, reason) of every one that keeps it because no version is approved yet
    """

    corrected: tuple[RenderedShot, ...]
    missing: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    unapproved: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _NotApproved:
    """No version of a shot is approved, and those of others are; why: what was said of it."""

    why: str


def deliverable(
    reel: Reel, progress: Progress, choice: Choice = CHOSEN, *, places: bool = False
) -> Deliverable:
    """Read every render again, and say which are whole, current or approved, and allowed.

    Once any shot of the reel is approved, the version approved last of each is delivered, and a
    shot without one keeps its plate.  A shot whose render is missing, cut off, altered, stale or
    without consent is missing, and so is one whose record or judgement is not the ledger's, and an
    event with dubbed speech and no plate.

    Args:
        places: whether it leaves the house: consent is then asked where it goes, too.

    Raises:
        DeliveryError: the ledger is not as it was written.
        SettingsError: a file of judgements is damaged, or `choice` names a shot that keeps its
            plate.
        EngineError: `choice` names a shot that there is not.
    """
    corrected: list[RenderedShot] = []
    missing: list[tuple[str, str]] = []
    kept: list[tuple[str, str]] = []
    unapproved: list[tuple[str, str]] = []
    shots = reel.turnover.shots
    faults = proof_faults(reel.store.folder)
    faults.refuse()
    judged = _judged(reel, choice)
    for done, shot in enumerate(shots):
        progress(Step("verify", "renders", done, len(shots), unit="shots"))
        plate = stays_plate(reel, shot)
        refused = plate or reel.refusal(shot, (LIP_REENACT,))
        if refused is not None:
            (kept if plate else missing).append((shot.name, refused.reason))
            continue
        if fault := faults.of(shot.name, reel.language, _wanted(shot, judged, choice)):
            missing.append((shot.name, str(fault)))
            continue
        try:
            rendered = bounded(lambda shot=shot: _chosen(reel, shot, judged, choice, progress))  # type: ignore[misc]
        except DubsyncError as error:
            missing.append((shot.name, str(error)))
            continue
        if rendered is None:
            kept.append((shot.name, "no dubbed character is seen"))
        elif isinstance(rendered, _NotApproved):
            unapproved.append((shot.name, rendered.why))
        elif places and (why := _not_there(reel, shot)):
            missing.append((shot.name, why))
        else:
            corrected.append(rendered)
    progress(Step("verify", "renders", len(shots), len(shots), unit="shots"))
    missing += [(event.name, why) for event, why in reel.turnover.skipped
                if event.name in reel.turnover.unlinked]  # fmt: skip
    return Deliverable(tuple(corrected), tuple(missing), tuple(kept), tuple(unapproved))


def _not_there(reel: Reel, shot: Shot) -> str:
    """Why the shot may not go where the delivery goes; "": it may."""
    try:
        reel.delivery_consents(shot)
    except ConsentMissing as error:
        return f"{error}; {error.hint}"
    return ""


def still_allowed(reel: Reel, ready: Deliverable) -> tuple[ConsentRecord, ...]:
    """The records that allow the delivery.  ConsentMissing: a shot may no longer be delivered."""
    return tuple(
        record
        for rendered in ready.corrected
        for record in (*consented(reel, rendered), *reel.delivery_consents(rendered.shot))
    )


def consented(reel: Reel, rendered: RenderedShot) -> tuple[ConsentRecord, ...]:
    """The records that allow this render.  ConsentMissing: nothing may be made of it any more."""
    return (*reel.consent(rendered.shot, LIP_REENACT), *reel.tweak_consents(rendered.shot))


#: Shot name -> the judgements of it that stand; None: nothing in the reel is approved.
_Judged = Mapping[str, Sequence[Verdict]] | None


def _judged(reel: Reel, choice: Choice) -> _Judged:
    """The judgements of every shot, if any version of any shot is approved."""
    for name in choice.use:
        if stays_plate(reel, reel.shot(name)):
            raise SettingsError(
                f"{name} keeps its plate, so no version of it is delivered",
                hint=f"let it be drawn again: dubsync sync REEL {name} --renderer auto",
            )
    store = JudgementStore(reel.store.folder, reel.store.layout)
    judged = {shot.name: store.of(shot.name) for shot in reel.turnover.shots}
    return judged if any(standing_approval(said) for said in judged.values()) else None


def _wanted(shot: Shot, judged: _Judged, choice: Choice) -> str:
    """The version that is named or approved, such as "v002"; "": none is, so it is the newest."""
    if shot.name in choice.use:
        return choice.use[shot.name]
    approval = None if judged is None else standing_approval(judged[shot.name])
    return "" if approval is None else approval.judgement.version


def delivered_now(reel: Reel, shot: Shot) -> Path | None:
    """The version that a delivery without wishes would take, not verified; None: the plate."""
    judged = _judged(reel, Choice())
    if name := _wanted(shot, judged, Choice()):
        versions = reel.store.versions("renders", shot.name)
        return next((folder for folder in versions if folder.name == name), None)
    return newest(reel, shot) if judged is None else None


def _chosen(
    reel: Reel, shot: Shot, judged: _Judged, choice: Choice, progress: Progress
) -> RenderedShot | _NotApproved | None:
    """The version of the shot to deliver, verified; None if there is nothing to correct in it.

    Raises:
        DubsyncError: there is none, or it is not what its record or its approval says.
    """
    if shot.name in choice.use:
        return _version(reel, shot, choice.use[shot.name], None, progress)
    if judged is None:
        return _current(reel, shot, progress)
    approval = standing_approval(judged[shot.name])
    if approval is not None:
        return _approved(reel, shot, approval, progress)
    if choice.unapproved or not reel.look(progress).plan(shot).faces:
        return _current(reel, shot, progress)
    return _NotApproved(_why_not(reel, shot, judged[shot.name], progress))


def _approved(reel: Reel, shot: Shot, approval: Verdict, progress: Progress) -> RenderedShot:
    """The approved version; where a recut moved the shot, the new version of the same picture."""
    name, last = approval.judgement.version, newest(reel, shot)
    versions = {folder.name: folder for folder in reel.store.versions("renders", shot.name)}
    if last is not None and name in versions and last.name != name:
        before = whole_record(versions[name])
        if before[SEAL] == approval.seal and taken_over_whole(whole_record(last), before):
            current = _current(reel, shot, progress)
            if current is not None:
                return current
    return _version(reel, shot, name, approval, progress)


def _why_not(reel: Reel, shot: Shot, said: Sequence[Verdict], progress: Progress) -> str:
    """Why no version of the shot is approved, in words.

    Raises:
        DubsyncError: there is none, or the newest is not what its record says, so that nobody can
            have decided to keep the plate.
    """
    if said:
        last = said[-1].judgement
        reason = f": {last.reason}" if last.reason else ""
        return f"{last.version} was {last.judged} by {last.by}{reason}"
    folder = newest(reel, shot)
    if folder is None:
        raise DeliveryError("it is not rendered")
    verified(reel, shot, folder, progress)
    return f"{folder.name} is not approved yet"


def _version(
    reel: Reel, shot: Shot, name: str, approval: Verdict | None, progress: Progress
) -> RenderedShot:
    """One version, verified.  It may be older than its inputs, but must fit plate, dub and cut.

    Args:
        approval: why it is delivered; None: a user named it, and so answers for the dub.
    """
    versions = {folder.name: folder for folder in reel.store.versions("renders", shot.name)}
    if name not in versions:
        known = ", ".join(versions) or "none"
        raise DeliveryError(f"there is no version {name} of it; versions: {known}")
    rendered, record = verified(reel, shot, versions[name], progress, afresh=True)
    refuse_open_draft(reel.store, shot.name, versions[name])
    if approval is not None and approval.seal not in ("", record[SEAL]):
        raise DeliveryError(f"{name} is not the render that {approval.judgement.by} approved")
    if strangers := sorted(set(record["characters"]) - set(shot.characters)):
        raise DeliveryError(f"{name} draws {', '.join(strangers)}, who is not dubbed in it now")
    if not rendered.frames.holds(shot.source):
        raise DeliveryError(f"{name} does not have all frames that the cut shows")
    why = () if approval is None else misfit(record, shot, inputs_of(reel, shot))
    if why and record["key"] != reel.look(progress).plan(shot).render_key:
        raise DeliveryError(f"{name} is approved, but since then {'; '.join(why)}")
    return _clean(rendered, name)


def _clean(rendered: RenderedShot, name: str) -> RenderedShot:
    """The render, if it changes nothing outside its matte; else raises DeliveryError."""
    if stray := rendered.samples_changed_outside_matte:
        raise DeliveryError(f"{stray:,} samples changed outside the matte of {name}")
    return rendered


def _current(reel: Reel, shot: Shot, progress: Progress) -> RenderedShot | None:
    """The shot's verified render; None if there is nothing to correct in it.

    Raises:
        DubsyncError: there is none, it is stale, or it is not what its record says.
    """
    plan = reel.look(progress).plan(shot)
    if not plan.faces:
        return None
    folder = newest(reel, shot)
    if folder is None:
        raise DeliveryError("it is not rendered")
    refuse_open_draft(reel.store, shot.name, folder)
    rendered, record = verified(reel, shot, folder, progress, afresh=True)
    if record["key"] != plan.render_key:
        raise DeliveryError(
            f"{folder.name} is stale: its inputs or settings have changed since it was rendered"
        )
    return _clean(rendered, folder.name)
