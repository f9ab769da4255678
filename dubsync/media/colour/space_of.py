"""Which colour space a plate is in: by the project, by the config's file rules, by its own tags.

A doubt is named, and what is assumed is said: no plate is taken for sRGB in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from dubsync.core.colours.choice import ColourChoice, SpaceOf
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Plate
from dubsync.media.colour.config import VIDEO, ColourConfig
from dubsync.media.colour.doubts import SPOKEN, log_word

#: Space of scene-linear samples without a word of their primaries: the OpenEXR library's own rule
#: (ImfChromaticities: Rec. ITU-R BT.709).
_LINEAR = ("lin_rec709_scene", "Linear Rec.709 (sRGB)", "lin_rec709", "Utility - Linear - sRGB")
_VIDEO_SPACE = (
    "Rec.1886 Rec.709 - Display", "Rec.1886 Rec.709", "Gamma 2.4 Rec.709 - Texture",
    "Output - Rec.709", "rec709", "Rec.709",
)  # fmt: skip
#: Name in a file's header (ASWF Color Interop Forum) -> names that configs have for it.
_INTEROP = {
    "lin_ap0_scene": ("ACES2065-1", "lin_ap0"),
    "lin_ap1_scene": ("ACEScg", "lin_ap1"),
    "lin_rec709_scene": _LINEAR[1:],
    "lin_rec2020_scene": ("Linear Rec.2020", "lin_rec2020"),
    "lin_p3d65_scene": ("Linear P3-D65", "lin_p3d65"),
    "srgb_rec709_scene": ("sRGB Encoded Rec.709 (sRGB)", "sRGB - Texture", "srgb_tx"),
    "ocio:lin_awg3_scene": ("Linear ARRI Wide Gamut 3",),
    "ocio:lin_awg4_scene": ("Linear ARRI Wide Gamut 4",),
    "ocio:lin_sgamut3_scene": ("Linear S-Gamut3",),
    "ocio:lin_sgamut3cine_scene": ("Linear S-Gamut3.Cine",),
    "ocio:acescct_ap1_scene": ("ACEScct", "acescct"),
}
#: (transfer, primaries) by ITU-T H.273; "": whatever they are -> names that configs have for it.
_TAGGED = {
    ("16", "12"): ("ST2084-P3-D65 - Display", "st2084_p3d65_display"),
    ("16", ""): ("Rec.2100-PQ - Display", "rec2100_pq_display", "Rec.2100-PQ"),
    ("18", ""): ("Rec.2100-HLG - Display", "rec2100_hlg_display", "Rec.2100-HLG"),
    ("13", "12"): ("Display P3 - Display", "displayp3_display"),
    ("13", ""): ("sRGB - Display", "srgb_display", "sRGB", "Output - sRGB"),
    ("8", "9"): ("Linear Rec.2020", "lin_rec2020"),
    ("8", "12"): ("Linear P3-D65", "lin_p3d65"),
    ("8", "1"): _LINEAR,
}
#: Transfers of standard video: BT.709, BT.601 and BT.2020.
_STANDARD = ("1", "6", "14", "15")


def space_of(
    plate: Plate, choice: ColourChoice, config: ColourConfig, roots: Sequence[Path] = ()
) -> SpaceOf:
    """The space of `plate`: the setting's, else the config's file rule's, else its own tags'.

    Args:
        roots: the media folders, for patterns of paths.

    Raises:
        SettingsError: the setting names a space that the config does not have.
    """
    own = tagged_space(plate.format, config)
    for pattern, space in choice.spaces:
        if _fits(plate, pattern, roots):
            return SpaceOf(config.space(space), "setting", f'[colour.spaces] "{pattern}"')
    ruled = _by_rule(plate, config)
    if ruled is not None:
        return _unlike(ruled, own)
    if own is None:
        own = _assumed(plate.format, config)
    return (
        own if own.doubt or not _drawn_as_video(own, config) else _perhaps_log(plate, own, config)
    )


def tagged_space(form: PictureFormat, config: ColourConfig) -> SpaceOf | None:
    """The space that the file's own tags state; None where they state none that is known."""
    stated = form.stated_space
    if stated:
        name = interop_space(stated, config)
        if name:
            return SpaceOf(name, "tag", f"its header: {stated}")
    if form.floating or not form.transfer:
        return None
    said = f"its tags: transfer {SPOKEN.get(form.transfer, form.transfer)}"
    for (transfer, primaries), names in _TAGGED.items():
        if transfer == form.transfer and primaries in ("", form.primaries):
            name = config.known(*names)
            return SpaceOf(name, "tag", said) if name else None
    if form.transfer in _STANDARD and (name := config.known(*_VIDEO_SPACE)):
        return SpaceOf(name, "tag", said)
    return None


