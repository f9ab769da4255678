"""Whether the house has a key here: asked by every verb, so without the library that signs."""

from __future__ import annotations

from dubsync.service.keys.places import keys_folder

#: The file in the folder of keys that says which key signs.
USING = "using.json"


def key_in_use() -> bool:
    """Whether a key signs on this machine.  Raises HouseKeyError where no key may be kept."""
    return (keys_folder() / USING).is_file()
