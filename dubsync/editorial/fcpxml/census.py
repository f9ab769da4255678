"""What the FCPXML reader knows: elements that it reads, and those that change nothing.

Source: Apple, "FCPXML Reference" and its document type definitions, versions 1.8 to 1.14.
"""

from __future__ import annotations

from collections.abc import Mapping

from dubsync.core.timeline.losses import LOST
from dubsync.editorial.fcpxml.parts import ITEMS, MARKERS
from dubsync.editorial.files.xml_census import Known, known
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.timeline.cut_builder import LossNotes

#: Prefixes of elements that affect picture or sound, but not timing.
EFFECTS = ("adjust-", "filter-")
#: Sources of a clip's sound: reported with the effects where they switch or change it.
SOUNDS = ("audio-channel-source", "audio-role-source", "sync-source")
_CLIPS = "clip asset-clip ref-clip mc-clip sync-clip audition video audio title"
_CHILDREN = " ".join((*ITEMS, *MARKERS, *(f"{each}*" for each in EFFECTS), *SOUNDS))
#: Read; or identities, and properties of media that are measured on the media itself.
_ITEM = (
    "name ref offset start duration enabled lane format tcFormat tcStart role audioRole videoRole "
    "srcEnable srcCh outCh srcID audioStart audioDuration modDate useAudioSubroles"
)
_MARKER = known("shot-type stabilization-type", "start duration value completed note posterOffset "
                "name")  # fmt: skip
_CLIP = known(
    f"note conform-rate timeMap metadata mc-source text text-style-def param object-tracker "
    f"bookmark reserved {_CHILDREN}",
    _ITEM,
)

GRAMMAR: Mapping[str, Known] = {
    "fcpxml": known(f"import-options resources library event project {_CLIPS}", "version"),
    "resources": known("asset effect format media locator"),
    "asset": known(
        "media-rep metadata bookmark object-tracker",
        "id name uid src start duration hasVideo hasAudio format videoSources audioSources "
        "audioChannels audioRate customLUTOverride colorSpaceOverride projectionOverride "
        "stereoscopicOverride auxVideoFlags modDate",
    ),
    "media-rep": known("bookmark", "kind sig src suggestedFilename"),
    "format": known(
        "", "id name frameDuration width height fieldOrder colorSpace paspH paspV projection "
        "stereoscopic heroEye",
    ),
    "media": known("sequence multicam", "id name uid projectRef modDate"),
    "library": known("event smart-collection", "location colorProcessing"),
    "event": known(
        f"project keyword-collection smart-collection collection-folder {_CLIPS}", "name uid"
    ),
    "project": known("sequence", "name uid id modDate"),
    "sequence": known(
        "note spine metadata " + " ".join(MARKERS),
        "format duration tcStart tcFormat audioLayout audioRate renderFormat keywords name",
    ),
    "multicam": known("mc-angle metadata", "format duration tcStart tcFormat renderFormat name"),
    "mc-angle": known(" ".join(ITEMS), "name angleID"),
    "mc-source": known("adjust-* filter-*", "angleID srcEnable"),
    "conform-rate": known("", "scaleEnabled srcFrameRate frameSampling"),
    "timeMap": known("timept", "frameSampling preservesPitch"),
    "timept": known("", "time value interp inTime outTime"),
    **dict.fromkeys(MARKERS, _MARKER),
    **dict.fromkeys(ITEMS, _CLIP),
}  # fmt: skip


def effect_of(child: Element, parent: Element) -> str:
    """The name of an effect for the report; "" if `child` is none, or changes nothing.

    A transition's filter without parameters only names it, as the event's kind does.
    """
    if child.tag.startswith(EFFECTS):
        return "" if parent.tag == "transition" and not child.children else child.tag
    if child.tag in SOUNDS:
        off = any(e.get("active") == "0" or e.get("enabled") == "0" for e in child.descendants())
        changed = any(e.tag.startswith(EFFECTS) for e in child.descendants())
        return child.tag if off or changed else ""
    return ""


def lose_split(element: Element, notes: LossNotes) -> None:
    """Report sound with edges of its own beside the picture of the same clip: a split edit."""
    for name, picture in (("audioStart", "start"), ("audioDuration", "duration")):
        if element.get(name) and element.get(name) != element.get(picture):
            what = f"{element.get('name')!r}: its sound has edges of its own, which are not listed"
            notes.lose(f"line {element.line}", what, LOST, "expand the sound, and export again")
            return
