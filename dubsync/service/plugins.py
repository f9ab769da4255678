"""Outside code is found by name, in one way, for every kind of plugin."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Engine


def load(group: str, name: str) -> Any:
    """What `name` stands for in `group`: an entry point, or else "module:attribute".

    Raises:
        SettingsError: nobody offers that name.
    """
    offered = entry_points(group=group)
    for entry in offered.select(name=name):
        return entry.load()
    module, colon, attribute = name.partition(":")
    known = ", ".join(sorted(offered.names)) or "none installed"
    if not colon:
        raise SettingsError(f"no {group} is called {name!r}", hint=f"known: {known}")
    try:
        return getattr(import_module(module), attribute)
    except (ModuleNotFoundError, AttributeError) as error:
        message = f"{name!r} cannot be loaded: {error}"
        raise SettingsError(message, hint=f"known: {known}") from error


def load_engine(settings: EngineSettings) -> Engine:
    """The engine that the settings name, built.  Slow the first time: it brings in torch."""
    engine: Engine = load("dubsync.engines", settings.engine)(settings)
    return engine
