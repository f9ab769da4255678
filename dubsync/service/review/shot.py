"""The review of one shot: a strip for each face, and a movie with the dub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

import numpy as np

from dubsync.core.errors import EngineError
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Plate, Shot
from dubsync.core.sound.audio import Sound
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.movie.review import write_review_movie
from dubsync.media.pixels.square import square_format
from dubsync.media.plate import coloured_like, open_square
from dubsync.media.probe import probe_plate
from dubsync.media.stills.encode import png, rgb8
from dubsync.qc.burn_in import Bar, fitted
from dubsync.qc.chart import timecode
from dubsync.qc.pictures.review_strip import pictured
from dubsync.qc.pictures.slate import watermarked
from dubsync.qc.pictures.strip_drawing import draw_strip
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.credentials.write import sign_copies
from dubsync.service.qc.retrack import joined_face, tracked_again
from dubsync.service.reel.pipeline import Part
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.render.draft import is_open_draft
from dubsync.service.render.sync import newest
from dubsync.service.render.verify_render import verified
from dubsync.service.review.face import Alternatives, FaceSeen, Pictures, envelope, face_strip
from dubsync.service.review.held_frames import held_frames
from dubsync.service.stems.sound_keys import read_stem
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import NewVersion
from dubsync.service.store.review_names import strip_name

HZ = 48000  #: of the movie's sound
WIDEST, WIDEST_PAIR = 1280, 960  #: pixels of the picture, alone and beside the plate


@dataclass(frozen=True, slots=True)
class Review:
    """The files of one review.

    strips   character -> path of the strip, PNG
    movie    path of the movie
    render   version of the render shown; None if there is none and the plate is shown
    stale    whether that render differs from what a sync would make today
    """

    shot: str
    version: int
    strips: Mapping[str, str]
    movie: str
    render: int | None
    stale: bool


def review_shot(
    reel: Reel, name: str, *, plate_beside: bool = False, progress: Progress = silent
) -> Review:
    """Draw strips and a movie of the shot called `name` into reports/review/SHOT/vNNN/.

    They show the newest render; if there is none, the plate and the planned motion.

    Args:
        plate_beside: the movie shows the plate on the left of the render.
        progress: called as stages "look" and "movie".

    Raises:
        ConsentMissing: a performer in the shot has not consented.
        EngineError: the shot cannot be worked on, or no mouth is moved in it.
        DeliveryError: the newest render is damaged or altered, or the folder cannot be written.
    """
    shot = reel.shot(name)
    reel.consent(shot, LIP_REENACT)
    progress = reel.watching(progress, shot)
    plan = reel.look(progress).plan(shot)
    driven = plan.driven(progress)
    if not driven.parts:
        why = "; ".join(warning.message for warning in driven.warnings) or "the plate is kept"
        raise EngineError(f"no mouth is moved in {name}: {why}")
    rendered, version, stale = _shown(plan, progress)
    with NewVersion(reel.store, "reports", "review", name) as made:
        spoken = reel.language if reel.store.layout.several else ""
        head = "   ".join(filter(None, (name, spoken, _version_text(version, stale))))
        sound = dub_over(reel, shot, rendered.frames)
        others, strips = Alternatives.of(plan, progress), {}
        for face in _faces(reel, rendered, driven.parts, bool(version), progress):
            title = f"{head}   {face.face.character}"
            strip = draw_strip(face_strip(reel, rendered, face, others, title))
            file = strip_name(reel.store.layout, name, made.name, face.face.character)
            write_whole(made.folder / file, png(strip))
            strips[face.face.character] = str(made.final / file)
        movie = reel.store.layout.named(name, f"{made.name}.mp4")
        shown = MovieFrames(
            rendered, bool(version), plate_beside, reel.turnover.cut.drop,
            across=_across(reel, rendered, version),
        )  # fmt: skip
        write_review_movie(
            made.folder / movie, shown.pictures(head, sound, progress), shown.rate, sound
        )
        if rendered.record:
            sign_copies([made.folder / movie], Path(rendered.record), reel.settings.proof)
    return Review(name, made.number, strips, str(made.final / movie), version, stale)


def _across(reel: Reel, rendered: RenderedShot, version: int | None) -> str:
    """What stands over every picture: that it is a draft, while nobody has approved it."""
    if version is None:
        return ""
    folder = Path(rendered.record).parent
    return f"DRAFT {folder.name}" if is_open_draft(reel.store, rendered.shot.name, folder) else ""


def _version_text(version: int | None, stale: bool) -> str:
    if version is None:
        return "plate, not rendered yet"
    return f"v{version:03d}" + (", stale" if stale else "")


def _shown(plan: ShotPlan, progress: Progress) -> tuple[RenderedShot, int | None, bool]:
    """The newest render, its version and whether it is stale; else a stand-in for a render."""
    reel, shot = plan.reel, plan.shot
    folder = newest(reel, shot)
    if folder is None:
        nothing = RenderedShot(shot, 0, shot.render, "", "", "", 0, None, shot.characters, "")
        return nothing, None, False
    rendered, _ = verified(reel, shot, folder, progress)
    return rendered, rendered.version, rendered.digest != plan.render_key


# -- faces -------------------------------------------------------------------------------------


def _faces(
    reel: Reel, rendered: RenderedShot, parts: Sequence[Part], made: bool, progress: Progress
) -> list[FaceSeen]:
    """Every face with its pictures; if there is a render, tracked again in it."""
    characters = dict.fromkeys(part.character for part in parts)
    faces = [joined_face(name, parts, rendered.frames) for name in characters]
    pictures = [Pictures(face, rendered.frames, pictured(rendered.frames)) for face in faces]
    if not made:
        with open_square(rendered.shot.plate) as plates:
            for place, frame in enumerate(plates.frames(rendered.frames)):
                _offer(pictures, place, frame, None)
                progress(Step("look", rendered.shot.name, place + 1, len(rendered.frames)))
        return [FaceSeen(f, p, None) for f, p in zip(faces, pictures, strict=True)]
    frames = _both(rendered, pictures, progress)
    tracks = reel.engine.track(frames, rendered.frames, shot=rendered.shot.name, progress=silent)
    for _ in frames:  # read what the tracker did not: one may stop early
        continue
    return [
        FaceSeen(face, mouths, tracked_again(face, tracks, rendered))
        for face, mouths in zip(faces, pictures, strict=True)
    ]


def _both(
    rendered: RenderedShot, pictures: Sequence[Pictures], progress: Progress
) -> Iterator[Frame]:
    """The render's frames; crops of plate and render are collected on the way."""
    picture = coloured_like(probe_plate(Path(rendered.picture)), rendered.shot.plate)
    total = len(rendered.frames)
    plate = rendered.shot.plate
    with open_square(plate) as plates, open_square(picture, like=plate) as renders:
        pairs = zip(
            plates.frames(rendered.frames), renders.frames(picture.frames), strict=True
        )  # fmt: skip
        for place, (before, after) in enumerate(pairs):
            _offer(pictures, place, before, after)
            yield replace(after, number=before.number)
            progress(Step("look", rendered.shot.name, place + 1, total))


