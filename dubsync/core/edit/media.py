"""Edit media as it was written: its files, and the identities by which a cut links to them."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.core.shot import ProjectWarning
from dubsync.core.timeline.timecode import FrameRange

#: Samples of sound a second in MXF: SMPTE ST 382 knows others, but hosts and FFmpeg take this one.
MXF_RATE = 48_000


@dataclass(frozen=True, slots=True)
class EditEssence:
    """One file of edit media.

    path      absolute path; of a sequence, a printf pattern
    kind      "picture" or "sound"
    channel   number of the sound channel in an OP-Atom file, from 1; 0: picture, or all channels
    material, file, tape   identities (UMID, SMPTE ST 330) of the MXF file's material package, its
              file package and the tape that this is from, as "urn:smpte:umid:..."; "" outside MXF,
              and `tape` "" where the plate names no reel.  `material` is the clip's: all its files
              have the same.  In an AAF, `material` is the id of the master mob, `file` that of the
              source mob whose media the host finds in this file, `tape` that of the tape mob
    track     track id of the essence in the file package (the AAF's slot id); 0 outside MXF
    length    in edit units: frames of picture; of sound in OP-Atom, samples
    """

    path: str
    kind: str
    channel: int = 0
    material: str = ""
    file: str = ""
    tape: str = ""
    track: int = 0
    length: int = 0

    @property
    def clip_track(self) -> int:
        """Track id of this file in the clip's material package and on its tape; 0 outside MXF."""
        return self.track + self.channel


@dataclass(frozen=True, slots=True)
class EditMedia:
    """The edit media of one render.

    codec, container   names from core.edit.codec
    frames     the plate's frames that it holds, in source timecode
    essences   its files, the picture first; one for every track in OP-Atom
    clip       identity for the clip (master mob) that joins the files: equal at every delivery of
               the same render; "" outside MXF
    losses     what it cannot hold of the master, beside the codec's own loss
    """

    codec: str
    container: str
    frames: FrameRange
    essences: tuple[EditEssence, ...]
    clip: str = ""
    losses: tuple[ProjectWarning, ...] = ()

    @property
    def picture(self) -> str:
        """Path of the picture; of a sequence, a printf pattern."""
        return self.essences[0].path
