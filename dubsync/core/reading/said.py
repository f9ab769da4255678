"""How a plate is read, in sentences."""

from __future__ import annotations

from dubsync.core.shot import Plate


def how_read(plate: Plate) -> tuple[str, ...]:
    """How the plate's file is read where that is not just as it is stored; () where it is.

    Sentences without a full stop, the most important first.
    """
    form, reading = plate.format, plate.reading
    said = []
    if reading.film:
        said.append(f"telecined, {form.fields} field first: its film frames are pulled from the "
                    "fields, drawn, and put back into them")  # fmt: skip
    elif form.fields:
        said.append(f"interlaced, {form.fields} field first: drawn in fields")
    if form.turned:
        said.append(f"shown {form.turned}: drawn upright, given back as it is stored")
    if form.pixel_aspect != 1:
        said.append(f"pixels {form.pixel_aspect.numerator}:{form.pixel_aspect.denominator}: drawn "
                    "in square pixels, given back in its own")  # fmt: skip
    return (*said, *reading.told)
