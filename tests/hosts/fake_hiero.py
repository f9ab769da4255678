"""Hiero as its Python API documents describe it, for tests without the program.

Built from the Foundry's "Hiero Python API" of Nuke 13.2 to 16.0 (hiero.core, hiero.ui): the calls
below, and no others.  Arguments of other types than the documents name are refused, times are whole
frames counted from 0 with the last one in, and what cannot be done raises RuntimeError or answers
None.  It is no Hiero.  Not verified in the host.

What the documents leave open: a tag takes over the metadata of one of its name, as users report;
`TrackItem.sourceIn` counts from the clip's first frame, as the Foundry's own exporters use it.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from tests.hosts.documented import NotInTheDocuments, call

#: Files that this Hiero does not read.
REFUSED = (".mkv",)
_ids = itertools.count(1)


class World:
    """What the fake's objects share.  `mute`: every call answers None."""

    def __init__(self, path: str) -> None:
        self.mute = False
        self.project = Project(self, path)
        self.active: Any = None
        self.at = 0
        self.chosen: list[Any] = []
        self.core, self.ui = Core(self), UI(self)


class Remote:
    """An object of the API."""

    world: World

    def __init__(self, world: World, name: str = "") -> None:
        self.world, self.called, self.id = world, name, f"{{{next(_ids)}}}"

    def __getattr__(self, name: str) -> Any:
        raise NotInTheDocuments(f"{type(self).__name__}.{name}")

    @call()
    def guid(self) -> str:
        return self.id

    @call()
    def name(self) -> str:
        return self.called


class DataCollection(Remote):
    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.kept: dict[str, str] = {}

    @call(str)
    def hasKey(self, key: str) -> bool:  # noqa: N802
        return key in self.kept

    @call(str)
    def value(self, key: str) -> str:
        if key not in self.kept:
            raise RuntimeError("no such key")
        return self.kept[key]

    @call(str, str)
    def setValue(self, key: str, value: str) -> None:  # noqa: N802
        self.kept[key] = value


class Tag(Remote):
    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.told, self.text, self.picture = DataCollection(world), "", ""
        self.times = (-1, -1)

    @call()
    def metadata(self) -> Any:
        return self.told

    @call()
    def note(self) -> str:
        return self.text

    @call(str)
    def setNote(self, text: str) -> None:  # noqa: N802
        self.text = text

    @call(str)
    def setIcon(self, path: str) -> None:  # noqa: N802
        self.picture = path

    @call()
    def inTime(self) -> int:  # noqa: N802
        return self.times[0]

    @call()
    def outTime(self) -> int:  # noqa: N802
        return self.times[1]


class TimeBase(Remote):
    @call()
    def toRational(self) -> tuple[int, int]:  # noqa: N802
        return (24, 1)


class Bin(Remote):
    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.held: list[Any] = []

    @call()
    def bins(self) -> tuple[Any, ...]:
        return tuple(one for one in self.held if isinstance(one, Bin))

    @call()
    def clips(self) -> tuple[Any, ...]:
        return tuple(one for one in self.held if isinstance(one, BinItem))

    @call(Remote)
    def addItem(self, item: Any) -> Any:  # noqa: N802
        if not isinstance(item, Bin | BinItem | Tag):
            raise NotInTheDocuments(f"addItem({item!r})")
        self.held.append(item)
        return item


class BinItem(Remote):
    def __init__(self, world: World, clip: Clip) -> None:
        super().__init__(world, clip.called)
        self.clip = clip

    @call()
    def activeItem(self) -> Any:  # noqa: N802
        return self.clip


class Undo:
    def __enter__(self) -> Undo:
        return self

    def __exit__(self, *raised: object) -> None:
        pass


