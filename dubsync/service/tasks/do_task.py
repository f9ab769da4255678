"""Does one task of a reel; what its result stands on is not done again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic

import numpy as np

from dubsync.core.errors import ConsentMissing, DubsyncError, FaceQuestion, SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.shot import Shot
from dubsync.core.tweak.choices import regions_at
from dubsync.service.faces.people import everyone_in
from dubsync.service.faces.plate_sound import PlateSound
from dubsync.service.fault import bounded
from dubsync.service.project import Project
from dubsync.service.qc.check_shot import NotChecked, checked_shot
from dubsync.service.reel.actor_library import ActorLibrary
from dubsync.service.reel.reel import Reel
from dubsync.service.render.sync import newest
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.tasks.edit_of_shot import make_edit_of
from dubsync.service.tasks.kept_results import keep_result, kept_results
from dubsync.service.tasks.task import Kind, Task, TaskResult
from dubsync.service.turnover.hear_dub import hear_dub, is_heard


def do_task(
    project: Project, task: Task, progress: Progress = silent, *, allow_missing: bool = False
) -> TaskResult:
    """Do `task` of the project, in the task's language; returns at once when its result is there.

    It may run in a process or on a machine of its own that sees the same folder, and be killed and
    done again at any moment.  An error is a result: it says why, and what to try.

    Args:
        allow_missing: finish although a shot that should be corrected is not.

    Raises:
        Cancelled: `progress` says so.
    """
    began, mine = monotonic(), project.into(task.language)
    try:
        if task.kind == "finish":
            result = bounded(lambda: _finish(mine, task, progress, allow_missing))
        else:
            result = bounded(lambda: _DO[task.kind](mine, task, progress))
    except (ConsentMissing, FaceQuestion) as error:
        result = TaskResult(task, "blocked", str(error), error.hint)
    except DubsyncError as error:
        result = TaskResult(task, "failed", str(error), error.hint)
    if "reel" in vars(mine):  # the shot is done: its motion would only pile up
        mine.reel.forget_plans()
    return replace(result, seconds=monotonic() - began)


def _hear(project: Project, task: Task, progress: Progress) -> TaskResult:
    role = next((one for one in project.file.roles if one.character == task.name), None)
    if role is None:
        raise SettingsError(f"the project has no character {task.name!r}", hint="look into it")
    audio = AudioAnalysisCache(project.store, project.file.settings.engine.device)
    if is_heard(project.file, role, audio, project.store):
        return TaskResult(task, "unchanged")
    progress(Step("hear", task.name, 0, 1))
    spoken_s = hear_dub(project.file, role, audio, project.store)
    progress(Step("hear", task.name, 1, 1))
    return TaskResult(task, "done", spoken_s=spoken_s)


def _look(project: Project, task: Task, progress: Progress) -> TaskResult:
    reel = project.unlooked
    shot = reel.shot(task.name)
    if not reel.may_be_looked_at(shot):
        return TaskResult(task, "skipped", "no consent record lets it be looked at")
    known = reel.face_tracks.known(shot)
    watched = reel.watching(progress, shot) if not reel.refusal(shot) else progress
    tracks = reel.face_tracks.in_shot(shot, progress=watched)
    sound = PlateSound(reel.store, reel.engine, reel.audio_analysis, reel.face_tracks)
    sound.speaking(shot, tracks)
    if len(everyone_in(shot, tracks)) <= len(shot.characters):
        for track in tracks:  # whoever they are, they are dubbed: the actors need it
            reel.in_front.seen(shot, track, progress=watched)
    for character in shot.characters:
        reel.audio_analysis.dub_sound(reel.stem(character, shot), shot)
    return TaskResult(task, "unchanged" if known else "done", face_px=_largest(tracks))


def _largest(tracks: Sequence[FaceTrack]) -> float:
    """The side of the largest face, pixels: the middle of what it is over its frames."""
    sides = [np.median(np.ptp(track.landmarks[..., :2], axis=1).max(axis=1)) for track in tracks]
    return float(max(sides, default=0.0))


def _learn(project: Project, task: Task, progress: Progress) -> TaskResult:
    reel, who = project.opened_reel(progress), task.name
    shots = [shot for shot in reel.turnover.shots if who in shot.characters]
    drawn = [shot for shot in shots if reel.renderer_setting(shot) != "plate"
             and not reel.refusal(shot)]  # fmt: skip
    if not drawn:
        return TaskResult(task, "skipped", "no shot with them is to be rendered")
    actors = reel.look(progress).actors
    if not actors.seen(who):
        return TaskResult(task, "skipped", "no plate shows them")
    folder = reel.store.actor_folder(who, actors.actor_key(who))
    known = folder.is_dir()
    actors.learnt(who, progress)
    trained = _train(project, reel, actors, who, drawn, progress)
    _style_and_head(reel, actors, who, drawn, progress)
    made = trained or str(folder)
    return TaskResult(task, "unchanged" if known and not trained else "done", made=made)


def _train(
    project: Project, reel: Reel, actors: ActorLibrary, who: str, drawn: Iterable[Shot],
    progress: Progress,
) -> str:  # fmt: skip
    """The folder of a training made now; "" where none is asked for, or one stands."""
    wanted = reel.settings.engine.train_minutes > 0 and any(
        reel.renderer_setting(shot) in ("auto", "actor") for shot in drawn
    )
    if not wanted or actors.trained(who):
        return ""
    made = project.train([who], progress=progress)[who]
    if isinstance(made, DubsyncError):
        raise made
    return str(made.folder)


def _style_and_head(
    reel: Reel, actors: ActorLibrary, who: str, drawn: Iterable[Shot], progress: Progress
) -> None:
    """Learn how the dub moves their mouth, and their whole head where a tweak asks for it."""
    actor = actors.actor(who, progress)
    actors.speaking_style(actor, progress)
    for shot in drawn:
        tweak = reel.tweaks.get(shot.name, {}).get(who)
        if tweak is not None and "head" in regions_at(tweak.region, shot.render):
            renderer = actors.pick(who, shot).renderer
            if renderer != "plate":
                actors.head(actors.drawn_by(who, renderer, progress), progress)


def _shot(project: Project, task: Task, progress: Progress) -> TaskResult:
    made = _sync(project, task, progress, checked=True)
    if made.status not in ("done", "unchanged"):
        return made
    checked = _check(project, task, progress)
    if not checked.verdict:
        return replace(made, status=checked.status, reason=checked.reason, hint=checked.hint)
    made = replace(made, verdict=checked.verdict)
    reel = project.opened_reel(progress)
    try:
        make_edit_of(reel, reel.shot(task.name), progress)
    except DubsyncError as error:  # the render stands
        reason = f"its edit media are not made yet: {error}; the delivery tries again"
        return replace(made, reason=reason, hint=error.hint)
    return made


def _sync(project: Project, task: Task, progress: Progress, *, checked: bool = False) -> TaskResult:
    (result,) = project.sync([task.name], checked=checked, progress=progress)
    keep_result(project.store, result)
    reel = project.reel
    folder = newest(reel, reel.shot(task.name)) if result.rendered else None
    return TaskResult(task, result.status, result.reason, result.hint, str(folder or ""))


def _check(project: Project, task: Task, progress: Progress) -> TaskResult:
    reel = project.opened_reel(progress)
    shot = reel.shot(task.name)
    last = kept_results(reel, [shot]).get(shot.name)
    try:
        found = checked_shot(reel, shot, last, progress)
    except NotChecked as why:
        return TaskResult(task, why.status, str(why))
    return TaskResult(task, "done", made=str(newest(reel, shot) or ""), verdict=found.page.verdict)


def _finish(project: Project, task: Task, progress: Progress, allow_missing: bool) -> TaskResult:
    reel = project.opened_reel(progress)
    known = kept_results(reel, reel.turnover.shots)
    report = project.check(results=tuple(known.values()), progress=progress)
    made = project.deliver(report=report.html, allow_missing=allow_missing, progress=progress)
    return TaskResult(task, "done", made=str(Path(next(iter(made.files.values()))).parent))


_DO: dict[Kind, Callable[[Project, Task, Progress], TaskResult]] = {
    "hear": _hear, "look": _look, "learn": _learn, "shot": _shot, "sync": _sync, "check": _check,
}  # fmt: skip
