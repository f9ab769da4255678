"""A frame and tweaks as a user writes them, for a shot opened for preview."""

from __future__ import annotations

from collections.abc import Sequence

from dubsync.core.tweak.tweak import Tweak
from dubsync.service.preview.previewed_shot import PreviewedShot
from dubsync.service.tweaks.commands import changed, plate_frame


def asked_frame(shown: PreviewedShot, where: str) -> int:
    """The plate frame that `where` names, as in `tweaked`; "": the first that the cut shows.

    Raises:
        SettingsError: it names no single frame of the shot.
    """
    if not where:
        return shown.shot.source.start
    return plate_frame(where, shown.shot, shown.reel.turnover.cut.drop)


def asked_tweaks(
    shown: PreviewedShot, settings: Sequence[str], character: str
) -> dict[str, Tweak] | None:
    """The saved tweaks with `settings` applied, in order; None without settings.

    Args:
        settings: `CONTROL=VALUE[@WHERE]`, see `tweaked`.
        character: whose mouth; "": every dubbed character of the shot.

    Raises:
        SettingsError: a setting that is invalid, or a character that is not dubbed in the shot.
    """
    if not settings:
        return None
    shown.meant({character: Tweak()} if character else None)  # raises for an unknown character
    saved = shown.meant(None)
    shot, drop = shown.shot, shown.reel.turnover.cut.drop
    words = shown.reel.words_of(shot.name)
    return dict(changed(saved, shot, drop, settings, (), character, words))
