"""Draws some frames of a render again from its record, and compares them with its picture.

In the house's own project, whose plates, dubs and models are at hand.  On the same machine with as
many threads the bits are the same; on another one rounding differs, within a stated tolerance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.errors import DubsyncError, VerificationError
from dubsync.core.picture import Frame
from dubsync.core.plural import counted
from dubsync.core.progress import Progress
from dubsync.core.proof.verification import (
    Claim,
    Verification,
    failed,
    not_checked,
    verified,
)
from dubsync.core.shot import Shot
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.project import Project
from dubsync.service.reel.grain.plate_grain import plate_grain
from dubsync.service.reel.pipeline import make_frames
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.render.marked_frames import render_mark
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.records.recipe import recipe_of
from dubsync.service.render.render_facts import inputs_of
from dubsync.service.render.same_material import changed_cut, changed_files
from dubsync.service.verification.versions import project_of, renders_in

REDRAW = "drawn again"
#: Another machine or another number of threads rounds otherwise.  Of what is drawn again there, no
#: sample may differ by more than this share of the whole range of numbers, ...
MOST = Fraction(8, 255)
#: ... and on average over the samples that were drawn by no more than this.
MEAN = Fraction(1, 255)


@dataclass(frozen=True, slots=True)
class Difference:
    """How frames that were drawn again differ from a render's.

    differing  samples that differ, of `samples` that the plate does not show
    most, mean  of the differences, as a share of the whole range of numbers
    """

    frames: int
    differing: int
    samples: int
    most: float
    mean: float


def with_redrawn(
    found: Verification, target: Path, shots: Sequence[str], frames: int, progress: Progress
) -> Verification:
    """The result with a claim for each named shot, of which frames were drawn again.

    Args:
        target: a project, or something in one.
        frames: how many drawn ones of each shot, from its beginning.

    Raises:
        VerificationError: the target is in no project, or the project has no render of that name.
    """
    root = project_of(target)
    if root is None:
        raise VerificationError(
            f"{target} is in no project, and a shot is drawn again in the project that made it",
            hint="leave out --redraw, or ask the house: dubsync verify REEL --redraw SHOT",
        )
    claims = tuple(claim for shot in shots for claim in redrawn(root, shot, frames, progress))
    return replace(found, claims=(*found.claims, *claims))


def redrawn(root: Path, name: str, frames: int, progress: Progress) -> list[Claim]:
    """Draw frames of the newest render of a shot again, in each language that it has one in."""
    newest: dict[Path, Path] = {}
    for version in renders_in(root):
        if version.shot == name:
            newest[version.folder.parent] = version.folder
    if not newest:
        known = ", ".join(sorted({one.shot for one in renders_in(root)})) or "none"
        raise VerificationError(f"there is no render of {name}", hint=f"renders: {known}")
    claims = []
    for folder in newest.values():
        about = f"{name} {folder.name}"
        try:
            claims.append(_compared(root, name, folder, frames, progress))
        except DubsyncError as error:
            claims.append(not_checked(REDRAW, about, str(error), error.hint))
    return claims


def _compared(root: Path, name: str, folder: Path, frames: int, progress: Progress) -> Claim:
    record, about = whole_record(folder), f"{name} {folder.name}"
    if record["settings"]["delivery"]["picture"] != "lossless":
        why = "its picture was not written without loss, so drawn frames cannot be compared with it"
        return not_checked(REDRAW, about, why, 'picture = "lossless" can be drawn again')
    project = Project.open(root).into(record["language"])
    project.turnover(progress=progress)
    project.turnover(look=project.intake.waiting, progress=progress)
    reel = project.reel
    plan = reel.look(progress).plan(reel.shot(name))
    if plan.render_key != record["key"]:
        why = (
            f"since then {_changed(record, reel, plan)}, so that these frames are not made any more"
        )
        return not_checked(REDRAW, about, why, "restore that, or dubsync sync renders it again")
    wanted = sampled(record, frames)
    if not wanted or "taken_over" in record:
        why = "frames of it were taken over from an earlier render, not drawn"
        return not_checked(REDRAW, about, why, "draw again the render that they were taken from")
    found = _difference(
        plan, folder / record["outputs"]["picture"]["file"], record, wanted, progress
    )
    return _claim(found, about, wanted, _elsewhere(record, plan))


def sampled(record: Mapping[str, Any], frames: int) -> range:
    """The frames from the render's first to the last of so many in which a mouth is drawn.

    A renderer smooths over time, so that a frame's bits depend on all that were drawn before it in
    the shot: what is drawn again begins where the render began.
    """
    drawn = sorted(
        {
            n
            for stretches in record["mouths"].values()
            for one in stretches
            for n in range(one["first"], one["last"] + 1)
        }
    )
    span = record["frames"]
    return range(span["first"], drawn[: max(frames, 1)][-1] + 1 if drawn else span["first"])


def _difference(
    plan: ShotPlan,
    picture: Path,
    record: Mapping[str, Any],
    wanted: Sequence[int],
    progress: Progress,
) -> Difference:
    reel, shot = plan.reel, plan.shot
    parts = plan.driven(progress).parts
    drawn = make_frames(
        shot,
        parts,
        engine=reel.engine,
        batch=reel.settings.engine.batch,
        progress=progress,
        only=wanted,
        grain=plate_grain(reel, shot),
    )
    mark = render_mark(reel.house_mark, plan.render_key, parts, reel.engine)
    made = list(drawn if mark is None else mark(drawn))
    with open_plate(shot.plate) as reader:
        plates = list(reader.read(wanted))
    then = _frames_of(picture, record, wanted, shot)
    return difference([one.frame for one in made], then, plates)


def _frames_of(
    picture: Path, record: Mapping[str, Any], wanted: Sequence[int], shot: Shot
) -> list[Frame]:
    """The wanted frames of the render's picture, by the plate's numbers."""
    held = probe_plate(picture, rate=shot.render.rate)
    move = held.frames.start - record["frames"]["first"]
    with open_plate(held) as reader:
        return list(reader.read([n + move for n in wanted]))


def difference(now: Sequence[Frame], then: Sequence[Frame], plates: Sequence[Frame]) -> Difference:
    """How frames drawn again differ from a render's, counted where either is not the plate."""
    differing = samples = 0
    most = total = 0.0
    for new, old, plate in zip(now, then, plates, strict=True):
        whole = 1.0 if plate.format.floating else float((1 << plate.format.bits) - 1)
        for a, b, c in zip(new.planes, old.planes, plate.planes, strict=True):
            drawn = (a != c) | (b != c)
            gap = np.abs(a.astype(np.float64) - b.astype(np.float64))[drawn] / whole
            samples += int(drawn.sum())
            differing += int(np.count_nonzero(gap))
            total += float(gap.sum())
            most = max(most, float(gap.max(initial=0.0)))
    return Difference(len(now), differing, samples, most, total / samples if samples else 0.0)


