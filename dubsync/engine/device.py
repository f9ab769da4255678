"""The torch device that the engine runs on."""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import cv2
import torch
from threadpoolctl import threadpool_limits

from dubsync.core.errors import EngineError

KINDS = ("cpu", "cuda", "mps")
#: What networks can be computed in, see `computes_in_half`.
PRECISIONS = ("float32", "bfloat16")


def one_thread() -> None:
    """Limit torch, cv2 and numpy's BLAS to the calling thread, for the whole process.

    A face crop is too little work to share: on two cores, beside the encoders' threads, a frame
    took six times as long with two threads, which wait for each other, as with one.
    """
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    threadpool_limits(1, user_api="blas")


def settle_process() -> None:
    """What holds for the whole process once torch is loaded: see the two that it calls."""
    one_thread()
    loaded_for_good()


@cache
def loaded_for_good() -> None:
    """Let no later collection look through what is loaded now, once for the whole process.

    Torch and all that comes with it are a quarter of a million objects that stay until the process
    ends.  Each collection looked through them for an eighth of a second, three times a shot.
    """
    gc.collect()
    gc.freeze()


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


def computes_in_half(precision: str, device: torch.device) -> bool:
    """Whether networks are computed in bfloat16, as `EngineSettings.precision` asks.

    Raises:
        EngineError: no such precision, or the device cannot compute in bfloat16.
    """
    if precision not in PRECISIONS:
        raise EngineError(f"there is no precision {precision!r}", hint="float32 or bfloat16")
    if precision == "bfloat16" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise EngineError(
            f"{torch.cuda.get_device_name(device)} does not compute in bfloat16",
            hint='set engine.precision = "float32"',
        )
    return precision == "bfloat16"


def in_precision(device: torch.device, half: bool) -> AbstractContextManager[Any]:
    """While it is open, networks on `device` are computed in bfloat16 where `half`."""
    return torch.autocast(device.type, torch.bfloat16) if half else nullcontext()


def settled(device: torch.device) -> None:
    """Wait until the device has done what it was given: until then a clock tells nothing."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def copied(values: torch.Tensor, device: torch.device) -> torch.Tensor:
    """`values` on `device`; to CUDA through pinned memory, without waiting for the copy."""
    if device.type == "cuda" and values.device.type == "cpu" and torch.cuda.is_available():
        return values.pin_memory().to(device, non_blocking=True)
    return values.to(device)
