"""The same cut twice: a CMX3600 EDL and an OpenTimelineIO file.

The EDL is written by hand because OTIO's adapter writes retimes with the source length inverted.
The .otio carries, besides the cut, what editorial leaves in such files: markers, and metadata of
other programs, which a conform has to hand on untouched.
"""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import screenplay as sp

RATE = float(sp.RATE)
MARKERS = (
    # event, frame into the event, colour, text
    (0, 20, "RED", "MAP LINE - CHECK LIPS ON M"),
    (4, 60, "GREEN", "ELISE ANSWERS HERE"),
    (6, 10, "CYAN", "SLOWED IN THE EDIT"),
)


def write_edl(path: Path) -> None:
    """Write the cut as CMX3600: ASCII, CRLF, outs exclusive."""
    rows = [f"TITLE: {sp.TITLE}", "FCM: NON-DROP FRAME", ""]
    for index, event in enumerate(sp.EVENTS):
        plate = sp.PLATES[event.reel]
        used = event.frames * event.speed
        if used.denominator != 1:
            raise ValueError(f"event {index + 1} does not use whole plate frames")
        source = sp.timecode_frames(plate.timecode) + event.source
        record = sp.RECORD_START + sp.record_start(index)
        times = (source, source + int(used), record, record + event.frames)
        rows.append(
            f"{index + 1:03}  {event.reel} V     C        " + " ".join(map(sp.timecode, times))
        )
        if event.speed != 1:
            speed = float(event.speed * sp.NOMINAL)
            rows.append(
                f"M2   {event.reel}       {speed:05.1f}                {sp.timecode(source)}"
            )
        rows.append(f"* FROM CLIP NAME: {plate.file}")
        rows += [
            f"* LOC: {sp.timecode(record + into)} {colour:<7} {text}"
            for at, into, colour, text in MARKERS
            if at == index
        ]
        rows.append("")
    path.write_bytes("\r\n".join(rows).encode("ascii"))


def _time(frames: int) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(frames, RATE)


def _range(start: int, frames: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(_time(start), _time(frames))


def _clip(index: int) -> otio.schema.Clip:
    """One event as a clip. Its source range is as long as the record; the warp tells the rest."""
    event = sp.EVENTS[index]
    plate = sp.PLATES[event.reel]
    first = sp.timecode_frames(plate.timecode)
    characters = [stand.character for stand in plate.stands]
    clip = otio.schema.Clip(
        name=Path(plate.file).stem,
        media_reference=otio.schema.ExternalReference(
            target_url=f"plates/{plate.file}",
            available_range=_range(first, plate.frames),
            metadata={"cmx_3600": {"reel": event.reel}, "synthetic": True},
        ),
        source_range=_range(first + event.source, event.frames),
        metadata={
            "cmx_3600": {"reel": event.reel},
            "two_hander": {"characters": characters},
            "resolve": {
                "Clip Color": "Teal",
                "Link Group ID": index + 1,
                "Video": {"Composite Mode": 0, "Opacity": 100.0},
            },
        },
    )
    if event.speed != 1:
        clip.effects.append(
            otio.schema.LinearTimeWarp(
                name="80 %",
                time_scalar=float(event.speed),
                metadata={"resolve": {"Retime Process": "nearest"}},
            )
        )
    for at, into, colour, text in MARKERS:
        if at == index:
            clip.markers.append(
                otio.schema.Marker(
                    name=text,
                    color=colour,
                    marked_range=_range(first + event.source + into, 1),
                    metadata={"resolve": {"Keywords": ["dub"], "Note": text.lower()}},
                )
            )
    return clip


def write_otio(path: Path) -> None:
    """Write the cut as an .otio file with one picture and one sound track."""
    picture = otio.schema.Track(
        name="V1",
        kind=otio.schema.TrackKind.Video,
        children=[_clip(k) for k in range(len(sp.EVENTS))],
    )
    mix = otio.schema.Clip(
        name="two_hander_en",
        media_reference=otio.schema.ExternalReference(
            target_url="original/two_hander_en.flac",
            available_range=_range(sp.RECORD_START, sp.RECORD_FRAMES),
        ),
        source_range=_range(sp.RECORD_START, sp.RECORD_FRAMES),
    )
    sound = otio.schema.Track(
        name="A1",
        kind=otio.schema.TrackKind.Audio,
        children=[mix],
        metadata={"resolve": {"Audio Type": "Mono", "Locked": False}},
    )
    timeline = otio.schema.Timeline(
        name=sp.TITLE,
        global_start_time=_time(sp.RECORD_START),
        metadata={
            "resolve": {"Resolve OTIO Meta Version": "1.0"},
            "com.example.tracking": {"episode": 101, "reel": 1, "note": "leave me alone"},
            "synthetic": True,
        },
    )
    timeline.tracks.extend([picture, sound])
    timeline.tracks.markers.append(
        otio.schema.Marker(name="REEL 1 LOCKED", color="PURPLE", marked_range=_range(0, 1))
    )
    otio.adapters.write_to_file(timeline, str(path))
