"""The torch device that the engine runs on."""

from __future__ import annotations

import cv2
import torch
from threadpoolctl import threadpool_limits

from dubsync.core.errors import EngineError

KINDS = ("cpu", "cuda", "mps")


def one_thread() -> None:
    """Limit torch, cv2 and numpy's BLAS to the calling thread, for the whole process.

    A face crop is too little work to share: on two cores, beside the encoders' threads, a frame
    took six times as long with two threads, which wait for each other, as with one.
    """
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    threadpool_limits(1, user_api="blas")


def chosen_device(setting: str) -> torch.device:
    """The device `EngineSettings.device` names; "auto" picks cuda, then mps, then cpu.

    Raises:
        EngineError: no such kind of device, or this machine has none.
    """
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if setting == "auto":
        return torch.device(next(kind for kind, there in present.items() if there))
    kind = setting.partition(":")[0]
    if kind not in KINDS:
        raise EngineError(f"there is no device {setting!r}", hint="auto, cpu, cuda or mps")
    if not present[kind]:
        raise EngineError(f"this machine has no {kind} device", hint='set engine.device = "auto"')
    return torch.device(setting)
