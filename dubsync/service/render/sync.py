"""Renders shots: each gets a new version with proof and record, or a reason why it has none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from dubsync.core.errors import (
    ConsentMissing,
    DeliveryError,
    DubsyncError,
    FaceQuestion,
    MediaError,
)
from dubsync.core.learning.grain import Grain
from dubsync.core.progress import Progress, Step
from dubsync.core.proof.fault import Fault
from dubsync.core.result import RenderedShot, Status
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.steps import Patch
from dubsync.core.tweak.choices import MOUTH_ONLY, regions_at
from dubsync.media.freed_memory import give_back_freed
from dubsync.media.in_step import Onlooker
from dubsync.media.plate import PlateState, plate_state, refuse_changed
from dubsync.media.write import ShotWriter, picture_losses
from dubsync.service.credentials.signing import check_credentials
from dubsync.service.fault import bounded
from dubsync.service.keys.house_key import house_key
from dubsync.service.ledger.append import begin
from dubsync.service.reel.frame_keys import keep_keys
from dubsync.service.reel.grain.plate_grain import plate_grain
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.pipeline import Part, make_frames
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.behind_heads import BehindHeads
from dubsync.service.render.counted_uses import may_be_drawn, note_render
from dubsync.service.render.edit_of_sync import with_edit_of
from dubsync.service.render.frame_cache import FrameCache, FrameReuse, frames_made
from dubsync.service.render.lent_mouths import LentMouths
from dubsync.service.render.marked_frames import RenderMark, mark_entry, render_mark
from dubsync.service.render.mouth_sources import mouths_of
from dubsync.service.render.older.let_go import keep_newest
from dubsync.service.render.provenance import (
    DrawnFaces,
    Redrawn,
    read_record,
    record_of,
    rendered_from,
    whole_record,
)
from dubsync.service.render.records.entered import enter_render, is_ours
from dubsync.service.render.records.faults import proof_faults
from dubsync.service.render.records.finished import write_finished
from dubsync.service.render.records.lineage import lineage_of, taken_lineage
from dubsync.service.render.render_facts import render_facts, written_proof
from dubsync.service.render.reuse_render import write_reused
from dubsync.service.render.verify_render import keep_proof, verified
from dubsync.service.store.folder import NewVersion

_log = logging.getLogger(__name__)


#: Who looks at the files of a drawn shot while its proof reads them.
OnlookerOf = Callable[[Shot, Sequence[Part]], Onlooker]


def sync_shots(
    reel: Reel,
    names: Sequence[str],
    progress: Progress,
    *,
    onlooker_of: OnlookerOf | None = None,
) -> Iterator[ShotResult]:
    """The result of each named shot as soon as it is finished; one that fails stops no other.

    Args:
        onlooker_of: asked once the frames of a shot are written, and before they are read.
    """
    check_credentials(reel.settings.proof)
    shots = [reel.shot(name) for name in names]
    # Frames are reused only after a recut; otherwise no render depends on earlier renders.
    cache = FrameCache() if reel.kept is None else FrameCache.of(reel.store)
    faults = proof_faults(reel.store.folder)
    if (key := house_key()) is not None:  # found before hours of work, not when it is entered
        faults.refuse()
        begin(reel.store.folder, key)
    before = {shot.name: plate_state(shot.plate, shot.render) for shot in shots}
    made = []
    for shot in shots:
        refused = stays_plate(reel, shot) or reel.refusal(shot)
        seen = _Before(before[shot.name], faults.of(shot.name, reel.language), onlooker_of)
        result = refused or _synced(reel, shot, cache, seen, progress)
        made += [shot.name] if result.status == "done" else []
        if result.status in ("done", "failed"):  # else nothing was drawn
            give_back_freed()
        yield result
    _let_older_go(reel, made)


def _let_older_go(reel: Reel, shots: Sequence[str]) -> None:
    """Delete the media of older versions, where the settings say so and nobody needs them.

    After a recut other shots, in other processes, may still take frames from them: then they stay
    until `dubsync clean`.  What cannot be deleted fails no render.
    """
    if reel.settings.delivery.keep != "newest" or reel.kept is not None:
        return
    for name in shots:
        try:
            keep_newest(reel.store, reel.language, name, [Path(reel.turnover.cut.path)])
        except DubsyncError as error:
            _log.warning("older versions of %s stay: %s", name, error)


@dataclass(frozen=True, slots=True)
class _Before:
    """What is known of a shot when the run begins.

    plate        the state of its files
    fault        of its record, by the ledger
    onlooker_of  see `sync_shots`
    """

    plate: PlateState
    fault: Fault | None
    onlooker_of: OnlookerOf | None


def stays_plate(reel: ReelInputs, shot: Shot) -> ShotResult | None:
    """The shot's result if the user chose to keep the plate, else None."""
    if reel.renderer_setting(shot) != "plate":
        return None
    return ShotResult(
        shot.name, "skipped", "set by the user: the plate is kept", warnings=shot.warnings
    )