class Project(Remote):
    def __init__(self, world: World, path: str) -> None:
        super().__init__(world, Path(path).stem)
        self.file, self.root = path, Bin(world, "Sequences")
        self.listed: list[Sequence] = []

    @call()
    def path(self) -> str:
        return self.file

    @call()
    def sequences(self) -> list[Any]:
        return list(self.listed)

    @call()
    def clipsBin(self) -> Any:  # noqa: N802
        return self.root

    @call(str)
    def beginUndo(self, name: str) -> Undo:  # noqa: N802
        return Undo()


class MediaFileInfo(Remote):
    @call()
    def filename(self) -> str:
        return self.called


class MediaSource(Remote):
    """frames (first, count): of an image sequence its files' numbers, of a movie from 0."""

    def __init__(self, world: World, path: str, frames: tuple[int, int] = (0, 5000)) -> None:
        super().__init__(world, path)
        self.frames, self.gone = frames, path.endswith(REFUSED)

    @call()
    def fileinfos(self) -> list[Any]:
        first, count = self.frames
        name = self.called if self.single else f"{self.called} ({first}-{first + count - 1})"
        return [MediaFileInfo(self.world, name)]

    @property
    def single(self) -> bool:
        return "#" not in self.called

    @call()
    def singleFile(self) -> bool:  # noqa: N802
        return self.single

    @call()
    def isMediaPresent(self) -> bool:  # noqa: N802
        return not self.gone

    @call()
    def duration(self) -> int:
        return self.frames[1]


class SequenceBase(Remote):
    begins = 0

    @call()
    def timecodeStart(self) -> int:  # noqa: N802
        return self.begins

    @call()
    def framerate(self) -> Any:
        return TimeBase(self.world)

    @call()
    def project(self) -> Any:
        return self.world.project


class Clip(SequenceBase):
    def __init__(self, world: World, media: MediaSource | str, begins: int = 0) -> None:
        source = MediaSource(world, media) if isinstance(media, str) else media
        super().__init__(world, Path(source.called).name)
        self.media, self.begins = source, begins

    @call()
    def mediaSource(self) -> Any:  # noqa: N802
        return self.media

    @call()
    def sourceIn(self) -> int:  # noqa: N802
        return self.media.frames[0]


class Sequence(SequenceBase):
    def __init__(self, world: World, name: str, begins: int) -> None:
        super().__init__(world, name)
        self.begins = begins
        self.tracks: list[VideoTrack] = []
        self.marks: list[Tag] = []

    @call()
    def videoTracks(self) -> tuple[Any, ...]:  # noqa: N802
        return tuple(self.tracks)

    @call(Remote)
    def addTrack(self, track: Any) -> None:  # noqa: N802
        if not isinstance(track, VideoTrack) or track.called in [t.called for t in self.tracks]:
            raise RuntimeError("the track cannot be added")
        track.sequence = self
        self.tracks.append(track)

    @call()
    def duration(self) -> int:
        return max((i.times[1] + 1 for track in self.tracks for i in track.held), default=0)

    @call()
    def tags(self) -> tuple[Any, ...]:
        return tuple(self.marks)

    @call(Tag, int, int)
    def addTagToRange(self, tag: Tag, first: int, last: int) -> Tag:  # noqa: N802
        tag.times = (first, last)
        self.marks.append(tag)
        return tag


class VideoTrack(Remote):
    sequence: Sequence

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.held: list[TrackItem] = []
        self.on, self.locked = True, False

    @call()
    def items(self) -> tuple[Any, ...]:
        return tuple(sorted(self.held, key=lambda item: item.times[0]))

    @call()
    def isLocked(self) -> bool:  # noqa: N802
        return self.locked

    @call()
    def isEnabled(self) -> bool:  # noqa: N802
        return self.on

    @call(str)
    def createTrackItem(self, name: str) -> Any:  # noqa: N802
        return TrackItem(self.world, name, self)

    @call(Remote)
    def addTrackItem(self, item: TrackItem) -> Any:  # noqa: N802
        first, last = item.times[:2]
        if self.locked or any(i.times[0] <= last and first <= i.times[1] for i in self.held):
            raise RuntimeError("the item overlaps another, or the track is locked")
        self.held.append(item)
        return item

    @call(Remote)
    def removeItem(self, item: TrackItem) -> None:  # noqa: N802
        self.held.remove(item)


