"""Tensors of constants, made once for each device."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch


@lru_cache(256)
def constant(values: tuple[Any, ...], device: torch.device) -> torch.Tensor:
    """A tensor of nested `values` on `device`, made once: each copy makes a GPU wait."""
    with torch.inference_mode(False):  # else no gradient could be taken through it later
        return torch.tensor(values).to(device)
