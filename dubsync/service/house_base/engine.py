"""The engine of a project, on the house's own base where the settings name one."""

from __future__ import annotations

from dubsync.core.errors import SettingsError
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Engine
from dubsync.service.house_base.kept import read_base
from dubsync.service.plugins import load_engine


def engine_on_base(settings: EngineSettings) -> Engine:
    """The engine that the settings name; its actors start from `settings.base`.

    Raises:
        SettingsError: no such engine or base, or an engine without bases.
        ConsentMissing, ModelError: as `read_base`.
    """
    base = read_base(settings.base) if settings.base else None
    engine = load_engine(settings)
    if base is None:
        return engine
    if engine.on_base is None:
        raise SettingsError(
            f"the engine {settings.engine} cannot start from a base",
            hint="take base out of [engine] in dubsync.toml",
        )
    return engine.on_base(base)