def _claim(found: Difference, about: str, wanted: Sequence[int], elsewhere: str) -> Claim:
    named = f"{counted(found.frames, 'frame')} ({wanted[0]}..{wanted[-1]})"
    if not found.differing:
        return verified(REDRAW, about, f"{named} drawn again: the same bits")
    said = (
        f"{named} drawn again: {found.differing:,} of {found.samples:,} drawn samples differ, "
        f"on average by {found.mean * 255:.3f} of 255, at most by {found.most * 255:.1f}"
    )
    if found.most > MOST or found.mean > MEAN:
        why = f"{said}, which is more than another machine's rounding"
        return failed(
            REDRAW, about, why, "its picture is not what its record draws: render it again"
        )
    return verified(REDRAW, about, f"{said}, within the tolerance ({elsewhere})")


def _elsewhere(record: Mapping[str, Any], plan: ShotPlan) -> str:
    """What of machine and threads is not as it was when the render was made."""
    was, now = record.get("recipe", {}), recipe_of(plan)
    other = [name for name in ("device", "machine", "threads") if was.get(name) != now.get(name)]
    if not other:
        return "machine and threads are as they were"
    return f"not as it was then: {', '.join(other)}"


def _changed(record: Mapping[str, Any], reel: Reel, plan: ShotPlan) -> str:
    """What changed since a render, in words."""
    shot = plan.shot
    said = [*changed_files(record, inputs_of(reel, shot)), *changed_cut(record, shot)]
    return "; ".join(said) or "its settings, tweaks, models or what is heard as a voice changed"
