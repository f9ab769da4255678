"""Write the edit media of a render: whole, or not at all."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from dubsync.core.edit_codec import CONTAINERS, EditCodec, check_edit_picture
from dubsync.core.edit_media import EditEssence, EditMedia
from dubsync.core.errors import MediaError
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.edit.encoders import encoder
from dubsync.media.edit.job import EditJob, stated_format
from dubsync.media.edit.losses import edit_losses
from dubsync.media.edit.movie_file import EditMovie
from dubsync.media.edit.quicktime import add_picture_facts
from dubsync.media.edit.samples import conversion, edit_format
from dubsync.media.movie.frame_index import index_movie
from dubsync.media.movie.write import landed, writing


def write_edit_media(
    source: Plate,
    folder: Path,
    name: str,
    codec: EditCodec,
    container: str,
    *,
    plate: Plate,
    span: FrameRange,
    digest: str,
    sound: Path | None = None,
    progress: Progress = silent,
    shot: str = "",
) -> EditMedia:
    """Write the frames of `source`, a render as `probe_plate` reads it, for editors' programs.

    Files are NAME.mov, NAME.mp4 or NAME.mxf; NAME_v1.mxf and NAME_a1.mxf ... in OP-Atom, a file
    for each track; NAME.%07d.exr or .dpx, numbered by source frame.  One frame is in memory at a
    time, and the few in the encoder.

    Args:
        folder: exists; no file of these names may.
        codec, container: see core.edit_codec; container "" is the codec's usual one.
        plate: its reel, timecode, drop flag, colour tags and HDR metadata are written.
        span: the plate's frames that `source` holds, in source timecode.
        digest: of the render; the identities of MXF files derive from it.
        sound: a movie or sound file that begins with the picture, written as PCM; None: silent.
        progress: called after each frame, as step "edit media" of `shot`.

    Raises:
        DeliveryError: the codec cannot hold these pictures or this rate, a file exists, or cannot
            be written; nothing is left.
        MediaError: `source` or `sound` cannot be read, `source` has other frames than `span`, the
            FFmpeg here lacks the encoder, or the file does not read back as it was written.
    """
    container = container or codec.usual
    form = stated_format(source.format, plate.format)
    check_edit_picture(codec, container, form, span.rate)
    if len(source.frames) != len(span):
        raise MediaError(f"{source.path} holds {len(source.frames)} frames, not {len(span)}")
    job = EditJob(
        source, folder, name, codec, container, form, plate, span, digest, sound, progress, shot
    )
    losses = edit_losses(form, codec, container)
    path = _movie(job)
    essence = EditEssence(str(path), "picture", length=len(span))
    return EditMedia(codec.name, container, span, (essence,), losses=losses)


def _movie(job: EditJob) -> Path:
    """Write one movie of picture and sound, and read it back."""
    path = job.folder / f"{job.name}{CONTAINERS[job.container]}"
    target = edit_format(job.form, job.codec)
    coded, convert = encoder(job.codec, target), conversion(job.form, target)
    with landed(path) as aside:
        with writing(path):
            aside.touch()  # av reports missing write permission only at the end
            movie = EditMovie(aside, job, coded, target)
        with ExitStack() as undo, writing(path):
            undo.callback(movie.abandon)
            for frame in job.frames():
                movie.add(convert(frame))
            undo.pop_all()
            movie.close()
        if job.container == "mov":
            with writing(path):
                add_picture_facts(aside, target)
        check_read_back(job, aside, path)
    return path


def check_read_back(job: EditJob, aside: Path, path: Path) -> None:
    """Raise MediaError unless the movie has the frames, rate, size and timecode it should have."""
    index = index_movie(aside)
    form = index.format
    found = (len(index.pts), index.rate, form.width, form.height, index.timecode)
    wanted = (len(job.span), job.span.rate, job.form.width, job.form.height, job.timecode)
    if found != wanted:
        raise MediaError(
            f"{path.name} reads back as {found}, not as {wanted} (frames, rate, width, height, "
            "timecode)",
            hint="send us the render; its lossless master is not affected",
        )
