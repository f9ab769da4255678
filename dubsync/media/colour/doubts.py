"""What is not known of plates' colours, as warnings.  Without OpenColorIO."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from dubsync.core.colours.choice import SpaceOf
from dubsync.core.picture import PictureFormat
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


#: Transfers by ITU-T H.273, in words.
SPOKEN = {
    "1": "BT.709", "4": "gamma 2.2", "6": "BT.601", "8": "linear", "13": "sRGB", "14": "BT.2020",
    "15": "BT.2020", "16": "PQ", "18": "HLG",
}  # fmt: skip


def stated_in_words(form: PictureFormat) -> str:
    """What a file says of its colours: "tagged BT.709", "linear, lin_ap1_scene", "not stated"."""
    if form.floating:
        return f"linear, {form.stated_space or 'its primaries are not stated'}"
    if form.stated_space:
        return form.stated_space
    if not form.transfer:
        return "not stated"
    return f"tagged {SPOKEN.get(form.transfer, 'H.273 transfer ' + form.transfer)}"


def stated_by_plates(plates: Sequence[Plate]) -> str:
    """What plates say of their colours: "3 plates tagged BT.709, 1 plate not stated"."""
    found: dict[str, int] = defaultdict(int)
    for plate in plates:
        found[stated_in_words(plate.format)] += 1
    return ", ".join(f"{counted(n, 'plate')} {said}" for said, n in sorted(found.items()))
