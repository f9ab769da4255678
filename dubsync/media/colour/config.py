"""An OpenColorIO config, opened with the care that a file from elsewhere needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import PyOpenColorIO

from dubsync.core.errors import SettingsError

#: What `config = "builtin studio"` means: pinned, so that another OpenColorIO draws the same.
STUDIO = "studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
BUILTIN = {"studio": STUDIO, "cg": "cg-config-v4.0.0_aces-v2.0_ocio-v2.5"}
#: Largest config and largest LUT that is opened, bytes.
MOST_BYTES, MOST_LUT_BYTES = 8 << 20, 512 << 20
#: Encodings of spaces in which a picture is for a display already (OCIO 2's `encoding`).
VIDEO = ("sdr-video", "hdr-video", "edr-video")

#: What OpenColorIO raises: a missing file is an error beside the others.
FAILURES = (PyOpenColorIO.Exception, PyOpenColorIO.ExceptionMissingFile)

PyOpenColorIO.SetLoggingLevel(PyOpenColorIO.LOGGING_LEVEL_NONE)  # it would write among our lines


@dataclass(frozen=True)
class ColourConfig:
    """An open config.

    name      as people call it: the built-in config's, or the file's
    digest    SHA-256 of its text, 64 hex digits
    builtin   whether it came with OpenColorIO
    """

    name: str
    digest: str
    builtin: bool
    config: Any

    @cached_property
    def spaces(self) -> tuple[str, ...]:
        """Every colour space's name, inactive ones too."""
        every = self.config.getColorSpaces(
            PyOpenColorIO.SEARCH_REFERENCE_SPACE_ALL, PyOpenColorIO.COLORSPACE_ALL
        )  # fmt: skip
        return tuple(space.getName() for space in every)

    def space(self, name: str) -> str:
        """The full name of a space, given by name, alias or role.

        Raises:
            SettingsError: there is none; the nearest names are offered.
        """
        found = self.config.getColorSpace(name)
        if found is not None:
            return str(found.getName())
        raise SettingsError(
            f"{self.name} has no colour space {name!r}", hint=self._near(name)
        )  # fmt: skip

    def known(self, *names: str) -> str:
        """The full name of the first of `names` that the config has; "": of none."""
        for name in names:
            if (found := self.config.getColorSpace(name)) is not None:
                return str(found.getName())
        return ""

    def encoding(self, space: str) -> str:
        """The kind of code it holds: "log", "scene-linear", "sdr-video" ...; "": not said."""
        found = self.config.getColorSpace(space)
        display = found.getReferenceSpaceType() == PyOpenColorIO.REFERENCE_SPACE_DISPLAY
        return found.getEncoding() or ("sdr-video" if display else "")

    def is_data(self, space: str) -> bool:
        """Whether the space is of data and not of colours."""
        return bool(self.config.getColorSpace(space).isData())

    def of_encoding(self, *encodings: str) -> tuple[str, ...]:
        """The spaces with one of `encodings`."""
        return tuple(space for space in self.spaces if self.encoding(space) in encodings)

    def _near(self, name: str) -> str:
        by_lower = {one.lower(): one for one in self._names()}
        near = get_close_matches(name.lower(), by_lower, n=3, cutoff=0.5)
        words = name.lower().replace("-", " ").replace("_", " ").split()
        near += [low for low in by_lower if words and all(word in low for word in words)]
        offered = list(dict.fromkeys(self.space(by_lower[low]) for low in near))[:4]
        if offered:
            return "did you mean " + " or ".join(f'"{one}"' for one in offered) + "?"
        return "its spaces: " + ", ".join(self.spaces[:12]) + ", ..."

    def _names(self) -> Iterator[str]:
        for name in self.spaces:
            yield name
            yield from self.config.getColorSpace(name).getAliases()


