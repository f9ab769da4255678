"""Tweaks of several shots: changed alike, copied from shot to shot, and kept as presets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dubsync.core.errors import ConsentMissing, SettingsError
from dubsync.core.shot import Shot
from dubsync.core.tweak.carry import Carried, carried_names, carry
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.project import Project
from dubsync.service.tweaks.commands import Change, ShotTweaks, changed
from dubsync.service.tweaks.presets import Preset, PresetStore
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore
from dubsync.service.tweaks.word_settings import names_words


@dataclass(frozen=True, slots=True)
class CarriedShot:
    """What was carried to the characters of one shot, as one step that can be undone."""

    shot: str
    characters: tuple[tuple[str, Carried], ...]


def tweak_shots(
    project: Project, shots: Sequence[str], settings: Sequence[str] = (), *,
    cleared: Sequence[str] = (), character: str = "", change: Change = "",
) -> tuple[ShotTweaks, ...]:  # fmt: skip
    """Change the tweaks of several shots alike, each in one step; see `change_tweaks`.

    Raises:
        SettingsError: as `change_tweaks`; a setting for frames or words, or undo, for several
            shots: then nothing is changed.
    """
    names = tuple(dict.fromkeys(shots))
    bound = [one for one in (*settings, *cleared) if "@" in one or names_words(one)]
    if len(names) > 1 and (bound or change in ("undo", "redo")):
        what = f"{bound[0]!r} stands on one shot's frames" if bound else f"{change} is of one shot"
        raise SettingsError(f"{what}, and {len(names)} shots are named", hint="name one shot")
    for name in names:
        _whose(project.reel.shot(name), character)
        if len(names) > 1:  # what is refused for one shot is refused for all
            changed(
                _store(project).latest(name).tweaks, project.reel.shot(name),
                project.turnover().cut.drop, settings, cleared, character,
                project.reel.words_of(name),
            )  # fmt: skip
    made = (
        project.tweak(name, settings, cleared=cleared, character=character, change=change)
        for name in names
    )
    return tuple(_with_consent(project, one) for one in made)


def _with_consent(project: Project, tweaks: ShotTweaks) -> ShotTweaks:
    """The tweaks, with a note of the consent that they need and that is missing."""
    try:
        project.reel.tweak_consents(tweaks.shot)
    except ConsentMissing as error:
        note = f"it cannot be rendered: {error}; {error.hint}".rstrip("; .")
        return replace(tweaks, notes=(*tweaks.notes, note))
    return tweaks


def presets(project: Project) -> tuple[Preset, ...]:
    """Every preset of the project, by name."""
    return PresetStore(project.file.folder).all()


def save_preset(
    project: Project, shot: str, name: str, *, only: Sequence[str] = (), character: str = ""
) -> Preset:
    """Keep a character's tweak in `shot`, or some controls of it, under a name.

    Keys and spans are kept with it, counted from the first frame that the cut shows.

    Raises:
        SettingsError: nothing is set there, or several characters are and none is named.
    """
    found = project.reel.shot(shot)
    who, tweak = _one(project, found, character)
    carried = carry(tweak, Tweak(), only=only, shift=-found.source.start)
    return PresetStore(project.file.folder).save(name, carried.tweak, shot=shot, character=who)


def apply_preset(
    project: Project, shots: Sequence[str], name: str, *, only: Sequence[str] = (),
    with_keys: bool = False, character: str = "",
) -> tuple[CarriedShot, ...]:  # fmt: skip
    """Carry a preset to the dubbed characters of `shots`, or to `character` there.

    Args:
        with_keys: keys and spans too, counted from each shot's first frame.

    Raises:
        SettingsError: no such preset, control or character; then nothing is changed.
    """
    preset = PresetStore(project.file.folder).load(name)
    sources = {who: preset.tweak for shot in shots for who in project.reel.shot(shot).characters}
    return _carried(project, shots, sources, 0, f"preset {name}", only, with_keys, character)


def copy_tweak(
    project: Project, shots: Sequence[str], source: str, *, only: Sequence[str] = (),
    with_keys: bool = False, character: str = "",
) -> tuple[CarriedShot, ...]:  # fmt: skip
    """Copy the tweaks of one shot to `shots`.

    Args:
        source: SHOT or SHOT:CHARACTER.  Without a character each character gets its own, unless
            only one is dubbed there: then every character of `shots` gets that one's.
        with_keys: keys and spans too; they keep their distance from the shot's first frame.

    Raises:
        SettingsError: no such shot, control or character, or nothing to copy; then nothing is
            changed.
    """
    name, _, who = source.partition(":")
    found = project.reel.shot(name)
    if who and who not in found.characters:
        raise SettingsError(f"{who!r} is not dubbed in {name}",
                            hint="dubbed there: " + ", ".join(found.characters))  # fmt: skip
    now = _store(project).latest(name).tweaks
    one = who or (found.characters[0] if len(found.characters) == 1 else "")
    everyone = dict.fromkeys(c for shot in shots for c in project.reel.shot(shot).characters)
    sources = {to: now.get(one or to, Tweak()) for to in everyone if one or to in found.characters}
    if all(tweak.neutral for tweak in sources.values()):
        raise SettingsError(f"{source} has no tweak to copy to {', '.join(shots)}",
                            hint=f"its tweaks: dubsync tweak REEL {name}")  # fmt: skip
    said = f"copy from {source}"
    return _carried(project, shots, sources, found.source.start, said, only, with_keys, character)


def carry_tweak(
    project: Project, shots: Sequence[str], tweak: Tweak, said: str, *, first: int = 0,
    only: Sequence[str] = (), with_keys: bool = False, character: str = "",
) -> tuple[CarriedShot, ...]:  # fmt: skip
    """Carry a tweak to the dubbed characters of `shots`, or to `character` there.

    Args:
        said: what the history of each shot says of it.
        first: the frame from which the frames of `tweak` are counted.
        with_keys: keys and spans too; they keep their distance from the shot's first frame.

    Raises:
        SettingsError: no such shot, control or character; then nothing is changed.
    """
    sources = {who: tweak for shot in shots for who in project.reel.shot(shot).characters}
    return _carried(project, shots, sources, first, said, only, with_keys, character)


def _carried(
    project: Project, shots: Sequence[str], sources: Tweaks, first: int, said: str,
    only: Sequence[str], with_keys: bool, character: str,
) -> tuple[CarriedShot, ...]:  # fmt: skip
    """Carry each character's tweak to `shots`; all is checked before anything is written.

    Args:
        first: the frame from which the frames of `sources` are counted.
    """
    carried_names(only)
    targets = [project.reel.shot(name) for name in dict.fromkeys(shots)]
    for shot in targets:
        wanted = _whose(shot, character)
        if not any(who in sources for who in wanted):
            raise SettingsError(f"{said}: nothing for {' and '.join(wanted)} of {shot.name}",
                                hint="name the character: --copy-from SHOT:CHARACTER")  # fmt: skip
    result = []
    for shot in targets:
        done: dict[str, Carried] = {}
        shift = shot.source.start - first if with_keys else None

        def carried(now: Tweaks, shot: Shot = shot, shift: int | None = shift,
                    done: dict[str, Carried] = done) -> Tweaks:  # fmt: skip
            for who in _whose(shot, character):
                if who in sources:
                    source = sources[who]
                    done[who] = carry(source, now.get(who, Tweak()), only=only, shift=shift,
                                      frames=shot.render)  # fmt: skip
            return {**now, **{who: one.tweak for who, one in done.items()}}

        _store(project).amend(shot.name, carried, [said])
        result.append(CarriedShot(shot.name, tuple(done.items())))
        project.tweak(shot.name)  # the project reads its tweaks anew
    return tuple(result)


def _store(project: Project) -> TweakStore:
    return TweakStore(project.file.folder, project.store.layout)


def _whose(shot: Shot, character: str) -> tuple[str, ...]:
    if character and character not in shot.characters:
        raise SettingsError(f"{character!r} is not dubbed in {shot.name}",
                            hint="dubbed there: " + ", ".join(shot.characters))  # fmt: skip
    return (character,) if character else tuple(shot.characters)


def _one(project: Project, shot: Shot, character: str) -> tuple[str, Tweak]:
    """The one character whose tweak is meant, and that tweak."""
    now = _store(project).latest(shot.name).tweaks
    wanted = [who for who in _whose(shot, character) if who in now]
    if len(wanted) == 1:
        return wanted[0], now[wanted[0]]
    if wanted:
        raise SettingsError(f"{shot.name} has tweaks of {' and '.join(wanted)}",
                            hint=f"say whose: --character {wanted[0]}")  # fmt: skip
    raise SettingsError(f"{shot.name} has no tweak to save",
                        hint="set a control first, as in --set jaw=1.2")  # fmt: skip
