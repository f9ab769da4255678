"""The trained renderer of an actor: predicted face fused with a warped exemplar, then the network.

Its result is added to the exemplar as a difference, at the scale it was trained at: a plate finer
than that keeps the exemplar's own fine detail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing import colour_match
from dubsync.engine.compositing.matte import flat_eye_distance, mouth_box
from dubsync.engine.exemplars.flat_face import sample_bicubic
from dubsync.engine.exemplars.sheet import Sheet
from dubsync.engine.network import fusion
from dubsync.engine.network.appearance_regression import Mask, Regression
from dubsync.engine.network.fusion import Fusion
from dubsync.engine.network.mouth_net import Inputs, MouthNet, guides

#: A face this many times larger than those trained on is drawn at their size.
LARGER = 1.25
#: Least visibility of the bare skin on which the errors of both pictures are measured.
WELL_SHOWN = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class PicturePair:
    """Two pictures of one face, (h, w, 3) each: a warped exemplar and the predicted face.

    at      (h, w, 2)  see `Plane.from_picture`
    shown   (h, w)     see `Plane.visibility`
    wanted  (478, 2)   target landmarks
    unit    an eye distance, pixels
    errors  see `fusion.errors`
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
    network  refines the fused picture; None where it did not improve held-out frames
    """

    regression: Regression
    fusion: Fusion
    unit: float
    network: MouthNet | None = None

    def draw(
        self,
        sheet: Sheet,
        exemplar: Array,
        pose: Array,
        flat_plate: Array,
        seen: Mask,
        known: Array | None = None,
    ) -> tuple[Array, Array | None]:
        """(h, w, 3) the sheet's face, and the updated error estimate of the plate.

        Args:
            exemplar: (h, w, 3) warped onto the sheet and matched to the plate.
            pose: (D,) features of the target pose.
            flat_plate: (px, px, 3) the plate flattened by its own landmarks.
            seen: (px, px) where that shows the face.
            known: error estimate from the plate's earlier frames; see `fusion.errors`.
        """
        inputs, known = self.begin(sheet, exemplar, pose, flat_plate, seen, known)
        return self.end(sheet, exemplar, inputs, self.finish(inputs)), known

    def begin(
        self,
        sheet: Sheet,
        exemplar: Array,
        pose: Array,
        flat_plate: Array,
        seen: Mask,
        known: Array | None = None,
    ) -> tuple[Inputs, Array | None]:
        """The network's inputs, and the updated error estimate.  Arguments as of `draw`."""
        predicted = self.regression.predict(pose, flat_plate, seen)
        pictures = self.picture_pair(sheet, exemplar, predicted)
        known = fusion.update_errors(known, pictures.errors)
        return self.inputs(sheet, pictures, known), known

    def end(self, sheet: Sheet, exemplar: Array, inputs: Inputs, finished: Array) -> Array:
        """(h, w, 3) the sheet's face, of what `finish` made of `inputs`."""
        change = finished - inputs.exemplar
        height, width = exemplar.shape[:2]
        if change.shape[:2] != (height, width):
            change = cv2.resize(change, (width, height), interpolation=cv2.INTER_CUBIC)
        return _as_sharp(np.asarray(exemplar + change, np.float32), exemplar, sheet)

    def finish(self, inputs: Inputs) -> Array:
        """(h, w, 3) the network's picture for `inputs`, at the scale trained at."""
        return self.finish_all([inputs])[0]

    def finish_all(self, inputs: Sequence[Inputs]) -> list[Array]:
        """What `finish` makes of several frames, drawn together where the device gains by it."""
        if self.network is None:
            return [one.fused for one in inputs]
        with torch.inference_mode():
            return self.network.pictures(inputs)

    def on(self, device: torch.device, *, half: bool = False) -> LearnedRenderer:
        """This renderer, its network on `device`; `half`: computed in bfloat16."""
        if self.network is None:
            return self
        network = self.network.to(device)
        network.in_half = half
        return replace(self, network=network)

    def picture_pair(self, sheet: Sheet, exemplar: Array, predicted: Array) -> PicturePair:
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
        flat = sample_bicubic(predicted, at)
        shown = plane.visibility(at, unit * scale)
        face = sample_bicubic(plane.face().astype(np.float32), at) * shown
        truth = _sized(sheet.skin, width, height)
        bare = _sized(sheet.trusted.astype(np.float32), width, height) * face > WELL_SHOWN
        # Nothing is predicted outside the face, so no error may be measured across its edge.
        compared = np.where((face > WELL_SHOWN)[..., None], flat, truth)
        result = fusion.errors(truth, bent, compared, bare)
        return PicturePair(bent, flat, at, shown, wanted, unit * scale, result)

    def inputs(self, sheet: Sheet, pictures: PicturePair, known: Array | None = None) -> Inputs:
        """The network's inputs for a sheet, at the scale trained at.

        Args:
            known: error estimate of this plate; None: that of the training frames.
        """
        fusion_here = self.fusion if known is None else self.fusion.on_plate(known)
        height, width = pictures.exemplar.shape[:2]
        return Inputs(
            exemplar=pictures.exemplar,
            predicted=pictures.predicted,
            fused=fusion_here.fuse(
                pictures.exemplar, pictures.predicted, pictures.at, pictures.shown
            ),
            plate=_sized(sheet.plate, width, height),
            matte=_sized(np.asarray(sheet.matte / 255, np.float32), width, height),
            guides=guides(pictures.wanted, (height, width), pictures.unit),
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
    """The picture with its mouth as sharp as the exemplar's: predictions are soft."""
    corner = np.array([sheet.region.left, sheet.region.top], np.float32)
    box = mouth_box(sheet.wanted[:, :2] - corner, sheet.region.width, sheet.region.height)
    return colour_match.match_sharpness(
        picture, colour_match.laplacian_energy(exemplar, box), box, sheet.lips
    )


def _sized(picture: Array, width: int, height: int) -> Array:
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(
        cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32
    )