def newest(reel: ReelInputs, shot: Shot) -> Path | None:
    """The shot's newest version in the reel's language, stale or damaged or not; None: none.

    Also None if the user chose to keep the plate: an older render must not be used then.
    `verify_render.verified` finds out whether it is what it says.
    """
    if reel.renderer_setting(shot) == "plate":
        return None
    for folder in reel.store.versions("renders", shot.name):
        try:
            if read_record(folder).get("language", reel.language) != reel.language:
                continue  # one without a language is damaged, and `whole_record` says so
        except DeliveryError:
            _log.info("the record in %s is damaged", folder, exc_info=True)
        return folder
    return None


def _synced(
    reel: Reel, shot: Shot, cache: FrameCache, before: _Before, progress: Progress
) -> ShotResult:
    """The shot's result; whatever happens in it, the next shot goes on."""
    try:
        watched = reel.watching(progress, shot)
        made = bounded(lambda: _made(reel, shot, cache, before, watched))
        return with_edit_of(reel, made, watched)
    except (FaceQuestion, ConsentMissing) as error:  # consent: withdrawn since the shot began
        return ShotResult(shot.name, "blocked", str(error), error.hint, warnings=shot.warnings)
    except DubsyncError as error:
        _log.info("shot %s failed", shot.name, exc_info=True)
        return ShotResult(shot.name, "failed", str(error), error.hint, warnings=shot.warnings)


def _made(
    reel: Reel, shot: Shot, cache: FrameCache, before: _Before, progress: Progress
) -> ShotResult:
    """The shot's result, rendered unless it is up to date.  Raises DubsyncError if it fails."""
    losses = picture_losses(shot.plate, reel.settings.delivery)
    plan = reel.look(progress).plan(shot)
    grain = plate_grain(reel, shot)  # before the keys, which depend on it
    current, distrusted = _current(plan, before.fault, progress)
    if current is not None:
        return _result(current, "unchanged", (), "its inputs and settings have not changed")
    allowed = may_be_drawn(reel, shot)
    reused = cache.plan(plan.frame_keys, shot.plate.name, reel.engine.context_frames)
    warnings: tuple[ProjectWarning, ...] = ()
    if not reused.new and plan.frame_keys.faces:
        folder = write_reused(plan, reused, before.plate, progress)
    else:
        driven = plan.driven(progress)
        warnings = driven.warnings
        if not driven.parts:
            reason = "; ".join(d.message for d in warnings) or "no dubbed character is seen"
            return ShotResult(shot.name, "skipped", reason, warnings=warnings)
        seen = _Seen(before.plate, grain, before.onlooker_of)
        folder = _render(plan, driven.parts, warnings, reused, seen, progress)
    note_render(reel, allowed, folder)
    enter_render(reel.store, folder)
    keep_keys(reel.store, plan.render_key, plan.frame_keys)
    rendered = rendered_from(folder, shot, whole_record(folder))
    return _result(rendered, "done", (*distrusted, *shot.warnings, *losses, *warnings))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of a plate before it is rendered: the files' state, and its grain.

    onlooker_of  see `sync_shots`
    """

    before: PlateState
    grain: Grain | None
    onlooker_of: OnlookerOf | None


def _current(
    plan: ShotPlan, fault: Fault | None, progress: Progress
) -> tuple[RenderedShot | None, tuple[ProjectWarning, ...]]:
    """The newest render if it is up to date and its files are true; a warning if they are not.

    Args:
        fault: what is wrong with its record, by the ledger.
    """
    reel, shot = plan.reel, plan.shot
    folder = newest(reel, shot)
    if folder is None:
        return None, ()
    try:
        record = whole_record(folder)
        late = fault is not None and is_ours(record, fault)
        if fault is not None and not late:
            raise DeliveryError(str(fault))
        if record["key"] != plan.render_key:
            return None, ()
        rendered = verified(reel, shot, folder, progress, afresh=late)[0]
        if late:
            enter_render(reel.store, folder)
        return rendered, ()
    except (DeliveryError, MediaError) as error:
        message = f"{error}; the shot is rendered again"
        hint = f"if nobody altered it, check the disk; {folder} may be deleted"
        return None, (ProjectWarning(shot.name, message, hint),)


def _result(
    rendered: RenderedShot, status: Status, warnings: tuple[ProjectWarning, ...], reason: str = ""
) -> ShotResult:
    """The result of a shot with a render; failed if that changed anything outside the matte."""
    stray, hint = rendered.samples_changed_outside_matte, ""
    if stray:
        status = "failed"
        reason = f"{stray:,} samples changed outside the matte"
        hint = "send us the shot's record"
    return ShotResult(rendered.shot.name, status, reason, hint, rendered, warnings)


def _render(
    plan: ShotPlan,
    parts: Sequence[Part],
    told: Sequence[ProjectWarning],
    reused: FrameReuse,
    seen: _Seen,
    progress: Progress,
) -> Path:
    """Write picture, matte, layer, proof and record as the shot's next version."""
    reel, shot = plan.reel, plan.shot
    with NewVersion(reel.store, "renders", shot.name) as version:
        name = reel.store.layout.named(shot.name, version.name)
        sound = Path(shot.plate.path) if shot.plate.has_sound else None
        began = monotonic()
        behind, lent = BehindHeads(), LentMouths()

        def told_of(character: str, patch: Patch, frame: int) -> None:
            behind(character, patch, frame)
            lent(character, patch, frame)

        mark = render_mark(reel.house_mark, plan.render_key, parts, reel.engine)
        with ShotWriter(
            version.folder, name, shot.plate, shot.render, reel.settings.delivery, sound=sound
        ) as writer:
            frames_changed = _draw(plan, parts, reused, seen, writer, mark, told_of, progress)
        give_back_freed()  # the drawing's, before the files are read
        seconds = monotonic() - began
        progress(Step("verify", shot.name, 0, 1))
        onlooker = seen.onlooker_of(shot, parts) if seen.onlooker_of else None
        proof = written_proof(reel, shot, writer, frames_changed, onlooker)
        progress(Step("verify", shot.name, 1, 1))
        refuse_changed(shot.plate, plate_state(shot.plate, shot.render), seen.before)
        outputs = {"picture": writer.picture, "matte": writer.matte, "layer": writer.layer}
        lent.taken_over(reused)
        redrawn = lent.within(redrawn_of(parts, told))
        actors = _digests(parts)
        record = record_of(
            shot,
            version.number,
            render_facts(plan, [*lineage_of(plan, actors), *taken_lineage(reused)]),
            DrawnFaces(actors, plan.picks, mouths_of(parts), redrawn),
            proof,
            {role: Path(path) for role, path in outputs.items() if path},
            seconds,
            writer.frame_digests,
        )
        if found := behind.plain(reused):
            record["background"] = found
        record |= mark_entry(reel, reused, mark)
        if reused.kept:
            record["taken_over"] = reused.described()
        write_finished(version.folder, name, record, reel.settings.proof)
        keep_proof(reel, shot, record)
    return version.final


