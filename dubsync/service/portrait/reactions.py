"""The library of reactions: short motions written by hand, one file each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument, read_toml
from dubsync.core.errors import SettingsError
from dubsync.core.learning.moving_still import Reaction

LIBRARY = Path(__file__).parent / "library"
#: Waiting is no file: the engine makes breath, sway and blinks itself.
IDLE = Reaction("idle", 6.0)
#: A reaction is no longer than this, seconds.
LONGEST_S = 60.0


def names() -> tuple[str, ...]:
    """The reactions in the library."""
    return tuple(sorted([IDLE.name, *(path.stem for path in LIBRARY.glob("*.toml"))]))


def reactions(wanted: Sequence[str]) -> tuple[Reaction, ...]:
    """The reactions called so, or in the files of those paths.

    Raises:
        SettingsError: there is none, one is named twice, or a file is not in the form.
    """
    result: list[Reaction] = []
    for name in wanted:
        path = Path(name) if name.endswith(".toml") else LIBRARY / f"{name}.toml"
        if path.parent == LIBRARY and path.stem not in names():
            raise SettingsError(
                f"there is no reaction {name!r}",
                hint=f"reactions: {', '.join(names())}; or the path of a .toml file of your own",
            )
        made = IDLE if name == IDLE.name else read_reaction(path)
        if any(other.name == made.name for other in result):
            raise SettingsError(f"the reaction {made.name} is named twice")
        result.append(made)
    return tuple(result)


def read_reaction(path: Path) -> Reaction:
    """The reaction in a file.

    Raises:
        SettingsError: it cannot be read, or is not in the form.
    """
    hint = f"see one of {LIBRARY}"
    try:
        table = read_toml(path)
        name, seconds = table["name"], float(table["seconds"])
        curves = {str(channel): _keys(keys) for channel, keys in table["curves"].items()}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", hint="check it") from error
    except DamagedDocument as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", hint=hint) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"{path} is not in the form of a reaction", hint=hint) from error
    if not isinstance(name, str) or not name.isidentifier() or not 0 < seconds <= LONGEST_S:
        raise SettingsError(
            f"{path}: a reaction has a plain name and lasts up to {LONGEST_S:.0f} seconds"
        )
    return Reaction(name, seconds, curves)


def _keys(keys: Any) -> tuple[tuple[float, float], ...]:
    result = tuple((float(at), float(value)) for at, value in keys)
    if not result or not all(abs(v) < 100 for key in result for v in key):
        raise ValueError(keys)
    return result
