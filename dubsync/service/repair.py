"""Repair what the newest check found: contacts of the mouth that a render does not show in time.

Each becomes a `contact` of the shot's tweaks, on its own frame, which can be undone as any other
tweak.  The shots are rendered as new versions and checked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dubsync.core.contact import Contact, ContactKind
from dubsync.core.progress import Progress
from dubsync.core.result import QCReport
from dubsync.service.qc.newest_report import newest_report
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.sync import newest

if TYPE_CHECKING:
    from dubsync.service.project import Project

#: Contacts that a repair sets.  The jaw is left: a render shows the chin of its exemplars, and in
#: the sample reel three of three jaws that were set stayed as they were.
REPAIRED: tuple[ContactKind, ...] = ("closed lips", "lip to teeth", "rounded lips")


@dataclass(frozen=True, slots=True)
class RepairedShot:
    """One shot's contacts before and after its repair.

    before, after  how many of the judged contacts are met: (met, judged)
    met            contacts that were open or late, and are in time now
    still_open     those that are not
    spoilt         contacts that were in time before, and are not any more
    """

    shot: str
    version: int
    before: tuple[int, int]
    after: tuple[int, int]
    met: tuple[Contact, ...]
    still_open: tuple[Contact, ...]
    spoilt: tuple[Contact, ...]

    @property
    def sentence(self) -> str:
        """Before and after, and what to look at: "SH010 v002: 9 of 9 contacts met, before 7 of 9".

        A repair that made nothing better says how to take it back.
        """
        text = (
            f"{self.shot} v{self.version:03d}: {self.after[0]} of {self.after[1]} contacts met, "
            f"before {self.before[0]} of {self.before[1]}"
        )
        for words, found in (("still not met", self.still_open), ("no longer met", self.spoilt)):
            if found:
                frames = ", ".join(f"{c.frame} ({c.kind})" for c in found)
                text += f"; {words}: plate frames {frames}"
        if len(self.met) <= len(self.spoilt):
            text += f"; nothing is better: take it back with dubsync tweak REEL {self.shot} --undo"
        return text


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did.

    shots     the results of rendering again; empty if there was nothing to repair
    repaired  each shot that was rendered and checked again
    left      (shot, reason) of those that were to be repaired and were not
    report    of the shots after it; None if none was rendered
    """

    shots: tuple[ShotResult, ...]
    repaired: tuple[RepairedShot, ...]
    left: tuple[tuple[str, str], ...]
    report: QCReport | None


#: What a render that failed leaves behind.
STAY_SET = "its contacts stay set: sync it again, or dubsync tweak REEL SHOT --undo"


def repair_reel(
    project: Project,
    names: Sequence[str] = (),
    *,
    progress: Progress,
    finished: Callable[[ShotResult], None] = lambda result: None,
) -> Repair:
    """Repair the named shots (none: all of the newest report) where that report found them open.

    A shot whose render is newer than the report, or older than its inputs, is left: the contacts
    found are not those that it would have.

    Raises:
        MissingMedia: there is no report, or it does not list one of `names`.
    """
    before = newest_report(project.store, names)
    wanted = {shot: _missed(found) for shot, found in before.contacts.items() if _missed(found)}
    left = [
        (shot, "its check is of an earlier dubsync, which judged no contacts: check it again")
        for shot in before.verdicts if shot not in before.contacts
    ]  # fmt: skip
    for shot in list(wanted):
        reason = _not_as_checked(project, shot, before.checked.get(shot, 0), progress)
        if reason:
            left.append((shot, reason))
            del wanted[shot]
    if not wanted:
        return Repair((), (), tuple(left), None)
    for shot, missed in wanted.items():
        for character in dict.fromkeys(contact.character for contact in missed):
            mine = [contact for contact in missed if contact.character == character]
            settings = [f"contact={contact.kind}@{contact.frame}" for contact in mine]
            project.tweak(shot, settings, character=character)
    results = project.sync(tuple(wanted), progress=progress, finished=finished)
    done = [result.name for result in results if result.rendered]
    set_already = "its contacts are set already, and the render does not show them: look at them"
    left += [
        (r.name, set_already if r.status == "unchanged" else f"{r.reason}; {STAY_SET}")
        for r in results if not r.rendered
    ]  # fmt: skip
    if not done:
        return Repair(results, (), tuple(left), None)
    after = project.check(done, progress=progress)
    repaired = [
        _compared(shot, after.checked[shot], before.contacts[shot], after.contacts[shot])
        for shot in done if shot in after.contacts
    ]  # fmt: skip
    return Repair(results, tuple(repaired), (*left, *after.unchecked), after)


def _missed(found: Iterable[Contact]) -> tuple[Contact, ...]:
    return tuple(c for c in found if c.met is False and c.kind in REPAIRED)


def _not_as_checked(project: Project, name: str, checked: int, progress: Progress) -> str:
    """Why the shot's render is not the one that was checked; "" if it is, and is up to date."""
    shot = project.reel.shot(name)
    folder = newest(project.reel, shot)
    if folder is None:
        return "it has no render any more: sync it, then check"
    record = whole_record(folder)
    if record["version"] != checked:
        return f"v{record['version']:03d} is newer than v{checked:03d}, which was checked: check it"
    if record["key"] != project.reel.look(progress).plan(shot).render_key:
        return f"its inputs have changed since v{checked:03d}: sync it, then check"
    return ""


def _compared(
    shot: str, version: int, before: Sequence[Contact], after: Sequence[Contact]
) -> RepairedShot:
    now = {(c.kind, c.character, c.frame): c for c in after}
    earlier = {(c.kind, c.character, c.frame): c for c in before}
    missed = [now.get((c.kind, c.character, c.frame), c) for c in _missed(before)]
    spoilt = [c for key, c in now.items() if not c.met and key in earlier and earlier[key].met]
    return RepairedShot(
        shot,
        version,
        _count(before),
        _count(after),
        tuple(contact for contact in missed if contact.met),
        tuple(contact for contact in missed if not contact.met),
        tuple(spoilt),
    )


def _count(found: Sequence[Contact]) -> tuple[int, int]:
    judged = [contact for contact in found if contact.met is not None]
    return sum(bool(contact.met) for contact in judged), len(judged)
