"""What the picture shows at a plate frame: which pictures it needs, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from dubsync.core.shot import Take
from dubsync.desk.look import tokens
from dubsync.desk.session.session import Session
from dubsync.desk.viewer.feed import Feed
from dubsync.desk.viewer.picture.eye import Eye
from dubsync.desk.viewer.picture.looking import NOW, PLATE, Looking
from dubsync.desk.viewer.picture.parts_of_picture import Parts
from dubsync.desk.viewer.picture.picture_state import Label, PictureState
from dubsync.desk.viewer.previews import Previews
from dubsync.desk.viewer.shot_pictures import ShotPictures
from dubsync.service.proxies.held_pictures import SourceKey
from dubsync.service.proxies.loader import Failure, Wanted
from dubsync.service.proxies.sources import PictureSource

NEAR = 24  #: frames after the current one that are previewed before they are looked at
TAKE_WIDTH = 320  #: of the picture in the corner


class Stage(QObject):
    """Shows frames of the current shot as soon as all that they need is there.

    shown    a PictureState to paint
    missing  a Failure: a file that is looked at is not there; None: it is back
    """

    shown = pyqtSignal(object)
    missing = pyqtSignal(object)

    def __init__(
        self, session: Session, feed: Feed, previews: Previews, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._feed, self._previews = session, feed, previews
        self._eye = Eye(self)
        self._eye.done.connect(self._made)
        self.looking = Looking()
        self.pictures: ShotPictures | None = None
        self.record = 0
        self.width, self.playing_width = 640, 640
        self.ahead: Sequence[int] = ()
        self.playing = False
        self.state = PictureState()
        self._failure: Failure | None = None
        self._of_this_shot = False
        self._key: tuple[Any, ...] = ()
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(self.refresh)
        feed.ready.connect(self._ready)
        feed.failed.connect(self._failed)
        previews.arrived.connect(self._preview_changed)
        previews.changed.connect(self._preview_changed)

    @property
    def frame(self) -> int:
        """The plate frame that is looked at."""
        return self.pictures.path.plate_frame(self.record) if self.pictures else 0

    def open(self, pictures: ShotPictures | None) -> None:
        """Show another shot, or more of the same; the last picture stays until there is one."""
        new = self.pictures is None or pictures is None or pictures.shot != self.pictures.shot
        self.pictures, self._key = pictures, ()
        if new:
            self._of_this_shot = False
            if self._failure is not None:
                self._failure = None
                self.missing.emit(None)
        if pictures is None:
            self._show(PictureState())
        self.look_again()

    def look_again(self) -> None:
        """How the picture is looked at changed: other pictures may be needed."""
        self.want()
        self.refresh()

    def show(self, record: int) -> None:
        """Look at another record frame."""
        self.record = record
        self.want()
        self.refresh()

    def close(self) -> None:
        self._eye.close()

    # -- what is needed ----------------------------------------------------------------------

    def needed(self) -> list[PictureSource]:
        """The files of which pictures are shown, each once, the ones in front first."""
        if self.pictures is None:
            return []
        found = [self._source(side) for side in self.looking.sides]
        if self.looking.matte:
            found.append(self._matte_source())
        return list({one.key: one for one in found if one is not None}.values())

    def is_ready(self, record: int) -> bool:
        """Whether all pictures of a record frame are in memory as they are played."""
        if self.pictures is None:
            return False
        frame = self.pictures.path.plate_frame(record)
        return all(
            self._feed.has(one, frame, self._width_of(one, self.playing_width))
            for one in self.needed()
        )

    def held_frames(self) -> NDArray[np.bool_]:
        """Whether each record frame of the shot, handles included, can be played now."""
        if self.pictures is None:
            return np.zeros(0, bool)
        shows = self.pictures.path.shows
        held = np.ones(len(shows), bool)
        for one in self.needed():
            held &= np.isin(shows, self._feed.frames(one, self._width_of(one, self.playing_width)))
        return held

    def refresh(self) -> None:
        """Show the frame that is looked at, if it is there; ask for what is not."""
        if self.pictures is None:
            return
        made = self._compose()
        if made is None:
            return
        key, parts = made
        if key == self._key:
            return
        self._key = key
        if self.looking.plain and parts.matte is None:
            self._show(parts.state())
        else:
            looking = replace(self.looking)
            self._eye.ask(lambda: parts.made(looking))

    def want(self) -> None:
        """Ask for the frame that is looked at, and for those that are played next."""
        pictures = self.pictures
        if pictures is None:
            return
        needed = self.needed()
        width = self.playing_width if self.playing else self.width
        wanted = [Wanted(one, self.frame, self._width_of(one, width)) for one in needed]
        wanted += self._want_take()
        size = pictures.plate.size
        share = min(self.playing_width / size[0], 1.0)
        room = self._feed.room(int(size[0] * size[1] * share * share * 3) * max(len(needed), 1))
        for record in self.ahead[: max(room, 1)]:
            frame = pictures.path.plate_frame(record)
            wanted += [Wanted(one, frame, self._width_of(one, self.playing_width))
                       for one in needed]  # fmt: skip
        self._feed.want(wanted)
        if NOW in self.looking.sides and self._previews.wanted or self.looking.landmarks:
            near = tuple(pictures.path.plate_frame(one) for one in self.ahead[1 : NEAR + 1])
            self._previews.ask(self.frame, min(width, size[0]), near)

    def _want_take(self) -> Iterator[Wanted]:
        spoken = self._spoken()
        if spoken is not None:
            source, frame, _ = spoken
            yield Wanted(source, frame, self._width_of(source, TAKE_WIDTH))

    def _spoken(self) -> tuple[PictureSource, int, str] | None:
        """The take that speaks now: its pictures, its frame, its name."""
        if self.pictures is None or not self.looking.take:
            return None
        found = self.pictures.take_at(self.record, self._session.character)
        if found is None:
            return None
        take, frame = found
        return take.source, frame, _short(take.take)

    def _source(self, side: str) -> PictureSource | None:
        assert self.pictures is not None
        return self.pictures.source(side)

    def _matte_source(self) -> PictureSource | None:
        assert self.pictures is not None
        if self.looking.b == NOW and self._previews.wanted:
            return None  # the preview brings its own
        return self.pictures.matte(self.looking.b)

    def _width_of(self, source: PictureSource, width: int) -> int:
        return min(width, source.size[0])

    # -- what is shown -----------------------------------------------------------------------

    def _compose(self) -> tuple[tuple[Any, ...], Parts] | None:
        """Arrays of the frame; None: something is still missing, and the last picture stays."""
        pictures, looking, frame = self.pictures, self.looking, self.frame
        assert pictures is not None
        width = self.playing_width if self.playing else self.width
        arrays = []
        preview = self._previews.get(frame)
        shows_preview = False
        for side in looking.sides:
            source = self._source(side)
            if side == NOW and self._previews.wanted and preview is not None:
                arrays.append(preview.image)
                shows_preview = True
                continue
            array = None if source is None else self._feed.get(
                source, frame, self._width_of(source, width))  # fmt: skip
            if array is None:
                return None
            arrays.append(array)
        matte = self._matte(frame, width, preview) if looking.matte else None
        parts = Parts(
            arrays, matte, self._empty_state(shows_preview, preview), self._take_picture(),
        )  # fmt: skip
        marks = (id(preview) if looking.landmarks else 0, id(parts.take[0]))
        key = (
            frame, *map(id, arrays), id(matte), *marks, str(looking), str(parts.base.label_a),
            str(parts.base.label_b), str(parts.base.note),
        )  # fmt: skip
        return key, parts

    def _empty_state(self, shows_preview: bool, preview: Any) -> PictureState:
        """The state of the frame without its pictures."""
        pictures, looking = self.pictures, self.looking
        assert pictures is not None
        two = len(looking.sides) == 2
        label_a = self._label(looking.sides[0], "A" if two else "", shows_preview)
        label_b = self._label(looking.sides[1], "B", shows_preview) if two else None
        note = self._offline_note()
        if note is None and shows_preview:
            note = Label("Preview, not rendered yet", icon="lightning", colour=tokens.ACCENT)
        elif note is None and NOW in looking.sides and self._previews.wanted:
            previews = self._previews
            being_made = "Preview is being made" + (previews.working and f": {previews.working}")
            text = previews.refused or being_made
            note = Label(text, icon="lightning", colour=tokens.TX3)
        marks = {}
        if looking.landmarks and preview is not None:
            size = np.array(preview.image.shape[1::-1])
            marks = {name: points[:, :2] / size for name, points in preview.landmarks.items()}
        return PictureState(
            looking.look, None, None, pictures.plate.size, label_a, label_b, note, (), marks,
            safe=looking.safe,
        )  # fmt: skip

    def _label(self, side: str, letter: str, shows_preview: bool) -> Label:
        pictures, row = self.pictures, self._session.current
        assert pictures is not None
        if side == PLATE:
            return Label("Plate", letter)
        if side == NOW and not pictures.versions:
            return Label("Now" if shows_preview else "Plate, not rendered yet", letter)
        name = pictures.versions[0] if side == NOW else side
        if side == NOW and shows_preview:
            tweak = self._session.edits.version.number
            return Label(f"{name}, tweak v{tweak:03d}" if tweak else f"{name}, tweaked", letter)
        if row is not None and row.state == "stale" and name == row.version:
            why = row.reasons[0] if row.reasons else ""
            return Label(f"{name}, stale" + (f": {why}" if why else ""), letter,
                         "clock-clockwise", tokens.STALE)  # fmt: skip
        return Label(name, letter)

    def _matte(self, frame: int, width: int, preview: Any) -> Any:
        source = self._matte_source()
        if source is not None:
            return self._feed.get(source, frame, self._width_of(source, width))
        return preview.matte if preview is not None else None

    def _take_picture(self) -> tuple[Any, str]:
        spoken = self._spoken()
        if spoken is None:
            return None, ""
        source, frame, name = spoken
        picture = self._feed.get(source, frame, self._width_of(source, TAKE_WIDTH))
        if picture is None and self.state.take is not None:  # the last one stays
            return self.state.take, self.state.take_name
        return picture, f"Take {name}"

    def _show(self, state: PictureState) -> None:
        self.state = state
        self._of_this_shot = state.a is not None
        self.shown.emit(state)

    def _made(self, state: PictureState) -> None:
        if self.pictures is not None:
            self._show(state)

    # -- files -------------------------------------------------------------------------------

    def _preview_changed(self, _frame: int = 0) -> None:
        self.want()
        self._again.start()

    def _ready(self, source: SourceKey, frame: int) -> None:
        if self._failure is not None and self.pictures is not None:
            lost = self._failure.wanted
            if source == lost.source.key:
                self._failure = None
                self.missing.emit(None)
                self.want()
                self._again.start()
        spoken = self._spoken()
        if frame == self.frame or spoken is not None and (source, frame) == (
            spoken[0].key, spoken[1]
        ):  # fmt: skip
            self._again.start()

    def _failed(self, failure: Failure) -> None:
        if self.pictures is None or failure.wanted.source.key not in {
            one.key for one in self.needed()
        }:
            return
        first = self._failure is None
        self._failure = failure
        if first:
            self.missing.emit(failure)
        if not self._of_this_shot:  # nothing of it was ever seen
            base = self._empty_state(False, None)
            self._show(replace(base, look="plate", missing=True, label_b=None))
        else:
            self._show(replace(self.state, note=self._offline_note()))
            self._key = ()

    def _offline_note(self) -> Label | None:
        lost = self._failure
        if lost is None:
            return None
        words = f"Offline: looked in {Path(lost.path).parent.name}" if lost.gone else lost.message
        return Label(words, icon="link-break", colour=tokens.STALE)


def _short(take: Take) -> str:
    """ "t02" of MARC_L002_t02.mov: the character and the line are known."""
    name = take.name.rpartition(".")[0] or take.name
    return name.rpartition("_")[2] if name.startswith(take.character) else name
