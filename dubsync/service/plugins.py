"""Engines by name: only those that a person installed as engines, or allows on the command line.

A project file may come by post.  It may therefore choose among the engines that are installed as
such (entry points of the group GROUP), and name no other module: importing one runs its code.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dubsync.core.driven.live import LiveSteps
from dubsync.core.errors import SettingsError
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Engine

#: Entry points of this group are engines: callables that take EngineSettings and build an Engine.
GROUP = "dubsync.engines"
#: dubsync's own engine, which needs no installed metadata.
OWN = EntryPoint("dubsync", "dubsync.engine:build", GROUP)

#: "module:attribute" that the person at this process allowed; see `allow_engine`.
_allowed: set[str] = set()


def allow_engine(name: str) -> None:
    """Allow the engine "module:attribute" in this process, although it is not installed as one.

    For plugin authors: `--allow-engine` on the command line, or this function in a program.

    Raises:
        SettingsError: not of that form.
    """
    module, _, attribute = name.partition(":")
    if not (attribute.isidentifier() and all(map(str.isidentifier, module.split(".")))):
        raise SettingsError(
            f"{name!r} does not name an engine", hint="write MODULE:ATTRIBUTE, as my_engine:build"
        )
    _allowed.add(name)


def allowed_engines() -> tuple[str, ...]:
    """What was allowed in this process, for one that works for it."""
    return tuple(sorted(_allowed))


def load_engine(settings: EngineSettings) -> Engine:
    """Build the engine that the settings name.  Slow the first time, since it imports torch.

    Raises:
        SettingsError: it is neither installed as an engine nor allowed, or it cannot be loaded.
    """
    engine = build(_trusted(settings), settings)
    if not isinstance(engine, Engine):
        raise SettingsError(
            f"{settings.engine!r} built no dubsync engine, but {type(engine).__name__}",
            hint="its author must return a dubsync.core.steps.Engine",
        )
    return engine


def load_live(settings: EngineSettings) -> LiveSteps:
    """The live steps of the engine that the settings name: `build_live` of its module.

    They are built apart from the engine, so that a process which only follows or draws need not
    load everything else.

    Raises:
        SettingsError: as `load_engine`; or the engine cannot drive live.
    """
    module = _trusted(settings).partition(":")[0]
    steps = build(f"{module}:build_live", settings)
    if not isinstance(steps, LiveSteps):
        raise SettingsError(
            f"{settings.engine!r} built no live steps, but {type(steps).__name__}",
            hint="its author must return a dubsync.core.driven.live.LiveSteps",
        )
    return steps


def _trusted(settings: EngineSettings) -> str:
    """The engine that the settings name, as "module:attribute", when it is trusted."""
    name = settings.engine
    installed = {entry.name: entry for entry in (*entry_points(group=GROUP), OWN)}
    chosen = next((e for e in installed.values() if name in (e.name, e.value)), None)
    if chosen is None and name not in _allowed:
        hint = f"installed engines: {', '.join(sorted(installed))}"
        if ":" in name:
            hint += f".  If you know this module and trust it: --allow-engine {name}"
        raise SettingsError(f"[engine] engine = {name!r} is not an installed engine", hint=hint)
    return chosen.value if chosen else name


def engine_release(settings: EngineSettings) -> str:
    """What tells an engine from an earlier release of itself; the engine is not imported.

    The name in the settings, the version of its package, and the state of its module's file.
    """
    name = settings.engine
    installed = {entry.name: entry for entry in (*entry_points(group=GROUP), OWN)}
    chosen = next((e for e in installed.values() if name in (e.name, e.value)), None)
    value = chosen.value if chosen else name
    if chosen is None and name not in _allowed:
        return name  # not trusted: even to look for it would run its package
    release = chosen.dist.version if chosen and chosen.dist else ""
    try:
        found = find_spec(value.partition(":")[0])
        stat = Path(found.origin).stat() if found and found.origin else None
    except (ImportError, ValueError, OSError):
        stat = None
    return f"{value} {release} {(stat.st_size, stat.st_mtime_ns) if stat else ''}"


def build(name: str, settings: EngineSettings) -> Any:
    """Call "module:attribute" with the settings.  The name must be trusted: its module is run.

    Raises:
        SettingsError: there is no such module or attribute, or it is not callable.
    """
    module, _, attribute = name.partition(":")
    try:
        builder = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"the engine {name!r} cannot be loaded: {error}", hint="install it again"
        ) from error
    if not callable(builder):
        raise SettingsError(f"the engine {name!r} is not callable", hint="install it again")
    return builder(settings)
