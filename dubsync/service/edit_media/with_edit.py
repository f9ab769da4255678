"""Gives renders their edit media, one shot at a time, and says of which it could not be made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dubsync.core.edit.host import MediaKind
from dubsync.core.errors import DubsyncError
from dubsync.core.progress import Progress
from dubsync.core.result import RenderedShot
from dubsync.core.settings import NO_CREDENTIALS, ProofSettings
from dubsync.service.edit_media.make_edit import edit_media
from dubsync.service.fault import bounded
from dubsync.service.store.folder import Store


def with_edit_media(
    store: Store,
    rendered: Sequence[RenderedShot],
    kind: MediaKind | None,
    progress: Progress,
    allowed: Callable[[RenderedShot], object] = lambda one: None,
    proof: ProofSettings = NO_CREDENTIALS,
) -> tuple[tuple[RenderedShot, ...], tuple[tuple[str, str], ...]]:
    """Renders with their edit media, and (shot, reason) of those that could not be made.

    Those made before an interruption are kept, so the next call goes on after them.

    Args:
        kind: None: none are wanted, and `rendered` is returned.
        allowed: called before each; raises ConsentMissing if nothing may be made of this render.
        proof: whether they get credentials, and where.
    """
    if kind is None:
        return tuple(rendered), ()
    made, failed = [], []
    for one in rendered:
        try:
            made.append(bounded(lambda one=one: _made(store, one, kind, progress, allowed, proof)))  # type: ignore[misc]
        except DubsyncError as error:
            hint = f" ({error.hint})" if error.hint else ""
            failed.append((one.shot.name, f"its edit media cannot be made: {error}{hint}"))
    return tuple(made), tuple(failed)


def _made(
    store: Store,
    one: RenderedShot,
    kind: MediaKind,
    progress: Progress,
    allowed: Callable[[RenderedShot], object],
    proof: ProofSettings,
) -> RenderedShot:
    allowed(one)
    made = edit_media(store, one, kind.codec, kind.container, progress, proof)
    return replace(one, edit=made)
