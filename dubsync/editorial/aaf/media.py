"""Writes the media of a linked AAF file: the chain of mobs from each clip to its tape.

    MasterMob (a clip of the bin) -> SourceMob (the file) -> SourceMob (the tape, with timecode)

Media Composer relinks by the tape's name and timecode, other systems by the file's URL.  MXF files
that dubsync wrote are linked by their own identities: the mobs have those of the material package,
the file package and the tape in the file, and the slots the ids of its tracks.  The files of an
OP-Atom clip have one material package, so its master mob has a slot for each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from importlib import import_module
from pathlib import PurePath
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from dubsync.core.edit.media import MXF_RATE, EditEssence, EditMedia
from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.timecode import counting_base
from dubsync.editorial.aaf.effects import rational
from dubsync.editorial.timeline.media_paths import media_url, path_text

#: Length of a tape in seconds: a day.
DAY = 24 * 3600
#: Slot of a picture's own sound in the master mob of MXF, above those of its material package.
_SOUND_OF_PICTURE = 1000
_SMPTE_LABEL = (6, 10, 43, 52, 1, 1, 1, 5, 1, 1, 15, 32)


@dataclass(frozen=True, slots=True)
class Medium:
    """One media file.

    path    as in the cut: a path, a URL, or "" if not stated
    format  of a picture file written by dubsync; None if unknown
    edit    the edit media that the file is, with its identities; None if it has none.  It is not
            in the repr, from which mob ids of other files are made
    """

    name: str
    path: str
    reel: str
    rate: Fraction
    drop: bool
    format: PictureFormat | None = None
    edit: EditMedia | None = field(default=None, repr=False)

    @property
    def essence(self) -> EditEssence | None:
        """The MXF file of the picture; None if this is not MXF."""
        first = self.edit.essences[0] if self.edit else None
        return first if first is not None and first.file else None


@dataclass(slots=True)
class MobTable:
    """The mobs written so far.  `extents`: first and past-the-last frame used of each file."""

    file: Any
    extents: dict[Medium, tuple[int, int]]
    masters: dict[Medium, Any]
    tapes: dict[tuple[str, Fraction, bool, str], Any]

    def clip(self, medium: Medium, start: int, length: int, *, sound: bool) -> Any:
        """A SourceClip of `length` edit units; `start` is relative to the medium's first frame."""
        master = self.masters.get(medium) or self._master(medium)
        slot = self._slot(master, medium, sound)
        return master.create_source_clip(slot.slot_id, start, length, _kind(sound))

    def first(self, medium: Medium) -> int:
        """The source frame at which the slots of a medium begin."""
        return self.extents[medium][0]

    def _master(self, medium: Medium) -> Any:
        essence = medium.essence
        id = _mob_id("master", (medium, self.extents[medium]))
        if essence is not None:
            id = _umid(essence.material)
        master = self.file.content.mobs.get(id)  # from an earlier delivery
        if master is None:
            master = self.file.create.MasterMob(path_text(medium.name))
            master.mob_id = id
            self.file.content.mobs.append(master)
        self.masters[medium] = master
        if medium.path:
            master.comments["UNC Path"] = path_text(medium.path)
        if medium.edit is not None and essence is not None and not list(master.slots):
            self._slot(master, medium, sound=False)
            for one in medium.edit.essences[1:]:
                self._sound_slot(master, medium, one)
        return master

    def _sound_slot(self, master: Any, medium: Medium, one: EditEssence) -> None:
        """The slot of an OP-Atom file of sound, down to the tape, in samples."""
        low, high = self.extents[medium]
        pace = MXF_RATE / medium.rate
        source = self.file.create.SourceMob(path_text(medium.name))
        source.mob_id = _umid(one.file)
        source.descriptor = self.file.create.ImportDescriptor()
        locator = self.file.create.NetworkLocator()
        locator["URLString"].value = url(_beside(medium, one))
        source.descriptor["Locator"].append(locator)
        self.file.content.mobs.append(source)
        slot = source.create_timeline_slot(MXF_RATE, one.track)
        slot["PhysicalTrackNumber"].value = one.channel
        length = round((high - low) * pace)
        tape = self._tape(medium)
        slot.segment = tape.create_source_clip(
            _tape_slot(tape, medium, one), round(low * pace), length, "sound"
        )
        slot = master.create_timeline_slot(MXF_RATE, one.clip_track)
        slot["PhysicalTrackNumber"].value = one.channel
        slot.segment = source.create_source_clip(one.track, 0, length, "sound")

    def _slot(self, master: Any, medium: Medium, sound: bool) -> Any:
        number = 2 if sound else 1
        if medium.essence is not None:
            number = _SOUND_OF_PICTURE if sound else medium.essence.clip_track
        for slot in master.slots:
            if slot.slot_id == number:
                return slot
        low, high = self.extents[medium]
        source = self._source(medium, sound)
        slot = master.create_timeline_slot(rational(medium.rate), number)
        slot["PhysicalTrackNumber"].value = 1
        slot.segment = source.create_source_clip(
            _file_slot(medium, sound), 0, high - low, _kind(sound)
        )
        return slot

    def _source(self, medium: Medium, sound: bool) -> Any:
        low, high = self.extents[medium]
        source = self.file.create.SourceMob(path_text(medium.name))
        essence = None if sound else medium.essence
        source.mob_id = _mob_id(f"file {_kind(sound)}", (medium, low, high))
        if essence is not None:
            source.mob_id = _umid(essence.file)
        source.descriptor = self._descriptor(medium, sound)
        if medium.path:
            locator = self.file.create.NetworkLocator()
            locator["URLString"].value = url(medium.path)
            source.descriptor["Locator"].append(locator)
        self.file.content.mobs.append(source)
        slot = source.create_timeline_slot(rational(medium.rate), _file_slot(medium, sound))
        slot["PhysicalTrackNumber"].value = 1
        tape = self._tape(medium)
        number = _tape_slot(tape, medium, None if sound else essence)
        slot.segment = tape.create_source_clip(number, low, high - low, _kind(sound))
        return source

    def _descriptor(self, medium: Medium, sound: bool) -> Any:
        """The descriptor of a file: complete for dubsync's own pictures, else only its location."""
        format = medium.format
        if sound or format is None:
            return self.file.create.ImportDescriptor()
        low, high = self.extents[medium]
        made = self.file.create.CDCIDescriptor()
        made["SampleRate"].value = rational(medium.rate)
        made["Length"].value = high - low
        made["StoredWidth"].value = format.width
        made["StoredHeight"].value = format.height
        made["FrameLayout"].value = "MixedFields" if format.fields else "FullFrame"
        made["VideoLineMap"].value = [0, 0]
        shape = Fraction(*format.shown_size) * format.shown_aspect
        made["ImageAspectRatio"].value = rational(shape)
        made["ComponentWidth"].value = format.bits
        made["HorizontalSubsampling"].value = 1 << format.chroma[0]
        made["VerticalSubsampling"].value = 1 << format.chroma[1]
        return made

    def _tape(self, medium: Medium) -> Any:
        known = medium.essence.tape if medium.essence else ""
        key = medium.reel or medium.name, medium.rate, medium.drop, known
        id = _umid(known) if known else _mob_id("tape", key[:3])
        tape = self.tapes.get(key) or self.file.content.mobs.get(id)
        if tape is None:
            base = counting_base(medium.rate)
            tape = self.file.create.SourceMob(key[0])
            tape.mob_id = id
            slot, code = tape.create_tape_slots(
                key[0], rational(medium.rate), base, medium.drop, "picture", DAY * base
            )
            slot.segment.length = DAY * base
            if known and medium.essence:  # as in the file: the timecode is first
                code.slot_id, slot.slot_id = slot.slot_id, medium.essence.clip_track
            slot["PhysicalTrackNumber"].value = code["PhysicalTrackNumber"].value = 1
            self.file.content.mobs.append(tape)
            self.tapes[key] = tape
        return tape


