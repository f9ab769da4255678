"""A second device on a machine without a GPU: processor tensors that say they lie elsewhere.

Numbers are real, so that what is drawn "there" can be compared with what a processor draws.  As on
a GPU, tensors of two devices do not meet, and `numpy()` is refused; as on Apple's, there are no
64-bit floats.
"""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

#: The device that torch has for shapes alone: it needs no hardware, and here it has numbers.
THERE = torch.device("meta")
_HERE = torch.device("cpu")


class Elsewhere(torch.Tensor):
    """A tensor of the second device; `inner` holds its numbers."""

    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(
            cls, inner.shape, strides=inner.stride(), dtype=inner.dtype, device=THERE,
            requires_grad=inner.requires_grad,
        )  # fmt: skip

    def __init__(self, inner):
        self.inner = inner

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        raise AssertionError(f"{func} outside of SecondDevice")


class SecondDevice(TorchDispatchMode):
    """While it is on, `.to(THERE)` gives an Elsewhere.  `copies` counts those up and down."""

    def __init__(self):
        super().__init__()
        self.copies = {"up": 0, "down": 0}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        given = []
        tree_map_only(torch.Tensor, given.append, (args, kwargs))
        away = [one for one in given if isinstance(one, Elsewhere)]
        asked = kwargs.get("device")
        to = torch.device(asked) if asked is not None else THERE if away else _HERE
        if "device" in kwargs:
            kwargs["device"] = _HERE
        if func in (torch.ops.aten._local_scalar_dense.default,) and away:
            self.copies["down"] += 1
            to = _HERE
        moves = func in (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default)
        if away and not moves:
            mixed = [o for o in given if not isinstance(o, Elsewhere) and o.dim() > 0]
            # An index may lie on the processor; torch takes it along, which is one copy.
            if func.__name__.startswith("index"):
                self.copies["up"] += len(mixed)
            else:
                assert not mixed, f"{func} meets a tensor of the processor, {mixed[0].shape}"
        elif moves and asked is not None and bool(away) != (to.type != "cpu"):
            self.copies["up" if to.type != "cpu" else "down"] += 1
        inner_args, inner_kwargs = tree_map_only(Elsewhere, lambda one: one.inner, (args, kwargs))
        made = func(*inner_args, **inner_kwargs)
        if to.type == "cpu":
            return made
        known = {id(one.inner): one for one in away}
        return tree_map_only(
            torch.Tensor,
            lambda one: known[id(one)] if id(one) in known else _there(func, one),
            made,
        )


def _there(func, inner):
    assert inner.dtype != torch.float64, f"{func} makes 64-bit floats on the device"
    return Elsewhere(inner)
