"""Lays renders into a sequence of Hiero: on a track of dubsync's own, above all others.

What Hiero made of it is read back.  A clip is never laid over another: Hiero would cut that one.
"""

import re

from dubsync_link.host import picture_of

#: The bin, and the tracks: "dubsync", "dubsync 2", ...
BIN = "dubsync"
_OURS = re.compile(BIN + r"( \d+)?$")
#: How Hiero writes an image sequence: "A.####.dpx (1-40)".
_RANGE, _HASHES = re.compile(r"\s+\(\d+-\d+\)$"), re.compile(r"#+")


def is_ours(track):
    """Whether a track is one of dubsync's."""
    return bool(_OURS.match(track.name() or ""))


def file_of(clip):
    """The file that a clip was made of, an image sequence with %04d; "": it has none."""
    infos = clip.mediaSource().fileinfos()
    path = _RANGE.sub("", infos[0].filename() or "") if infos else ""
    folder, slash, name = path.rpartition("/")
    return folder + slash + _HASHES.sub(lambda found: f"%0{len(found.group())}d", name)


class Placer:
    """Lays results into one sequence.

    Args:
        core: the module hiero.core.
        start: the record frame of the sequence's first frame.
    """

    def __init__(self, core, project, sequence, start):
        self._core, self._sequence, self._start = core, sequence, start
        self._bin = self._find_bin(project)

    def place(self, result):
        """Lay in one result; says how, or why not."""
        try:
            why = self._placed(result)
        except RuntimeError as error:  # what Hiero raises where it refuses
            why = f"Hiero refused it: {error}"
        return {
            "name": result["name"],
            "placed": not why,
            "how": "" if why else "track",
            "message": why,
        }

    def _placed(self, result):
        path = picture_of(result)
        clip = self._imported(path)
        if clip is None:
            return (
                f"Hiero did not read {path}; choose edit media that it reads: "
                '[delivery] host = "nuke" in dubsync.toml'
            )
        for extra in ("matte", "layer"):  # at hand in the bin
            if result.get(extra):
                self._imported(result[extra])
        times = self._wanted(result)
        if self._is_there(path, times):
            return ""
        track = self._free_track(times[0], times[1] + 1)
        if track is None:
            return "Hiero did not add a video track"
        item = track.createTrackItem(result["name"])
        if item is None:
            return "Hiero made no clip"
        item.setSource(clip)
        item.setTimes(*times)
        track.addTrackItem(item)
        if not _same(_times(item), times):
            track.removeItem(item)
            return "Hiero laid the clip in at another place, so it was taken out again"
        return ""

    def _wanted(self, result):
        """(timeline in, timeline out, source in, source out): as fast as the clip below it.

        A render holds the plate's frames, in the plate's order, so a retimed clip retimes it too.
        """
        start, stop = (int(frame) - self._start for frame in result["record"])
        first = int(result["handles"][0])
        held = int(result["source"][1]) - int(result["source"][0])
        speed = float(held) / (stop - start)
        for track in self._sequence.videoTracks() or ():
            for item in () if is_ours(track) else track.items() or ():
                if (item.timelineIn(), item.timelineOut()) == (start, stop - 1):
                    speed = item.playbackSpeed()
        begin = first if speed >= 0 else first + held - 1
        return start, stop - 1, begin, begin + (stop - start - 1) * speed

    # -- the bin -------------------------------------------------------------------------------

    def _find_bin(self, project):
        root = project.clipsBin()
        if root is None:
            return None
        for one in root.bins() or ():
            if one.name() == BIN:
                return one
        return root.addItem(self._core.Bin(BIN))

    def _imported(self, path):
        """The clip of a file, imported once; None where Hiero does not read it."""
        if not path or self._bin is None:
            return None
        for there in self._bin.clips() or ():
            if file_of(there.activeItem()) == path:
                return there.activeItem()
        clip = self._core.Clip(path)
        if clip is None or not clip.mediaSource().isMediaPresent():
            return None
        self._bin.addItem(self._core.BinItem(clip))
        return clip

    # -- tracks --------------------------------------------------------------------------------

    def _is_there(self, path, times):
        """Whether this file was laid in at this place before."""
        return any(
            _same(_times(item), times) and file_of(item.source()) == path
            for track in self._sequence.videoTracks() or ()
            if is_ours(track)
            for item in track.items() or ()
        )

    def _free_track(self, start, stop):
        """The highest track, where it is dubsync's and has room; else a new one above it."""
        tracks = self._sequence.videoTracks() or ()
        top = tracks[-1] if tracks else None
        if top is not None and is_ours(top) and not top.isLocked():
            there = top.items() or ()
            if not any(one.timelineIn() < stop and start <= one.timelineOut() for one in there):
                return top
        names = set(track.name() for track in tracks)
        name, number = BIN, 2
        while name in names:
            name, number = f"{BIN} {number}", number + 1
        track = self._core.VideoTrack(name)
        if track is not None:
            self._sequence.addTrack(track)
        return track


def _times(item):
    return item.timelineIn(), item.timelineOut(), item.sourceIn(), item.sourceOut()


def _same(one, other):
    """Whether two places are one: the same frames of the timeline, and of the source."""
    return one[:2] == other[:2] and all(abs(one[n] - other[n]) < 0.5 for n in (2, 3))
