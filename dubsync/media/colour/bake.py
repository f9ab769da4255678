"""A colour space of a config as a `PlateColour`: curves and a matrix, checked against the config.

A space is a curve for each channel and then a matrix, or it is not one that pictures can be taken
to and brought back from without loss.  Both are read off the config's own processor: each channel
alone gives its curve, and its direction gives a column of the matrix.  Random colours then go both
ways, and differ, or the space is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import PyOpenColorIO
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colours.curve import Curve
from dubsync.core.colours.plate_colour import PlateColour
from dubsync.core.digest import digest
from dubsync.core.errors import SettingsError
from dubsync.media.colour.config import FAILURES, VIDEO, ColourConfig, first_line

#: A space's curve is sampled at so many places, over these; white is 1.
_SAMPLES, _LOW, _HIGH = 32769, -0.5, 1.5
#: Of the working space, whose code of the brightest half float is near 1.5.
_WORKING_HIGH = 2.0
#: Working colour rises by at least this for each 1 of the working space's log code: where the view
#: clips or crushes, a picture goes on, and comes back.
_LEAST_SLOPE = 0.35
_SLOPES, _SMOOTH = 1024, 31  #: places at which the view's slope is measured; a mean of so many
_VIEW = 41  #: samples of the view along each axis
_CHECKED = 4096  #: random colours that are compared with the config
#: Most that one may be off, in the working space's log code (10 bits: a step is .00098).
MOST_OFF = 1e-4
#: Most that a random code may be off when it comes back.
MOST_APART = 1e-4
#: How far apart, of their reach, channels' curves and straight lines count as the same.
_SAME = 2e-6


@dataclass(frozen=True, eq=False)
class Working:
    """The space of a config that faces are drawn in, in one of its views.

    space      a log space
    to_light   its code -> light
    to_reference  ((3, 3)) light -> the config's linear space
    from_working  working colour -> light
    view, view_top  what people see of working colour; as in PlateColour
    """

    space: str
    to_light: Curve
    to_reference: NDArray[np.float64]
    from_working: Curve
    view: Array
    view_top: float


def baked(config: ColourConfig, space: str, working: Working) -> PlateColour:
    """The colour of plates in `space`.

    Raises:
        SettingsError: the space is not of curves and a matrix, is of data, or needs a file that is
            missing or broken.
    """
    if config.is_data(space):
        raise SettingsError(
            f"{space!r} of {config.name} is of data, not of pictures", hint=_choose(config)
        )
    if config.encoding(space) in VIDEO:
        return _own(config, space)
    curves, matrix = _taken_apart(config, space, _HIGH)
    matrix = np.asarray(np.linalg.solve(working.to_reference, matrix), np.float64)
    made = PlateColour(
        space=space, working=working.space, config=(config.name, config.digest),
        key=digest(
            "colour", [c.values for c in curves], matrix, working.from_working.values, working.view
        ),
        to_light=curves, matrix=tuple(tuple(float(v) for v in row) for row in matrix),
        from_working=working.from_working, from_log=working.to_light,
        view=working.view, view_top=working.view_top,
    )  # fmt: skip
    _check(config, made, working)
    return made


def working_in(config: ColourConfig, space: str = "", display: str = "", view: str = "") -> Working:
    """The working space of `config`.

    Args:
        space: "": the config's role "color_timing", else "compositing_log", else ACEScct.
        display, view: how people see it; "": the config's first.

    Raises:
        SettingsError: there is no such space, display or view, or it is not a log space.
    """
    name = config.space(space) if space else config.known(
        "color_timing", "compositing_log", "ACEScct"
    )  # fmt: skip
    if not name:
        raise SettingsError(
            f"{config.name} names no log space to work in",
            hint='set one: [colour] working = "SPACE"',
        )
    curves, matrix = _taken_apart(config, name, _WORKING_HIGH)
    if len(curves) != 1 or config.encoding(name) in VIDEO:
        raise SettingsError(
            f"{name!r} of {config.name} is not a log space, so it cannot be worked in",
            hint=_choose(config, "log"),
        )
    # Light in units of the config's: what white is there, greys are here.
    unit = float((matrix @ np.ones(3)).mean())
    to_light = Curve(curves[0].low, curves[0].high, curves[0].values * unit)
    shown = _view_of(config, name, display, view)
    from_working, tops = _drawn_in(to_light, shown)
    codes = tops[1](np.linspace(0, tops[0], _VIEW))
    grid = np.stack(np.meshgrid(codes, codes, codes, indexing="ij"), axis=-1)
    return Working(
        name, to_light, matrix / unit, from_working, _seen(shown, grid.astype(np.float32)), tops[0]
    )


def _own(config: ColourConfig, space: str) -> PlateColour:
    """The colour of a picture that is for a display already: drawn in as it is.

    An HDR picture is seen through the config's view.
    """
    view = None
    if config.encoding(space) != "sdr-video":
        line = np.linspace(0, 1, _VIEW, dtype=np.float32)
        grid = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1)
        view = _seen(_view_of(config, space, "", ""), grid)
    key = digest("own colour", None if view is None else view)
    return PlateColour(
        space=space, working="", config=(config.name, config.digest), key=key, view=view
    )


# -- a space's curves and matrix -------------------------------------------------------------


def _taken_apart(
    config: ColourConfig, space: str, high: float
) -> tuple[tuple[Curve, ...], NDArray[np.float64]]:
    """A space's curves and matrix to the config's linear space; no curve: it is linear."""
    linear = config.known("scene_linear", "aces_interchange")
    if not linear:
        raise SettingsError(
            f"{config.name} has no scene-linear space",
            hint="give it the role scene_linear, or use another config",
        )
    way = _processor(config, space, linear)
    places = np.linspace(_LOW, high, _SAMPLES)
    zero = way(np.zeros((1, 3)))[0]
    curves, columns = [], []
    for channel in range(3):
        codes = np.zeros((_SAMPLES, 3))
        codes[:, channel] = places
        light = way(codes) - zero
        white = way(np.eye(3)[channel : channel + 1])[0] - zero
        size = float(white @ white)
        if not np.isfinite(light).all() or size < 1e-12:
            raise _not_so(config, space)
        curves.append(light @ white / size)
        columns.append(white)
    matrix = np.stack(columns, axis=1).astype(np.float64)
    if abs(np.linalg.det(matrix / np.abs(matrix).max())) < 1e-9:
        raise _not_so(config, space)
    offset = np.linalg.solve(matrix, zero.astype(np.float64))
    if np.abs(offset).max() < 1e-7 and all(_straight(one, places) for one in curves):
        return (), matrix
    made = [_rising(config, space, places, c + o) for c, o in zip(curves, offset, strict=True)]
    return _shared(made), matrix


def _straight(values: NDArray[np.float64], places: NDArray[np.float64]) -> bool:
    return bool(np.abs(values - places).max() < _SAME * 10)


def _rising(
    config: ColourConfig, space: str, places: NDArray[np.float64], values: NDArray[np.float64]
) -> Curve:
    """The part of a curve that rises; a curve may be clipped beyond 0..1, not within it."""
    rises = np.diff(values) > 0
    middle = int(np.searchsorted(places, 0.5))
    below, above = np.flatnonzero(~rises[:middle]), np.flatnonzero(~rises[middle:])
    first = int(below[-1]) + 1 if len(below) else 0
    last = middle + int(above[0]) if len(above) else len(places) - 1
    if places[first] > 0 or places[last] < 1:
        raise _not_so(config, space)
    return Curve(float(places[first]), float(places[last]), values[first : last + 1].copy())


def _shared(curves: list[Curve]) -> tuple[Curve, ...]:
    """One curve where the channels' are the same."""
    one = curves[0]
    same = all(
        (c.low, c.high) == (one.low, one.high)
        and np.abs(c.values - one.values).max() < _SAME * np.ptp(one.values)
        for c in curves[1:]
    )
    return (one,) if same else tuple(curves)


