"""A project of MLT XML, and a new track in it for what is synced.

Everything that is not added stays as it is.
"""

import json
import re
from fractions import Fraction
from xml.etree import ElementTree

from .document import OWN_TRACK, PLAYED, Document, put, stated, track_name


class Project(Document):
    """A project that is added to."""

    def add_marker(self, frame, text, note=""):
        """Add a marker at a record frame; returns its id."""
        text = f"{note}: {text}" if note else text
        at = frame - self.start
        if self.kdenlive:
            holder, name = self._guide_holder()
            rows = self._guides()
            rows.append({"comment": text, "pos": at, "type": 0})
            put(holder, name, json.dumps(rows))
        else:
            group = next(
                (g for g in self.timeline.findall("properties")
                 if g.get("name") == "shotcut:markers"), None,
            )  # fmt: skip
            if group is None:
                group = ElementTree.Element("properties", {"name": "shotcut:markers"})
                self.timeline.insert(len(self.timeline.findall("property")), group)
            one = ElementTree.SubElement(group, "properties", {"name": str(len(group))})
            for key, value in (("text", text), ("start", at), ("end", at), ("color", "#008000")):
                put(one, key, value)
        return f"{frame}:{text[:60]}"

    def lay(self, name, path, record, low, speed, length, over):
        """Lay a file over record frames, on dubsync's track above the clips called `over`.

        Args:
            low: the file's frame that shows first, counted from its first.
            speed: the speed of the clip under it.
            length: number of frames of the file.
        """
        playlist = self._own_playlist(over)
        start, stop = record[0] - self.start, record[1] - self.start
        self._clear(playlist, start, stop)
        producer = self._producer(name, path, speed, length)
        first = int(low / speed)
        entry = ElementTree.Element("entry", {
            "producer": producer, "in": str(first), "out": str(first + stop - start - 1),
        })  # fmt: skip
        if self.kdenlive:
            put(entry, "kdenlive:id", stated(self.services[producer])["kdenlive:id"])
        self._insert(playlist, entry, start, stop)

    def _new_id(self, kind):
        number = 0
        while kind + str(number) in self.services:
            number += 1
        return kind + str(number)

    def _add(self, element, before):
        """Add a service to the document, before the one that uses it."""
        self.services[element.get("id")] = element
        self.root.insert(list(self.root).index(before), element)

    def _producer(self, name, path, speed, length):
        main = self.services.get("main_bin")
        low_id = 1 + max(
            [int(v) for e in self.root.iter() if e.tag in PLAYED
             for v in [stated(e).get("kdenlive:id", "")] if v.isdigit()] or [1]
        )  # fmt: skip
        before = main if main is not None and self.kdenlive else self._first_playlist()
        known = None
        for pace in [Fraction(1), speed] if self.kdenlive and speed != 1 else [speed]:
            shown = f"{float(pace):.12g}"
            positions = max(int(length / pace), 1)
            element = ElementTree.Element("producer", {
                "id": self._new_id("dubsync_clip"), "in": "0", "out": str(positions - 1),
            })  # fmt: skip
            told = [("length", positions), ("eof", "pause")]
            if pace == 1:
                told += [("resource", path), ("mlt_service", "avformat-novalidate")]
            else:
                told += [("resource", shown + ":" + path), ("mlt_service", "timewarp"),
                         ("warp_speed", shown), ("warp_resource", path)]  # fmt: skip
            told += [("dubsync:name", name), ("shotcut:caption", name)]
            if self.kdenlive:
                told += [("kdenlive:clipname", name), ("kdenlive:id", low_id),
                         ("kdenlive:folderid", -1)]  # fmt: skip
            for key, value in told:
                put(element, key, value)
            self._add(element, before)
            if self.kdenlive and known is None:
                span = {"in": "0", "out": str(positions - 1)}
                ElementTree.SubElement(main, "entry", dict(producer=element.get("id"), **span))
            known = element.get("id")
        return known

    def _first_playlist(self):
        return next((e for e in self.root if e.tag not in ("profile", "producer", "chain")),
                    self.timeline)  # fmt: skip

    def _own_playlist(self, over):
        """The playlist of dubsync's track; a new one directly above the highest clip of `over`."""
        pictures = self._pictures()
        for _, _, service in pictures:
            if track_name(service).startswith(OWN_TRACK):
                return self._playlists(service)[0]
        top = max([number for label, number, _ in pictures if label in over] or
                  [number for _, number, _ in pictures])  # fmt: skip
        playlist = ElementTree.Element("playlist", {"id": self._new_id("dubsync_track")})
        service = playlist
        if self.kdenlive:
            self._add(playlist, self.timeline)
            second = ElementTree.Element("playlist", {"id": self._new_id("dubsync_track")})
            self._add(second, self.timeline)
            span = {"in": "0", "out": self.timeline.get("out", "0")}
            service = ElementTree.Element(
                "tractor", dict(id=self._new_id("dubsync_tractor"), **span)
            )
            for key, value in (
                ("kdenlive:trackheight", 67),
                ("kdenlive:timeline_active", 1),
                ("kdenlive:collapsed", 0),
                ("kdenlive:track_name", OWN_TRACK),
            ):
                put(service, key, value)  # fmt: skip
            for one in (playlist, second):
                ElementTree.SubElement(service, "track",
                                       {"hide": "audio", "producer": one.get("id")})  # fmt: skip
        else:
            put(playlist, "shotcut:video", 1)
            put(playlist, "shotcut:name", OWN_TRACK)
        self._add(service, self.timeline)
        self._insert_track(service, top + 1)
        return playlist

    def _insert_track(self, service, number):
        """Insert a picture track; the transitions of the tracks above it count one more."""
        holder = self.timeline.find("multitrack")
        holder = self.timeline if holder is None else holder
        tracks = self.tracks()
        track = ElementTree.Element("track", {"hide": "audio", "producer": service.get("id")})
        place = list(holder).index(tracks[number - 1]) + 1
        holder.insert(place, track)
        drawn = None
        for transition in self.timeline.findall("transition") + self.timeline.findall("filter"):
            told = stated(transition)
            for key in ("a_track", "b_track", "track"):
                if told.get(key, "").isdigit() and int(told[key]) >= number:
                    put(transition, key, int(told[key]) + 1)
            if told.get("always_active") == "1" and told.get("mlt_service") != "mix":
                drawn = transition
        if drawn is not None:
            made = ElementTree.fromstring(ElementTree.tostring(drawn))
            made.attrib.pop("id", None)
            put(made, "b_track", number)
            put(made, "disable", 0)
            self.timeline.append(made)
        self._renumber_groups(number)

    def _renumber_groups(self, number):
        """Kdenlive's groups name clips by track and frame: those above move up with their track."""
        for element in self.root.iter("property"):
            if not element.get("name", "").endswith("properties.groups") or not element.text:
                continue
            element.text = re.sub(
                r'("data"\s*:\s*")(\d+)(:\d+)',
                lambda m: m.group(1) + str(int(m.group(2)) + (int(m.group(2)) >= number - 1))
                + m.group(3),
                element.text,
            )  # fmt: skip

    def _items(self, playlist):
        """[(element, start, stop)] of a playlist."""
        found, at = [], 0
        for element in playlist:
            if element.tag == "blank":
                length = self.frames(element.get("length"))
            elif element.tag in ("entry",) + PLAYED:
                low, high = self._span(element, self.played(element))
                length = high - low
            else:
                continue
            found.append((element, at, at + length))
            at += length
        return found

    def _rebuild(self, playlist, kept):
        """Make a playlist of clips at their places, with blanks between."""
        for element, _, _ in self._items(playlist):
            playlist.remove(element)
        at = 0
        for element, start, stop in sorted(kept, key=lambda one: one[1]):
            if start > at:
                ElementTree.SubElement(playlist, "blank", {"length": str(start - at)})
            playlist.append(element)
            at = stop

    def _clear(self, playlist, start, stop):
        kept = [one for one in self._items(playlist)
                if one[0].tag != "blank" and (one[2] <= start or one[1] >= stop)]  # fmt: skip
        self._rebuild(playlist, kept)

    def _insert(self, playlist, entry, start, stop):
        kept = [one for one in self._items(playlist) if one[0].tag != "blank"]
        self._rebuild(playlist, kept + [(entry, start, stop)])
