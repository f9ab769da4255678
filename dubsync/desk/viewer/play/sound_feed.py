"""Sound of the current shot: read in the background, a stretch of it at a time in a long one."""

from __future__ import annotations

from PyQt5.QtCore import QObject

from dubsync.core.timeline.timecode import FrameRange
from dubsync.desk.session.session import Session
from dubsync.desk.viewer.play.playback import Playback
from dubsync.desk.viewer.play.sound_out import NO_CARD
from dubsync.desk.viewer.shot_pictures import PictureFinder, ShotPictures
from dubsync.service.proxies.played_sound import PlayedSound, played_sound

LONGEST_S = 180  #: read at once
AHEAD_S = 30  #: before the end of what was read, the next stretch is read


class SoundFeed(QObject):
    """Gives playback the sound of where it stands."""

    def __init__(
        self, session: Session, finder: PictureFinder, playback: Playback,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session, self._finder, self._playback = session, finder, playback
        self._pictures: ShotPictures | None = None
        self._span: FrameRange | None = None
        self._told = False
        playback.frame_due.connect(self._follow)
        playback.changed.connect(self._say_silent)

    def open(self, pictures: ShotPictures) -> None:
        """Read the sound of a shot."""
        self._pictures, self._span = pictures, None
        self._read(self._playback.record)

    def leave(self) -> None:
        self._pictures = None
        self._playback.out.give(None)

    def set_volume(self, volume: float) -> None:
        """0 silent, 1 as it is."""
        self._playback.out.volume = volume

    def _read(self, record: int) -> None:
        pictures, project = self._pictures, self._session.project
        if pictures is None or project is None:
            return
        span = _around(pictures.path.whole, record)
        self._span = span
        shot = pictures.shot

        def work() -> tuple[ShotPictures, PlayedSound]:
            intake = project.intake
            return pictures, played_sound(shot, intake.stems, span, conform=intake.conform)

        self._finder.run(shot, work, self._arrived)

    def _arrived(self, answer: tuple[ShotPictures, PlayedSound]) -> None:
        pictures, sound = answer
        if self._pictures is None or pictures.shot != self._pictures.shot:
            return
        self._playback.out.give(sound)
        if sound.missing:
            self._session.message.emit(f"Silent in part: {sound.missing}", True)

    def _follow(self, record: int) -> None:
        pictures, span = self._pictures, self._span
        if pictures is None or span is None:
            return
        ahead = round(AHEAD_S * span.rate)
        late = record > span.stop - ahead and span.stop < pictures.path.whole.stop
        if late or record not in span and record in pictures.path.whole:
            self._read(record)

    def _say_silent(self) -> None:
        if self._playback.out.silent and not self._told:
            self._told = True
            self._session.message.emit(NO_CARD, False)


def _around(whole: FrameRange, record: int) -> FrameRange:
    """All of a short shot; of a long one a stretch that begins a little before `record`."""
    most = round(LONGEST_S * whole.rate)
    if len(whole) <= most:
        return whole
    start = min(max(record - round(AHEAD_S * whole.rate), whole.start), whole.stop - most)
    return FrameRange(start, start + most, whole.rate)
