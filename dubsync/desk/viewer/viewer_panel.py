"""The viewer with its bar above, the scrub bar and the transport below."""

from __future__ import annotations

from PyQt5.QtCore import QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QResizeEvent, QShowEvent, QWindow
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from dubsync.desk.parts.actions import Actions
from dubsync.desk.session.session import Session
from dubsync.desk.viewer.facts import Facts
from dubsync.desk.viewer.feed import Feed
from dubsync.desk.viewer.picture.edit_layer import EditLayer
from dubsync.desk.viewer.picture.looking import NOW
from dubsync.desk.viewer.picture.picture_state import PictureState
from dubsync.desk.viewer.picture.picture_view import PictureView
from dubsync.desk.viewer.picture.zoom import FIT, Zoom
from dubsync.desk.viewer.place_words import in_sentences, place_words
from dubsync.desk.viewer.play.playback import Playback
from dubsync.desk.viewer.play.sound_feed import SoundFeed
from dubsync.desk.viewer.play.sound_out import OpenCard, SoundOut
from dubsync.desk.viewer.previews import Previews
from dubsync.desk.viewer.scrub_bar import ScrubBar
from dubsync.desk.viewer.shot_pictures import PictureFinder, ShotPictures
from dubsync.desk.viewer.stage import Stage
from dubsync.desk.viewer.ticks import ticks_of
from dubsync.desk.viewer.transport import Transport
from dubsync.desk.viewer.viewer_bar import ViewerBar
from dubsync.desk.viewer.viewer_keys import connect_keys
from dubsync.service.proxies.loader import Failure


