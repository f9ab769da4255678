"""Markers by name: only those that a person installed as markers.

A project file may come by post, so it may name an installed marker (an entry point of the group
GROUP) and no other module: importing one runs its code.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from dubsync.core.errors import SettingsError
from dubsync.core.proof.marker import Marker

#: Entry points of this group are markers: callables without arguments that return a `Marker`.
GROUP = "dubsync.markers"
#: dubsync's own, which needs no installed metadata.
OWN = EntryPoint("dubsync", "dubsync.engine.mark.marker:marker", GROUP)


def load_marker(name: str = "") -> Marker:
    """The marker of that name; "": dubsync's own.

    Raises:
        SettingsError: none of that name is installed, or it cannot be loaded.
    """
    installed = {entry.name: entry for entry in (*entry_points(group=GROUP), OWN)}
    chosen = installed.get(name or OWN.name)
    if chosen is None:
        raise SettingsError(
            f"[proof] marker = {name!r} is not an installed marker",
            hint=f"installed markers: {', '.join(sorted(installed))}; leave it empty for our own",
        )
    try:
        made = chosen.load()()
    except (ImportError, AttributeError, TypeError) as error:
        raise SettingsError(
            f"the marker {chosen.name!r} cannot be loaded: {error}", hint="install it again"
        ) from error
    if not isinstance(made, Marker):
        raise SettingsError(
            f"the marker {chosen.name!r} is no dubsync marker, but {type(made).__name__}",
            hint="its author must return a dubsync.core.proof.marker.Marker",
        )
    return made