def _offer(pictures: Sequence[Pictures], place: int, before: Frame, after: Frame | None) -> None:
    for mouths in pictures:
        mouths.offer(place, before, after)


# -- movie -------------------------------------------------------------------------------------


def record_span(shot: Shot, frames: FrameRange) -> FrameRange:
    """The record frames over which plate frames `frames` of `shot` are shown."""
    if shot.speed == 0:
        return shot.record
    edges = [shot.time.record_of(Fraction(f)) for f in (frames.start, frames.stop)]
    return FrameRange(max(floor(min(edges)), 0), ceil(max(edges)), shot.record.rate)


def dub_over(reel: Reel, shot: Shot, frames: FrameRange) -> Sound:
    """The mix of all stems over the shot, on record time."""
    span = record_span(shot, frames)
    start, seconds = Fraction(span.start) / span.rate, Fraction(len(span)) / span.rate
    # A mixed stem belongs to several characters, but is heard once.
    by_character = [reel.stem(character, shot) for character in reel.stems]
    stems = {(stem.path, stem.heard): stem for stem in by_character}
    heard = [read_stem(stem, start - stem.start, seconds, HZ).samples for stem in stems.values()]
    return Sound(np.asarray(np.sum(heard, axis=0), np.float32), HZ, start)


class MovieFrames:
    """The movie's pictures: the shot as it plays in the cut, with handles."""

    def __init__(
        self, rendered: RenderedShot, made: bool, beside: bool, drop: bool, *, across: str = ""
    ) -> None:
        """`across`: words over every picture; "": none."""
        self._rendered, self._shot, self._drop = rendered, rendered.shot, drop
        self._across = across
        self._span = record_span(rendered.shot, rendered.frames)
        self._picture = (
            coloured_like(probe_plate(Path(rendered.picture)), self._shot.plate) if made else None
        )
        self._beside = beside and made

    @property
    def rate(self) -> Fraction:
        return self._span.rate

    def pictures(self, title: str, sound: Sound, progress: Progress) -> Iterator[np.ndarray]:
        """One picture for each record frame, with its bar."""
        shot, span = self._shot, self._span
        width, height = self._size()
        seconds = np.linspace(0, len(span) / float(span.rate), 1200)
        wave = envelope(sound, float(sound.start) + seconds)
        cut = ((shot.record.start - span.start) / len(span),
               (shot.record.stop - span.start) / len(span))  # fmt: skip
        sides = 2 if self._beside else 1
        bar = Bar(sides * width, title, wave, (max(cut[0], 0.0), min(cut[1], 1.0)))
        numbers = [self._plate_frame(record) for record in range(span.start, span.stop)]
        columns = [self._read(self._picture or shot.plate, numbers, self._picture is not None)]
        if self._beside:
            columns.insert(0, self._read(shot.plate, numbers, False))
        for n, frames in enumerate(zip(*columns, strict=True)):
            caption = (
                f"frame {numbers[n]}   source {self._source(numbers[n])}   record "
                + timecode(span.start + n, span, self._drop)
            )
            fits = (fitted(rgb8(frame), width, height) for frame in frames)
            shown = [watermarked(picture, self._across) for picture in fits]
            yield bar.under(shown, ("plate", "render"), caption, (n + 0.5) / len(span))
            progress(Step("movie", shot.name, n + 1, len(span)))

    def _plate_frame(self, record: int) -> int:
        """The plate frame that the cut shows at record frame `record`."""
        frames = self._rendered.frames
        return min(max(self._shot.plate_frame(record), frames.start), frames.stop - 1)

    def _read(self, plate: Plate, numbers: Sequence[int], render: bool) -> Iterator[Frame]:
        shift = plate.frames.start - self._rendered.frames.start if render else 0
        return held_frames(plate, [n + shift for n in numbers], like=self._shot.plate)

    def _source(self, frame: int) -> str:
        return timecode(frame, self._shot.plate.frames, self._shot.plate.drop)

    def _size(self) -> tuple[int, int]:
        """(width, height) of one picture, even, square pixels."""
        form = square_format(self._shot.plate.format)
        share = min(1.0, (WIDEST_PAIR if self._beside else WIDEST) / form.width)
        return 2 * round(form.width * share / 2), 2 * round(form.height * share / 2)
