"""The editorial formats, an entry each: how it is recognised, read, written and patched.

`probe`, `new`, `deliver --as`, the OpenTimelineIO plugin, the command line's help and
docs/reference/formats.md use this table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from dubsync.editorial import reading, writing
from dubsync.editorial.reading import Content
from dubsync.editorial.writing import Part

if TYPE_CHECKING:  # these bring numpy in, and `dubsync --help` needs the names of formats
    from dubsync.core.timeline.corrected import Corrected, Written
    from dubsync.core.timeline.probed import ProbedCut, ProbedMarker
    from dubsync.editorial.notes.as_markers import Style

#: The roles that a file can have in a project.
CUT, LIST, SCRIPT = "cut", "list", "script"

Reader = Callable[[Content, Fraction | None], "ProbedCut"]
Writer = Callable[["ProbedCut", "Sequence[Corrected]"], list[Part]]
Patcher = Callable[["ProbedCut", "Sequence[Corrected]", bytes, "Sequence[ProbedMarker]"], "Written"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format, and what dubsync does with it.

    name         its name in `deliver --as`, in JSON and in the plugin
    label        its name in messages and documentation
    title        how `ProbedCut.format` begins; "" if `probe` does not read the format
    suffixes     suffixes of its files; files are written with the first
    roles        which of CUT, LIST and SCRIPT its files can be
    states_rate  whether its files state their frame rate
    holds        whether a file's content is of this format; called in the order of FORMATS
    read         lists everything in a file; takes the rate, for files that state none
    write        writes a cut as a new file
    patch        writes a cut, and markers of notes, into the file that it was read from
    marks        how its markers hold a note; see editorial.notes.as_markers
    reads        what is read exactly, for docs/reference/formats.md
    with_losses  what is read with a reported loss
    refuses      what is refused
    cannot_hold  what of a cut is lost in this format
    delivers     what `deliver --as` writes; "" if the format cannot be delivered
    """

    name: str
    label: str
    title: str
    suffixes: tuple[str, ...]
    roles: frozenset[str]
    states_rate: bool = True
    holds: Callable[[Content], bool] | None = None
    read: Reader | None = None
    write: Writer | None = None
    patch: Patcher | None = None
    marks: Style = "fields"
    reads: str = ""
    with_losses: str = ""
    refuses: str = ""
    cannot_hold: str = ""
    delivers: str = ""


