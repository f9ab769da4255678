"""Who is person and who is background: a soft matte of the still.

Google's selfie segmentation (Apache-2.0) says where, a guided filter (He et al. 2010) on the
picture says exactly where. It is worked out once per performer, so its edge never flickers.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

INPUT = 256


def guided(guide: np.ndarray, image: np.ndarray, radius: int, epsilon: float) -> np.ndarray:
    """Edge-preserving smoothing of image [h, w] along the edges of a grey guide [h, w]."""
    box = (2 * radius + 1, 2 * radius + 1)
    mean_g, mean_i = cv2.blur(guide, box), cv2.blur(image, box)
    covariance = cv2.blur(guide * image, box) - mean_g * mean_i
    variance = cv2.blur(guide * guide, box) - mean_g * mean_g
    slope = covariance / (variance + epsilon)
    offset = mean_i - slope * mean_g
    return cv2.blur(slope, box) * guide + cv2.blur(offset, box)


class Matting:
    """Makes mattes."""

    def __init__(self, model: Path) -> None:
        self._net = Interpreter(str(model), num_threads=1)
        self._net.allocate_tensors()

    def __call__(self, bgr: np.ndarray) -> np.ndarray:
        """Matte [h, w] float32, 0 to 1, of an 8-bit picture."""
        small = cv2.resize(bgr[:, :, ::-1], (INPUT, INPUT), interpolation=cv2.INTER_AREA)
        self._net.set_tensor(
            self._net.get_input_details()[0]["index"], small[None].astype(np.float32) / 255
        )
        self._net.invoke()
        rough = self._net.get_tensor(self._net.get_output_details()[0]["index"])
        rough = rough.reshape(INPUT, INPUT).clip(0, 1)
        height, width = bgr.shape[:2]
        rough = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
        channels = [guided(c, rough, 12, 3e-4) for c in cv2.split(bgr.astype(np.float32) / 255)]
        fine = np.median(channels, axis=0)
        return np.clip((fine - 0.15) / 0.72, 0, 1).astype(np.float32)
