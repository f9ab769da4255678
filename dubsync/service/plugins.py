"""Loads plugins of every kind by name."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Engine


def load(group: str, name: str) -> Any:
    """The object called `name` in `group`: an entry point, else "module:attribute".

    Raises:
        SettingsError: there is no such entry point, module or attribute.
    """
    offered = entry_points(group=group)
    for entry in offered.select(name=name):
        return entry.load()
    module, colon, attribute = name.partition(":")
    known = ", ".join(sorted(offered.names)) or "none installed"
    if not colon:
        raise SettingsError(f"no plugin {name!r} in {group}", hint=f"known: {known}")
    try:
        return getattr(import_module(module), attribute)
    except (ModuleNotFoundError, AttributeError) as error:
        message = f"{name!r} cannot be loaded: {error}"
        raise SettingsError(message, hint=f"known: {known}") from error


def load_engine(settings: EngineSettings) -> Engine:
    """Build the engine that the settings name.  Slow the first time, since it imports torch."""
    engine: Engine = load("dubsync.engines", settings.engine)(settings)
    return engine
