"""What training gives an actor: the face foretold, laid over a bent exemplar, and finished.

Everything is added to the exemplar as a difference, at the scale trained at: a plate finer than
that keeps the exemplar's own fine detail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.fusion import Fusion
from dubsync.engine.layers import Sheet
from dubsync.engine.network import Inputs, MouthNet, guides
from dubsync.engine.regression import Regression, Seen
from dubsync.engine.texture import flat_eye_distance

#: A face this much larger than those trained on is drawn at their size.
LARGER = 1.25


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A trained renderer.

    unit     an eye distance at the scale trained at, pixels
    network  finishes the fused picture; None where it gained nothing on frames held back
    """

    regression: Regression
    fusion: Fusion
    unit: float
    network: MouthNet | None = None

    def drawn(
        self, sheet: Sheet, exemplar: Array, pose: Array, flat_plate: Array, seen: Seen
    ) -> Array:
        """(h, w, 3) the sheet's face.

        Args:
            exemplar: (h, w, 3) bent onto the sheet and matched to the plate.
            pose: (D,) features of the wanted look.
            flat_plate: (px, px, 3) the plate laid flat by its own landmarks.
            seen: (px, px) where that shows the face.
        """
        foretold = self.regression.foretold(pose, flat_plate, seen)
        inputs = self.inputs(sheet, exemplar, foretold)
        gained = self.finished(inputs) - inputs.exemplar
        height, width = exemplar.shape[:2]
        if gained.shape[:2] != (height, width):
            gained = cv2.resize(gained, (width, height), interpolation=cv2.INTER_CUBIC)
        return np.asarray(exemplar + gained, np.float32)

    def finished(self, inputs: Inputs) -> Array:
        """(h, w, 3) the picture of `inputs`, at the scale trained at."""
        if self.network is None:
            return inputs.fused
        with torch.no_grad():
            return self.network.picture(inputs)

    def on(self, device: torch.device) -> Look:
        """This look, its network on `device`."""
        return replace(self, network=self.network and self.network.to(device))

    def inputs(self, sheet: Sheet, exemplar: Array, foretold: Array) -> Inputs:
        """What the network is shown of a sheet, at the scale trained at."""
        unit = flat_eye_distance(sheet.wanted)
        scale = min(1.0, self.unit / unit)
        scale = scale if scale * LARGER < 1 else 1.0
        height, width = (max(16, round(n * scale)) for n in exemplar.shape[:2])
        region = sheet.region
        stretch = np.array([width / region.width, height / region.height], np.float32)
        wanted = (sheet.wanted[:, :2] - (region.left, region.top)) * stretch
        at = self.regression.plane.from_picture(
            np.asarray(wanted, np.float32), Region(0, 0, width, height), unit * scale
        )
        bent = _sized(exemplar, width, height)
        flat = cv2.remap(
            foretold, at[..., 0] - np.float32(0.5), at[..., 1] - np.float32(0.5),
            cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        shown = self.regression.plane.shown_by(at, unit * scale)
        fused = self.fusion.fused(bent, np.asarray(flat, np.float32), at, shown)
        return Inputs(
            exemplar=bent,
            foretold=np.asarray(flat, np.float32),
            fused=fused,
            plate=_sized(sheet.plate, width, height),
            matte=_sized(np.asarray(sheet.matte / 255, np.float32), width, height),
            guides=guides(np.asarray(wanted, np.float32), (height, width), unit * scale),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For `from_arrays`."""
        parts = {"regression": self.regression.arrays(), "fusion": self.fusion.arrays()}
        if self.network is not None:
            parts["network"] = self.network.arrays()
        named = {f"{part}.{n}": a for part, arrays in parts.items() for n, a in arrays.items()}
        return {"unit": np.array([self.unit]), **named}

    @classmethod
    def from_arrays(cls, model: Array, arrays: Mapping[str, NDArray[Any]]) -> Look:
        """From `arrays()`, on the planes of head `model`."""
        parts: dict[str, dict[str, NDArray[Any]]] = {"regression": {}, "fusion": {}, "network": {}}
        for name, array in arrays.items():
            part, dot, rest = name.partition(".")
            if dot:
                parts[part][rest] = array
        return cls(
            Regression.from_arrays(model, parts["regression"]),
            Fusion.from_arrays(parts["fusion"]),
            float(arrays["unit"][0]),
            MouthNet.from_arrays(parts["network"]) if parts["network"] else None,
        )


def _sized(picture: Array, width: int, height: int) -> Array:
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(
        cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32
    )