def _not_so(config: ColourConfig, space: str) -> SettingsError:
    return SettingsError(
        f"pictures in {space!r} of {config.name} cannot be brought back without loss: it is more "
        "than a curve for each channel and a matrix (a 3D LUT, or a curve that does not rise)",
        hint=_choose(config),
    )


def _choose(config: ColourConfig, *encodings: str) -> str:
    named = config.of_encoding(*(encodings or ("log", "scene-linear")))[:6]
    if not named:
        return "choose a log or linear space, or one of a display, or another config"
    return "choose another space, for example " + ", ".join(f'"{one}"' for one in named)


# -- the working space -----------------------------------------------------------------------


def _drawn_in(to_light: Curve, shown: Any) -> tuple[Curve, tuple[float, Any]]:
    """Working colour -> light; the working colour at which the view is white, and their codes.

    Greys rise as in the view, and never by less than `_LEAST_SLOPE`.
    """
    black = float(to_light.places_of(np.zeros(1))[0])
    codes = np.linspace(black, to_light.high, _SLOPES + 1)
    greys = _seen(shown, np.repeat(codes[:, None], 3, axis=1).astype(np.float32)).mean(axis=-1)
    slope = np.diff(greys.astype(np.float64)) / np.diff(codes)
    # Without a corner, so that the tabled inverse of the curve is as good as the curve.
    slope = np.pad(np.maximum(slope, _LEAST_SLOPE), _SMOOTH // 2, mode="edge")
    slope = np.convolve(slope, np.ones(_SMOOTH) / _SMOOTH, mode="valid")
    worked = np.concatenate([[0.0], np.cumsum(slope * np.diff(codes))])
    codes = np.concatenate([[to_light.low], codes])
    worked = np.concatenate([[(to_light.low - black) * _LEAST_SLOPE], worked])

    def code_of(value: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(value, worked, codes)

    grid = np.linspace(to_light.low, to_light.high, len(to_light.values))
    even = np.linspace(worked[0], worked[-1], _SAMPLES)
    light = np.interp(code_of(even), grid, to_light.values)
    white = codes[1:][np.argmax(greys >= min(0.999, float(greys.max())))]
    return Curve(float(even[0]), float(even[-1]), light), (
        float(np.interp(white, codes, worked)), code_of
    )  # fmt: skip


def _view_of(config: ColourConfig, space: str, display: str, view: str) -> Any:
    """The processor from a space to a display's view.  Raises SettingsError."""
    own = config.config
    displays = list(own.getDisplays())
    display = display or own.getDefaultDisplay()
    if display not in displays:
        raise SettingsError(
            f"{config.name} has no display {display!r}", hint="its displays: " + ", ".join(displays)
        )
    views = list(own.getViews(display))
    view = view or own.getDefaultView(display)
    if view not in views:
        raise SettingsError(
            f"{config.name} has no view {view!r} on {display}",
            hint="its views: " + ", ".join(views),
        )
    try:
        transform = PyOpenColorIO.DisplayViewTransform(src=space, display=display, view=view)
        return own.getProcessor(transform).getDefaultCPUProcessor()
    except FAILURES as error:
        raise _broken(config, f"the view {view!r} of {space!r}", error) from error


def _seen(shown: Any, codes: Array) -> Array:
    """Codes (..., 3) as the display has them, 0..1."""
    flat = np.array(codes.reshape(-1, 3), np.float32, order="C")
    shown.applyRGB(flat)
    return np.clip(np.nan_to_num(flat), 0, 1).reshape(codes.shape)


# -- the config's own word -------------------------------------------------------------------


def _processor(config: ColourConfig, source: str, target: str) -> Any:
    """A function of codes (n, 3) in `source` to those in `target`, by OpenColorIO, float64."""
    try:
        found = config.config.getProcessor(source, target)
        made = found.getOptimizedCPUProcessor(PyOpenColorIO.OPTIMIZATION_LOSSLESS)
    except FAILURES as error:
        raise _broken(config, f"{source!r}", error) from error

    def through(codes: NDArray[np.float64]) -> NDArray[np.float64]:
        flat = np.array(codes, np.float32, order="C")
        made.applyRGB(flat)
        return flat.astype(np.float64)

    return through


def _broken(config: ColourConfig, what: str, error: Exception) -> SettingsError:
    missing = isinstance(error, PyOpenColorIO.ExceptionMissingFile)
    return SettingsError(
        f"{what} of {config.name} cannot be used: {first_line(error)}",
        hint="copy the missing file to where the config looks for it" if missing
        else "choose another space, or another config",
    )  # fmt: skip


def _check(config: ColourConfig, made: PlateColour, working: Working) -> None:
    """Raises SettingsError where random colours do not come out as the config has them."""
    draw = np.random.default_rng(1)
    # As saturated as the strongest lamps: further out it is rounding that is compared.
    codes = draw.random((_CHECKED, 1)) + draw.uniform(-0.2, 0.2, (_CHECKED, 3))
    if made.to_light:  # a curve by a LUT is clipped beyond it
        codes = np.clip(codes, max(made.to_light[0].low, 0), min(made.to_light[0].high, 1))
    else:  # scene light: from deep shadows to highlights
        codes = 2.0 ** (draw.uniform(-10, 5, (_CHECKED, 1)) + draw.uniform(-3, 3, (_CHECKED, 3)))
    theirs = _processor(config, made.space, working.space)(codes)
    light = np.asarray(codes, np.float32)
    for n in range(3) if made.to_light else ():
        light[:, n] = made.to_light[n % len(made.to_light)].at(light[:, n])
    light = light @ np.asarray(made.matrix, np.float32).T
    off = np.abs(working.to_light.back(light) - theirs)
    # A channel far darker than another is what is left of a difference.
    left = np.abs(light - working.to_light.at(theirs)) / np.maximum(
        light.max(axis=1, keepdims=True), 1e-6
    )
    there = made.code_of(made.working_of(np.asarray(codes, np.float32)))
    apart = np.abs(there - codes) / np.maximum(codes.max(axis=1, keepdims=True), 1)
    if not (np.minimum(off, left).max() <= MOST_OFF and apart.max() <= MOST_APART):
        raise _not_so(config, made.space)