class ViewerPanel(QWidget):
    """What the current shot shows at the current frame.

    fact     (name, words) for the status bar: "rate" and "cache"
    offline  a Failure when a file that is looked at is gone, None when it is back
    """

    fact = pyqtSignal(str, str)
    offline = pyqtSignal(object)

    def __init__(
        self, session: Session, actions: Actions, parent: QWidget | None = None,
        *, open_card: OpenCard | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.feed = Feed(self)
        self.finder = PictureFinder(self)
        self.previews = Previews(session, self)
        self.stage = Stage(session, self.feed, self.previews, self)
        self.playback = Playback(SoundOut(open_card), self)
        self.sound = SoundFeed(session, self.finder, self.playback, self)
        self.bar, self.view = ViewerBar(actions, self), PictureView(self)
        self.scrub, self.transport = ScrubBar(self), Transport(actions, self)
        self.view.layer = EditLayer(session)
        session.matte.changed.connect(self._matte_in_hand)
        session.look.changed.connect(self._look_in_hand)
        session.landmarks.changed.connect(self.view.update)
        session.edits.changed.connect(self.view.update)
        self._look_asked = False
        self._card: QWidget | None = None
        self._handle: QWindow | None = None
        self._moving = False
        self._held_on = False
        self._lay_out()
        self.facts = Facts(self.stage, self.playback, self.scrub, self)
        self.facts.told.connect(self.fact)
        self._connect()
        connect_keys(self, session, actions)

    # -- for the window and the other views --------------------------------------------------

    def card(self, widget: QWidget | None) -> None:
        """Lay a card over the picture: why the shot is blocked or offline; None: take it away."""
        if self._card is not None and self._card is not widget:
            self._card.hide()
            self._card.setParent(None)
        self._card = widget
        if widget is not None:
            widget.setParent(self.view)
            widget.show()
            self._place_card()

    def dim(self, dimmed: bool) -> None:
        """Show the picture at 28 %, as that of a blocked shot."""
        self.view.dim(dimmed)

    def close_view(self) -> None:
        """Stop every thread and the sound."""
        self.playback.stop()
        self.playback.out.close()
        self.facts.stop()
        self.finder.close()
        self.stage.close()
        self.feed.close()

    def show_look(self, look: str) -> None:
        """Plate, render, wipe, both or difference."""
        self._look_asked = True
        self.stage.looking.look = look  # type: ignore[assignment]
        self.bar.show_look(look)
        self.looked()

    def looked(self) -> None:
        """How the picture is looked at changed."""
        self._fit_width()
        self.stage.look_again()
        self.facts.soon()

    def show_zoom(self, zoom: Zoom) -> None:
        self.view.set_zoom(zoom)

    def seek(self, record: int) -> None:
        """Stand on a record frame of the current shot."""
        self.playback.go(record)
        self._show_record(record)

    # -- making ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.bar, self.view, self.scrub, self.transport):
            column.addWidget(part, 1 if part is self.view else 0)

    def _connect(self) -> None:
        session, stage, playback = self._session, self.stage, self.playback
        session.shot_changed.connect(self._open_shot)
        session.rows_changed.connect(self._rows_changed)
        session.frame_changed.connect(self._frame_changed)
        session.character_changed.connect(stage.refresh)
        session.about.changed.connect(self._show_ticks)
        self.finder.found.connect(self._found)
        self.finder.refused.connect(lambda text: session.message.emit(text, True))
        stage.shown.connect(self._shown)
        stage.missing.connect(self._missing)
        self.view.zoomed.connect(self._zoomed)
        self.feed.ready.connect(self.facts.soon)
        playback.frame_due.connect(self._show_record)
        playback.changed.connect(self._play_changed)
        playback.counted.connect(self.facts.soon)
        playback.is_ready = stage.is_ready
        self.scrub.sought.connect(self.seek)
        self.scrub.grabbed.connect(self._grabbed)
        self._connect_bar()

    def _connect_bar(self) -> None:
        bar, looking = self.bar, self.stage.looking
        bar.look_chosen.connect(self.show_look)
        bar.a_chosen.connect(lambda name: self._choose(name, looking.b))
        bar.b_chosen.connect(lambda name: self._choose(looking.a, name))
        bar.eye_changed.connect(self._eye_changed)
        bar.gain_chosen.connect(self._gain_chosen)
        bar.zoom_chosen.connect(
            lambda percent: self.show_zoom(
                Zoom(percent / 100, self.view.zoom.centre) if percent else FIT
            )
        )
        bar.show_look(looking.look)
        bar.show_gain(looking.gain)
        self.transport.heard_chosen.connect(self.hear)
        self.transport.volume_changed.connect(self.sound.set_volume)

    def hear(self, what: str) -> None:
        """Hear the dub, the original, or the mix of both."""
        self.transport.heard.choose(what)
        self.playback.out.heard = what  # type: ignore[assignment]

    # -- the shot ----------------------------------------------------------------------------

    def _open_shot(self) -> None:
        project, row = self._session.project, self._session.current
        self.playback.open(None)
        self.sound.leave()
        if project is None or row is None or row.shot is None:
            self.finder.leave()
            self.stage.open(None)
            self.scrub.show_range(None, None, None, False)
            self.transport.show_place("", "", 0, "")
            return
        self.finder.open(project, row.shot)

    def _found(self, pictures: ShotPictures) -> None:
        row = self._session.current
        if row is None or row.shot != pictures.shot:
            return
        before = self.playback.path
        if before is None or before.shot != pictures.shot:
            record = pictures.path.record_frame(self._session.frame)
            self.playback.open(pictures.path, record)
            self.stage.record = record
            self.sound.open(pictures)
        self.previews.unrendered = bool(
            pictures.known and not pictures.versions and row.characters and row.state == "todo"
        )
        looking = self.stage.looking
        names = {name for name, _ in pictures.choices()}
        looking.a = looking.a if looking.a in names else "plate"
        looking.b = looking.b if looking.b in names else NOW
        if pictures.versions and not self._look_asked:  # what was made is what is judged
            looking.look = "render"
            self.bar.show_look("render")
        self.bar.show_choices(pictures.choices(), looking.a, looking.b)
        self._look_for_versions()
        self.stage.open(pictures)
        self._show_record(self.playback.record)
        self._play_changed()
        self._show_ticks()

    def _rows_changed(self) -> None:
        """A render may be new: it takes the place of its preview."""
        project, row, now = self._session.project, self._session.current, self.stage.pictures
        if project is None or row is None or row.shot is None or now is None:
            return
        if row.version and row.version not in now.versions:
            if row.state != "stale":  # the tweaks may have gone on while it was rendered
                self.previews.rendered()
            self.finder.open(project, row.shot)
        elif row.shot != now.shot:
            self.finder.open(project, row.shot)

    def _look_for_versions(self) -> None:
        project, looking = self._session.project, self.stage.looking
        if project is not None:
            for name in (looking.a, looking.b):
                self.finder.look_for(project, name)

    # -- frames ------------------------------------------------------------------------------

    def _frame_changed(self, frame: int) -> None:
        """Another view stands on another plate frame."""
        path = self.playback.path
        if not self._moving and path is not None and path.plate_frame(
            self.playback.record) != frame:  # fmt: skip
            self.seek(path.record_frame(frame))

    def _show_record(self, record: int) -> None:
        path = self.playback.path
        if path is None:
            return
        self.playback.record = record
        frame = path.plate_frame(record)
        self._want_ahead()
        self.stage.show(record)
        self.scrub.show_record(record)
        self._moving = True
        self._session.show_frame(frame)
        self._moving = False
        overview = self._session.overview
        drop = overview.drop if overview is not None else False
        self.transport.show_place(*place_words(path, record, drop))

    def _want_ahead(self) -> None:
        """Read what will be played next: on to the loop's end, its beginning, then the handles."""
        loop, record = self.playback.loop, self.playback.record
        if loop is None:
            return
        most = 2000  # more do not fit in memory at any size
        way = -1 if self.playback.speed < 0 else 1
        at = min(max(record, loop.start), loop.stop - 1)
        ahead = range(at, loop.stop) if way > 0 else range(at, loop.start - 1, -1)
        rest = range(loop.start, at) if way > 0 else range(loop.stop - 1, at, -1)
        whole = self.playback.path.whole if self.playback.path else loop
        beside = *range(loop.stop, whole.stop)[:most], *range(whole.start, loop.start)[:most]
        self.stage.ahead = [*ahead[:most], *rest[:most], *beside][:most]

    def _grabbed(self, held: bool) -> None:
        """A hand on the scrub bar stops play, and lets it go on afterwards."""
        if held:
            self._held_on = self.playback.playing
            self.playback.stop()
        elif self._held_on:
            self._held_on = False
            self.playback.play(1)

    def _show_ticks(self) -> None:
        """Notes and findings of the shot on the scrub bar."""
        about, path = self._session.about.now, self.playback.path
        row = self._session.current
        if path is None or row is None:
            self.scrub.show_ticks(())
            return
        notes = about.notes if about is not None else ()
        self.scrub.show_ticks(ticks_of(path, notes, row.findings))

    # -- answers -----------------------------------------------------------------------------

    def _choose(self, a: str, b: str) -> None:
        looking = self.stage.looking
        looking.a, looking.b = a, b
        self._look_for_versions()
        if self.stage.pictures is not None:
            self.bar.show_choices(self.stage.pictures.choices(), a, b)
        self.looked()

    def swap(self) -> None:
        """A for B and B for A."""
        self._choose(self.stage.looking.b, self.stage.looking.a)

    def _eye_changed(self) -> None:
        self.stage.looking.stops = self.bar.exposure.value
        self.stage.looking.gamma = self.bar.gamma.value
        self.stage.refresh()

    def exposure_back(self) -> None:
        """Exposure 0 and gamma 1."""
        self.bar.exposure.set_value(0.0)
        self.bar.gamma.set_value(1.0)
        self._eye_changed()

    def _gain_chosen(self, gain: int) -> None:
        self.stage.looking.gain = gain
        self.stage.refresh()

    def _shown(self, state: PictureState) -> None:
        self.view.show_state(state)

    def _missing(self, failure: Failure | None) -> None:
        if failure is not None:
            if self.playback.playing:
                self.playback.stop()
            self._session.message.emit(in_sentences(failure.message, failure.hint), True)
        elif self.stage.pictures is not None:  # it is back, and its sound with it
            self.sound.open(self.stage.pictures)
        self.offline.emit(failure)

    def _look_in_hand(self) -> None:
        """Keys go to the picture while the point that eyes look at is picked on it."""
        if self._session.look.picking:
            self.view.setFocus()
            self.view.setCursor(Qt.CrossCursor)
        self.view.update()

    def _matte_in_hand(self) -> None:
        """Keys go to the picture while a cut-out is drawn on it."""
        if self._session.matte.drawing is not None:
            self.view.setFocus()
        self.view.update()

    def _play_changed(self) -> None:
        playback = self.playback
        self.stage.playing = playback.playing
        self.transport.show_playing(playback.playing)
        path, loop = playback.path, playback.loop
        marked = playback.marks != (None, None)
        if path is not None:
            self.scrub.show_range(path.whole, path.cut, loop, marked)
            self._want_ahead()
        self.stage.look_again()
        self.facts.soon()

    # -- size --------------------------------------------------------------------------------

    def _zoomed(self) -> None:
        self.bar.show_zoom(self.view.scale, self.view.zoom.scale is None)
        self._fit_width()
        self.stage.look_again()
        self._place_card()

    def _fit_width(self) -> None:
        """Ask for pictures of as many pixels as the screen shows of them."""
        size = self.stage.pictures.plate.size if self.stage.pictures else self.view.state.size
        if not size[0]:
            return
        ratio = self.view.devicePixelRatioF()
        area = QRectF(self.view.rect())
        if self.stage.looking.look == "both":
            area.setWidth(area.width() / 2)
        zoom = self.view.zoom
        wide = round(size[0] * zoom.scale_in(area.size(), size, ratio))
        fitted = round(size[0] * FIT.scale_in(area.size(), size, ratio))
        self.stage.width = min(max(wide, 16), size[0])
        self.stage.playing_width = min(max(min(wide, fitted), 16), size[0])

    def _place_card(self) -> None:
        if self._card is not None:
            size = self._card.sizeHint().boundedTo(self.view.size())
            area = self.view.rect()
            self._card.setGeometry(
                (area.width() - size.width()) // 2, (area.height() - size.height()) // 2,
                size.width(), size.height(),
            )  # fmt: skip

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._zoomed()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        handle = self.window().windowHandle()
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.screenChanged.connect(lambda _screen: self._zoomed())  # of another scale, maybe