def _tape_slot(tape: Any, medium: Medium, essence: EditEssence | None) -> int:
    """The slot of a tape for a file's track; made if the tape has none for that channel yet."""
    if essence is None or not essence.tape:
        return int(next(s.slot_id for s in tape.slots if s.segment.media_kind == "Picture"))
    number = essence.clip_track
    if all(slot.slot_id != number for slot in tape.slots):
        slot = tape.create_empty_slot(rational(medium.rate), _kind(essence.channel > 0), number)
        slot.segment.length = DAY * counting_base(medium.rate)
        slot["PhysicalTrackNumber"].value = essence.channel
    return number


def _beside(medium: Medium, one: EditEssence) -> str:
    """The path of another file of the clip, in the folder where the cut says the picture is."""
    picture = medium.essence
    name, ours = (PurePath(e.path).name if e else "" for e in (picture, one))
    return medium.path.removesuffix(name) + ours if medium.path.endswith(name) else one.path


def url(path: str) -> str:
    """Like `media_url`, with the host that Media Composer writes before an absolute path."""
    written = media_url(path)
    return written if written == path else written.replace("file:///", "file://localhost/", 1)


def _kind(sound: bool) -> str:
    return "sound" if sound else "picture"


def _file_slot(medium: Medium, sound: bool) -> int:
    """The slot of the essence in the file's mob: in MXF its track id."""
    essence = None if sound else medium.essence
    return essence.track or 1 if essence else 1


def _umid(text: str) -> Any:
    """The mob id of an identity in an MXF file, "urn:smpte:umid:..."."""
    mobid: Any = import_module("aaf2.mobid")
    return mobid.MobID(text)


def _mob_id(kind: str, of: object) -> Any:
    """A mob id that is the same in every delivery, so that a bin does not get duplicates."""
    mobid: Any = import_module("aaf2.mobid")
    made = mobid.MobID()
    made.SMPTELabel = _SMPTE_LABEL
    made.length = 0x13
    made.material = uuid5(NAMESPACE_URL, f"dubsync {kind} {of!r}")
    return made