def open_config(named: str | Path) -> ColourConfig:
    """The config `named`: "builtin studio", "builtin NAME", or a file.

    Nothing outside the file's folder is read: a config that names such a LUT is refused.

    Raises:
        SettingsError: no such built-in config; the file is missing, too large or no config; it
            names a file outside its folder.
    """
    if isinstance(named, str):
        return _builtin(named)
    try:
        with named.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            f"the colour config {named} cannot be read: {error.strerror}",
            hint='check [colour] config in dubsync.toml, or write config = "builtin studio"',
        ) from error
    if named.suffix == ".ocioz" or len(text) > MOST_BYTES:
        why = "is an archive" if named.suffix == ".ocioz" else "is larger than any config"
        raise SettingsError(
            f"the colour config {named} {why}", hint="unpack it, and name its config.ocio"
        )
    try:
        config = PyOpenColorIO.Config.CreateFromFile(str(named))
        config.validate()
    except FAILURES as error:
        raise SettingsError(
            f"{named} is not a sound OpenColorIO config: {first_line(error)}",
            hint="check it with: ociocheck --iconfig FILE; or use another config",
        ) from error
    _refuse_outside(named, config)
    name = config.getName() or named.name
    return ColourConfig(name, sha256(text).hexdigest(), False, config)


def first_line(error: Exception) -> str:
    """What OpenColorIO says, on one line, without what follows in further ones."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else "no reason given"


def _builtin(named: str) -> ColourConfig:
    name = named.removeprefix("builtin").strip()
    full = BUILTIN.get(name, name)
    known = [one[0] for one in PyOpenColorIO.BuiltinConfigRegistry().getBuiltinConfigs()]
    if not named.startswith("builtin") or full not in known:
        near = get_close_matches(name, [*BUILTIN, *known], n=1)
        raise SettingsError(
            f"there is no built-in colour config {name!r}",
            hint=f'did you mean "builtin {near[0]}"?' if near
            else 'write config = "builtin studio", or the path of a config.ocio',
        )  # fmt: skip
    config = PyOpenColorIO.Config.CreateFromBuiltinConfig(full)
    return ColourConfig(full, sha256(config.serialize().encode()).hexdigest(), True, config)


def _refuse_outside(path: Path, config: Any) -> None:
    """Raises SettingsError where a file that `config` names lies outside its folder."""
    folder = path.resolve().parent
    context = config.getCurrentContext()
    # OCIO looks in each of these; a file that is nowhere is refused when its space is used.
    search = [folder / context.resolveStringVar(one) for one in config.getSearchPaths()]
    for named in sorted(_files(config)):
        file = context.resolveStringVar(named)
        for place in [one / file for one in (search or [folder])]:
            try:
                inside = place.resolve().is_relative_to(folder)
                large = inside and place.is_file() and place.stat().st_size > MOST_LUT_BYTES
            except (OSError, RuntimeError, ValueError) as error:
                raise SettingsError(
                    f"{path} names a file that cannot be looked for: {named!r:.80}",
                    hint="correct the config",
                ) from error
            if not inside or large:
                why = "which is too large" if inside else "which lies outside the config's folder"
                raise SettingsError(
                    f"{path} names the file {named!r:.120}, {why}",
                    hint="put the LUT beside the config, and name it by a path below its folder",
                )


def _files(config: Any) -> set[str]:
    """Every file that a transform of `config` names."""
    both = (PyOpenColorIO.COLORSPACE_DIR_TO_REFERENCE, PyOpenColorIO.COLORSPACE_DIR_FROM_REFERENCE)
    ways = (
        PyOpenColorIO.VIEWTRANSFORM_DIR_TO_REFERENCE,
        PyOpenColorIO.VIEWTRANSFORM_DIR_FROM_REFERENCE,
    )
    names = (PyOpenColorIO.TRANSFORM_DIR_FORWARD, PyOpenColorIO.TRANSFORM_DIR_INVERSE)
    spaces = config.getColorSpaces(
        PyOpenColorIO.SEARCH_REFERENCE_SPACE_ALL, PyOpenColorIO.COLORSPACE_ALL
    )
    found: list[Any] = [space.getTransform(way) for space in spaces for way in both]
    found += [view.getTransform(way) for view in config.getViewTransforms() for way in ways]
    for look in config.getLooks():
        found += [look.getTransform(), look.getInverseTransform()]
    for named in config.getNamedTransforms(PyOpenColorIO.NAMEDTRANSFORM_ALL):
        found += [named.getTransform(way) for way in names]
    return {file for one in found for file in _files_in(one)}


def _files_in(transform: Any) -> Iterator[str]:
    if isinstance(transform, PyOpenColorIO.FileTransform):
        yield transform.getSrc()
        if transform.getCCCId():
            yield transform.getSrc()
    elif isinstance(transform, PyOpenColorIO.GroupTransform):
        for one in transform:
            yield from _files_in(one)
