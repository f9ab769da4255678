"""Write a shot: full frames, matte and layer, all of them or none."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import av

from dubsync.core.errors import DubsyncError, MediaError
from dubsync.core.picture import PictureFormat
from dubsync.core.settings import DeliverySettings
from dubsync.core.shot import Plate, ProjectWarning
from dubsync.core.steps import Composite
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.files.atomic_output import land, refuse_existing, sync_folder
from dubsync.media.files.cannot_write import cannot_write
from dubsync.media.frame_digests import digests_of, frame_digest
from dubsync.media.layer import LayerPicture
from dubsync.media.movie.codecs import (
    PRORES_4444,
    PRORES_HQ,
    Codec,
    lossless,
    matte_codec,
)
from dubsync.media.movie.frame_index import index_movie
from dubsync.media.movie.write import MovieWriter
from dubsync.media.pixels.formats import frame_of
from dubsync.media.pixels.video import video_format, video_planes
from dubsync.media.reused_frames import Faded, KeptFrame, Made, most_waiting
from dubsync.media.stills.read import write_gray, write_still
from dubsync.media.stills.sequence import still_path

_Convert = Callable[[Made], av.VideoFrame]
_Coded = Callable[[Made], bytes | None]
_PRORES = Codec("prores_ks", "yuv422p10le", PRORES_HQ)
_FAILURES = (av.error.FFmpegError, OSError, DubsyncError)


def picture_losses(plate: Plate, delivery: DeliverySettings) -> tuple[ProjectWarning, ...]:
    """What a render of `plate` cannot hold.  Opens no file, so it can be asked before any work.

    Raises:
        MediaError: the picture's format or size cannot be written.
    """
    if _is_sequence(plate, delivery):
        return ()
    form = plate.format
    if delivery.picture == "lossless":
        lossless(form, _suffix(delivery))
        return ()
    if not form.floating:
        return ()
    coded = "by the sRGB curve, and what is brighter than white is clipped"
    if form.colour is not None and not form.colour.own:
        coded = f"in {form.colour.working}; give the clip that colour space"
    return (
        ProjectWarning(
            plate.name, f"its linear light is coded {coded}: ProRes is video",
            'render an EXR sequence: picture = "lossless"',
        ),
    )  # fmt: skip


def _is_sequence(plate: Plate, delivery: DeliverySettings) -> bool:
    return plate.first_number is not None and delivery.picture == "lossless"


def _suffix(delivery: DeliverySettings) -> str:
    """The suffix of a movie's render."""
    return ".mov" if delivery.picture == "prores422hq" else f".{delivery.container}"


