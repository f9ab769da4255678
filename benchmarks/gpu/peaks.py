"""The most that a device can compute and copy: by its name where that is known, and measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from dubsync.engine.device import settled

#: Maker's figures, dense: operations a second in TensorFloat-32 and bfloat16, bytes a second.
KNOWN = {
    "H200": (494e12, 989e12, 4.8e12),
    "H100": (494e12, 989e12, 3.35e12),
    "A100": (156e12, 312e12, 2.04e12),
}
MEASURED_S = 0.2


def peaks(device: torch.device, *, small: bool) -> dict[str, Any]:
    """Peak operations and bytes a second, and where each is from."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    side, copied = (256, 1 << 22) if small or device.type == "cpu" else (8192, 1 << 30)
    measured = {
        "float32": _operations(device, torch.float32, side),
        "bfloat16": _operations(device, torch.bfloat16, side),
        "bytes": _copied(device, copied),
    }
    found = next((figures for part, figures in KNOWN.items() if part in name), None)
    known = dict(zip(("float32", "bfloat16", "bytes"), found, strict=True)) if found else None
    return {
        "name": name, "used": known or measured, "measured": measured,
        "from": "the maker's figures" if known else "a matrix product and a copy in this run",
    }  # fmt: skip


def each_s(work: Callable[[], Any], device: torch.device, seconds: float = MEASURED_S) -> float:
    """Seconds that `work` takes on the device, the mean over about `seconds`."""
    work()
    settled(device)
    count, began = 0, time.perf_counter()
    while True:
        work()
        count += 1
        if count % 8 == 0 or device.type == "cpu":
            settled(device)
            if time.perf_counter() - began >= seconds:
                break
    return (time.perf_counter() - began) / count


def _operations(device: torch.device, kind: torch.dtype, side: int) -> float:
    # As convolutions are computed: TensorFloat-32 where the device has it.
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = True
    a = torch.ones(side, side, device=device, dtype=kind)
    seconds = each_s(lambda: a @ a, device)
    torch.backends.cuda.matmul.allow_tf32 = before
    return 2 * side**3 / seconds


def _copied(device: torch.device, size: int) -> float:
    a = torch.ones(size, device=device, dtype=torch.uint8)
    b = torch.empty_like(a)
    return 2 * size / each_s(lambda: b.copy_(a), device)
