"""What edit media cannot hold of its master, beside the codec's own loss."""

from __future__ import annotations

from collections.abc import Iterator

from dubsync.core.edit_codec import EditCodec
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import ProjectWarning
from dubsync.media.edit.samples import keeps_alpha

#: Containers that take mastering display and content light level.
_HOLD_HDR = ("mov", "mp4")


def edit_losses(
    form: PictureFormat, codec: EditCodec, container: str
) -> tuple[ProjectWarning, ...]:
    """What is lost of pictures of `form`, each with what to do.  Opens no file."""
    return tuple(
        ProjectWarning(codec.label, f"{what} is lost in edit media; the master keeps it", hint)
        for what, hint in _lost(form, codec, container)
    )


def _lost(form: PictureFormat, codec: EditCodec, container: str) -> Iterator[tuple[str, str]]:
    if form.floating and codec.name != "exr":
        yield (
            "light brighter than nominal white, and scene-linear floats: they are coded by the "
            "sRGB curve; all of that range",
            'deliver exr: [delivery] edit = "exr"',
        )
    elif form.bits > codec.bits:
        yield f"depth: {form.bits} bits are coded as {codec.bits}; the rest", "grade the master"
    if keeps_alpha(form) and not codec.alpha:
        yield "the picture's transparency", 'choose edit = "prores4444"'
    if (form.mastering_display or form.content_light) and container not in _HOLD_HDR:
        yield (
            f"its HDR10 metadata (mastering display, content light level): {container} as it is "
            "written here has no place for it, so it",
            'choose edit_container = "mov", or set it again when you master',
        )
