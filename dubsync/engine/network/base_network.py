"""Where every actor's network starts: weights taught on other people, that come with the package.

Much of what there is to mend between a fused picture and the truth is the same for everybody: a
fit that starts here errs less on frames held back than one from nothing.  On some people the base
alone draws worse than the fused picture it mends: it is a start, and only what gained on the
actor's own frames is kept.  DR007 has the figures; docs/reference/base_network.md is its
model card, with the recipe.
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
from dubsync.engine.network.mouth_net import Size

#: Only this size has been taught; the others begin from nothing.
TAUGHT: Size = "S"
_FILE = Path(__file__).parents[1] / "weights" / "base_network.safetensors"
DIGEST = "657f03b72d848a6c4d86f8fd0c7e843a6b95a2433185fd666a31067646c68243"


@cache
def base_weights(size: Size) -> Mapping[str, torch.Tensor] | None:
    """Weights of a MouthNet of `size`, or None where none ship.

    Raises:
        ModelError: the file is not there, or altered.
    """
    if size != TAUGHT:
        return None
    result = load(shipped(_FILE, DIGEST, "base network"))
    return {name: value.float() for name, value in result.items()}
