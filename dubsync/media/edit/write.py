"""Write the edit media of a render: whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from dubsync.core.edit.codec import CONTAINERS, EditCodec, check_edit_picture
from dubsync.core.edit.media import MXF_RATE, EditEssence, EditMedia
from dubsync.core.errors import MediaError
from dubsync.core.picture import PictureFormat
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.edit.clip_tracks import ClipTrack, list_clip_tracks
from dubsync.media.edit.encoders import encoder
from dubsync.media.edit.identity import umid, urn
from dubsync.media.edit.job import EditJob, stated_format
from dubsync.media.edit.landing import Landing, landing
from dubsync.media.edit.losses import HOLD_A_TURN, edit_losses
from dubsync.media.edit.movie_file import EditMovie, EditSound
from dubsync.media.edit.mxf import ESSENCE_TRACK, Identities, finish_mxf
from dubsync.media.edit.samples import conversion, edit_format
from dubsync.media.edit.sound_tracks import channels_of
from dubsync.media.edit.stills import write_stills
from dubsync.media.movie.field_flags import flags_of
from dubsync.media.movie.frame_index import index_movie
from dubsync.media.movie.quicktime import add_picture_facts
from dubsync.media.pixels.square import upright_format

#: What FFmpeg's MXF muxers write where there is no timecode.
NO_TIMECODE = "00:00:00:00"


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
        codec, container: see core.edit.codec; container "" is the codec's usual one.
        plate: its reel, timecode, drop flag, colour tags and HDR metadata are written.
        span: the plate's frames that `source` holds, in source timecode.
        digest: of the render; the identities of MXF files derive from it.
        sound: a movie or sound file that begins with the picture, written as PCM (AAC in .mp4);
            None: silent.  Stills have none.
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
    losses = edit_losses(form, codec, container, plate, sound)
    if container not in HOLD_A_TURN:
        form = upright_format(form)
    job = EditJob(
        source, folder, name, codec, container, form, plate, span, digest, sound, progress, shot
    )
    first = job.folder / f"{name}{CONTAINERS[container] or '.' + codec.name}"
    with landing(first) as files:
        essences = _WRITE[container](job, files)
    clip = urn(umid(*_of(job), "clip")) if container.startswith("mxf") else ""
    return EditMedia(codec.name, container, span, essences, clip, losses)


_Essences = tuple[EditEssence, ...]


def _movie(job: EditJob, files: Landing) -> _Essences:
    """One movie of picture and sound."""
    path = job.folder / f"{job.name}{CONTAINERS[job.container]}"
    aside = files.aside(path)
    form = _pictures(job, aside)
    add_picture_facts(aside, form, quicktime=job.container == "mov", flagged=flags_of(job.plate))
    check_read_back(job, aside, path)
    return (EditEssence(str(path), "picture", length=len(job.span)),)


def _op1a(job: EditJob, files: Landing) -> _Essences:
    """One MXF file of picture and sound."""
    path = job.folder / f"{job.name}.mxf"
    aside = files.aside(path)
    _pictures(job, aside)
    essence = _identified(job, aside, path, 0, len(job.span))
    check_read_back(job, aside, path)
    return (essence,)


def _op_atom(job: EditJob, files: Landing) -> _Essences:
    """An MXF file for the picture, and one for each channel of sound."""
    path = job.folder / f"{job.name}_v1.mxf"
    aside = files.aside(path)
    _pictures(job, aside)
    written, result = [aside], [_identified(job, aside, path, 0, len(job.span))]
    count = channels_of(job.sound) if job.sound else 0
    for channel in range(1, count + 1):
        at = job.folder / f"{job.name}_a{channel}.mxf"
        written.append(files.aside(at))
        length = EditSound(written[-1], job, channel).write()
        result.append(_identified(job, written[-1], at, channel, length))
    tracks = [
        ClipTrack(
            one.channel,
            Fraction(MXF_RATE) if one.channel else job.span.rate,
            one.length,
            _identities(job, one.channel).file,
        )
        for one in result
    ]
    for file, track in zip(written, tracks, strict=True):
        list_clip_tracks(file, tracks, track.channel, job.span.start if job.timecode else 0)
    check_read_back(job, aside, path)
    return tuple(result)


def _stills(job: EditJob, files: Landing) -> _Essences:
    return (EditEssence(str(write_stills(job, files)), "picture", length=len(job.span)),)


_WRITE: Mapping[str, Callable[[EditJob, Landing], _Essences]] = MappingProxyType({
    "mov": _movie, "mp4": _movie, "mxf": _op1a, "mxf_opatom": _op_atom, "sequence": _stills,
})  # fmt: skip


def _pictures(job: EditJob, aside: Path) -> PictureFormat:
    """Write a movie of every frame, and the sound that its container holds beside them."""
    target = edit_format(job.form, job.codec)
    coded = encoder(job.codec, target, fields=bool(flags_of(job.plate)))
    convert = conversion(job.form, target)
    movie = EditMovie(aside, job, coded, target)
    with ExitStack() as undo:
        undo.callback(movie.abandon)
        for frame in job.frames():
            movie.add(convert(frame))
        undo.pop_all()
        movie.close()
    return target


def _of(job: EditJob) -> tuple[str, ...]:
    return job.digest, job.codec.name, job.container


def _identities(job: EditJob, channel: int) -> Identities:
    """The packages of one file.  All files of a clip share the material package and the tape."""
    return Identities(
        material=umid(*_of(job), "clip"),
        file=umid(*_of(job), str(channel), "file"),
        tape=umid("tape", job.plate.reel),
    )


def _identified(job: EditJob, aside: Path, path: Path, channel: int, length: int) -> EditEssence:
    """The MXF file given its identities, as an essence of the media."""
    ours = _identities(job, channel)
    shown = job.form.pixel_aspect * job.form.width / job.form.height
    finish_mxf(aside, ours, aspect=shown, atom=job.container == "mxf_opatom")
    return EditEssence(
        path=str(path),
        kind="sound" if channel else "picture",
        channel=channel,
        material=urn(ours.material),
        file=urn(ours.file),
        tape=urn(ours.tape) if job.plate.reel else "",
        track=ESSENCE_TRACK,
        length=length,
    )


def check_read_back(job: EditJob, aside: Path, path: Path) -> None:
    """Raise MediaError unless the movie has the frames, rate, size and timecode it should have."""
    index = index_movie(aside)
    form = index.format
    found = (len(index.pts), index.rate, form.width, form.height, index.timecode)
    timecode = job.timecode or (NO_TIMECODE if job.container.startswith("mxf") else "")
    wanted = (len(job.span), job.span.rate, job.form.width, job.form.height, timecode)
    if found != wanted:
        raise MediaError(
            f"{path.name} reads back as {found}, not as {wanted} (frames, rate, width, height, "
            "timecode)",
            hint="send us the render; its lossless master is not affected",
        )
