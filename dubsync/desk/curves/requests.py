"""Changes as `dubsync tweak --set` would be asked for them: what the history shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dubsync.core.tweak.curve import Curve, Span

MOST = 3  #: keys that are written out


def of_keys(name: str, curve: Curve, frames: Iterable[int]) -> str:
    """Keys of `curve` at `frames`: "jaw=1.2@1012 jaw=1.3@1020"."""
    values = dict(curve.keys)
    texts = [f"{name}={values[frame]:g}@{frame}" for frame in sorted(frames) if frame in values]
    more = f" and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return " ".join(texts[:MOST]) + more


def of_span(name: str, span: Span) -> str:
    """A span: "jaw=1.3@1012..1040"."""
    return f"{name}={span.value:g}@{span.first}..{span.last}"


def of_held(name: str, value: float) -> str:
    """A value throughout: "jaw=1.3"."""
    return f"{name}={value:g}"


def of_removed(name: str, frames: Sequence[int]) -> str:
    """What goes from frame `frames[0]` to the last of them: "clear jaw@1012"."""
    first, last = min(frames), max(frames)
    return f"clear {name}@{first}" + (f"..{last}" if last > first else "")
