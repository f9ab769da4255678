"""What the keys and menus of play and look do in the viewer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.parts.actions import Actions
from dubsync.desk.session.session import Session
from dubsync.desk.viewer.picture.picture_view import PictureView
from dubsync.desk.viewer.picture.zoom import FIT, Zoom
from dubsync.desk.viewer.play.playback import Playback
from dubsync.desk.viewer.stage import Stage

LOOKS = (("show plate", "plate"), ("show render", "render"), ("show wipe", "wipe"),
         ("show both", "both"), ("show difference", "difference"))  # fmt: skip
HEARD = (("hear dub", "dub"), ("hear original", "original"), ("hear mix", "mix"))


class Viewer(Protocol):
    """What keys move: the panel of the viewer."""

    playback: Playback
    stage: Stage
    view: PictureView

    def seek(self, record: int) -> None:
        """Stand on a record frame."""

    def hear(self, what: str) -> None:
        """The dub, the original, or the mix."""

    def show_look(self, look: str) -> None:
        """Plate, render, wipe, both or difference."""

    def show_zoom(self, zoom: Zoom) -> None:
        """Fitted, or at a scale."""

    def looked(self) -> None:
        """How the picture is looked at changed."""

    def swap(self) -> None:
        """A for B."""

    def exposure_back(self) -> None:
        """Exposure 0 and gamma 1."""


def connect_keys(panel: Viewer, session: Session, actions: Actions) -> None:
    """Connect every action that the viewer answers."""
    _connect_play(panel, actions)
    _connect_look(panel, actions)
    words = _Words(session)
    for name, way in (("word before", -1), ("word after", 1)):
        actions.on(name, lambda way=way: _step_to(panel, words.starts(), way))
    for name, way in (("key before", -1), ("key after", 1)):
        actions.on(name, lambda way=way: _step_to(panel, tweak_frames(session), way))


def _connect_play(panel: Viewer, actions: Actions) -> None:
    playback = panel.playback
    for name, call in (
        ("play", playback.toggle), ("stop", playback.stop),
        ("backwards", lambda: playback.faster(-1)), ("forwards", lambda: playback.faster(1)),
        ("back a frame", lambda: _step(panel, -1)), ("on a frame", lambda: _step(panel, 1)),
        ("first frame", lambda: _edge(panel, first=True)),
        ("last frame", lambda: _edge(panel, first=False)),
        ("mark in", lambda: playback.mark(0)), ("mark out", lambda: playback.mark(1)),
    ):  # fmt: skip
        actions.on(name, call)
    actions.on("loop", playback.set_loop)
    actions.on("with handles", playback.set_handles)
    playback.loops = actions["loop"].isChecked()
    playback.handles = actions["with handles"].isChecked()
    for name, heard in HEARD:
        actions.on(name, lambda heard=heard: panel.hear(heard))


def _connect_look(panel: Viewer, actions: Actions) -> None:
    looking = panel.stage.looking
    for name, look in LOOKS:
        actions.on(name, lambda look=look: panel.show_look(look))
    actions.on("swap", panel.swap)
    for name, field in (("matte", "matte"), ("landmarks", "landmarks"),
                        ("take picture", "take"), ("title safe", "safe")):  # fmt: skip
        setattr(looking, field, actions[name].isChecked())
        actions.on(name, _switch(panel, field))
    actions.on("fit", lambda: panel.show_zoom(FIT))
    actions.on("pixels", lambda: panel.show_zoom(Zoom(1.0, panel.view.zoom.centre)))
    actions.on("exposure back", panel.exposure_back)


def _switch(panel: Viewer, field: str) -> Callable[[bool], None]:
    def switched(on: bool) -> None:
        setattr(panel.stage.looking, field, on)
        panel.looked()

    return switched


def _step(panel: Viewer, by: int) -> None:
    """A frame on or back: play stops, as a hand wants to look."""
    path = panel.playback.path
    if path is not None:
        panel.playback.stop()
        at = panel.playback.record + by
        panel.seek(min(max(at, path.whole.start), path.whole.stop - 1))


def _edge(panel: Viewer, *, first: bool) -> None:
    loop = panel.playback.loop
    if loop is not None:
        panel.seek(loop.start if first else loop.stop - 1)


def _step_to(panel: Viewer, frames: Sequence[float], way: int) -> None:
    """To the plate frame before or after this one among `frames`, rising."""
    path = panel.playback.path
    if path is None or not frames:
        return
    now = panel.stage.frame
    place = bisect_left(frames, now) - 1 if way < 0 else bisect_right(frames, now)
    if 0 <= place < len(frames):
        panel.seek(path.record_frame(int(frames[place])))


def tweak_frames(session: Session) -> list[int]:
    """Plate frames of keys, contacts, and both ends of spans, visemes and expressions, rising."""
    tweak: Tweak = session.edits.tweak(session.character)
    frames: set[int] = set()
    for _, curve in tweak.curves:
        frames.update(frame for frame, _ in curve.keys)
        for span in curve.spans:
            frames.update((span.first, span.last))
    for viseme in tweak.visemes:
        frames.update((viseme.first, viseme.last))
    for contact in tweak.contacts:
        frames.update((contact.first, contact.last))
    for held in (*tweak.region.spans, *tweak.look_at.spans):
        frames.update((held.first, held.last))
    for like in tweak.likes:
        frames.update(end for end in like.span if end is not None)
    for cut in tweak.cut_outs:
        frames.update(frame for frame, _ in cut.keys)
    return sorted(frames)


class _Words:
    """The dubbed words of the current shot, once they are known."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._curves: Any = None
        session.preview.curves.connect(self._keep)

    def starts(self) -> list[int]:
        """The plate frames at which words of the current character begin, rising."""
        current, curves = self._session.current, self._curves
        if curves is None or current is None or curves.shot != current.name:
            return []
        own = curves.characters.get(self._session.character)
        return sorted({round(word.first) for word in own.sound.words}) if own else []

    def _keep(self, curves: Any) -> None:
        self._curves = curves
