"""What edit media cannot hold of its master, beside the codec's own loss."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dubsync.core.edit.codec import EditCodec
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Plate, ProjectWarning
from dubsync.media.edit.samples import keeps_alpha
from dubsync.media.edit.sound_tracks import sound_losses

_BY_NUMBER = "conform by the file numbers, which are source frames"
#: Containers that take mastering display and content light level.
_HOLD_HDR = ("mov", "mp4")
#: Containers that say how a picture is to be turned.
HOLD_A_TURN = ("mov", "mp4")
#: Codecs that have no flag for frames of two fields.
_WHOLE_ONLY = ("dnxhr_hqx", "dnxhr_444", "exr", "dpx")
#: Most frames a second that an EXR timecode can number.
MOST_COUNTED = 30


def edit_losses(
    form: PictureFormat,
    codec: EditCodec,
    container: str,
    plate: Plate,
    sound: Path | None = None,
) -> tuple[ProjectWarning, ...]:
    """What is lost of pictures of `form` and of `sound`, each with what to do.

    Opens no file but `sound`.  Raises MediaError if that cannot be read.
    """
    said = [*_of_picture(form, codec), *_of_slate(form, codec, container, plate)]
    if sound is not None:
        said += sound_losses(sound, container)
    return tuple(
        ProjectWarning(codec.label, f"edit media lose {what}; the master keeps it", hint)
        for what, hint in said
    )


def _of_picture(form: PictureFormat, codec: EditCodec) -> Iterator[tuple[str, str]]:
    managed = form.colour is not None and not form.colour.own
    if codec.name == "exr":
        if not form.floating and not managed:
            yield (
                "the master's code values: they are made linear by the sRGB curve, whatever curve "
                "the camera had",
                'choose edit = "dpx" for pictures in a camera\'s log curve',
            )
    elif form.floating and form.colour is not None and managed:
        yield (
            f"linear light: it is coded in {form.colour.working}",
            f'give the clips the input colour space {form.colour.working}, or choose edit = "exr"',
        )
    elif form.floating:
        yield (
            "light brighter than nominal white: scene-linear floats are coded by the sRGB curve",
            'choose edit = "exr"',
        )
    else:
        if codec.name != "dpx" and form.bits > codec.bits:
            yield f"depth: {form.bits} bits are coded as {codec.bits}", "grade from the master"
        if codec.rgb and form.model == "yuv":
            yield (
                "what is whiter than white and blacker than black: R'G'B' is cut at both",
                'choose edit = "prores4444" or "dnxhr_hqx", which keep it',
            )
    if keeps_alpha(form) and not (codec.alpha or codec.name == "exr"):
        yield "the picture's transparency", 'choose edit = "prores4444" or "exr"'


def _of_slate(
    form: PictureFormat, codec: EditCodec, container: str, plate: Plate
) -> Iterator[tuple[str, str]]:
    if (form.mastering_display or form.content_light) and container not in _HOLD_HDR:
        yield (
            f"HDR10 metadata (mastering display, content light level), which {container} as it is "
            "written here does not hold",
            'choose edit_container = "mov", or set it again when you master',
        )
    if form.turned and container not in HOLD_A_TURN:
        yield (
            f"the note that the picture is shown {form.turned}: the picture itself is turned",
            'choose edit_container = "mov", which holds the note',
        )
    if (plate.reading.flagged or form.fields) and codec.name in _WHOLE_ONLY:
        yield (
            "the flag of its two fields: the lines of both are there, but the file says that "
            "frames are whole",
            'choose edit = "prores422hq", "dnxhd" or "xavc"',
        )
    if (plate.reading.flagged or form.fields) == "bottom" and codec.name == "xavc":
        yield (
            "the order of its two fields: XAVC says that the top field is the first",
            'choose edit = "prores422hq" or "dnxhd"',
        )
    if container == "mp4" and plate.reel:
        yield "the reel, which .mp4 does not hold", 'choose edit_container = "mov"'
    if not plate.has_timecode:
        if container.startswith("mxf"):
            yield (
                "the plain fact that the plate has no timecode: MXF states one, which is "
                "00:00:00:00 here",
                'choose edit_container = "mov"',
            )
        return
    rate = plate.frames.rate
    if codec.name == "exr" and rate > MOST_COUNTED:
        yield f"timecode in the header, which EXR has no digits for at {rate} fps", _BY_NUMBER
    elif codec.name == "dpx" and plate.drop:
        yield "the mark of drop-frame timecode, which DPX does not have", _BY_NUMBER
