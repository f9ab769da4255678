"""A plate's colour space, and the way from its samples to the colour that faces are drawn in.

The value is made by `media.colour` from an OpenColorIO config and checked against it; from then on
nothing needs the config.  Core and engine see curves and a matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.colours.curve import Curve

#: Where a plate's colour space comes from, the first that says one: a line of dubsync.toml, the
#: config's file rules, the file's own tags; or nothing says it, and it is assumed.
Source = Literal["setting", "file rule", "tag", "assumed"]

_ONE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, eq=False)
class PlateColour:
    """One colour space of one config, as a plate's samples are in it.  Equal by its `key`.

    "Code" is what is stored, as R'G'B' of nominal 0..1; "light" is linear in the primaries of the
    working space; working colour looks like a graded picture, and has no ceiling.

    space       its name in the config
    working     the config's log space whose primaries and curve drawing uses; "": the plate's own
                code is drawn in, because it is a picture for a display already
    config      the config's name, and SHA-256 of its text
    key         64 hex digits: digest of all that pictures depend on
    to_light    code -> linear, for all three channels, or one for each; (): the code is linear
    matrix      ((3 x 3)) linear in the plate's primaries -> light
    from_working  working colour -> light; None: code is working colour
    from_log    the code of `working`, as it stands in files -> light; None: as above
    view        (n, n, n, 3) what people see, 0..1, of working colour even over 0..view_top, red
                first; None: code is what people see
    view_top    the working colour of the view's last sample
    """

    space: str
    working: str
    config: tuple[str, str]
    key: str
    to_light: tuple[Curve, ...] = field(default=(), repr=False)
    matrix: tuple[tuple[float, ...], ...] = _ONE
    from_working: Curve | None = field(default=None, repr=False)
    from_log: Curve | None = field(default=None, repr=False)
    view: Array | None = field(default=None, repr=False)
    view_top: float = 1.0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlateColour) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def own(self) -> bool:
        """Whether faces are drawn in the plate's own code."""
        return self.from_working is None

    def working_of(self, code: Array) -> Array:
        """Stored R'G'B' (..., 3) as working colour, float32."""
        if self.from_working is None:
            return code
        return self.from_working.back(_turned(_through(self.to_light, code), self._matrix))

    def code_of(self, working: Array) -> Array:
        """The reverse of `working_of`."""
        if self.from_working is None:
            return working
        light = _turned(self.from_working.at(working), np.linalg.inv(self._matrix))
        if len(self.to_light) == 1:
            return self.to_light[0].back(light)
        for n, curve in enumerate(self.to_light):
            light[..., n] = curve.back(light[..., n])
        return light

    def seen_of(self, working: Array) -> Array:
        """Working colour as trackers see it, about 0..1: what a display shows of greys.

        A plate of a log or linear space is so in working colour already; an HDR picture's greys go
        through the view.
        """
        if self.from_working is not None or self.view is None:
            return working
        count = len(self.view)
        greys = self.view[np.arange(count), np.arange(count), np.arange(count)].mean(axis=-1)
        places = np.linspace(0, self.view_top, count)
        return np.asarray(np.interp(working, places, greys), np.float32)

    def as_log(self) -> PlateColour:
        """The colour of a movie of this plate: the working space's log code where it is linear.

        A movie's few bits cannot hold linear light.
        """
        if self.from_log is None or self.to_light:
            return self
        return replace(
            self, space=self.working, to_light=(self.from_log,), matrix=_ONE, key=f"{self.key} log"
        )

    def as_light(self) -> PlateColour | None:
        """The colour of an EXR of this plate: light in the working space's primaries.

        None where faces are drawn in the plate's own code, whose light is not known.
        """
        if self.from_working is None:
            return None
        space = f"light of {self.working}"
        return replace(self, space=space, to_light=(), matrix=_ONE, key=f"{self.key} light")

    @property
    def _matrix(self) -> Array:
        return np.asarray(self.matrix, np.float64)


def _through(curves: tuple[Curve, ...], code: Array) -> Array:
    if not curves:
        return np.asarray(code, np.float32)
    if len(curves) == 1:
        return curves[0].at(code)
    return np.stack([curve.at(code[..., n]) for n, curve in enumerate(curves)], axis=-1)


def _turned(light: Array, matrix: Array) -> Array:
    """`light` (..., 3) through a (3, 3) matrix."""
    turned: Array = light @ np.asarray(matrix.T, np.float32)
    return turned
