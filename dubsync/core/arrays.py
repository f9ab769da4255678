"""Arrays that behave as values: shape checked once, read-only from then on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import ShapeError

Array = NDArray[np.float32]


def seal(owner: object, name: str, *shape: int | None) -> None:
    """Check field `name` of `owner` against `shape` (None: any length) and make it read-only.

    Raises:
        ShapeError: another shape, or a NaN or infinity in it.
    """
    given = getattr(owner, name)
    array = given if _sealed(given) else np.array(given, dtype=np.float32)
    fits = array.ndim == len(shape) and all(
        want in (None, n) for want, n in zip(shape, array.shape, strict=True)
    )
    if not fits:
        raise ShapeError(f"{type(owner).__name__}.{name} is {array.shape}, not {shape}")
    if not np.isfinite(array).all():
        raise ShapeError(f"{type(owner).__name__}.{name} holds NaN or infinity")
    array.flags.writeable = False
    object.__setattr__(owner, name, array)


def _sealed(given: object) -> bool:
    """Whether this is an array that nobody can write to: another value's, taken over uncopied."""
    return (
        isinstance(given, np.ndarray) and given.dtype == np.float32
        and given.flags.owndata and not given.flags.writeable
    )  # fmt: skip