#: In the order in which a file is recognised: the first whose `holds` is true reads it.
FORMATS = (
    Format(
        "aaf", "AAF", "AAF", (".aaf",), frozenset({CUT}),
        holds=reading.is_aaf, read=reading.probe_aaf,
        write=writing.written_aaf, patch=writing.patched_aaf, marks="locator",
        reads="tracks, layers and submasters, subclips and nests, transitions, Motion Control's "
        "speeds and ramps over one clip, length of masters, locators with colour, timecode of "
        "tapes, files and masters; of sound alone, frames of its timecode; read by pyaaf2 in a "
        "process of its own, limited to 1 GiB and 60 s",
        with_losses="curves of a ramp (read as straight lines) and ramps over several clips; "
        "contents of retimed nests; effects; alternatives of a Selector; slots, properties and "
        "bin clips that are not read; damaged objects, one by one",
        refuses="pyaaf2 not installed; damaged files; files without a composition or a clip",
        cannot_hold="disabled clips, titles, captions and generators, effects, sound inside nests, "
        "the grouping of a nest of several tracks (its tracks are kept), edges between frames; "
        "wipes become dissolves",
        delivers="the cut, corrected clips on a track of their own",
    ),
    Format(
        "otioz", ".otioz", "OpenTimelineIO bundle", (".otioz",), frozenset({CUT}),
        holds=reading.is_otioz, read=reading.probe_otioz,
        reads="as .otio; the bundle is not unpacked",
        with_losses="as .otio; names of files outside the bundle",
        refuses="as .otio; bundles without a content.otio, or with several",
    ),
    Format(
        "otio", ".otio", "OpenTimelineIO", (".otio",), frozenset({CUT}),
        holds=reading.is_otio, read=reading.probe_otio,
        write=writing.written_otio, patch=writing.patched_otio,
        reads="tracks, sound, gaps, transitions, markers, nests, constant speeds, disabled clips; "
        "collections of timelines and of clips; tracks whose range lies outside their contents, as "
        "OpenTimelineIO's own EDL adapter writes a list that does not begin at 0",
        with_losses="varying speeds; unknown schemas, fields and kinds of tracks; metadata; "
        "effects; drop frame, which .otio does not state; reversed clips; invalid times (NaN, "
        "0 fps), which cost their item",
        refuses="damaged files, cycles, nesting over 256 levels, excessive use of memory",
        cannot_hold="drop frame, ramps (their average is written), clips of bins, kinds of markers",
        delivers="a master, with each render beside its plate; and a flat timeline, with "
        "corrected clips on a track of their own",
    ),
    Format(
        "fcpxml", "FCPXML", "FCPXML", (".fcpxml",), frozenset({CUT}),
        holds=reading.is_fcpxml, read=reading.probe_fcpxml,
        write=writing.written_fcpxml, patch=writing.patched_fcpxml, marks="colourless",
        reads="versions 1.8 to 1.14: lanes, secondary storylines, compounds, multicam's active "
        "angles, sync clips, the pick of an audition, timeMap speeds and ramps, length of assets, "
        "captions, titles, markers (also on transitions), keywords, notes, disabled clips, drop "
        "frame, media conformed to the sequence's rate (conform-rate)",
        with_losses="smooth points of a ramp; inactive angles and alternatives; effects; split "
        "edits; missing start times; any element or attribute that is not known; an item with an "
        "invalid time",
        refuses="as FCP7 XML",
        cannot_hold="cross-fades of sound, colours of markers, looks and media of generators and "
        "titles, looks of wipes; multicam and sync clips become compounds, captions lose their "
        "role",
        delivers="the cut, corrected clips on a track of their own",
    ),
    Format(
        "kdenlive", "Kdenlive", "Kdenlive", (".kdenlive",), frozenset({CUT}),
        holds=reading.is_kdenlive, read=reading.probe_mlt,
        write=writing.written_kdenlive,
        reads="as MLT XML: generations 3 to 5 (19.04 and later), mixes, sequences, guides with "
        "their categories, names and proxies of the bin",
        with_losses="as MLT XML; markers of bin clips",
        refuses="as MLT XML",
        cannot_hold="as MLT XML; nests, which are broken apart; length of markers",
        delivers="a project of Kdenlive 22.12, corrected clips on a track of their own",
    ),
    Format(
        "mlt", "MLT XML", "MLT XML", (".mlt",), frozenset({CUT}),
        holds=reading.is_mlt, read=reading.probe_mlt,
        write=writing.written_mlt,
        reads="projects of Shotcut and documents of melt: the exact rate of the profile, tracks, "
        "hidden ones too, blanks, mixes, dissolves between tracks, fades, timewarp, hold, Time "
        "Remap, nests, disabled clips, Shotcut's markers; frames count from the first frame of a "
        "file, and from its timecode if its metadata is in the document",
        with_losses="the timeline's first timecode, which MLT does not keep; effects and "
        "compositions; smooth keyframes of a Time Remap; what a wipe looks like; an item with an "
        "invalid time",
        refuses="as FCP7 XML; a document without a profile, which would play at 25 fps",
        cannot_hold="other timelines, looks of titles, generators and wipes, single channels of "
        "sound, kinds of markers",
        delivers="a project of Shotcut, which melt plays, corrected clips on a track of their own",
    ),
    Format(
        "avid-markers", "Avid markers (XML)", "Avid markers", (".xml",), frozenset({LIST}),
        states_rate=False, holds=reading.is_avid_markers, read=reading.probe_avid_markers,
        reads="timecode, length, track, colour, comment and user of each marker",
        with_losses="no rate, which no file states; markers with an invalid timecode",
        refuses="as FCP7 XML; files without a marker",
    ),
    Format(
        "cubase", "Cubase track archive", "Cubase", (".xml",), frozenset({LIST}),
        holds=reading.is_cubase, read=reading.probe_cubase,
        reads="marker tracks, musical (by the tempo track) and linear, at the project's frame rate "
        "and start",
        with_losses="all other tracks; unknown frame rates",
        refuses="archives without a marker",
    ),
    Format(
        "xml", "FCP7 XML", "Final Cut Pro 7", (".xml",), frozenset({CUT}),
        holds=reading.is_xmeml, read=reading.probe_xmeml,
        write=writing.written_xmeml, patch=writing.patched_xmeml,
        reads="tracks, sound, nests (also retimed), files by id, timecode, subclips, "
        "freeze frames, the active angle of a multiclip, constant Time Remap, keyframed Time "
        "Remap (ramps) in straight lines, length of files, markers, generators, disabled clips",
        with_losses="Bezier handles of a ramp; effects; contents of nests that run backwards; "
        "reversed clips without keyframes (counted from the end of their media); in and out that "
        "count at the sequence's rate; any element or attribute that is not known; an item with an "
        "invalid number",
        refuses="XML entities, declarations beside an external document type, fragments "
        "(`<filter>` alone)",
        cannot_hold="edges between frames (moved to whole frames), rates that are not a timebase, "
        "kinds and colours of markers, looks of titles and wipes; sound inside a nest moves to "
        "tracks of its own",
        delivers="the cut, corrected clips on a track of their own",
    ),
    Format(
        "ale", "ALE", "Avid Log Exchange", (".ale",), frozenset({LIST}),
        holds=reading.is_ale, read=reading.probe_ale,
        reads="the rate of its FPS heading, also where all headings stand on one line; all "
        "columns; clips over midnight",
        with_losses="a missing FPS heading; other headings; Duration, Start and End that disagree; "
        "cells after the last column; tracks that are neither picture nor sound",
        refuses="files without a Column or Data section",
        cannot_hold="everything but the corrected clips; clips at another rate than most",
        delivers="a row for each corrected clip, for a bin",
    ),
    Format(
        "protools", "Pro Tools session text", "Pro Tools", (".txt",), frozenset({LIST, SCRIPT}),
        holds=reading.is_protools, read=reading.probe_protools,
        reads="clips, mutes, track comments, markers with their rulers and tracks; names with tabs "
        "and new lines; timecode, hundredths of a frame, samples; feet and frames if markers prove "
        "the film rate; sessions over midnight and sessions without clips",
        with_losses="feet and frames without such markers (film at the rate of the picture is "
        "assumed: 24, 23.976 or 25 fps); minutes and seconds (as exact as printed); bars and "
        "beats; delays; tracks without clips; unknown sections, headings and columns; listings of "
        "plug-ins, files and clips",
        refuses="an unknown timecode format",
    ),
    Format(
        "notes", "list of notes", "dubsync notes", (".csv",), frozenset({LIST}),
        states_rate=False, holds=reading.is_notes, read=reading.probe_notes,
        reads="the notes that dubsync delivers, answered in a spreadsheet; comma, semicolon or tab",
        with_losses="other columns; without a rate (`--rate`), timecode is listed without frame "
        "numbers",
        refuses="lists without a note",
        cannot_hold="everything but the notes",
        delivers="the notes, for a spreadsheet, and as markers that Avid (.txt) and Resolve (.edl) "
        "import; needs no render; "
        "by default if there are notes",
    ),
    Format(
        "markers", "marker list", "Marker list", (".txt",), frozenset({LIST}),
        states_rate=False, holds=reading.is_markers, read=reading.probe_markers,
        reads="Avid's marker list as text (comments with line ends in them), Nucoda's bookmarks "
        "and frame.io's comments as CSV",
        with_losses="without a rate (`--rate`), timecode is listed without frame numbers; columns "
        "and lines that are not known",
        refuses="lists without a marker",
    ),
    Format(
        "edl", "CMX3600 EDL", "CMX3600", (".edl",), frozenset({CUT}),
        states_rate=False, holds=reading.is_list, read=reading.probe_list,
        write=writing.written_lists,
        reads="events, tracks, transitions, constant speeds, reversed clips as Avid, Final Cut Pro "
        "and Premiere print them, locators, marker lists of Resolve, Avid and Nucoda; all other "
        "remarks are kept with their event; supported dialects: reels of 8, 32 and 128 characters, "
        "six-digit numbers, FCM changes, `;`, M2, C D W K, AUD, B, AA/V, LOC, BL, source times as "
        "frame numbers, record times over midnight, remarks, CRLF, Ctrl-Z, cp1252, Mac Roman",
        with_losses="without a rate (`--rate`), timecode is listed without frame numbers; with FCM "
        "DROP, 30000/1001 is assumed, or 60000/1001 if frame numbers need it; source and record "
        "lengths that differ without M2; M2 that contradicts its source range; which end a "
        "reversed clip's source in names; transitions whose outgoing picture is not an event; "
        "events without a reel; events that overlap; damaged lines, one by one; SPLIT and other "
        "statements that are not known; a table of sources' UMIDs",
        refuses="frame numbers that `--rate` does not have; record times with `;` at a rate "
        "without drop frame; UTF-16; files without an event and without a marker",
        cannot_hold="other tracks and sound, other clips at another rate than the list's, titles, "
        "disabled clips; varying speeds are printed as their average, in tenths of a frame per "
        "second; wipes are printed as W001",
        delivers="a list for each track with corrected clips, and lists of the corrected clips "
        "only; an EDL is patched line for line",
    ),
    Format(
        "csv", "shot list", "", (".csv",), frozenset({LIST}),
        cannot_hold="everything but the corrected clips",
        delivers="a row for each corrected clip, for a spreadsheet",
    ),
    Format(
        "pull", "pull list", "", (".edl", ".ale", ".csv"), frozenset({LIST}),
        cannot_hold="everything but the plates",
        delivers="the plate frames to pull for each shot, handles included; needs no render",
    ),
    Format(
        "vfx", "VFX turnover", "", (".exr", ".nk"), frozenset({LIST}),
        cannot_hold="everything but the corrected shots",
        delivers="for each corrected shot a folder with multi-layer EXR, the plate, parameters, "
        "head and landmarks, and a Nuke script that gives the render (docs/guides/vfx_turnover.md)",
    ),
    Format(
        "dapt", "DAPT and other TTML", "", (".ttml", ".xml", ".dapt"), frozenset({SCRIPT}),
        reads="script events, agents, several languages, on screen, origin timecode; of IMSC each "
        "p, parallel and sequential time",
        with_losses="lines without an end or times, which are kept untimed; times of single words",
        refuses="DAPT that breaks a rule of DAPT, with the rule and the line; entities",
    ),
    Format(
        "cue-sheet", "ADR cue sheet", "", (".csv", ".tsv", ".xlsx"), frozenset({SCRIPT}),
        states_rate=False,
        reads="headings in English, German or French; timecode, seconds, feet and frames",
        with_losses="columns that are not recognised",
        refuses="rows that cannot be read, all named",
    ),
    Format(
        "srt", "SRT", "", (".srt",), frozenset({SCRIPT}),
        reads="times, text, names in capitals", with_losses="cues without text",
        refuses="wrong times, each named",
    ),
    Format(
        "webvtt", "WebVTT", "", (".vtt",), frozenset({SCRIPT}),
        reads="times, text, voices (`<v NAME>`), names in capitals",
        with_losses="cues with wrong times, cues without text, times of a streaming segment",
        refuses="files without a cue that has text",
    ),
    Format(
        "stl", "EBU STL", "", (".stl",), frozenset({SCRIPT}),
        reads="23 to 50 fps, the five code tables, extension blocks, start of programme, language",
        with_losses="comments, cumulative subtitles, 30 fps that may be 29.97, unknown characters",
        refuses="other disk formats and code tables",
    ),
    Format(
        "detx", "rythmo band (Cappella)", "", (".detx",), frozenset({SCRIPT}), states_rate=False,
        reads="lines, characters, start of the video, marks of closed, nearly closed and open "
        "lips",
        with_losses="lines without an end, which are kept untimed; loops and changes of shot; "
        "marks of another kind; a frame rate that only the frame numbers prove",
        refuses="entities; no frame rate",
    ),
)  # fmt: skip

