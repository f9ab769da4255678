"""Make portraits: photographs of one person that follow a take, speak a dub, or react."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.digest import digest
from dubsync.core.errors import SettingsError
from dubsync.core.learning.moving_still import MovingStill, StillMotion
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.shot import Plate, ProjectWarning, Stem
from dubsync.core.sound.aligned_audio import AlignedAudio
from dubsync.core.steps import Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.drawn_movie import Drawn, drawing, files_of, keeps_alpha
from dubsync.media.plate import open_square
from dubsync.qc.drawing import RGB
from dubsync.service.consent.given import given_record, record_language
from dubsync.service.consent.live import watched
from dubsync.service.consent.operations import PORTRAIT
from dubsync.service.consent.records import ConsentRecord, require
from dubsync.service.credentials.signing import check_credentials
from dubsync.service.credentials.write import sign_movie
from dubsync.service.faces.consented_face import Seen, require_their_photographs
from dubsync.service.plugins import load_engine
from dubsync.service.portrait.beyond import beyond_reach, driver_faults
from dubsync.service.portrait.driver import Driver, find_driver
from dubsync.service.portrait.found_stills import FoundStills, find_stills
from dubsync.service.portrait.marked_picture import PortraitMark
from dubsync.service.portrait.order import (
    PortraitOrder,
    PortraitResult,
    check_order,
    check_out,
    quality_mark,
)
from dubsync.service.portrait.reactions import reactions
from dubsync.service.portrait.record import keep_record, made_by, said_of
from dubsync.service.portrait.sheet import chosen_frames, round_the_head, small, write_sheet
from dubsync.service.portrait.still_faults import still_faults
from dubsync.service.settings.project_file import checked_language
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.open_dub import open_dub, speech_warning
from dubsync.service.store.folder import Store

#: Told at once, before anything is drawn.
Warned = Callable[[ProjectWarning], None]
#: What transparent parts are laid over where a file cannot hold them: white, working colour.
PAPER = 1.0
SPEAKER = "SPEAKER"  #: the one who speaks a dub


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What is drawn into one file.

    follows  "take", "dub" or a reaction's name
    driver   who drives; None where nobody does
    sound    laid beside it
    """

    out: Path
    motion: StillMotion
    frames: FrameRange
    follows: str
    driver: Driver | None = None
    sound: Path | None = None


def make_portrait(
    order: PortraitOrder, *, progress: Progress = silent, warned: Warned = lambda warning: None
) -> PortraitResult:
    """Make the photographs follow the order's take, or speak its dub.

    The movie is as long as the take, has its rate and timecode, and keeps its sound.  Everything
    that is known of the photographs, of the driver, and of how far the still goes, is told before
    a frame is drawn.

    Args:
        warned: called with each warning, before anything is drawn.

    Raises:
        DubsyncError: bad input, no consent, a photograph or a driver that cannot be used.

    Example:
        >>> make_portrait(PortraitOrder(  # doctest: +SKIP
        ...     (Path("anna.jpg"),), Path("anna.mov"), take=Path("take.mov"),
        ...     consent=Path("anna.toml"),
        ... ))
    """
    work = _Work(order, progress, warned)
    check_order(order)
    return work.make(work.by_take() if order.take is not None else work.by_dub())


def make_reactions(
    order: PortraitOrder, names: Sequence[str], suffix: str = ".mp4", *,
    progress: Progress = silent, warned: Warned = lambda warning: None,
) -> Iterator[PortraitResult]:  # fmt: skip
    """A short movie for each reaction, in the folder `order.out`; each starts and ends at rest.

    Args:
        names: of the library, or paths of files.
        suffix: of the movies.

    Raises:
        DubsyncError: as `make_portrait`.
    """
    wanted = reactions(names)
    work = _Work(order, progress, warned)
    for reaction in wanted:
        check_out(order.out / f"{reaction.name}{suffix}")
    for reaction in wanted:
        rate = _rate(order.rate)
        frames = FrameRange(0, max(2, round(reaction.seconds * rate)), rate)
        times = np.linspace(0, reaction.seconds, len(frames))
        motion = work.portrait.by_reaction(reaction, times)
        out = order.out / f"{reaction.name}{suffix}"
        yield work.make(_Part(out, motion, frames, reaction.name))


