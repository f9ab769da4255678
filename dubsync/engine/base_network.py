"""Where every actor's network starts: weights taught on other people, that come with the package.

What there is to mend between a fused picture and the truth is much the same for everybody: a base
that has never seen an actor draws them nearer to the truth than a network of their own does after
minutes from nothing. DR007 has the figures, docs/base-network.md the card and the recipe.
Source: the meta-learnt start of Zakharov et al. 2019, "Few-Shot Adversarial Learning of Realistic
Neural Talking Head Models", section 3.4, without the meta-learning.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load

from dubsync.core.shipped import shipped
from dubsync.engine.network import Size

#: Only this size has been taught; the others begin from nothing.
TAUGHT: Size = "S"
_FILE = Path(__file__).parent / "weights" / "base_network.safetensors"
DIGEST = "d55a18298c1634805f432c43c2f7ffe2cfda79cdffeeb99c21a541cad161f3f6"


@cache
def base_weights(size: Size) -> Mapping[str, torch.Tensor] | None:
    """Weights of a MouthNet of `size`, or None where none ship.

    Raises:
        ModelError: the file is not there, or altered.
    """
    if size != TAUGHT:
        return None
    found = load(shipped(_FILE, DIGEST, "base network"))
    return {name: value.float() for name, value in found.items()}
