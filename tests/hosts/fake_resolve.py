"""DaVinci Resolve as its scripting README describes it, for tests without the program.

Built from "README.txt" of the Resolve scripting API, last updated 7 October 2025 (20.3), and what
21.0.4 added (Timeline.GetSelectedClips).  It is no Resolve: it knows the calls below and no others,
refuses arguments of other types than the README names, and answers None or False where the real
one does.  Not verified in the host.

What the README leaves open is as users have measured it: `recordFrame` is absolute, an item that
could not be laid in is returned all the same and answers None to everything, and until 18.6
`endFrame` was counted in.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from tests.hosts.documented import NotInTheDocuments, call

#: Calls of the README of a later version: an older Resolve answers None for their names.
LATER = ("GetSelectedClips", "GetMarkInOut")
MARKER_COLOURS = (
    "Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia", "Rose", "Lavender",
    "Sky", "Mint", "Lemon", "Sand", "Cocoa", "Cream",
)  # fmt: skip
#: Files that this Resolve does not read.
REFUSED = (".mkv",)
_ids = itertools.count(1)


class Remote:
    """An object of the API."""

    def __init__(self, world: World) -> None:
        self.world, self.id = world, f"id-{next(_ids)}"

    def __getattr__(self, name: str) -> Any:
        if name in LATER or name.startswith("EXPORT_"):
            return None
        raise NotInTheDocuments(f"{type(self).__name__}.{name}")

    @call()
    def GetUniqueId(self) -> str:  # noqa: N802
        return self.id


class World:
    """What the fake's objects share.

    version     the major one; 21 tells what is selected
    counted_in  whether `endFrame` is the last frame, as until 18.6
    """

    def __init__(self, folder: Path, version: int = 21, *, counted_in: bool = False) -> None:
        self.folder, self.version, self.counted_in = folder, version, counted_in
        self.mute = False
        self.name: str = "Film"
        self.pool = MediaPool(self)
        self.timelines: list[Timeline] = []
        self.current: Timeline | None = None

    def length(self, first: int, last: int) -> int:
        return last - first + self.counted_in


class Resolve(Remote):
    EXPORT_OTIO, EXPORT_NONE = "otio", "none"

    @call()
    def GetProjectManager(self) -> Any:  # noqa: N802
        return ProjectManager(self.world)

    @call()
    def GetVersion(self) -> list[Any]:  # noqa: N802
        return [self.world.version, 0, 0, 0, ""]


class ProjectManager(Remote):
    @call()
    def GetCurrentProject(self) -> Any:  # noqa: N802
        return Project(self.world)


class Project(Remote):
    @call()
    def GetName(self) -> str:  # noqa: N802
        return self.world.name

    @call()
    def GetMediaPool(self) -> Any:  # noqa: N802
        return self.world.pool

    @call()
    def GetTimelineCount(self) -> int:  # noqa: N802
        return len(self.world.timelines)

    @call(int)
    def GetTimelineByIndex(self, index: int) -> Any:  # noqa: N802
        there = 1 <= index <= len(self.world.timelines)
        return self.world.timelines[index - 1] if there else None

    @call()
    def GetCurrentTimeline(self) -> Any:  # noqa: N802
        return self.world.current

    @call(Remote)
    def SetCurrentTimeline(self, timeline: Timeline) -> bool:  # noqa: N802
        self.world.current = timeline
        return True


class Folder(Remote):
    def __init__(self, world: World, name: str) -> None:
        super().__init__(world)
        self.name, self.clips, self.folders = name, [], []  # type: ignore[var-annotated]

    @call()
    def GetName(self) -> str:  # noqa: N802
        return self.name

    @call()
    def GetClipList(self) -> list[Any]:  # noqa: N802
        return list(self.clips)

    @call()
    def GetSubFolderList(self) -> list[Any]:  # noqa: N802
        return list(self.folders)


class MediaPool(Remote):
    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.root = self.open = Folder(world, "Master")

    @call()
    def GetRootFolder(self) -> Any:  # noqa: N802
        return self.root

    @call()
    def GetCurrentFolder(self) -> Any:  # noqa: N802
        return self.open

    @call(Folder)
    def SetCurrentFolder(self, folder: Folder) -> bool:  # noqa: N802
        self.open = folder
        return True

    @call(Folder, str)
    def AddSubFolder(self, folder: Folder, name: str) -> Any:  # noqa: N802
        folder.folders.append(Folder(self.world, name))
        return folder.folders[-1]

    @call(list)
    def ImportMedia(self, paths: list[Any]) -> list[Any]:  # noqa: N802
        if not all(isinstance(path, str) for path in paths):
            raise NotInTheDocuments(f"ImportMedia({paths!r})")
        made = [MediaPoolItem(self.world, path) for path in paths
                if Path(path).is_file() and not path.endswith(REFUSED)]  # fmt: skip
        self.open.clips += made
        return made

    @call(list)
    def AppendToTimeline(self, clips: list[Any]) -> list[Any]:  # noqa: N802
        forms = {"mediaPoolItem": MediaPoolItem, "startFrame": int, "endFrame": int,
                 "mediaType": int, "trackIndex": int, "recordFrame": int}  # fmt: skip
        for clip in clips:
            for key, value in clip.items():
                if key not in forms or not isinstance(value, forms[key]):
                    raise NotInTheDocuments(f"AppendToTimeline: {key}={value!r}")
        timeline = self.world.current
        return [] if timeline is None else [timeline.append(clip) for clip in clips]


class MediaPoolItem(Remote):
    def __init__(self, world: World, path: str, start: str = "00:00:00:00") -> None:
        super().__init__(world)
        self.told = {"File Path": path, "FPS": 24.0, "Start TC": start, "Online Status": "Online"}

    @call(str, needs=0)
    def GetClipProperty(self, name: str = "") -> Any:  # noqa: N802
        return self.told.get(name, "") if name else dict(self.told)

    @call()
    def GetName(self) -> str:  # noqa: N802
        return Path(str(self.told["File Path"])).name

    @call(str, str)
    def SetThirdPartyMetadata(self, name: str, value: str) -> bool:  # noqa: N802
        self.told[name] = value
        return True

    @call(str)
    def GetThirdPartyMetadata(self, name: str) -> str:  # noqa: N802
        return str(self.told.get(name, ""))


class Timeline(Remote):
    def __init__(self, world: World, name: str, start: int) -> None:
        super().__init__(world)
        self.name, self.start = name, start
        self.tracks: list[list[TimelineItem]] = [[]]
        self.names = ["Video 1"]
        self.marks: dict[float, dict[str, Any]] = {}
        self.between: dict[str, dict[str, int]] = {}
        self.selected: list[TimelineItem] = []
        self.at = start
        if world.version >= 21:
            self.GetSelectedClips = lambda: None if world.mute else list(self.selected)
        if world.version >= 20:
            self.GetMarkInOut = lambda: None if world.mute else dict(self.between)

    def append(self, clip: dict[str, Any]) -> TimelineItem:
        first, at = clip["startFrame"], clip["recordFrame"]
        length = self.world.length(first, clip["endFrame"])
        made = TimelineItem(self.world, clip["mediaPoolItem"], first, at, length)
        track = (
            self.tracks[clip["trackIndex"] - 1] if clip["trackIndex"] <= len(self.tracks) else None
        )
        if track is None or any(i.start < at + length and at < i.start + i.length for i in track):
            made.void = True
        else:
            track.append(made)
        return made

    @call()
    def GetName(self) -> str:  # noqa: N802
        return self.name

    @call()
    def GetStartFrame(self) -> int:  # noqa: N802
        return self.start

    @call()
    def GetEndFrame(self) -> int:  # noqa: N802
        ends = [item.start + item.length for track in self.tracks for item in track]
        return max(ends, default=self.start)

    @call(str)
    def GetSetting(self, name: str) -> str:  # noqa: N802
        return {"timelineFrameRate": "24"}.get(name, "")

    @call(str)
    def GetTrackCount(self, kind: str) -> int:  # noqa: N802
        return len(self.tracks) if kind == "video" else 0

    @call(str)
    def AddTrack(self, kind: str) -> bool:  # noqa: N802
        self.tracks.append([])
        self.names.append(f"Video {len(self.tracks)}")
        return True

    @call(str, int)
    def GetTrackName(self, kind: str, index: int) -> str:  # noqa: N802
        return self.names[index - 1]

    @call(str, int, str)
    def SetTrackName(self, kind: str, index: int, name: str) -> bool:  # noqa: N802
        self.names[index - 1] = name
        return True

    @call(str, int)
    def GetItemListInTrack(self, kind: str, index: int) -> list[Any]:  # noqa: N802
        return list(self.tracks[index - 1])

    @call(list, bool, needs=1)
    def DeleteClips(self, items: list[Any], ripple: bool = False) -> bool:  # noqa: N802
        for track in self.tracks:
            track[:] = [item for item in track if item not in items]
        return True

    @call(str, str, str)
    def Export(self, path: str, kind: str, subtype: str) -> bool:  # noqa: N802
        if kind != Resolve.EXPORT_OTIO or not Path(path).parent.is_dir():
            return False
        shown = [i.GetMediaPoolItem().told["File Path"] for track in self.tracks for i in track]
        Path(path).write_text("\n".join(map(str, shown)), encoding="utf-8")
        return True

    @call()
    def GetCurrentTimecode(self) -> str:  # noqa: N802
        seconds, frames = divmod(self.at, 24)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"

    @call()
    def GetCurrentVideoItem(self) -> Any:  # noqa: N802
        shown = [
            i for track in self.tracks for i in track if i.start <= self.at < i.start + i.length
        ]
        return shown[-1] if shown else None

    @call()
    def GetMarkers(self) -> dict[float, Any]:  # noqa: N802
        return {at: dict(told) for at, told in self.marks.items()}

    @call((int, float), str, str, str, int, str, needs=5)
    def AddMarker(  # noqa: N802
        self, at: float, colour: str, name: str, note: str, duration: int, custom: str = ""
    ) -> bool:
        if float(at) in self.marks or colour not in MARKER_COLOURS or at < 0:
            return False
        self.marks[float(at)] = {"color": colour, "name": name, "note": note,
                                 "duration": float(duration), "customData": custom}  # fmt: skip
        return True

    @call((int, float), str)
    def UpdateMarkerCustomData(self, at: float, custom: str) -> bool:  # noqa: N802
        if float(at) not in self.marks:
            return False
        self.marks[float(at)]["customData"] = custom
        return True


class TimelineItem(Remote):
    def __init__(self, world: World, media: Any, first: int, start: int, length: int) -> None:
        super().__init__(world)
        self.media, self.first, self.start, self.length = media, first, start, length
        self.name = Path(str(media.told["File Path"])).name if media else "Title"
        self.takes: list[dict[str, Any]] = []
        self.chosen, self.void = 0, False

    def _answer(self, value: Any) -> Any:
        return None if self.void else value

    @call()
    def GetName(self) -> Any:  # noqa: N802
        return self._answer(self.name)

    @call()
    def GetStart(self) -> Any:  # noqa: N802
        return self._answer(self.start)

    @call()
    def GetEnd(self) -> Any:  # noqa: N802
        return self._answer(self.start + self.length)

    @call()
    def GetDuration(self) -> Any:  # noqa: N802
        return self._answer(self.length)

    @call()
    def GetLeftOffset(self) -> Any:  # noqa: N802
        return self._answer(self.first)

    @call()
    def GetClipEnabled(self) -> Any:  # noqa: N802
        return self._answer(True)

    @call()
    def GetMediaPoolItem(self) -> Any:  # noqa: N802
        return self._answer(
            self.takes[self.chosen - 1]["mediaPoolItem"] if self.takes else self.media
        )

    @call(MediaPoolItem, int, int, needs=1)
    def AddTake(self, media: Any, first: int = 0, last: int = 0) -> bool:  # noqa: N802
        if not self.takes:
            whole = {"mediaPoolItem": self.media, "startFrame": self.first,
                     "endFrame": self.first + self.length - self.world.counted_in}  # fmt: skip
            self.takes, self.chosen = [whole], 1
        self.takes.append({"mediaPoolItem": media, "startFrame": first, "endFrame": last})
        return True

    @call()
    def GetTakesCount(self) -> int:  # noqa: N802
        return len(self.takes)

    @call()
    def GetSelectedTakeIndex(self) -> int:  # noqa: N802
        return self.chosen

    @call(int)
    def GetTakeByIndex(self, index: int) -> Any:  # noqa: N802
        return dict(self.takes[index - 1]) if 1 <= index <= len(self.takes) else None

    @call(int)
    def SelectTakeByIndex(self, index: int) -> bool:  # noqa: N802
        if not 1 <= index <= len(self.takes):
            return False
        take, self.chosen = self.takes[index - 1], index
        self.length = self.world.length(take["startFrame"], take["endFrame"])
        return True

    @call(int)
    def DeleteTakeByIndex(self, index: int) -> bool:  # noqa: N802
        if not 1 <= index <= len(self.takes):
            return False
        del self.takes[index - 1]
        self.chosen = min(self.chosen, len(self.takes))
        return True
