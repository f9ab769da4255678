"""The colour space of each plate of a turnover, for people and hosts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dubsync.core.colours.plate_colour import Source
from dubsync.core.plural import counted
from dubsync.core.shot import Plate, Turnover

_NAMED = 3  #: plates that one line names


@dataclass(frozen=True, slots=True)
class PlateSpace:
    """One plate's colour.

    space    its name in the config
    source, because  what said it, and in words
    working  the space that faces are drawn in; "": the plate's own code
    config   the config's name
    doubt    what is not known; "": nothing
    """

    plate: str
    space: str
    source: Source
    because: str
    working: str
    config: str
    doubt: str


def plate_spaces(turnover: Turnover) -> tuple[PlateSpace, ...]:
    """Of each plate that a shot shows; empty in a project without [colour]."""
    plates = {shot.plate.path: shot.plate for shot in turnover.shots}
    return tuple(one for plate in plates.values() for one in _of(plate))


def _of(plate: Plate) -> Sequence[PlateSpace]:
    space, colour = plate.space, plate.format.colour
    if space is None or colour is None:
        return ()
    return (
        PlateSpace(plate.name, space.space, space.source, space.because, colour.working,
                   colour.config[0], space.doubt),
    )  # fmt: skip


def spaces_text(spaces: Sequence[PlateSpace]) -> list[str]:
    """A line for each space, by what said it; [] without any."""
    if not spaces:
        return []
    alike: dict[tuple[str, str, str], list[str]] = {}
    for one in spaces:
        said = f"{one.source}: {one.because}" if one.source != "setting" else one.because
        alike.setdefault((one.space, said, one.working), []).append(one.plate)
    lines = [f"Colour, by {spaces[0].config}:"]
    for (space, said, working), names in alike.items():
        drawn = f"drawn in {working}" if working else "drawn in as it is"
        who = ", ".join(names[:_NAMED])
        if len(names) > _NAMED:
            who += f" and {counted(len(names) - _NAMED, 'more plate')}"
        lines.append(f"  {who}: {space} ({said}), {drawn}")
    return lines
