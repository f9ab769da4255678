"""A document of MLT XML as it is: its tracks, its picture clips, its markers.

Frames are the timeline's own: a project counts from
0, unless dubsync delivered it and wrote its first frame into it.
"""

import json
import os
import re
from fractions import Fraction
from xml.etree import ElementTree

PLAYED = ("producer", "chain", "playlist", "tractor", "multitrack")
GUIDES = ("kdenlive:sequenceproperties.guides", "kdenlive:docproperties.guides")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)")
_TIMECODE = re.compile(r"meta\.attr\.(?:\d+\.stream\.)?timecode\.markup", re.IGNORECASE)
_NOTE = re.compile(r"(N\d{3,}): ")
OWN_TRACK = "dubsync"


class NotAProject(Exception):
    """The file is not a project of MLT that can be read; the text says why."""


class Document:
    """One document; `path` is where it came from, `folder` where its relative paths start."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        with open(path, "rb") as file:
            data = file.read()
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise NotAProject("it declares a document type or entities, which no project does")
        try:
            self.root = ElementTree.fromstring(data)
        except ElementTree.ParseError as error:
            raise NotAProject(f"it is damaged: {error}") from error
        profile = self.root.find("profile")
        if self.root.tag != "mlt" or profile is None:
            raise NotAProject("it is not MLT XML with a profile")
        try:
            self.rate = Fraction(
                int(profile.get("frame_rate_num", "")), int(profile.get("frame_rate_den", ""))
            )
        except (ValueError, ZeroDivisionError) as error:
            raise NotAProject("the frame rate of its profile is not valid") from error
        self.folder = self.root.get("root") or os.path.dirname(self.path)
        self.services = {e.get("id"): e for e in self.root.iter() if e.tag in PLAYED}
        self.timeline = self._timeline()
        start = stated(self.timeline).get("dubsync:start", "0")
        self.start = int(start) if start.isdigit() else 0

    @property
    def name(self):
        """The name of the timeline: its title, else that of the file."""
        title = self.timeline.get("title") or self.root.get("title") or ""
        if title and not title.startswith("Shotcut version"):
            return title
        main = self.services.get("main_bin")
        key = "kdenlive:docmetadata.meta.attr.title.markup"
        return (stated(main).get(key) if main is not None else "") or os.path.splitext(
            os.path.basename(self.path)
        )[0]

    @property
    def kdenlive(self):
        """Whether it is a project of Kdenlive."""
        main = self.services.get("main_bin")
        return main is not None and any(k.startswith("kdenlive:doc") for k in stated(main))

    # -- what is there -------------------------------------------------------------------------

    def clips(self):
        """The picture clips, as `match` takes them; "track" is V1 for the lowest."""
        found = []
        for label, _, service in self._pictures():
            for playlist in self._playlists(service):
                found += self._clips_of(playlist, label)
        found.sort(key=lambda clip: (clip["record"], clip["track"]))
        for number, clip in enumerate(found):
            clip["id"] = "{}:{}".format(number, clip["name"])
        return found

    def _clips_of(self, playlist, label):
        found, at = [], 0
        for entry in playlist:
            if entry.tag == "blank":
                at += self.frames(entry.get("length"))
            if entry.tag not in ("entry",) + PLAYED:
                continue
            service = self.played(entry)
            low, high = self._span(entry, service)
            if service is not None and service.tag in ("producer", "chain"):
                clip = self._clip(entry, service, low, high)
                if clip is not None:
                    clip["record"] = [self.start + at, self.start + at + high - low]
                    clip["track"] = label
                    found.append(clip)
            at += high - low
        return found

    def _clip(self, entry, service, low, high):
        told = stated(service)
        if told.get("mlt_service") in ("color", "colour") or not told.get("resource"):
            return None
        speed = told.get("warp_speed", "1")
        resource = told.get("warp_resource") or told["resource"].partition("?")[0]
        proxied = told.get("kdenlive:proxy", "-") not in ("", "-")
        if proxied and told.get("kdenlive:originalurl"):
            resource = told["kdenlive:originalurl"]
        path = os.path.normpath(os.path.join(self.folder, resource))
        first = self._first(told)
        pace = Fraction(speed) if re.match(r"\d+(\.\d+)?$", speed) else Fraction(1)
        source = [first + int(low * pace), first + max(int(high * pace), int(low * pace) + 1)]
        remap = _remapped(service, low, high, self.rate)
        if remap:
            source = [first + remap[0], first + remap[1]]
        hidden = told.get("set.test_image") == "1"
        return {
            "name": told.get("dubsync:name") or told.get("kdenlive:clipname")
            or told.get("shotcut:caption") or os.path.basename(resource),
            "media": path if os.path.exists(path) else "",
            "source": source,
            "rate": self.rate_text(),
            "enabled": not hidden,
        }  # fmt: skip

    def _first(self, told):
        """The number of a file's first frame: its timecode, if the project has it."""
        if told.get("dubsync:first", "").isdigit():
            return int(told["dubsync:first"])
        printed = next((v for k, v in told.items() if _TIMECODE.match(k)), "")
        parts = re.match(r"(\d+):(\d+):(\d+):(\d+)$", printed)
        if not parts:  # drop frame too: dubsync finds the frames by the file itself
            return 0
        hours, minutes, seconds, frames = (int(part) for part in parts.groups())
        return (hours * 3600 + minutes * 60 + seconds) * int(round(self.rate)) + frames

    def rate_text(self):
        """The rate as the protocol has it."""
        return f"{self.rate.numerator}/{self.rate.denominator}"

    def markers(self):
        """[{"id", "frame", "text", "colour", "author", "note"}], in record frames."""
        rows = [(row.get("pos"), row.get("comment", "")) for row in self._guides()]
        for group in self._shotcut_markers():
            told = stated(group)
            rows.append((self.frames(told.get("start", "0")), told.get("text", "")))
        found = []
        for at, text in rows:
            if not isinstance(at, int):
                continue
            text = str(text).replace("\n", ": ", 1) if "\n" in str(text) else str(text)
            note = _NOTE.match(text)
            found.append(
                {
                    "id": f"{self.start + at}:{text[:60]}",
                    "frame": self.start + at,
                    "text": text,
                    "colour": "",
                    "author": "",
                    "note": note.group(1) if note else "",
                }
            )
        return found

    def is_own(self, label):
        """Whether the track with this label is dubsync's."""
        return any(
            one == label and track_name(service).startswith(OWN_TRACK)
            for one, _, service in self._pictures()
        )

    # -- the document --------------------------------------------------------------------------

    def frames(self, text):
        """A time as frames."""
        text = (text or "0").strip()
        if re.match(r"\d+$", text):
            return int(text)
        clock = _CLOCK.match(text)
        if not clock:
            raise NotAProject(f"{text[:40]!r} is not a time")
        seconds = Fraction(clock.group(3).replace(",", "."))
        seconds += int(clock.group(2)) * 60 + int(clock.group(1) or 0) * 3600
        return int(round(seconds * self.rate))

    def played(self, element):
        """What an entry or track plays."""
        if element.tag in PLAYED:
            return element
        held = next((child for child in element if child.tag in PLAYED), None)
        return held if held is not None else self.services.get(element.get("producer"))

    def text(self):
        """The document as bytes."""
        return ElementTree.tostring(self.root, encoding="utf-8", xml_declaration=True) \
            if hasattr(ElementTree, "indent") else b'<?xml version="1.0" encoding="utf-8"?>\n' \
            + ElementTree.tostring(self.root)  # fmt: skip

    def _timeline(self):
        services = [e for e in self.root if e.tag in PLAYED and e.get("id") != "main_bin"]
        if not services or services[-1].tag != "tractor":
            raise NotAProject("its last part is no tractor: it has no tracks")
        last = services[-1]
        if stated(last).get("kdenlive:projectTractor") == "1":
            inner = self.played(self.tracks(last)[0])
            return inner if inner is not None else last
        return last

    def tracks(self, tractor=None):
        """The <track> elements of the timeline, lowest first."""
        tractor = self.timeline if tractor is None else tractor
        inner = tractor.find("multitrack")
        return (inner if inner is not None else tractor).findall("track")

    def _pictures(self):
        """[(label, number of the track in the tractor, what it plays)] of picture tracks."""
        found = []
        for number, track in enumerate(self.tracks()):
            service = self.played(track)
            if service is None or service.get("id") in ("black_track", "background", "black"):
                continue
            told, hidden = stated(service), track.get("hide", "")
            inner = [one.get("hide") for one in self.tracks(service)] if service.tag == "tractor" \
                else []  # fmt: skip
            sound = told.get("kdenlive:audio_track") == "1" or told.get("shotcut:audio") == "1"
            if sound or hidden == "video" or (inner and set(inner) == {"video"}):
                continue
            if service.tag == "producer":
                continue
            found.append((f"V{len(found) + 1}", number, service))
        return found

    def _playlists(self, service):
        if service.tag == "playlist":
            return [service]
        inner = [self.played(track) for track in self.tracks(service)]
        return [one for one in inner if one is not None and one.tag == "playlist"]

    def _span(self, entry, service):
        low, last = entry.get("in"), entry.get("out")
        if last is None and service is not None:
            last = service.get("out")
            length = stated(service).get("length")
            if last is None and length:
                last = str(self.frames(length) - 1)
        if last is None:
            raise NotAProject("an entry states neither its end nor a length")
        return self.frames(low), self.frames(last) + 1

    def _guide_holder(self):
        holder = self.services.get("main_bin")
        for element, name in ((self.timeline, GUIDES[0]), (holder, GUIDES[1])):
            if element is not None and name in stated(element):
                return element, name
        sequences = any(stated(e).get("kdenlive:uuid") for e in self.root.iter("tractor"))
        return (self.timeline, GUIDES[0]) if sequences else (holder, GUIDES[1])

    def _guides(self):
        if not self.kdenlive:
            return []
        holder, name = self._guide_holder()
        try:
            rows = json.loads(stated(holder).get(name) or "[]")
        except ValueError:
            return []
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def _shotcut_markers(self):
        return [
            one for group in self.timeline.findall("properties")
            if group.get("name") == "shotcut:markers" for one in group.findall("properties")
        ]  # fmt: skip