class _Work:
    """One order: its consent, and what is opened and learnt for it once."""

    def __init__(self, order: PortraitOrder, progress: Progress, warned: Warned) -> None:
        self.order, self._warned = order, warned
        self._live, self.consent = given_record(order.consent, (PORTRAIT,))
        check_credentials(order.settings.proof)
        self.language = _language(order, self.consent)
        self.check()
        self.progress = watched(progress, self.check)
        self.warnings: list[ProjectWarning] = []

    def check(self) -> ConsentRecord:
        """The record that allows this now.  Raises ConsentMissing: none does."""
        performer = self.consent.performer
        return require(self._live.read(), performer, PORTRAIT, self.language, date.today())

    @cached_property
    def engine(self) -> Engine:
        return load_engine(self.order.settings.engine)

    @cached_property
    def found(self) -> FoundStills:
        order = self.order
        found = find_stills(
            order.photos, self.engine, face=order.face, longest=order.longest,
            beside=order.beside, progress=self.progress,
        )  # fmt: skip
        assert order.consent is not None  # given_record found it
        self._say(*require_their_photographs(
            self.consent, order.consent.parent,
            [(path, still.face) for path, still in zip(order.photos, found.stills, strict=True)],
            self.engine, partial(_both_faces, order.beside), order.longest,
        ))  # fmt: skip
        return found

    @cached_property
    def portrait(self) -> MovingStill:
        portrait = self.engine.moving_still(self.found.stills, self.found.alpha)
        self._say(*self.found.warnings, *still_faults(self.found, portrait))
        return portrait

    def by_take(self) -> _Part:
        order = self.order
        assert order.take is not None
        portrait = self.portrait  # a photograph that is refused needs no tracked take
        driver = find_driver(
            order.take, self.engine, face=order.take_face, beside=order.beside,
            progress=self.progress,
        )  # fmt: skip
        motion = portrait.by_take(driver.track)
        self._say(*driver_faults(driver, motion))
        sound = order.take if driver.plate.has_sound else None
        return _Part(order.out, motion, driver.plate.frames, "take", driver, sound)

    def by_dub(self) -> _Part:
        order = self.order
        assert order.dub is not None
        portrait = self.portrait
        store = Store(order.beside)
        sound, said = open_dub(order.dub, self.language, store, asked=order.heard)
        stem = Stem(SPEAKER, self.language, str(order.dub), sound.sample_rate, sound.n_samples,
                    Fraction(0), heard=sound.heard)  # fmt: skip
        self.progress(Step("listen", order.dub.name, 0, 1, unit=""))
        features = AudioAnalysisCache(store).stem_features(stem)
        silence = speech_warning(order.dub.name, order.dub.name, features)
        self._say(*said, *([silence] if silence else []))
        rate = _rate(order.rate)
        frames = FrameRange(0, max(2, -(-stem.stop * rate // 1)), rate)
        times = np.arange(len(frames)) / float(rate)
        seed = int(digest(self.consent.performer, str(stem.n_samples))[:8], 16)
        motion = portrait.by_sound(AlignedAudio(features, times), seed)
        return _Part(order.out, motion, frames, "dub", sound=order.dub)

    def make(self, part: _Part) -> PortraitResult:
        """Draw and write one part, with its record and sheet."""
        name = self.found.photos[0].path.name
        beyond = tuple(beyond_reach(
            name, part.motion, self.portrait.reach, part.frames.start,
            own=self.portrait.facts[0].opening, inside=part.driver is not None,
        ))  # fmt: skip
        for warning in beyond:
            self._warned(warning)
        warnings = (*self.warnings, *beyond)
        stills = len(self.found.stills)
        mark = PortraitMark(
            self.order.settings.proof, part.motion.landmarks, self._inputs(part),
            (part.follows, part.frames, self.engine.version),
        )  # fmt: skip
        pictures, size = self._write(part, made_by(stills), mark)
        pattern = files_of(part.out)
        beside = self.order.beside if part.follows in ("take", "dub") else part.out.parent
        record = beside / f"{part.out.stem}.record.json"
        keep_record(
            record, inputs=self._inputs(part), consent=self.check(), operation=PORTRAIT,
            language=self.language, frames=part.frames, size=size, motion=part.motion,
            reach=self.portrait.reach, stills=stills, out=pattern,
            engine=self.engine.version, warnings=warnings, follows=part.follows,
            mark=mark.entry(),
        )  # fmt: skip
        sign_movie(pattern, self.order.settings.proof, lambda: said_of(record, pattern))
        sheet = beside / f"{part.out.stem}.sheet.png"
        title = f"{part.out.name}: {quality_mark(stills)}, {len(part.frames)} frames"
        write_sheet(sheet, title, pictures, [f"{w.about}: {w.message}" for w in warnings])
        return PortraitResult(
            str(pattern), len(part.frames), str(part.frames.rate), size, quality_mark(stills),
            str(record), str(sheet), warnings, part.out.stem,
        )  # fmt: skip

    def _write(
        self, part: _Part, made: str, mark: PortraitMark
    ) -> tuple[list[tuple[int, RGB]], tuple[int, int]]:
        """Draw every frame into the file; some of them made small, and the size."""
        height, width = self.found.stills[0].picture.shape[:2]
        alpha = part.motion.matte is not None
        drawn = Drawn(
            width, height, part.frames, made, alpha and keeps_alpha(part.out),
            slate=_slate(part.driver), sound=part.sound,
        )  # fmt: skip
        kept, chosen = [], set(chosen_frames(len(part.frames)))
        name, total = part.out.name, len(part.frames)
        head = round_the_head(self.found.stills[0])

        def coded(n: int, of: int) -> None:
            self.progress(Step("movie", name, n, of))

        with drawing(part.out, drawn, coded) as add:
            for n, driver in enumerate(_pictures(part)):
                rgb = part.motion.draw(n, driver)
                matte = part.motion.matte(n) if part.motion.matte is not None else None
                if matte is not None and not drawn.alpha:
                    share = matte[..., None]
                    rgb, matte = np.asarray(rgb * share + PAPER * (1 - share), np.float32), None
                add(mark(n, rgb), matte)
                if n in chosen:
                    kept.append((part.frames.start + n, small(rgb, head)))
                self.progress(Step("portrait", name, n + 1, total))
            self.check()  # before the file appears
        return kept, (width, height)

    def _inputs(self, part: _Part) -> list[tuple[str, Path]]:
        followed = [(role, path) for role, path in (("take", self.order.take),
                    ("dub", self.order.dub)) if path is not None]  # fmt: skip
        return [*(("still", photo.path) for photo in self.found.photos), *followed]

    def _say(self, *warnings: ProjectWarning) -> None:
        for warning in warnings:
            if warning not in self.warnings:
                self.warnings.append(warning)
                self._warned(warning)


def _both_faces(folder: Path, one: Seen, other: Seen) -> Path:
    from dubsync.service.faces.both_faces import write_both  # brings OpenCV

    return write_both(folder, one, other)


def _pictures(part: _Part) -> Iterator[Array | None]:
    """The driver's picture of each frame; None where there is no driver, or they are not seen."""
    if part.driver is None:
        yield from (None for _ in range(len(part.frames)))
        return
    first = part.frames.start
    with open_square(part.driver.plate) as reader:
        calm = sorted(set(part.motion.calm_frames))
        for n, frame in zip(calm, reader.read([first + n for n in calm]), strict=True):
            part.motion.lend(n, working_rgb(frame))
    with open_square(part.driver.plate) as reader:
        for n, frame in enumerate(reader.frames(part.frames)):
            yield working_rgb(frame) if part.motion.seen[n] else None


def _slate(driver: Driver | None) -> Plate | None:
    if driver is None:
        return None
    return replace(driver.plate, reel="")  # the reel is the take's, not the portrait's


def _language(order: PortraitOrder, record: ConsentRecord) -> str:
    """The language given; else the record's only one."""
    if order.language:
        return checked_language(order.language)
    if order.dub is not None and len(record.languages) > 1:
        raise SettingsError("the consent covers several languages", hint="--language, as de-DE")
    return record_language(record)


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise SettingsError(
            f"{text!r} is no frame rate", hint="such as 25 or 24000/1001"
        ) from error
    if not 1 <= rate <= 120:
        raise SettingsError(f"{text} frames per second are out of range", hint="1 to 120")
    return rate
