"""Does one task of a reel; what its result stands on is not done again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from time import monotonic

from dubsync.core.errors import ConsentMissing, DubsyncError, FaceQuestion
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Shot
from dubsync.core.tweak.choices import regions_at
from dubsync.service.faces.plate_sound import PlateSound
from dubsync.service.fault import bounded
from dubsync.service.project import Project
from dubsync.service.reel.actor_library import ActorLibrary
from dubsync.service.reel.reel import Reel
from dubsync.service.render.sync import newest
from dubsync.service.tasks.task import Task, TaskResult


def do_task(project: Project, task: Task, progress: Progress = silent) -> TaskResult:
    """Do `task` of the project, in the task's language; returns at once when its result is there.

    It may run in a process or on a machine of its own that sees the same folder, and be killed and
    done again at any moment.  An error is a result: it says why, and what to try.

    Raises:
        Cancelled: `progress` says so.
    """
    began, mine = monotonic(), project.into(task.language)
    try:
        result = bounded(lambda: _DO[task.kind](mine, task, progress))
    except (ConsentMissing, FaceQuestion) as error:
        result = TaskResult(task, "blocked", str(error), error.hint)
    except DubsyncError as error:
        result = TaskResult(task, "failed", str(error), error.hint)
    return replace(result, seconds=monotonic() - began)


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
    for character in shot.characters:
        reel.audio_analysis.dub_sound(reel.stem(character, shot), shot)
    return TaskResult(task, "unchanged" if known else "done")


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
    (result,) = project.sync([task.name], progress=progress)
    reel = project.reel
    folder = newest(reel, reel.shot(task.name)) if result.rendered else None
    return TaskResult(task, result.status, result.reason, result.hint, str(folder or ""))


def _finish(project: Project, task: Task, progress: Progress) -> TaskResult:
    report = project.check(progress=progress)
    made = project.deliver(report=report.html, progress=progress)
    folder = next(iter(made.files.values()), "").rpartition("/")[0]
    return TaskResult(task, "done", made=folder)


_DO = {"look": _look, "learn": _learn, "shot": _shot, "finish": _finish}