def _draw(
    plan: ShotPlan,
    parts: Sequence[Part],
    reused: FrameReuse,
    seen: _Seen,
    writer: ShotWriter,
    mark: RenderMark | None,
    told: Callable[[str, Patch, int], None],
    progress: Progress,
) -> int:
    """Draw the shot's frames, and hand them to `writer`; the number of those that changed.

    What is held for drawing (readers, exemplars, pictures) goes when this returns.
    """
    reel = plan.reel
    drawn = make_frames(
        plan.shot, parts, engine=reel.engine, batch=reel.settings.engine.batch,
        progress=progress, only=reused.drawn, told=told, grain=seen.grain,
    )  # fmt: skip
    coded = reel.settings.delivery.picture != "lossless"
    changed = 0
    with closing(drawn):
        for made in frames_made(reused, mark(drawn) if mark else drawn, coded=coded):
            writer.add(made)
            changed += made.changed
    return changed


def _digests(parts: Sequence[Part]) -> dict[str, str]:
    """Character -> digest of the actor that is drawn."""
    return {part.character: part.actor.digest for part in parts}


def redrawn_of(parts: Sequence[Part], told: Sequence[ProjectWarning]) -> dict[str, Redrawn]:
    """Character -> what of them may have changed besides the mouth; those of the mouth alone not.

    Args:
        told: the warnings before rendering.
    """
    result: dict[str, Redrawn] = {}
    for part in parts:
        regions = set(regions_at(part.tweak.region, part.track.frames)) - {MOUTH_ONLY}
        if not regions:
            continue
        known = result.get(part.character, Redrawn(()))
        head = part.head
        result[part.character] = Redrawn(
            tuple(sorted(regions.union(known.regions))),
            known.head if head is None else head.digest,
            known.keys if head is None else len(head),
            tuple(w.message for w in told if w.about.endswith(f" {part.character}")),
            known.stills if head is None else head.stills,
        )
    return result


def skipped(reel: ReelInputs) -> list[ShotResult]:
    """A result for each event of the cut that became no shot, with the reason.

    One with dubbed speech and no plate has failed: its lines are heard over the old mouth.
    """
    hints = {warning.message: warning.hint for warning in reel.turnover.warnings}
    return [
        ShotResult(event.name, "failed", reason, hints.get(reason, ""))
        if event.name in reel.turnover.unlinked
        else ShotResult(event.name, "skipped", reason)
        for event, reason in reel.turnover.skipped
    ]


def warnings_of(reel: ReelInputs) -> tuple[ProjectWarning, ...]:
    """Every warning of the turnover and of each shot."""
    return (*reel.turnover.warnings, *(d for shot in reel.turnover.shots for d in shot.warnings))