#: The formats of `deliver --as`.
DELIVERED = tuple(each.name for each in FORMATS if each.delivers)
_BY_NAME = {each.name: each for each in FORMATS}


def named(name: str) -> Format:
    """The format called `name`.  Raises KeyError."""
    return _BY_NAME[name]


def format_of(cut: ProbedCut) -> Format:
    """The format of a probed file, by the title that its reader gave."""
    return next(each for each in FORMATS if each.title and cut.format.startswith(each.title))


def sniffed(content: Content) -> Format:
    """The format of a file, recognised by its content.

    Raises:
        TurnoverError: text that cannot be decoded, or a file that is not text.
    """
    return next(each for each in FORMATS if each.holds is not None and each.holds(content))


def suffixes(role: str = "") -> tuple[str, ...]:
    """The suffixes of all formats that `probe` reads, or of those with the role `role`."""
    read = [each for each in FORMATS if each.read is not None]
    return tuple(dict.fromkeys(s for f in read if not role or role in f.roles for s in f.suffixes))


def labels(role: str = "") -> str:
    """The labels of the same formats, for messages: "AAF, .otio or FCP7 XML"."""
    *most, last = (f.label for f in FORMATS if f.read and (not role or role in f.roles))
    return f"{', '.join(most)} or {last}"
