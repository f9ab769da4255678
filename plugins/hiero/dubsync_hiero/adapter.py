"""Hiero and Nuke Studio as the flow sees them.

Hiero counts a sequence's frames from 0 and ends are counted in; here they are half-open, and count
as timecode does.  What Hiero's API refuses it raises as RuntimeError, or answers None.
"""

import os
import uuid
from fractions import Fraction

from dubsync_link import otio, problems
from dubsync_link.host import EditorHost, folders_of

from dubsync_hiero import placing

#: Keys of a tag's metadata: a note of dubsync, or an id that dubsync gave an editor's tag.
NOTE, MARKER = "tag.dubsync_note", "tag.dubsync_marker"
#: Colours of notes as icons of Hiero's own tags.
ICONS = {
    "red": "icons:TagRed.png", "yellow": "icons:TagYellow.png", "cyan": "icons:TagCyan.png",
    "blue": "icons:TagBlue.png", "green": "icons:TagGreen.png",
    "magenta": "icons:TagMagenta.png",
}  # fmt: skip


class HieroHost(EditorHost):
    """The adapter.

    Args:
        core, ui: the modules hiero.core and hiero.ui.
    """

    host_name, host_key, suffix = "Hiero", "hiero", ".otio"

    def __init__(self, core, ui):
        self._core, self._ui = core, ui

    # -- project and timelines -----------------------------------------------------------------

    def project_saved(self):
        return bool(self._project().path())

    def project_folder(self):
        return os.path.dirname(self.given(self._project().path(), "tell the project's file"))

    def timelines(self):
        listed = self.given(self._project().sequences(), "list its sequences")
        return [{"id": str(one.guid()), "name": one.name()} for one in listed]

    def current_timeline(self):
        sequence = self._sequence()
        numerator, denominator = self._rate(sequence)
        return {
            "id": str(self.given(sequence.guid(), "tell the sequence's id")),
            "name": self.given(sequence.name(), "tell the sequence's name"),
            "rate": f"{numerator}/{denominator}",
            "start": self._start(sequence),
        }

    def export_timeline(self, path):
        sequence = self._sequence()
        begin, tracks = self._start(sequence), []
        rate = Fraction(*self._rate(sequence))
        for number, track in self._tracks(sequence):
            clips = [self._written(item, number, rate) for item in track.items() or ()]
            clips.sort(key=lambda one: one[0])
            tracks.append(otio.track(track.name() or f"V{number}", clips, begin, rate))
        if not any(track["children"] for track in tracks):
            raise problems.Problem(
                "The sequence has no picture clips.", hint="open the sequence that holds the cut"
            )
        try:
            return otio.write(path, sequence.name(), begin, rate, tracks)
        except OSError as error:
            raise problems.Problem(
                "The timeline could not be written.", where=str(error), hint="free some space"
            ) from error

    def media_roots(self):
        clips = [self._clip(item, number) for number, item in self._items()]
        return folders_of([clip["media"] for clip in clips if clip["media"]])

    # -- clips ---------------------------------------------------------------------------------

    def selected_clips(self):
        editor = self._ui.getTimelineEditor(self._sequence())
        chosen = self.given(editor, "show its timeline").selection()
        names = set(
            one.guid()
            for one in self.given(chosen, "tell what is selected")
            if isinstance(one, self._core.TrackItem)
        )
        return [self._clip(item, number) for number, item in self._items() if item.guid() in names]

    def _tracks(self, sequence):
        """(number, track) of the editor's picture tracks, from the lowest up."""
        tracks = self.given(sequence.videoTracks(), "list its video tracks")
        return [(n, one) for n, one in enumerate(tracks, 1) if not placing.is_ours(one)]

    def _items(self):
        """(track number, item) of every picture clip of the editor's."""
        tracks = self._tracks(self._sequence())
        return [(number, item) for number, track in tracks for item in track.items() or ()]

    def _clip(self, item, number):
        """An item as the protocol tells it."""
        start = self._start(item.parentSequence())
        numerator, denominator = self._rate(item.parentSequence())
        path, first = self._media(item)
        length = int(item.duration())
        # Where a clip is retimed, the frames that it plays.
        low = min(item.sourceIn(), item.sourceOut())
        high = max(item.sourceIn(), item.sourceOut())
        source = first + int(low)
        stop = source + length if item.playbackSpeed() == 1 else first + int(high) + 1
        return {
            "id": item.guid(),
            "name": item.name(),
            "media": path if item.isMediaPresent() else "",
            "source": [source, stop],
            "record": [start + item.timelineIn(), start + item.timelineIn() + length],
            "track": f"V{number}",
            "rate": f"{numerator}/{denominator}",
            "enabled": bool(item.isEnabled() and item.parentTrack().isEnabled()),
        }

    def _media(self, item):
        """(path, first frame as its timecode or its file names count) of an item's media."""
        source = item.source()
        if not isinstance(source, self._core.Clip):  # a nested sequence
            return "", 0
        media = source.mediaSource()
        first = source.timecodeStart() if media.singleFile() else source.sourceIn()
        return placing.file_of(source), int(first or 0)

    def _written(self, item, number, rate):
        """(record start, record stop, clip of OTIO) of an item."""
        told = self._clip(item, number)
        start, stop = told["record"]
        path, first = self._media(item)
        if path:
            frames = int(item.source().mediaSource().duration() or 0)
            reference = otio.media(path, first, frames, rate)
        else:
            reference = otio.missing(item.name())
        speed = item.playbackSpeed()
        effects = [] if speed == 1 else [otio.speed(speed)]
        shown = otio.time_range(told["source"][0], stop - start, rate)
        return start, stop, otio.clip(item.name(), shown, reference, told["enabled"], effects)

    # -- results -------------------------------------------------------------------------------

    def add_results(self, results, timeline):
        project = self._project()
        for sequence in self.given(project.sequences(), "list its sequences"):
            if str(sequence.guid()) == timeline["id"]:
                break
        else:
            raise problems.Problem(
                "The sequence that was sent is gone.", hint="the renders are kept: sync again"
            )
        with self.given(project.beginUndo("dubsync"), "begin a step that can be undone"):
            placer = placing.Placer(self._core, project, sequence, self._start(sequence))
            return [placer.place(result) for result in results]

    # -- markers -------------------------------------------------------------------------------

    def markers(self):
        sequence = self._sequence()
        start = self._start(sequence)
        tags = self.given(sequence.tags(), "list its tags")
        # A tag of the whole sequence has no times.
        return [_marker(tag, start) for tag in tags if tag.outTime() >= 0]

    def add_marker(self, frame, note):
        sequence = self._sequence()
        at = int(frame) - self._start(sequence)
        if not 0 <= at < sequence.duration():
            raise problems.Problem(
                "The note lies outside the sequence.", where=note["name"], hint="see it in the desk"
            )
        # Hiero gives a tag what another of its name has, so the name is the note's own.
        tag = self.given(self._core.Tag(note["name"]), "make a tag")
        tag.setIcon(ICONS.get(note["colour"], ICONS["yellow"]))
        tag.setNote(note["text"])
        tag.metadata().setValue(NOTE, note["name"])
        try:
            made = sequence.addTagToRange(tag, at, at)
        except RuntimeError as error:
            raise problems.host_refused(self.host_name, "set a tag", str(error)) from error
        self.given(made, "set a tag")
        return note["name"]

    def playhead(self):
        sequence, viewer = self._sequence(), self._ui.currentViewer()
        shown = viewer.player().sequence() if viewer and viewer.player() else None
        if shown is None or shown.guid() != sequence.guid():
            return None
        return self._start(sequence) + viewer.time()

    # -- internal ------------------------------------------------------------------------------

    def _project(self):
        return self.given(self._sequence().project(), "show its project", "open a project")

    def _sequence(self):
        sequence = self._ui.activeSequence()
        if not isinstance(sequence, self._core.Sequence):  # a clip that is open in a viewer
            raise problems.no_timeline(self.host_name)
        return sequence

    def _start(self, sequence):
        return int(self.given(sequence.timecodeStart(), "tell where the sequence starts"))

    def _rate(self, sequence):
        base = self.given(sequence.framerate(), "tell the sequence's frame rate")
        return self.given(base.toRational(), "tell the sequence's frame rate")


def _marker(tag, start):
    """A tag as the flow knows it; an editor's gets an id that stays when it is moved."""
    told = tag.metadata()
    note = told.value(NOTE) if told.hasKey(NOTE) else ""
    if not note and not told.hasKey(MARKER):
        told.setValue(MARKER, uuid.uuid4().hex)
    name, text = tag.name() or "", tag.note() or ""
    words = [text] if name.startswith("Marker") else [name, text]
    return {
        "id": note or told.value(MARKER),
        "frame": start + int(tag.inTime()),
        "text": "\n".join(word for word in words if word),
        "colour": "",
        "author": "",
        "note": note,
    }
