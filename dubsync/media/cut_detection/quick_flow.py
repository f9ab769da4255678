"""Optical flow between small pictures, as fast as it is had.

Source: Kroeger et al. 2016, "Fast Optical Flow using Dense Inverse Search"; OpenCV's.
"""

from __future__ import annotations

from typing import Any


def quick_flow() -> Any:
    """A flow of its own, since one is for one thread; its `calc` follows details of 8 pixels."""
    import cv2

    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    flow.setFinestScale(0)
    flow.setPatchSize(8)
    flow.setPatchStride(4)
    return flow
