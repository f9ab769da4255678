"""What the FCP7 XML reader knows: elements that it reads, and those that change nothing.

Source: Apple, "Final Cut Pro XML Interchange Format", Elements Catalog; Premiere Pro's export.
"""

from __future__ import annotations

from collections.abc import Mapping

from dubsync.core.timeline.losses import LOST, WARNS
from dubsync.editorial.files.xml_census import Known, known
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.timeline.cut_builder import LossNotes

#: Descriptions, identities and the layout of windows: no picture, sound, time or marker.
_NOTES = (
    "uuid updatebehavior labels comments logginginfo masterclipid ismasterclip subclipmasterid "
    "itemhistory filmdata colorinfo description appspecificdata metadata"
)
#: Properties of the media, which are measured on the media itself.
_MEDIA = "anamorphic alphatype pixelaspectratio fielddominance gamma sourcetrack link"
#: Read, or reported by its value (see NEUTRAL).
_ITEM = (
    "name duration rate enabled in out start end file sequence multiclip marker filter effect "
    "subclipinfo stillframe stillframeoffset timecode primarytimecode mediadelay compositemode "
    "alphareverse mixedratesoffset subframeoffset syncoffset pproTicksIn pproTicksOut locked"
)
_OWN = "id TL.* MZ.* Monitor.* premiere* explodedTracks frameBlend"
_ANY = f"{_OWN} currentExplodedTrackIndex totalExplodedTrackCount PannerIsInverted "
_ANY += "PannerCurrentValue PannerName PannerStartKeyframe"

GRAMMAR: Mapping[str, Known] = {
    "xmeml": known("project bin clip sequence importoptions children", "version"),
    "project": known("name children uuid updatebehavior"),
    "bin": known(f"name children {_NOTES}"),
    "children": known("clip sequence bin"),
    "sequence": known(
        f"name duration rate in out timecode media marker file pixelaspectratio {_NOTES}", _ANY
    ),
    "clip": known(f"{_ITEM} media defaultangle {_MEDIA} {_NOTES}", f"{_ANY} collapsed"),
    "media": known("video audio"),
    "video": known(
        "track format duration samplecharacteristics stillframe layerindex alphatype "
        "anamorphic pixelaspectratio trackcount"
    ),
    "audio": known(
        "track format outputs in out channelcount trackcount layout audiochannel duration "
        "samplecharacteristics numOutputChannels"
    ),
    "track": known(
        "clipitem generatoritem transitionitem enabled locked outputchannelindex name", _ANY
    ),
    "clipitem": known(f"{_ITEM} {_MEDIA} {_NOTES}", _ANY),
    "generatoritem": known(f"{_ITEM} {_MEDIA} {_NOTES}", _ANY),
    "transitionitem": known(
        f"name rate start end alignment effect filter pproTicksIn cutPointTicks {_NOTES}", _ANY
    ),
    "multiclip": known("name collapsed synctype angle duration rate", "id"),
    "angle": known("name activevideoangle activeaudioangle clip", "id"),
    "file": known(
        f"name pathurl rate duration timecode media width height mediaSource {_NOTES}", _ANY
    ),
    "timecode": known("rate string frame displayformat reel source field sourcetimecode"),
    "subclipinfo": known("startoffset endoffset"),
    "rate": known("timebase ntsc"),
    "marker": known("name comment in out color pproColor GUID"),
    "filter": known("effect enabled start end", "id"),
}

#: What a Time Remap holds: its name, and the parameters that are read or do not change the time.
_REMAP = known(
    "name effectid effectcategory effecttype mediatype enabled start end wipecode wipeaccuracy "
    "startratio endratio pprobypass pproexpanded variablespeed speed reverse frameblending "
    "graphdict"
).children

#: Elements of an item that change nothing at these values; else they are reported.
NEUTRAL: Mapping[str, frozenset[str]] = {
    "compositemode": frozenset({"", "normal"}),
    "alphareverse": frozenset({"", "false"}),
    "mixedratesoffset": frozenset({"", "0"}),
    "subframeoffset": frozenset({"", "0"}),
}


def lose_remap(item: Element, notes: LossNotes) -> None:
    """Report the parameters of a Time Remap that are not read."""
    for effect in (e for f in item.all("filter") for e in f.all("effect")):
        if effect.text_at("effectid").lower() != "timeremap":
            continue
        for child in effect.children:
            name = child.text_at("parameterid") if child.tag == "parameter" else child.tag
            if name.lower() not in _REMAP:
                what = f"{name[:40]!r} of a Time Remap is not read"
                notes.lose(f"line {child.line}", what, LOST, "check it in the editing system",
                           WARNS)  # fmt: skip


def lose_values(item: Element, notes: LossNotes) -> None:
    """Report the elements of an item whose value changes picture or time, and that are not read."""
    for child in item.children:
        harmless = NEUTRAL.get(child.tag)
        if harmless is not None and child.text.lower() not in harmless:
            notes.lose(
                f"line {item.line}", f"<{child.tag}> {child.text[:40]!r} of "
                f"{item.text_at('name')!r} is not read", LOST, "check it in the editing system",
                WARNS,
            )  # fmt: skip