class TrackItem(Remote):
    """times: timeline in and out, source in and out, which make the speed."""

    times: tuple[int, int, float, float]

    def __init__(self, world: World, name: str, track: VideoTrack) -> None:
        super().__init__(world, name)
        self.track, self.on, self.rate = track, True, 1.0
        self.clip: Any = None
        self.times = (0, 0, 0, 0)

    @call(Clip)
    def setSource(self, clip: Clip) -> Any:  # noqa: N802
        self.clip = clip
        return clip

    @call(int, int, int | float, int | float)
    def setTimes(self, first: int, last: int, source: float, end: float) -> None:  # noqa: N802
        held = self.clip.media.frames[1]
        if last < first or not (0 <= source < held and 0 <= end < held):
            raise RuntimeError("the times are not in the media")
        self.times = (first, last, source, end)
        self.rate = (end - source) / (last - first) if last > first else 1.0

    @call()
    def source(self) -> Any:
        return self.clip

    @call()
    def timelineIn(self) -> int:  # noqa: N802
        return self.times[0]

    @call()
    def timelineOut(self) -> int:  # noqa: N802
        return self.times[1]

    @call()
    def duration(self) -> int:
        return self.times[1] - self.times[0] + 1

    @call()
    def sourceIn(self) -> float:  # noqa: N802
        return float(self.times[2])

    @call()
    def sourceOut(self) -> float:  # noqa: N802
        return float(self.times[3])

    @call()
    def playbackSpeed(self) -> float:  # noqa: N802
        return self.rate

    @call()
    def isMediaPresent(self) -> bool:  # noqa: N802
        return isinstance(self.clip, Clip) and not self.clip.media.gone

    @call()
    def isEnabled(self) -> bool:  # noqa: N802
        return self.on

    @call()
    def parentTrack(self) -> Any:  # noqa: N802
        return self.track

    @call()
    def parentSequence(self) -> Any:  # noqa: N802
        return self.track.sequence


class Made:
    """A class of hiero.core: calling it makes an object of the world, `isinstance` knows them."""

    def __init__(self, world: World, kind: type[Remote]) -> None:
        self.world, self.kind = world, kind

    def __call__(self, given: Any) -> Any:
        wanted = {Clip: str | MediaSource, BinItem: Clip}.get(self.kind, str)
        if not isinstance(given, wanted):
            raise NotInTheDocuments(f"{self.kind.__name__}({given!r})")
        return None if self.world.mute else self.kind(self.world, given)

    def __instancecheck__(self, one: object) -> bool:
        return isinstance(one, self.kind)


class Core:
    """hiero.core."""

    def __init__(self, world: World) -> None:
        for kind in (Tag, Bin, BinItem, VideoTrack, TrackItem, Clip):
            setattr(self, kind.__name__, Made(world, kind))
        self.Sequence = Sequence

    def __getattr__(self, name: str) -> Any:
        raise NotInTheDocuments(f"hiero.core.{name}")


class Editor(Remote):
    @call()
    def selection(self) -> tuple[Any, ...]:
        return tuple(self.world.chosen)


class Player(Remote):
    @call()
    def sequence(self) -> Any:
        return self.world.active


class Viewer(Remote):
    @call()
    def player(self) -> Any:
        return Player(self.world)

    @call()
    def time(self) -> int:
        return self.world.at


class UI(Remote):
    """hiero.ui."""

    @call()
    def activeSequence(self) -> Any:  # noqa: N802
        return self.world.active

    @call(Sequence)
    def getTimelineEditor(self, sequence: Sequence) -> Any:  # noqa: N802
        return Editor(self.world)

    @call()
    def currentViewer(self) -> Any:  # noqa: N802
        return Viewer(self.world)
