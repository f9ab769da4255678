"""The tasks of a reel: found without an engine, and without looking at a picture."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Shot
from dubsync.service.project import Project
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.tasks.task import Task, parse_id
from dubsync.service.tasks.time_left import RATE
from dubsync.service.turnover.hear_dub import is_heard, seconds_of

#: Seconds that a mouth moves before and after a sound, about.
MOVED_S = 0.12


def reel_tasks(project: Project, progress: Progress = silent) -> tuple[Task, ...]:
    """Every task of the project in its language, each after those that it waits for.

    A shot waits for the actors of its own characters, and an actor for every look: who is who is
    decided over the whole reel.  No engine is loaded and no plate opened that was opened before.

    Raises:
        DubsyncError: the turnover cannot be made.
    """
    project.turnover(progress=progress)
    found = project.intake.turnover
    people = sorted(project.file.performers) if project.intake.waiting else ()
    language, shots = project.language, found.shots
    trained = _trains(project)
    looks = [_task("look", shot.name, [shot], language, shot.characters) for shot in shots]
    seen = tuple(look.id for look in looks)
    learns = [
        replace(_task("learn", who, mine, language, (who,), seen),
                trained=trained, train_s=_train_s(project, who))
        for who in people or _dubbed(shots)
        if (mine := [shot for shot in shots if people or who in shot.characters])
    ]  # fmt: skip
    known = {learn.name for learn in learns}
    renders = [
        _task("shot", shot.name, [shot], language, shot.characters, _learnt(shot, known, people)
              or (f"look:{shot.name}",), trained)
        for shot in shots
    ]  # fmt: skip
    every = tuple(task.id for task in renders)
    return (*looks, *learns, *renders, Task("finish", "", language, every or seen))


def dubs_to_hear(project: Project) -> tuple[Task, ...]:
    """A task for each dub whose sound is not analysed yet; the turnover needs them all."""
    file, result = project.file, dict[Path, Task]()
    audio = AudioAnalysisCache(project.store)
    for role in file.roles:
        try:
            known = role.dub in result or is_heard(file, role, audio, project.store)
        except DubsyncError:
            continue  # the turnover raises it
        if not known:
            frames = round(seconds_of(file, role, project.store) * RATE)
            result[role.dub] = Task("hear", role.character, project.language, frames=frames)
    return tuple(result.values())


def task_of(project: Project, name: str, progress: Progress = silent) -> Task:
    """The task called `name`, as "shot:SH010".

    Raises:
        SettingsError: the reel has none of that name.
    """
    kind, shot = parse_id(name)
    if kind == "hear":
        return Task(kind, shot, project.language)
    tasks = reel_tasks(project, progress)
    whole = f"shot:{shot}" if kind in ("sync", "check") else name
    for task in tasks:
        if task.id == whole:
            return replace(task, kind=kind)
    known = ", ".join(task.name for task in tasks if task.id.startswith(whole[:4]))
    raise SettingsError(f"the reel has no task {name!r}", hint=f"{kind} has: {known or 'none'}")


def _trains(project: Project) -> bool:
    """Whether the settings have networks trained."""
    engine = project.file.settings.engine
    return engine.renderer in ("auto", "actor") and engine.train_minutes > 0


def _train_s(project: Project, who: str) -> float:
    """Seconds that their training may take; 0: none is asked for, or one was made before."""
    made = any(project.store.derived.glob(f"trained/{glob.escape(who)}/*/v*"))
    if made or not _trains(project):
        return 0.0
    return 60.0 * project.file.settings.engine.train_minutes


def _dubbed(shots: Sequence[Shot]) -> tuple[str, ...]:
    """Every character that is dubbed in one of the shots, in order of their first line."""
    return tuple(dict.fromkeys(who for shot in shots for who in shot.characters))


def _learnt(shot: Shot, known: set[str], people: Sequence[str]) -> tuple[str, ...]:
    """The actors that a shot waits for; all, where it is not known yet who speaks in it."""
    wanted: Iterable[str] = known if people else (who for who in shot.characters if who in known)
    return tuple(f"learn:{who}" for who in sorted(wanted))


def _task(
    kind: str, name: str, shots: Sequence[Shot], language: str, characters: Sequence[str],
    waits_for: Sequence[str] = (), trained: bool = False,
) -> Task:  # fmt: skip
    form = shots[0].plate.format
    frames, spoken = sum(len(s.render) for s in shots), sum(map(spoken_frames, shots))
    return Task(
        parse_id(f"{kind}:{name}")[0], name, language, tuple(waits_for), frames, spoken,
        form.width * form.height, tuple(characters), trained,
    )  # fmt: skip


def spoken_frames(shot: Shot) -> int:
    """How many of a shot's pictures are drawn, as far as its lines tell: those the dub is heard in.

    Mouths move a little before and after a sound.
    """
    rate, handle = shot.record.rate, Fraction(MOVED_S)
    heard = [(ln.record.start / ln.record.rate - handle, ln.record.stop / ln.record.rate + handle)
             for ln in shot.lines if ln.on_screen != "off"]  # fmt: skip
    first, last = shot.record.start, shot.record.stop
    played = (Fraction(frame) / rate for frame in range(first, last))
    return min(len(shot.render), sum(any(a <= at < b for a, b in heard) for at in played))
