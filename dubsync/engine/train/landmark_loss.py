"""Landmark loss: distance of a drawn face's lips and jaw from the truth's, by the tracking network.

The tracker's input is a square round the whole face, while a training pair shows the mouth region
only.  The difference between drawn picture and truth is therefore resampled into the tracker's view
of the truth and added to it; without a difference the loss is 0.  Gradients flow back through the
landmark network into the picture.
Source: the sparse feature term of Thies et al. 2016, "Face2Face", section 4.3, with drawn pixels
in place of a fitted face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.exemplars.bank import Picture
from dubsync.engine.exemplars.sheet import Sheet
from dubsync.engine.geometry.mesh import JAW, LIPS
from dubsync.engine.geometry.sampling import rgb_frame, sample
from dubsync.engine.track.landmarker import INPUT_PX, square_of
from dubsync.engine.train.training_pairs import Batch

if TYPE_CHECKING:  # it takes a second to import, and most trainings do not use it
    from dubsync.engine.track.landmark_net import LandmarkNet

LIPS_AND_JAW = np.concatenate([LIPS, JAW])
#: Error below which the loss is quadratic, eye distances: the tracker's own noise.
NOISE = 0.002
READ_AT_ONCE = 8


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The tracker's view of one training pair's truth.

    picture  (256, 256, 3) uint8
    place    (2, 3) affine map from its points to the training pair's, pixels, centres at .5
    unit     an eye distance in the view, pixels
    """

    picture: NDArray[np.uint8]
    place: NDArray[np.float64]
    unit: float


def view(picture: Array | Picture, points: Array, sheet: Sheet) -> View:
    """The view of a training pair, which is drawn at the scale of its sheet.

    Args:
        picture, points: an exemplar of the bank, (h, w, 3) and (478, 2).
        sheet: the training pair's sheet of that exemplar, scaled or not.
    """
    square = square_of(points)
    shown = np.rint(np.clip(picture.astype(np.float32), 0, 1) * 255).astype(np.uint8)
    seen = sample(rgb_frame(np.ascontiguousarray(shown)), square, INPUT_PX)
    # The sheet's landmarks give the scale of the bank's picture.
    scale = np.ptp(sheet.landmarks[:, :2], axis=0) / np.maximum(np.ptp(points[:, :2], axis=0), 1e-6)
    place = square.to_plate(INPUT_PX) * scale[:, None]
    place[:, 2] -= (sheet.region.left, sheet.region.top)
    unit = flat_eye_distance(points) * INPUT_PX / square.side
    return View(np.asarray(np.rint(seen * 255), np.uint8), place, unit)


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The views of n training pairs.

    pictures  (n, 3, 256, 256) uint8
    places    (n, 2, 3) float32, see `View`
    units     (n,) float32, see `View`
    marks     (n, LIPS_AND_JAW, 2) float32 landmarks of the truths, as the network reads them
    """

    pictures: torch.Tensor
    places: torch.Tensor
    units: torch.Tensor
    marks: torch.Tensor

    @classmethod
    def of(cls, views: Sequence[View], network: LandmarkNet) -> Views:
        """The views of training pairs, with the truths' landmarks read once."""
        pictures = torch.stack([torch.from_numpy(v.picture).permute(2, 0, 1) for v in views])
        device = next(network.parameters()).device
        with torch.no_grad():
            marks = [
                _lips_and_jaw(network, part.to(device).float() / 255).cpu()
                for part in torch.split(pictures, READ_AT_ONCE)
            ]
        places = torch.from_numpy(np.stack([v.place for v in views]).astype(np.float32))
        units = torch.tensor([v.unit for v in views], dtype=torch.float32)
        return cls(pictures, places, units, torch.cat(marks))

    def taken(self, rows: NDArray[np.intp], corners: NDArray[np.intp]) -> Views:
        """The views of windows of training pairs.

        Args:
            rows: (B,) which training pairs.
            corners: (B, 2) x, y of the window's first pixel in each.
        """
        places = self.places[rows]
        places[..., 2] -= torch.from_numpy(corners)
        return Views(self.pictures[rows], places, self.units[rows], self.marks[rows])

    def on(self, device: torch.device) -> Views:
        """These views on `device`."""
        moved = {name: getattr(self, name).to(device) for name in self.__slots__}
        return replace(self, **moved)


@dataclass(frozen=True, slots=True, eq=False)
class LandmarkTerm:
    """`landmarks` as a term of a `schedule.TrainingConfig`.

    views    of all training pairs, in their order
    network  on the training device
    weight   of an eye distance, relative to the base losses
    """

    views: Views
    network: LandmarkNet
    weight: float

    def __call__(self, made: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The weighted loss of a batch's drawn pictures."""
        seen = self.views.taken(batch.rows, batch.corners).on(made.device)
        return self.weight * landmarks(made, batch.truth, seen, self.network)


def landmarks(
    made: torch.Tensor, truth: torch.Tensor, views: Views, network: LandmarkNet
) -> torch.Tensor:
    """Mean distance of lips and jaw, in eye distances, of drawn pictures from the truth.

    Args:
        made, truth: (B, 3, h, w) working colour.
        views: of these training pairs, on the same device as pictures and network.
    """
    seen = views.pictures.float() / 255 + _placed_in_views((made - truth).float(), views.places)
    apart = (_lips_and_jaw(network, seen) - views.marks) / views.units[:, None, None]
    far = (apart.square().sum(dim=-1) + NOISE**2).sqrt() - NOISE
    return far.mean()


def _lips_and_jaw(network: LandmarkNet, pictures: torch.Tensor) -> torch.Tensor:
    """(B, LIPS_AND_JAW, 2) landmarks in pictures (B, 3, 256, 256)."""
    points, _ = network(pictures)
    chosen: torch.Tensor = points[:, torch.from_numpy(LIPS_AND_JAW).to(points.device), :2]
    return chosen


def _placed_in_views(difference: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Resample training-pair pictures into the tracker's views; 0 outside them.

    Bilinear, as `sampling.sample`; a picture finer than the view is averaged over whole blocks
    first, so that it does not alias.

    Args:
        difference: (B, 3, h, w) in the training pairs' pixels.
        places: (B, 2, 3) affine maps from points of a view to points of a training pair, both in
            pixels with centres at .5, see `View`.

    Returns:
        (B, 3, 256, 256).
    """
    block = max(1, int(float(places[:, :, :2].norm(dim=1).mean()) + 0.5))
    height, width = difference.shape[2:]
    room = (0, -width % block, 0, -height % block)
    coarse = functional.avg_pool2d(functional.pad(difference, room), block)
    sides = places.new_tensor([width + room[1], height + room[3]])
    # grid_sample takes normalised coordinates: -1 and 1 are the picture's outer edges, (0, 0) its
    # centre (align_corners=False).
    place = places * 2 / sides[:, None]
    place[..., 2] -= 1
    at = torch.arange(INPUT_PX, device=places.device, dtype=places.dtype) + 0.5
    y, x = torch.meshgrid(at, at, indexing="ij")
    points = torch.stack([x, y, torch.ones_like(x)], dim=-1)
    grid = torch.einsum("yxk,bck->byxc", points, place)
    return functional.grid_sample(coarse, grid, padding_mode="zeros", align_corners=False)