def _remapped(service, low, high, rate):
    """The frames of a file that positions of a Time Remap show; None without one."""
    links = [stated(one) for one in service.findall("link")]
    told = next((one for one in links if one.get("mlt_service") == "timeremap"), {})
    keys = re.findall(
        r"(\d+)[^=;\d]?=(\d+(?:\.\d+)?)", told.get("time_map") or told.get("map") or ""
    )
    if not keys:
        return None
    shown = [Fraction(value) * rate for at, value in keys if low <= int(at) <= high]
    shown = shown or [Fraction(keys[0][1]) * rate]
    return int(min(shown)), max(int(max(shown)), int(min(shown)) + 1)


def stated(element):
    """The properties of a service: its <property> elements, and its attributes."""
    told = {key: value for key, value in element.attrib.items() if key != "id"}
    for child in element.findall("property"):
        told[child.get("name")] = child.get("value") or child.text or ""
    return told


def put(element, name, value):
    """Set a property."""
    for child in element.findall("property"):
        if child.get("name") == name:
            child.text = str(value)
            return
    if name in element.attrib:
        element.set(name, str(value))
        return
    child = ElementTree.Element("property", {"name": name})
    child.text = str(value)
    element.insert(len(element.findall("property")), child)


def track_name(service):
    told = stated(service)
    return told.get("kdenlive:track_name") or told.get("shotcut:name") or ""
