"""What training gives an actor: the face predicted, laid over a bent exemplar, and finished.

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
from dubsync.engine.exemplars import colour_match
from dubsync.engine.exemplars.flat_face import looked_up
from dubsync.engine.exemplars.layers import Sheet
from dubsync.engine.exemplars.matte import flat_eye_distance, mouth_box
from dubsync.engine.network import fusion
from dubsync.engine.network.appearance_regression import Regression, Seen
from dubsync.engine.network.fusion import Fusion
from dubsync.engine.network.mouth_net import Inputs, MouthNet, guides

#: A face this much larger than those trained on is drawn at their size.
LARGER = 1.25
#: Bare skin that is shown at least so well says how both pictures err.
WELL_SHOWN = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two pictures of one face, (h, w, 3) each: an exemplar bent, and the face predicted.

    at, shown  (h, w, 2), (h, w): see `Plane.from_picture` and `Plane.shown_by`
    wanted     (478, 2) landmarks;  unit  an eye distance, pixels
    errors     see `fusion.errors`
    """

    exemplar: Array
    predicted: Array
    at: Array
    shown: Array
    wanted: Array
    unit: float
    errors: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class LearnedRenderer:
    """A trained renderer.

    unit     an eye distance at the scale trained at, pixels
    network  finishes the fused picture; None where it gained nothing on frames held back
    """

    regression: Regression
    fusion: Fusion
    unit: float
    network: MouthNet | None = None

    def drawn(
        self,
        sheet: Sheet,
        exemplar: Array,
        pose: Array,
        flat_plate: Array,
        seen: Seen,
        known: Array | None = None,
    ) -> tuple[Array, Array | None]:
        """(h, w, 3) the sheet's face, and what is now known of the plate.

        Args:
            exemplar: (h, w, 3) bent onto the sheet and matched to the plate.
            pose: (D,) features of the wanted look.
            flat_plate: (px, px, 3) the plate laid flat by its own landmarks.
            seen: (px, px) where that shows the face.
            known: what was known of the plate from its frames before; see `fusion.errors`.
        """
        predicted = self.regression.predicted(pose, flat_plate, seen)
        pair = self.paired(sheet, exemplar, predicted)
        known = fusion.followed(known, pair.errors)
        inputs = self.inputs(sheet, pair, known)
        gained = self.finished(inputs) - inputs.exemplar
        height, width = exemplar.shape[:2]
        if gained.shape[:2] != (height, width):
            gained = cv2.resize(gained, (width, height), interpolation=cv2.INTER_CUBIC)
        return _as_sharp(np.asarray(exemplar + gained, np.float32), exemplar, sheet), known

    def finished(self, inputs: Inputs) -> Array:
        """(h, w, 3) the picture of `inputs`, at the scale trained at."""
        if self.network is None:
            return inputs.fused
        with torch.no_grad():
            return self.network.picture(inputs)

    def on(self, device: torch.device) -> LearnedRenderer:
        """This look, its network on `device`."""
        return replace(self, network=self.network and self.network.to(device))

    def paired(self, sheet: Sheet, exemplar: Array, predicted: Array) -> Pair:
        """Both pictures of a sheet, at the scale trained at."""
        unit = flat_eye_distance(sheet.wanted)
        scale = min(1.0, self.unit / unit)
        scale = scale if scale * LARGER < 1 else 1.0
        height, width = (max(16, round(n * scale)) for n in exemplar.shape[:2])
        region = sheet.region
        stretch = np.array([width / region.width, height / region.height], np.float32)
        wanted = (sheet.wanted[:, :2] - (region.left, region.top)) * stretch
        wanted = np.asarray(wanted, np.float32)
        whole = Region(0, 0, width, height)
        at = self.regression.plane.from_picture(wanted, whole, unit * scale)
        bent = _sized(exemplar, width, height)
        plane = self.regression.plane
        flat = looked_up(predicted, at)
        shown = plane.shown_by(at, unit * scale)
        face = looked_up(plane.face().astype(np.float32), at) * shown
        truth = _sized(sheet.skin, width, height)
        bare = _sized(sheet.trusted.astype(np.float32), width, height) * face > WELL_SHOWN
        # Nothing is predicted beyond the face: no error of it may be read across that edge.
        compared = np.where((face > WELL_SHOWN)[..., None], flat, truth)
        result = fusion.errors(truth, bent, compared, bare)
        return Pair(bent, flat, at, shown, wanted, unit * scale, result)

    def inputs(self, sheet: Sheet, pair: Pair, known: Array | None = None) -> Inputs:
        """What the network is shown of a sheet, at the scale trained at.

        Args:
            known: how both pictures err on this plate; None: as on the frames learnt from.
        """
        fusing = self.fusion if known is None else self.fusion.on_plate(known)
        height, width = pair.exemplar.shape[:2]
        return Inputs(
            exemplar=pair.exemplar,
            predicted=pair.predicted,
            fused=fusing.fused(pair.exemplar, pair.predicted, pair.at, pair.shown),
            plate=_sized(sheet.plate, width, height),
            matte=_sized(np.asarray(sheet.matte / 255, np.float32), width, height),
            guides=guides(pair.wanted, (height, width), pair.unit),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For `from_arrays`."""
        parts = {"regression": self.regression.arrays(), "fusion": self.fusion.arrays()}
        if self.network is not None:
            parts["network"] = self.network.arrays()
        named = {f"{part}.{n}": a for part, arrays in parts.items() for n, a in arrays.items()}
        return {"unit": np.array([self.unit]), **named}

    @classmethod
    def from_arrays(cls, model: Array, arrays: Mapping[str, NDArray[Any]]) -> LearnedRenderer:
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


def _as_sharp(picture: Array, exemplar: Array, sheet: Sheet) -> Array:
    """The picture with its mouth as sharp as the exemplar's: what many agree on is soft."""
    corner = np.array([sheet.region.left, sheet.region.top], np.float32)
    box = mouth_box(sheet.wanted[:, :2] - corner, sheet.region.width, sheet.region.height)
    return colour_match.sharp_as(
        picture, colour_match.laplacian_energy(exemplar, box), box, sheet.lips
    )


def _sized(picture: Array, width: int, height: int) -> Array:
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(
        cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32
    )
