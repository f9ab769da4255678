"""The tracks of a tractor and their labels: picture or sound, and whether they are hidden."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.mlt.document import Document, properties, tracks_of


@dataclass(frozen=True, slots=True)
class TrackOf:
    """A track of a timeline: its label, what it plays, whether it is on, and how it is heard.

    sounds  label of the sound of its clips; "" if it is silent, or a sound track itself
    number  its number in the tractor, as transitions name it
    """

    label: str
    service: Element
    sound: bool
    on: bool
    sounds: str = ""
    number: int = 0


def labelled(tractor: Element, document: Document) -> list[TrackOf]:
    """The tracks of a tractor, lowest first, without the black one under them all."""
    found: list[tuple[Element, bool, bool, bool, int]] = []
    for n, track in enumerate(tracks_of(tractor)):
        service = document.played(track)
        if service is None or (n == 0 and _is_background(service, document)):
            continue
        hide, sound = _hidden(track, service), _is_sound(service)
        kind = sound or hide == {"video"}
        on = ("audio" if kind else "video") not in hide
        found.append((service, kind, on, "audio" in hide, n))
    pictures = [one for one in found if not one[1]]
    sounds = [one for one in found if one[1]]
    if any("kdenlive:audio_track" in properties(one[0]) for one in sounds):
        sounds.reverse()  # Kdenlive counts its sound tracks downwards
    result, last = [], len(sounds)
    for n, (service, _, on, silent, place) in enumerate(pictures, start=1):
        last += not silent
        result.append(TrackOf(f"V{n}", service, False, on, "" if silent else f"A{last}", place))
    result += [
        TrackOf(f"A{n}", service, True, on, "", place)
        for n, (service, _, on, _, place) in enumerate(sounds, start=1)
    ]
    return result


def _is_background(service: Element, document: Document) -> bool:
    if service.get("id") in ("black_track", "background", "black"):
        return True
    if service.tag != "producer":
        return False
    return properties(service).get("mlt_service", "") in ("color", "colour")


def _hidden(track: Element, service: Element) -> set[str]:
    """What is hidden of a track: "video", "audio" or both."""
    stated = {track.get("hide"), properties(service).get("hide", "")}
    if service.tag == "tractor":  # of Kdenlive: its playlists say so
        inner = [t.get("hide") for t in tracks_of(service)]
        stated |= set(inner) if len(set(inner)) == 1 else set()
    names = {"1": {"video"}, "2": {"audio"}, "3": {"video", "audio"}, "both": {"video", "audio"}}
    return {word for text in stated for word in names.get(text, {text} & {"video", "audio"})}


def _is_sound(service: Element) -> bool:
    stated = properties(service)
    return stated.get("kdenlive:audio_track") == "1" or stated.get("shotcut:audio") == "1"
