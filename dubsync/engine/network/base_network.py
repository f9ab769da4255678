"""The base network: pretrained weights from which every actor's network starts.

Much of what separates a fused picture from the truth is the same for every face, so training that
starts here has a lower held-out error than training from scratch.  On some faces the base alone is
worse than the fused picture: it is only a start, and a network is kept only if it gains on the
actor's own frames.  DR007 has the figures, docs/reference/base_network.md the model card and the
recipe.
Source: the meta-learnt start of Zakharov et al. 2019, "Few-Shot Adversarial Learning of Realistic
Neural Talking Head Models", section 3.4, without the meta-learning.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from dubsync.core.errors import ModelError
from dubsync.core.shipped import shipped
from dubsync.engine.network.mouth_net import MouthNet, Size

#: The only size with a base; the others are trained from scratch.
TRAINED_SIZE: Size = "S"
_FILE = Path(__file__).parents[1] / "weights" / "base_network.safetensors"
DIGEST = "29fd47387940b11ec4bfc02db0bd9d69f5d2b1c426bdea4139592b235bdbd5f2"


@cache
def base_weights(size: Size) -> Mapping[str, torch.Tensor] | None:
    """Weights of a MouthNet of `size`, or None where none ship.

    Raises:
        ModelError: the file is missing or altered.
    """
    if size != TRAINED_SIZE:
        return None
    return weights_of(shipped(_FILE, DIGEST, "base network"), "what ships", size)


def weights_of(data: bytes, name: str, size: Size) -> Mapping[str, torch.Tensor] | None:
    """Weights in the bytes of a base network's file; None for a size that has no base.

    Args:
        name: of the base, for messages.

    Raises:
        ModelError: it is no base network of this version.
    """
    if size != TRAINED_SIZE:
        return None
    try:
        result = {key: value.float() for key, value in load(data).items()}
        MouthNet(size).load_state_dict(result)
    except (SafetensorError, RuntimeError) as error:
        raise ModelError(
            f"the network of the base {name} does not fit this version of dubsync",
            hint="teach the base again: dubsync base teach",
        ) from error
    return result
