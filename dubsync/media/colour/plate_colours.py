"""Every plate of a project with its colour, by one config that is opened once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dubsync.core.colours.choice import ColourChoice, SpaceOf
from dubsync.core.colours.plate_colour import PlateColour
from dubsync.core.errors import SettingsError
from dubsync.core.shot import Plate, ProjectWarning
from dubsync.media.colour.bake import Working, baked, working_in
from dubsync.media.colour.config import ColourConfig, open_config
from dubsync.media.colour.doubts import doubts
from dubsync.media.colour.space_of import space_of


@dataclass(frozen=True, eq=False)
class PlateColours:
    """Colours by a config.

    Raises:
        SettingsError: by `open_colours` and `of`: the config, a space or a view is not there or
            is broken, or a space cannot be drawn in.
    """

    choice: ColourChoice
    config: ColourConfig
    working: Working
    _made: dict[str, PlateColour]

    def space_of(self, plate: Plate, roots: Sequence[Path] = ()) -> SpaceOf:
        """The space of `plate`, and what said it; see `media.colour.space_of`."""
        return space_of(plate, self.choice, self.config, roots)

    def of(self, space: str) -> PlateColour:
        """The colour of plates in `space`."""
        if space not in self._made:
            self._made[space] = baked(self.config, space, self.working)
        return self._made[space]

    def given_to(
        self, plates: Sequence[Plate], roots: Sequence[Path]
    ) -> tuple[tuple[Plate, ...], tuple[ProjectWarning, ...]]:
        """The plates with their colours, and a warning for each doubt, shared where it is one."""
        found = [self.space_of(plate, roots) for plate in plates]
        coloured = []
        for plate, one in zip(plates, found, strict=True):
            try:
                colour = self.of(one.space) if one.space else None
            except SettingsError as error:
                raise SettingsError(
                    f"{plate.name} is in {one.space} ({one.because}): {error}", hint=error.hint
                ) from error
            coloured.append(replace(plate, format=replace(plate.format, colour=colour), space=one))
        return tuple(coloured), doubts(plates, found)


def open_colours(choice: ColourChoice) -> PlateColours:
    """The colours by the config that a project names.

    Raises:
        SettingsError: the config, its working space or view is not there, or is broken; a space
            under [colour.spaces] is none of the config's.
    """
    config = open_config(choice.config)
    for _, space in choice.spaces:
        config.space(space)
    working = working_in(config, choice.working, choice.display, choice.view)
    return PlateColours(choice, config, working, {})
