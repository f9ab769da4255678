"""Everything that the picture widget paints, as ready values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from PyQt5.QtGui import QImage

Look = Literal["plate", "render", "wipe", "both", "difference"]
LOOKS: tuple[Look, ...] = ("plate", "render", "wipe", "both", "difference")


@dataclass(frozen=True, slots=True)
class Label:
    """A word on the picture: a letter before it, an icon before it, or neither."""

    text: str
    letter: str = ""
    icon: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PictureState:
    """One picture as it is to be painted.

    a, b       of the same frame; only `a` where one picture is shown
    size       (width, height) of the picture in its own pixels; (0, 0): there is none
    matte      the edge of the matte as lines, each (N, 2), 0..1 of the picture
    landmarks  character -> (478, 2), 0..1 of the picture
    take       the voice actor's picture for the corner, and its name
    missing    whether the frame is empty: its file is not there
    """

    look: Look = "plate"
    a: QImage | None = None
    b: QImage | None = None
    size: tuple[int, int] = (0, 0)
    label_a: Label | None = None
    label_b: Label | None = None
    note: Label | None = None
    matte: tuple[np.ndarray[Any, Any], ...] = ()
    landmarks: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    take: QImage | None = None
    take_name: str = ""
    missing: bool = False
    safe: bool = False
