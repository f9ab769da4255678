"""What is not known of plates' colours, as warnings.  Without OpenColorIO."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from dubsync.core.colours.choice import SpaceOf
from dubsync.core.plural import counted
from dubsync.core.shot import Plate, ProjectWarning

_NAMED = 3  #: plates that one warning names
#: Words for a camera's log curve in names of files, and in what files say of themselves.
_LOG = re.compile(
    r"(?<![a-z])(log-?c[34]?|s-?log-?[23]?|v-?log|c-?log-?[23]?|canon-?log-?[23]?|log3g10|redlog"
    r"|acescct?|apple-?log|d-?log|n-?log|f-?log2?|bmd-?film|cineon|log)(?![a-z])",
    re.IGNORECASE,
)


def log_word(plate: Plate) -> str:
    """The word for a log curve in the plate's name or header; "" if there is none."""
    for text in (plate.format.stated_space, plate.name, plate.reel):
        found = _LOG.search(text.replace("_", " "))
        if found:
            return found[0]
    return ""


def doubts(plates: Sequence[Plate], found: Sequence[SpaceOf]) -> tuple[ProjectWarning, ...]:
    """A warning for each doubt; plates with the same one share it."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for plate, one in zip(plates, found, strict=True):
        if one.doubt:
            alike[one.doubt, one.hint].append(plate.name)
    warnings = []
    for (doubt, hint), names in alike.items():
        about = names[0]
        if len(names) > 1:
            more = ", ..." if len(names) > _NAMED else ""
            about = f"{counted(len(names), 'plate')} ({', '.join(names[:_NAMED])}{more})"
        warnings.append(ProjectWarning(about, doubt, hint))
    return tuple(warnings)


#: What to write to have colours managed.
_HINT = (
    'write [colour] config = "builtin studio" in dubsync.toml, and its space under [colour.spaces]'
)


def unmanaged_doubts(plates: Sequence[Plate]) -> tuple[ProjectWarning, ...]:
    """What is not known of plates' colours in a project without [colour].

    They are drawn in as they are stored, or through the sRGB curve where they are linear.
    """
    found = []
    for plate in plates:
        form, doubt = plate.format, ""
        word = "" if form.floating else log_word(plate)
        if form.floating:
            said = f"states {form.stated_space}" if form.stated_space else "states no colour space"
            doubt = f"a linear plate that {said}; it is drawn in, and shown, through the sRGB curve"
        elif word:
            doubt = f"its name speaks of {word}; it is drawn in, and shown, as if it were video"
        found.append(SpaceOf("", "assumed", "", doubt, _HINT if doubt else ""))
    return doubts(plates, found)