def interop_space(stated: str, config: ColourConfig) -> str:
    """The config's space of a name of the Color Interop Forum; "" if it has none."""
    for space in config.spaces:
        found: Any = config.config.getColorSpace(space)
        if stated in (found.getInteropID(), *found.getAliases()):
            return space
    return config.known(stated, *_INTEROP.get(stated, ()))


def _fits(plate: Plate, pattern: str, roots: Sequence[Path]) -> bool:
    """Whether a pattern is of the plate's file name, its path from a media folder, or its reel."""
    path = Path(plate.path)
    names = [plate.name, path.name, plate.reel]
    names += [path.relative_to(root).as_posix() for root in roots if path.is_relative_to(root)]
    return any(name and fnmatchcase(name.lower(), pattern.lower()) for name in names)


def _by_rule(plate: Plate, config: ColourConfig) -> SpaceOf | None:
    """The space by the config's file rules: never the default rule, which knows nothing.

    Nor a built-in config's rules, which take every movie for Rec.709 and every EXR for ACES.
    """
    if config.builtin:
        return None
    path = Path(plate.path)
    if plate.first_number is not None:
        path = path.with_name(path.name % plate.first_number)
    space, place = config.config.getColorSpaceFromFilepath(str(path))
    name = config.config.getFileRules().getName(place)
    if name == "Default":
        return None
    known = config.known(space)
    return SpaceOf(known, "file rule", f"the config's rule {name!r}") if known else None


def _unlike(ruled: SpaceOf, own: SpaceOf | None) -> SpaceOf:
    """The rule's space; said where the file's own tags state another."""
    strong = own is not None and "BT.709" not in own.because  # video tags stand on log, too
    if own is None or not strong or own.space == ruled.space:
        return ruled
    return SpaceOf(
        ruled.space, ruled.source, ruled.because,
        f"{ruled.because} says {ruled.space}, but {own.because} ({own.space}); the rule counts",
        f'if the file is right, write "PATTERN" = "{own.space}" under [colour.spaces]',
    )  # fmt: skip


def _assumed(form: PictureFormat, config: ColourConfig) -> SpaceOf:
    said = f" ({form.stated_space})" if form.stated_space else ""
    if form.floating:
        name = config.known(*_LINEAR) or config.known("scene_linear")
        return SpaceOf(
            name, "assumed", "OpenEXR's rule for files without chromaticities",
            f"its colour space is not stated{said}; it is taken for {name}",
            _how(("ACEScg", "ACES2065-1", name), config),
        )  # fmt: skip
    name = config.known(*_VIDEO_SPACE) or config.known(*config.of_encoding("sdr-video"))
    why = f"its transfer tag {form.transfer}" if form.transfer else f"not stated{said}"
    return SpaceOf(
        name, "assumed", "video without tags",
        f"its colour space is unknown: {why}; it is taken for {name or 'video'}",
        _how((name,), config),
    )  # fmt: skip


def _perhaps_log(plate: Plate, found: SpaceOf, config: ColourConfig) -> SpaceOf:
    """Footage in log that is tagged as video, as most recorders tag it."""
    word = log_word(plate)
    if not word:
        return found
    key = re.sub(r"[^a-z0-9]", "", word.lower())
    likely = [s for s in config.of_encoding("log") if key in re.sub(r"[^a-z0-9]", "", s.lower())]
    return SpaceOf(
        found.space, found.source, found.because,
        f"its name speaks of {word}, but {found.because}; it is drawn in as {found.space}",
        _how(tuple(likely[:3]) or config.of_encoding("log")[:3], config),
    )  # fmt: skip


def _drawn_as_video(found: SpaceOf, config: ColourConfig) -> bool:
    return bool(found.space) and config.encoding(found.space) in VIDEO


def _how(spaces: Sequence[str], config: ColourConfig) -> str:
    """How to say which space it is."""
    offered = list(dict.fromkeys(name for name in map(config.known, spaces) if name))
    return 'say which under [colour.spaces]: "PATTERN" = ' + " or ".join(
        f'"{name}"' for name in offered or ["SPACE"]
    )