class ShotWriter:
    """Writes `NAME.mkv` (or .mov, or a sequence `NAME.%04d.exr`), its matte and its layer.

    with ShotWriter(...) as writer:  writer.add(composite) for each frame in order

    Files have hidden names until the block succeeds; then their frames are counted, and they are
    synced to the disk and renamed.  Picture, matte and layer are encoded in parallel, each on its
    own thread, a few frames behind `add`.  `picture` and `matte` of a sequence are printf patterns
    in their last part; `layer` is always a movie.  `frame_digests` are those of the picture; see
    `media.frame_digests`.

    Raises:
        DeliveryError: the folder cannot be written, the disk is full, or a file of that name
            exists; no files are left.
        MediaError: the picture's format cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        plate: Plate,
        span: FrameRange,
        delivery: DeliverySettings,
        *,
        sound: Path | None = None,
    ) -> None:
        self._plate, self._span, self._folder = plate, span, folder
        sequence = _is_sequence(plate, delivery)
        kind = Path(plate.path).suffix.lower() if sequence else _suffix(delivery)
        # Stills have the numbers of the plate's own files, whatever their timecode is.
        self._renumber = plate.rendered_number(span.start) - span.start if sequence else 0
        number = f".%0{max(4, len(str(span.stop + self._renumber)))}d" if sequence else ""
        printed = name.replace("%", "%%") if sequence else name
        self.picture = folder / f"{printed}{number}{kind}"
        self.matte = folder / f"{printed}_matte{number}{'.png' if sequence else kind}"
        self.layer = folder / f"{name}_layer.mov"
        self._tracks: list[_Track] = []
        self._added = 0
        self._sampled: list[str] = []
        self._sequence, self._delivery, self._sound = sequence, delivery, sound

    def __enter__(self) -> ShotWriter:
        try:
            with ExitStack() as undo:
                undo.callback(self._abandon)
                if self._sequence:
                    self._tracks.append(self._stills(self.picture, self._as_plate))
                    self._tracks.append(self._stills(self.matte, _as_matte))
                else:
                    self._tracks.append(self._picture_track())
                    self._tracks.append(self._matte_track())
                self._tracks.append(self._layer_track())
                undo.pop_all()
        except _FAILURES as error:
            raise self._refusal(error) from error
        return self

    @property
    def frame_digests(self) -> tuple[str, ...]:
        """The digest of each frame of the picture that was written, once the block succeeded."""
        if self._delivery.picture == "lossless":
            return tuple(self._sampled)
        return tuple(digests_of(self.picture, "coded"))

    def add(self, composite: Made) -> None:
        """Append one frame: new, of an earlier version, or a blend of the two.

        A kept frame's picture and matte keep every sample; its layer, and a ProRes picture, are
        copied without encoding again.  Raises DeliveryError when an encoder has failed.
        """
        self._added += 1
        try:
            for track in self._tracks:
                track.put(composite)
        except _FAILURES as error:
            raise self._refusal(error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        try:
            if kind is not None:
                return
            for track in self._tracks:
                track.finish()
            self._publish()
        except _FAILURES as failure:
            raise self._refusal(failure) from failure
        finally:
            self._abandon()
            self._tracks.clear()  # and with them the encoders, whatever is done with the files

    def _publish(self) -> None:
        with ExitStack() as undo:
            for track in self._tracks:
                for aside, path in track.asides:
                    land(aside, path)
                    undo.callback(path.unlink, missing_ok=True)
            sync_folder(self._folder)
            undo.pop_all()

    def _abandon(self) -> None:
        for track in self._tracks:
            track.abandon()

    def _refusal(self, error: Exception) -> DubsyncError:
        """The error for the user.  Deletes every file first, so that it can say what is free."""
        if isinstance(error, DubsyncError):
            return error
        written = sum(aside.stat().st_size for track in self._tracks for aside, _ in track.asides
                      if aside.exists())  # fmt: skip
        self._abandon()
        wanted = written * len(self._span) // max(1, self._added)
        return cannot_write(self.picture, error, wanted=wanted)

    def _picture_track(self) -> _Track:
        form = self._plate.format
        if self._delivery.picture == "lossless":
            codec = lossless(form, self.picture.suffix)
            return self._movie(self.picture, codec, form, self._samples, sound=self._sound)
        form = video_format(form, "yuv422p10le", (1, 0))
        convert = _video(form)
        return self._movie(
            self.picture, _PRORES, form, convert, sound=self._sound, coded=_kept_picture
        )

    def _samples(self, composite: Made) -> av.VideoFrame:
        frame = _plain(composite).frame
        self._sampled.append(frame_digest(frame))
        return frame_of(frame.planes, frame.format)

    def _as_plate(self, path: Path, composite: Made) -> None:
        frame = _plain(composite).frame
        self._sampled.append(frame_digest(frame))
        like = self._plate.still_number(frame.number)
        write_still(path, frame, still_path(Path(self._plate.path), like))

    def _matte_track(self) -> _Track:
        form = replace(
            self._plate.format, model="gray", bits=8, floating=False, chroma=(0, 0),
            storage="gray", full_range=True, matrix="bt709", matrix_tagged=False,
            primaries="", transfer="", mastering_display="", content_light="", colour=None,
        )  # fmt: skip
        return self._movie(self.matte, matte_codec(form, self.matte.suffix), form, _matte_frame)

    def _layer_track(self) -> _Track:
        form = video_format(self._plate.format, "yuva444p10le", (0, 0))
        codec = Codec("prores_ks", "yuva444p10le", PRORES_4444)
        layer = LayerPicture(form, codec)
        return self._movie(self.layer, codec, form, layer, coded=layer.coded)

    def _stills(self, pattern: Path, write: Callable[[Path, Made], None]) -> _Track:
        return _Stills(pattern, len(self._span), self._renumber, write)

    def _movie(
        self,
        path: Path,
        codec: Codec,
        form: PictureFormat,
        convert: _Convert,
        *,
        sound: Path | None = None,
        coded: _Coded | None = None,
    ) -> _Track:
        refuse_existing(path)
        aside = path.with_name(f".{path.name}.part{path.suffix}")
        aside.touch()  # av reports missing write permission only at the end
        with ExitStack() as undo:
            undo.callback(aside.unlink, missing_ok=True)
            writer = MovieWriter(
                aside, codec, form, self._span, self._plate, sound=sound, coded=coded is not None
            )
            undo.pop_all()
        return _Movie(path, aside, writer, convert, len(self._span), coded)


class _Track:
    """One of the outputs, encoded on its own thread.

    asides  (hidden name, final name) of every file started
    """

    def __init__(self) -> None:
        self.asides: list[tuple[Path, Path]] = []
        self._coder = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()

    def put(self, composite: Made) -> None:
        """Queue `composite` for encoding; raises the error of an earlier one."""
        most = most_waiting(composite)
        while self._waiting and (len(self._waiting) >= most or self._waiting[0].done()):
            self._waiting.popleft().result()
        self._waiting.append(self._coder.submit(self._write, composite))

    def finish(self) -> None:
        """Wait until everything is encoded, and close the file."""
        while self._waiting:
            self._waiting.popleft().result()
        self._close()

    def abandon(self) -> None:
        """Stop, and delete every file that has not been renamed to its final name."""
        self._coder.shutdown(cancel_futures=True)
        self._let_go()
        for aside, _ in self.asides:
            with suppress(OSError):  # the folder may be missing
                aside.unlink()

    def _write(self, composite: Made) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError

    def _let_go(self) -> None:
        """Close open files, in whatever state."""


class _Movie(_Track):
    def __init__(
        self,
        path: Path,
        aside: Path,
        writer: MovieWriter,
        convert: _Convert,
        n_frames: int,
        coded: _Coded | None,
    ) -> None:
        self._path, self._aside, self._writer = path, aside, writer
        self._convert, self._n_frames, self._coded = convert, n_frames, coded
        self._open = True
        super().__init__()
        self.asides.append((aside, path))

    def _write(self, composite: Made) -> None:
        coded = None
        if self._coded is not None:
            coded = self._coded(composite)
        if coded is not None:
            self._writer.add_coded(coded)
        else:
            self._writer.add(self._convert(composite))

    def _close(self) -> None:
        self._open = False
        self._writer.close()
        result = len(index_movie(self._aside).pts)
        if result != self._n_frames:
            raise MediaError(f"{self._path.name} holds {result} frames of {self._n_frames}")

    def _let_go(self) -> None:
        if self._open:
            self._open = False
            self._writer.abandon()


class _Stills(_Track):
    def __init__(
        self,
        pattern: Path,
        n_frames: int,
        renumber: int,
        write: Callable[[Path, Made], None],
    ) -> None:
        self._pattern, self._n_frames, self._renumber = pattern, n_frames, renumber
        self._write_one = write
        super().__init__()

    def _write(self, composite: Made) -> None:
        number = _plain(composite).frame.number
        path = still_path(self._pattern, number + self._renumber)
        refuse_existing(path)
        aside = path.with_name(f".part.{path.name}")
        self.asides.append((aside, path))
        self._write_one(aside, composite)

    def _close(self) -> None:
        if len(self.asides) != self._n_frames:
            raise MediaError(f"{len(self.asides)} frames were made of {self._n_frames}")


def _plain(made: Made) -> Composite | KeptFrame:
    """Picture and matte of a frame, whatever it is made of."""
    return made.composite if isinstance(made, Faded) else made


def _kept_picture(made: Made) -> bytes | None:
    """The encoded ProRes picture of an earlier version's frame; None of a new one."""
    return made.coded if isinstance(made, KeptFrame) else None


def _as_matte(path: Path, composite: Made) -> None:
    write_gray(path, _plain(composite).matte)


def _matte_frame(composite: Made) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(_plain(composite).matte, format="gray")


def _video(form: PictureFormat) -> _Convert:
    def convert(composite: Made) -> av.VideoFrame:
        return frame_of(video_planes(_plain(composite).frame, form), form)

    return convert
